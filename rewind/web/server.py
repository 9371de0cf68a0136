"""Running the dashboard: a place to listen at, a server there, and a clean end.

What `rewind ui` calls. It listens on loopback unless told otherwise, and on anything else only with
a token, which is made where none is given: recorded values are for the eyes of whoever recorded
them.
"""

import errno
import gc
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from secrets import token_urlsafe
from threading import current_thread, main_thread
from typing import NamedTuple
from urllib.parse import quote

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from rewind.errors import ConfigError
from rewind.replay.archive import Archive
from rewind.web.app import create_app
from rewind.web.guard import LOOPBACK_NAMES, Door, is_loopback
from rewind.web.live import Feed

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8765
_PORTS_TRIED = 10
_BACKLOG = 128
_COLLECTIONS = (20_000, 100, 100)
_POLL_S = 0.1
"""How soon `stop` from another thread is noticed."""


class Address(NamedTuple):
    """Where a dashboard listens."""

    host: str
    port: int
    token: str | None = None

    @property
    def url(self) -> str:
        """What to open in a browser of this machine; holds the token, if there is one."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        host = f"[{host}]" if ":" in host else host
        token = f"?token={quote(self.token, safe='')}" if self.token else ""
        return f"http://{host}:{self.port}/{token}"


class Dashboard:
    """A listening dashboard.

    Made and run by one thread; `stop` may come from any other. Requests are answered in threads
    that die with the process. It is not to be forked.
    """

    def __init__(
        self, archive: Archive, host: str, port: int | None = None, token: str | None = None
    ) -> None:
        """Listen at `port`, or at the first free one from `DEFAULT_PORT` on where it is None.

        Port 0 is any free one. Where other machines reach it and no token is given, one is made;
        `address` has it. Raises `ConfigError` where it cannot listen.
        """
        token = token or (None if is_loopback(host) else token_urlsafe(16))
        listening = _listen(host, _ports(port))
        bound, number = listening.getsockname()[:2]
        self.address = Address(host, number, token)
        names = LOOPBACK_NAMES | {host.lower(), socket.gethostname().lower()}
        self._feed = Feed(archive)
        app = create_app(archive, self._feed, Door(host, frozenset(names), token))
        with listening:
            self._server: BaseWSGIServer = make_server(
                bound,
                number,
                app,
                threaded=True,
                request_handler=_Silent,
                fd=listening.fileno(),
            )

    def run(self) -> None:
        """Answer until `stop` or Ctrl-C."""
        self._feed.start()
        try:
            self._server.serve_forever(_POLL_S)
        finally:
            self._feed.stop()

    def stop(self) -> None:
        """End `run`, from another thread."""
        self._server.shutdown()


def serve(
    url: str,
    host: str = DEFAULT_HOST,
    port: int | None = None,
    token: str | None = None,
    ready: Callable[[Address], None] = lambda _: None,
) -> None:
    """Show the database of that URL until Ctrl-C or SIGTERM, then return.

    `ready` is called once with the address, as soon as a browser finds an answer there. A database
    that does not exist yet is made, so that the dashboard can be there before the first recording.
    Raises `ConfigError` and `StoreError`.
    """
    archive = Archive.open(url, create=True)
    for line in archive.damage:
        sys.stderr.write(f"rewind: {line}\n")
    try:
        dashboard = Dashboard(archive, host, port, token)
        if current_thread() is main_thread():
            signal.signal(signal.SIGTERM, signal.default_int_handler)
        collect_rarely()
        ready(dashboard.address)
        dashboard.run()
    except KeyboardInterrupt:
        return
    finally:
        archive.close()


def collect_rarely() -> None:
    """Let the garbage collector look seldom, and never at what is there already.

    Decoded chunks are many small objects without cycles: its looks at all of them made one answer
    in fifty wait for 80 ms. What is new is looked at in small portions, of a millisecond each: what
    answered requests leave behind does not pile up.
    """
    gc.freeze()
    gc.set_threshold(*_COLLECTIONS)


def _ports(port: int | None) -> Iterable[int]:
    return (port,) if port is not None else range(DEFAULT_PORT, DEFAULT_PORT + _PORTS_TRIED)


def _listen(host: str, ports: Iterable[int]) -> socket.socket:
    tried = []
    for port in ports:
        try:
            return _bound(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                message = f"the dashboard cannot listen at {host}, port {port}: {error.strerror}"
                raise ConfigError(message) from error
            tried.append(port)
    busy = f"port {tried[0]} is" if len(tried) == 1 else f"ports {tried[0]} to {tried[-1]} are"
    message = f"{busy} in use at {host}: name a free one with --port (0: any)"
    raise ConfigError(message)


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except BaseException:
        listening.close()
        raise
    return listening


class _Silent(WSGIRequestHandler):
    """Keeps the terminal for what the dashboard has to say: no line for each request."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing."""
