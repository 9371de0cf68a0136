"""A line to a Postgres server that tests can cut, mend, and let answers be lost on."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from psycopg.conninfo import conninfo_to_dict

_PORT = 5432


class Line:
    """A forwarder of bytes on a port of this machine. `cut` ends it; its threads end with it."""

    def __init__(self, database: str) -> None:
        place = conninfo_to_dict(database)
        self._host = str(place.get("host") or "127.0.0.1")
        self._port = int(place.get("port") or _PORT)
        self._user, self._name = place.get("user", "postgres"), place["dbname"]
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._words: list[bytes] = []
        self.lost = threading.Event()
        """Set when an answer was lost."""
        self.left = -1
        """Bytes to the server before the line is cut by itself; negative: no end."""
        self.cuts = 0
        """How often it was."""
        self.pause = 0.0
        """Seconds before each piece of what goes to the server."""
        self._accept()

    @property
    def url(self) -> str:
        """The database's URL by way of this line."""
        return f"postgresql://{self._user}@127.0.0.1:{self.port}/{self._name}"

    def _accept(self) -> None:
        threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    def _serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = self._server()
                self._open += [near, far]
                asked = threading.Event()
                for work in ((near, far, asked, True), (far, near, asked, False)):
                    threading.Thread(target=self._copy, args=work, daemon=True).start()

    def _server(self) -> socket.socket:
        if not self._host.startswith("/"):
            return socket.create_connection((self._host, self._port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{self._host}/.s.PGSQL.{self._port}")
        return server

    def _copy(
        self, source: socket.socket, sink: socket.socket, asked: threading.Event, asks: bool
    ) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if asks and not self._lets_through(data):
                    sink.sendall(data[: len(data) // 2])
                    break
                if asks and self._is_last_word(data):
                    asked.set()
                elif asked.is_set() and not asks:
                    self.lost.set()
                    break
                sink.sendall(data)
        self._hang_up(source)
        self._hang_up(sink)

    def _lets_through(self, data: bytes) -> bool:
        time.sleep(self.pause)
        if self.left < 0:
            return True
        self.left = max(self.left - len(data), -1)
        self.cuts += self.left < 0
        return self.left >= 0

    def _hang_up(self, end: socket.socket) -> None:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()

    def lose_the_answer_to(self, *words: bytes) -> None:
        """Cut the line at the answer to the statement with the last of these words.

        The others must have passed before, in that order. The statement itself reaches the server.
        """
        self.lost.clear()
        self._words = [*words]

    def _is_last_word(self, data: bytes) -> bool:
        words = self._words
        while words and words[0] in data:
            words.pop(0)
            if not words:
                return True
        return False

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        self._hang_up(self._listener)
        for end in self._open:
            self._hang_up(end)
        self._open = []

    def mend(self) -> None:
        """Take connections again, on the same port."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._accept()


@contextmanager
def line_to(database: str) -> Iterator[Line]:
    """A line to that database."""
    line = Line(database)
    try:
        yield line
    finally:
        line.cut()
