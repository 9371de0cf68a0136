"""What is said of a session that did not come to its own end, and of an error that ended one."""

from typing import Any, Final

from rewind.model.values import Tag
from rewind.store.rows import COMPLETED, CRASHED
from rewind.writer.session import Ending, OpenSession
from rewind.writer.sites import Sites

CRASHED_TYPE: Final = "crashed"
"""Type of the error of a session whose process was gone before it ended."""

_TEXT_LIMIT = 2000
"""Characters of an error's message that the session's row keeps; its event has the value."""


def finished(session: OpenSession, status: str, error: object, duration_ns: int) -> Ending:
    """Return the ending of a session that ended as it says itself."""
    took = max(duration_ns, session.end_ns)
    if not isinstance(error, tuple):
        return Ending(status, took)
    raised = session.follower.raised
    seen = raised is not None and raised[0] == _identity_of(error)
    return Ending(
        status,
        took,
        error_type=_type_of(error),
        error_message=message_of(error),
        error_event=raised[1] if raised is not None and seen else session.events or None,
    )


def left_open(session: OpenSession) -> Ending:
    """Return the ending of a session that was open when its process said goodbye."""
    return Ending(COMPLETED, session.end_ns, tags={"unfinished": True})


def cut_off(session: OpenSession, sites: Sites) -> Ending:
    """Return the ending of a session whose process was gone without a word."""
    latest = session.follower.last_site
    if latest is None:
        return Ending(COMPLETED, session.end_ns)
    place = sites.place(latest)
    return Ending(
        CRASHED,
        session.end_ns,
        error_type=CRASHED_TYPE,
        error_message=f"the process ended in {place.module}.{place.function}, line {place.line}",
        error_event=session.events or None,
    )


def message_of(error: tuple[Any, ...]) -> str:
    """Return what `str()` of an exception would say, as far as its arguments were recorded."""
    if not error or error[0] != Tag.EXCEPTION:
        return ""
    arguments = error[4:]
    if len(arguments) == 1:
        (only,) = arguments
        # KeyError shows its key as code would; all others show text as it is.
        plain = type(only) is str and error[2] != "builtins.KeyError"
        return (only if plain else _shown(only))[:_TEXT_LIMIT]
    if not arguments:
        return ""
    return f"({', '.join(map(_shown, arguments))})"[:_TEXT_LIMIT]


def _identity_of(error: tuple[Any, ...]) -> int | None:
    known = len(error) > 1 and error[0] == Tag.EXCEPTION and type(error[1]) is int
    return error[1] if known else None


def _type_of(error: tuple[Any, ...]) -> str | None:
    return str(error[2]) if error[0] == Tag.EXCEPTION and len(error) > 2 else None  # noqa: PLR2004


def _shown(value: object) -> str:
    if not isinstance(value, tuple):
        return repr(value)
    match value:
        case (Tag.KNOWN, _, _, str(text)):
            return text
        case (Tag.TEXT, _, str(prefix)):
            return f"{prefix}..."
        case (Tag.INSTANCE | Tag.OPAQUE | Tag.EXCEPTION, _, str(name), *_):
            return f"<{name}>"
        case (Tag.REDACTED, *_):
            return "<redacted>"
        case _:
            return "<...>"
