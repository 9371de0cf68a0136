"""Whether the environment says that this is production, where Rewind is off until it is told."""

from collections.abc import Mapping
from typing import Final

PRODUCTION_VARIABLES: Final = (
    "REWIND_ENV",
    "APP_ENV",
    "APP_ENVIRONMENT",
    "DJANGO_ENV",
    "FASTAPI_ENV",
    "FLASK_ENV",
    "PYTHON_ENV",
    "DEPLOY_ENV",
    "ENVIRONMENT",
    "ENV",
)
"""The variables that are looked at. The first one, where it is set, speaks for all."""
_OWN: Final = PRODUCTION_VARIABLES[0]
_WORDS: Final = frozenset(("prod", "production", "live"))


def production_said_by(environ: Mapping[str, str]) -> str | None:
    """Return what says that this is production, as `NAME=value`; None where nothing does."""
    names = (_OWN,) if environ.get(_OWN) else PRODUCTION_VARIABLES
    for name in names:
        value = environ.get(name, "")
        if value.strip().lower() in _WORDS:
            return f"{name}={value}"
    return None


def refusal(environ: Mapping[str, str], *, enabled: bool) -> str | None:
    """Return why nothing is recorded here, for a person; None where it may be.

    `enabled` is the setting `production_enabled`.
    """
    said = None if enabled else production_said_by(environ)
    if said is None:
        return None
    return f"{said} says that this is production; production_enabled = true records it all the same"
