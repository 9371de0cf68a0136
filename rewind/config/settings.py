"""The settings: each one's name, form, default and meaning, declared once.

The file, the environment and the documentation are checked against this table. A `Settings` made by
`rewind.config.resolve` holds absolute paths; it travels to other processes as JSON.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar, cast

from rewind.config.forms import (
    Form,
    adjustments,
    age,
    boolean,
    database_url,
    extent,
    folder,
    fraction,
    integer,
    kept,
    limit,
    names,
    one_of,
    size,
    some_of,
    text,
)
from rewind.config.redaction import REDACTED_NAMES
from rewind.errors import ConfigError
from rewind.model.events import DEFAULT_KINDS, FRAME_KINDS, OUTGOING_KINDS

T = TypeVar("T")

KEPT_LONGER: Final = ("error",)
"""What `keep_longer` can name."""

_MOST_SESSIONS = cast("int | None", 10_000)

_declared: list[tuple[Form[Any], str]] = []
"""Form and meaning of each setting, in their order."""


def _setting(default: T, form: Form[T], meaning: str) -> T:
    _declared.append((form, meaning))
    return default


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder for compiled code that the environment asks for."""
    # XDG Base Directory Specification: an empty variable counts as not set.
    return Path(environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "rewind"


class Settings(NamedTuple):
    """Everything a recording can be told; `TABLE` says what each setting means.

    No dataclass: what those import takes longer than all settings of a recorded process.
    """

    enabled: bool = _setting(
        False,  # noqa: FBT003 - a default like the others
        boolean(),
        "Whether this process is recorded; `rewind run` switches it on for its program.",
    )
    production_enabled: bool = _setting(
        False,  # noqa: FBT003 - a default like the others
        boolean(),
        "Whether a process is recorded that starts where the environment says production.",
    )
    name: str | None = _setting(None, text(), "A name for the recording, to find it by.")
    service: str | None = _setting(
        None,
        text(),
        "The service that the process belongs to; OTEL_SERVICE_NAME is understood as well.",
    )
    include: tuple[str, ...] = _setting(
        (),
        names(),
        "Globs on dotted module names to record; none: __main__, and all modules under the current"
        " folder and the script's that are in no virtual environment or hidden folder.",
    )
    exclude: tuple[str, ...] = _setting(
        (), names(), "Globs on dotted module names not to record; they win over `include`."
    )
    exclude_functions: tuple[str, ...] = _setting(
        (), names(), "Globs on module.qualname of functions not to record, as `shop.Order.__*__`."
    )
    capture_events: tuple[str, ...] = _setting(
        DEFAULT_KINDS,
        some_of(DEFAULT_KINDS),
        f"Kinds of event to record; {', '.join(FRAME_KINDS)} are recorded in any case.",
    )
    expressions: str = _setting(
        "none",
        extent("calls"),
        "Sub-expressions whose values to record: of calls, or of all; this implies comprehensions"
        " and lambdas.",
    )
    lines: bool = _setting(
        False,  # noqa: FBT003
        boolean(),
        "Whether every executed statement is an event.",
    )
    comprehensions: bool = _setting(
        False,  # noqa: FBT003
        boolean(),
        "Whether the rounds, variables and conditions of comprehensions are recorded.",
    )
    lambdas: bool = _setting(
        False,  # noqa: FBT003
        boolean(),
        "Whether calls of lambdas are recorded.",
    )
    class_bodies: bool = _setting(
        False,  # noqa: FBT003
        boolean(),
        "Whether what a class body does while its class is made is recorded.",
    )
    output: bool = _setting(
        True,  # noqa: FBT003
        boolean(),
        "Whether what the program prints is recorded, at its moment.",
    )
    logs: bool = _setting(
        True,  # noqa: FBT003
        boolean(),
        "Whether what is logged is recorded, and warnings that are shown.",
    )
    outgoing: tuple[str, ...] = _setting(
        OUTGOING_KINDS,
        some_of(OUTGOING_KINDS),
        "Calls that leave the program, to record with what they ask and how they ended.",
    )
    propagate: bool = _setting(
        True,  # noqa: FBT003
        boolean(),
        "Whether requests to other services tell them of the trace that they belong to.",
    )
    sampling_rate: float = _setting(
        1.0, fraction(), "The share of sessions to record, decided when each begins."
    )
    keep: tuple[str, ...] = _setting(
        ("all",), kept(), "Which sessions are kept when they end; the others are discarded then."
    )
    max_sessions: int | None = _setting(
        _MOST_SESSIONS, limit(), "Sessions the database keeps; the oldest make room for new ones."
    )
    max_age: str | None = _setting(
        None, age(), "How long a session is kept after its end, as 12h or 30d."
    )
    max_bytes: int | None = _setting(
        None, size(), "Bytes that events and sources take in the database, as 2GB; the oldest go."
    )
    keep_longer: tuple[str, ...] = _setting(
        KEPT_LONGER,
        some_of(KEPT_LONGER),
        "Sessions that outlive the others where `max_sessions` or `max_bytes` is reached: those"
        " that failed or crashed.",
    )
    max_events_per_session: int | None = _setting(
        None, limit(), "Events kept of one session; `overflow` says which."
    )
    overflow: str = _setting(
        "oldest",
        one_of("oldest", "stop"),
        "What a session that reached its limit gives up: its oldest events, or those to come.",
    )
    max_value_bytes: int = _setting(1000, integer(16), "Encoded bytes kept of one value.")
    max_items: int = _setting(50, integer(1), "Items kept of one container.")
    max_depth: int = _setting(4, integer(1), "Containers within containers kept of one value.")
    max_stacktrace_depth: int = _setting(
        10, integer(1), "Frames of a traceback kept with an exception."
    )
    redact_fields: tuple[str, ...] = _setting(
        (),
        adjustments(REDACTED_NAMES),
        "Names of variables, arguments, keys and attributes to withhold besides the built-in ones;"
        " a `-` before a built-in name takes it out.",
    )
    database: str = _setting(
        "sqlite:///.rewind/rewind.db", database_url(), "Where recordings are stored."
    )
    compression: str = _setting(
        "zstd", one_of("zstd", "zlib", "none"), "How stored events are compressed."
    )
    spool: Path = _setting(
        Path(".rewind/spool"),
        folder(),
        "Folder where events wait for the writer; it needs a local disk.",
    )
    spool_max_bytes: int = _setting(
        2 << 30, integer(1 << 20), "Bytes the spool may grow to; `on_full` says what comes then."
    )
    on_full: str = _setting(
        "drop",
        one_of("drop", "block"),
        "What a full spool does: events are dropped and counted, or the thread waits for room.",
    )
    segment_bytes: int = _setting(
        1 << 20, integer(1 << 12), "Bytes of one spool file; each recording thread holds one open."
    )
    cache: Path = _setting(
        cache_folder(os.environ),
        folder(),
        "Folder for compiled instrumented code; $XDG_CACHE_HOME is respected.",
    )
    core: str = _setting(
        "auto",
        one_of("auto", "native", "python"),
        "The capture core to use; auto takes the native one where it was built.",
    )

    @property
    def captured_kinds(self) -> frozenset[str]:
        """The kinds of event to record, those that cannot be switched off among them."""
        return frozenset(self.capture_events) | frozenset(FRAME_KINDS)

    @property
    def redacted_names(self) -> frozenset[str]:
        """The names to withhold: the built-in ones, adjusted by `redact_fields`."""
        removed = {word[1:] for word in self.redact_fields if word.startswith("-")}
        added = {word for word in self.redact_fields if not word.startswith("-")}
        return (frozenset(REDACTED_NAMES) - removed) | added

    def to_json(self) -> str:
        """Return the settings as JSON text, for `from_json` in another process."""
        return json.dumps({name: _plain(getattr(self, name)) for name in TABLE})

    @classmethod
    def from_json(cls, source: str) -> "Settings":
        """Return the settings that `to_json` wrote; raises `ConfigError` if it did not."""
        try:
            values = json.loads(source)
            return cls(**{name: _restored(name, value) for name, value in values.items()})
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            message = f"these are not settings written by this version of Rewind: {error!r}"
            raise ConfigError(message) from None


class Setting(NamedTuple):
    """One row of the table."""

    name: str
    form: Form[object]
    default: object
    meaning: str
    """One sentence."""


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


def _restored(name: str, value: object) -> Any:  # noqa: ANN401 - each field has its own type
    return None if value is None else TABLE[name].form.parse(value)


TABLE: Final[Mapping[str, Setting]] = {
    name: Setting(name, form, default, meaning)
    for (name, default), (form, meaning) in zip(
        Settings()._asdict().items(), _declared, strict=True
    )
}
"""Every setting by name, in the order of the documentation."""
