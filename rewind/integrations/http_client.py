"""`http.client`, and all that sends by it: urllib, urllib3, requests, botocore.

A request is three calls: `putrequest` begins it, `endheaders` sends it, `getresponse` ends it.
"""

import weakref
from functools import partial
from typing import Any, Final

from rewind.integrations.beside import Beside, put_beside
from rewind.integrations.calls import Asking, Call
from rewind.integrations.http import begin, traceparent
from rewind.integrations.traces import HEADER

_BEGINNING: Final = f"{HEADER}:".encode()
_TLS_PORT: Final = 443
_PORTS: Final = {"http": 80, "https": _TLS_PORT}


def meet(module: Any, asking: Asking) -> str | None:  # noqa: ANN401 - the module
    """Tell of requests from now on; returns why that cannot be."""
    connection = getattr(module, "HTTPConnection", None)
    requests = _Requests(asking)
    beside = {
        "putrequest": Beside(requests.begins, _nothing, requests.failed),
        "endheaders": Beside(requests.sends, _nothing, requests.failed),
        "getresponse": Beside(requests.waits, requests.answered, requests.failed),
    }
    return next(filter(None, (put_beside(connection, name, beside[name]) for name in beside)), None)


class _Requests:
    """The requests that are under way. Used by any thread, for its own connections."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._open: dict[int, tuple[Call, weakref.ref[Any]]] = {}
        """By `id()` of the connection; each goes with that at the latest."""

    def begins(self, connection: Any, method: object, url: object, *_: object) -> Any:  # noqa: ANN401
        found = begin(self._asking, method, _address(connection, url))
        if found is None:
            self._open.pop(id(connection), None)
            return None
        forget = partial(self._forget, id(connection))
        self._open[id(connection)] = found, weakref.ref(connection, forget)
        return connection

    def _forget(self, at: int, gone: object) -> None:
        if at in self._open and self._open[at][1] is gone:
            del self._open[at]

    def sends(self, connection: Any, *_: object) -> Any:  # noqa: ANN401 - a connection
        header = traceparent(self._asking)
        lines = connection._buffer  # noqa: SLF001 - what is about to be sent
        if header is not None and not any(map(_is_traceparent, lines)):
            lines.append(f"{HEADER}: {header}".encode("ascii"))
        return self.waits(connection)

    def waits(self, connection: Any) -> Any:  # noqa: ANN401 - a connection
        return connection if id(connection) in self._open else None

    def answered(self, connection: object, response: Any) -> None:  # noqa: ANN401 - its response
        status = getattr(response, "status", None)
        self._end(connection, None, status)

    def failed(self, connection: object, error: BaseException) -> None:
        self._end(connection, error, None)

    def _end(self, connection: object, error: BaseException | None, status: object) -> None:
        found = self._open.pop(id(connection), None)
        if found is not None:
            found[0].ended(error, status=status if type(status) is int else None)


def _nothing(*_: object) -> None:
    """Tell of nothing: the request goes on."""


def _is_traceparent(line: bytes) -> bool:
    return line.lower().startswith(_BEGINNING)


def _address(connection: Any, url: object) -> str:  # noqa: ANN401 - a connection
    """Return where a request goes; by a proxy it says so itself."""
    path = url if type(url) is str else ""
    if "://" in path:
        return path
    scheme = "https" if connection.default_port == _TLS_PORT else "http"
    tunnel = connection._tunnel_host, connection._tunnel_port  # noqa: SLF001 - nothing else tells
    host, port = tunnel if tunnel[0] else (connection.host, connection.port)
    place = f"[{host}]" if ":" in host else host
    return f"{scheme}://{place}{'' if port == _PORTS[scheme] else f':{port}'}{path}"
