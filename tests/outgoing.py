"""Records what a program in this process logs and asks of others, by the real libraries.

The agent's finder shows them their modules as these load; here they are loaded already. Test
support only; it checks nothing by itself.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from typing import Any

from rewind.config import Settings
from rewind.integrations.libraries import forget, libraries
from tests.instrumented import Recording, recording, run, write
from tests.spool_reading import Spool, plain

CALLS = """
def calls(function, *arguments, **keywords):
    return function(*arguments, **keywords)

async def awaits(function, *arguments, **keywords):
    return await function(*arguments, **keywords)
"""
"""A program whose functions do what they are told to, and are recorded."""


@contextmanager
def listened(
    folder: Path, source: str = CALLS, **settings: Any
) -> Iterator[tuple[Recording, Callable[..., Any], Callable[..., Any]]]:
    """Record until the block ends; gives the recording, and functions that call and await."""
    path = write(folder, dedent(source))
    with recording(folder / "spool", **settings) as running:
        names = run(running.code(path), path).namespace
        for name, meet in libraries(Settings(**settings), running.core.report).items():
            # pytest has put a function of its own in the place of what shows warnings.
            if name in sys.modules and not name.endswith("warnings"):
                meet(sys.modules[name])
        try:
            yield running, names["calls"], names["awaits"]
        finally:
            forget()


@contextmanager
def answering() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Run an HTTP server; gives its address, and the headers of the requests that have come.

    `/N` is answered with the status N, and a redirection leads to `/200`.
    """
    came: list[dict[str, str]] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            came.append({name.lower(): value for name, value in self.headers.items()})
            status = int(self.path.partition("?")[0].strip("/") or 200)
            self.send_response(status)
            if status == HTTPStatus.FOUND:
                self.send_header("Location", "/200")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", came
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def told(spool: Spool, kind: str) -> list[dict[str, Any]]:
    """Return what each event of that kind tells, in order; a duration is only that it is one."""
    found = [plain(event.payload[0]) for event in spool.of(kind)]
    for each in found:
        if "duration_ns" in each:
            each["duration_ns"] = each["duration_ns"] > 0
    return found
