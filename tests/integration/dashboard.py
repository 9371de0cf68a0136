"""A dashboard that runs, asked over real connections. Test support only."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import urlencode

from rewind.replay.archive import Archive
from rewind.web.server import Dashboard


class Answer(NamedTuple):
    """What came back for one request."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """The body's document."""
        assert self.headers["Content-Type"] == "application/json"
        return json.loads(self.body)


class Asker:
    """Asks one dashboard, each request on a connection of its own."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.port = port
        self.url = f"http://{host}:{port}"
        self._host = host

    def __call__(self, path: str, *, headers: dict[str, str] | None = None, **query: Any) -> Answer:
        """Ask with GET; parameters whose name Python keeps for itself end in `_`."""
        given = {name.rstrip("_"): value for name, value in query.items()}
        address = f"{path}?{urlencode(given)}" if given else path
        return self.send("GET", address, headers or {})

    def send(self, method: str, address: str, headers: dict[str, str]) -> Answer:
        """Send a request of any kind."""
        connection = HTTPConnection(self._host, self.port, timeout=30)
        try:
            connection.request(method, address, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()


@contextmanager
def dashboard(database: str, host: str = "127.0.0.1", token: str | None = None) -> Iterator[Asker]:
    """Run a dashboard in a thread of this process."""
    archive = Archive.open(database, create=True)
    shown = Dashboard(archive, host, 0, token)
    thread = Thread(target=shown.run)
    thread.start()
    try:
        yield Asker(shown.address.port)
    finally:
        shown.stop()
        thread.join()
        archive.close()


def database_in(folder: Path) -> str:
    """Return the URL of a database in that folder."""
    return f"sqlite:///{folder}/rewind.db"


def free_port() -> int:
    """Return the number of a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
