"""Requests to other services: what the files of HTTP's clients share."""

from collections.abc import MutableMapping
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from rewind import sessions
from rewind.config.redaction import WITHHELD
from rewind.integrations.calls import Asking, Call
from rewind.integrations.requests import onward
from rewind.integrations.traces import HEADER
from rewind.model.events import HTTP

_LONGEST: Final = 2000


def begin(asking: Asking, method: object, url: str) -> Call | None:
    """Begin a request, if it is to be told of."""
    if not asking.asks(HTTP):
        return None
    shown, withheld = _shown(asking, url[:_LONGEST])
    return asking.begin(HTTP, {"method": method, "url": shown}, withheld)


def traceparent(asking: Asking) -> str | None:
    """Return what a request is to say of its trace, unless the program has it say something.

    That is where it belongs to a request to this service, in a session that is recorded.
    """
    return onward() if asking.propagates and sessions.is_recorded() else None


def pass_on(asking: Asking, headers: MutableMapping[str, str]) -> None:
    """Let a request of a client's own type tell of its trace."""
    header = traceparent(asking)
    if header is not None and HEADER not in headers:
        headers[HEADER] = header


def _shown(asking: Asking, url: str) -> tuple[str, int]:
    """Return the URL without what is secret in it, and how much of that there was."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return WITHHELD, 1
    place, withheld = parts.netloc, 0
    if "@" in place:
        place, withheld = f"{WITHHELD}@{place.rpartition('@')[2]}", 1
    fields = []
    for field in parts.query.split("&") if parts.query else ():
        name, equals, value = field.partition("=")
        hidden = asking.hidden(name, value)[1] if equals else 0
        fields.append(f"{name}={WITHHELD}" if hidden else field)
        withheld += hidden
    return urlunsplit(parts._replace(netloc=place, query="&".join(fields))), withheld
