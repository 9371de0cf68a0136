"""Many requests to a real gunicorn: what they leave behind in the recorded process's memory.

    python -m tests.soak --requests 100000

Serves the Flask application of the tests, by one worker with threads, first plain and then
recorded, and looks at the worker's memory after the first tenth and from then on. It fails where
the recorded one has grown by more than `LIMIT` since.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from rewind.replay.archive import Archive, SessionFilter
from tests.integration.test_processes import await_writer
from tests.integration.test_web_services import SERVICES, served

LIMIT = 5 << 20
AT_ONCE = 4
STEPS = 10
COMMAND = (
    "gunicorn",
    "--bind=127.0.0.1:PORT",
    "--workers=1",
    "--worker-class=gthread",
    f"--threads={AT_ONCE}",
    "--pid=server.pid",
    "wsgi_app:app",
)
RECORDED = {"REWIND_ENABLED": "1", "REWIND_INCLUDE": "bills,wsgi_app"}


def memory(process: int) -> int:
    """Return how much memory a process has for itself, bytes: mapped files are not among it."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) << 10
    raise LookupError(process)


def worker_of(master: int) -> int:
    """Return the child of gunicorn's first process that serves."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return max(map(int, children))


def ask(address: str, numbers: range) -> None:
    connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
    for number in numbers:
        connection.request("GET", f"/bills/{number}")
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read()
    connection.close()


def soak(requests: int, **environ: str) -> Iterator[tuple[int, int]]:
    """Give how many requests were answered, and the memory of the worker then, `STEPS` times."""
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(AT_ONCE) as clients:
        folder = Path(name)
        for path in SERVICES.glob("*.py"):
            shutil.copy(path, folder)
        with served(folder, *COMMAND, **environ) as address:
            worker = worker_of(int((folder / "server.pid").read_text()))
            share = requests // STEPS // AT_ONCE
            for step in range(STEPS):
                parts = [range(n * share, (n + 1) * share) for n in range(AT_ONCE)]
                list(clients.map(ask, [address] * AT_ONCE, parts))
                yield (step + 1) * share * AT_ONCE, memory(worker)
        if environ:
            await_writer(folder)
            archive = Archive.open(f"sqlite:///{folder}/.rewind/rewind.db")
            print(f"{archive.count(SessionFilter(kind='request')):,} of the requests are kept")
            archive.close()


def main() -> int:
    """Print the figures; 1 where the recorded process has grown too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    requests = parser.parse_args().requests
    grown = {}
    for name, environ in (("plain", {}), ("recorded", RECORDED)):
        began = time.monotonic()
        figures = list(soak(requests, **environ))
        took = time.monotonic() - began
        for answered, size in figures:
            print(f"{name:9} {answered:9,} requests {size / (1 << 20):8.2f} MiB", flush=True)
        grown[name] = figures[-1][1] - figures[0][1]
        most = max(after - before for (_, before), (_, after) in pairwise(figures))
        print(
            f"{name:9} grown by {grown[name] / (1 << 20):.2f} MiB after the first tenth, at most"
            f" {most / (1 << 20):.2f} MiB from one tenth to the next; {requests / took:.0f}"
            " requests a second",
            flush=True,
        )
    return int(grown["recorded"] > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
