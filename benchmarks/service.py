"""What a recorded service costs: requests a second, latency and processor time, beside plain.

    python service.py --rounds 3 --requests 2000

Serves the shop of `programs/shop.py` by a real gunicorn, one worker with four threads, which are
kept busy over four connections: plain (Rewind's start-up hook does not run), off (it is installed,
and nothing asks for a recording) and recorded. Rounds are interleaved, each with servers of its
own. By the wall, client and writer want processors as well; the worker's own processor time tells
what its requests cost wherever it runs.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import chain
from pathlib import Path

SHOP = Path(__file__).parent / "programs" / "shop.py"
SERVED = "from shop import app, fill\n\nfill()\n"
AT_ONCE = 4
WARM_UP = 200
TICKS = os.sysconf("SC_CLK_TCK")
Figures = dict[str, float]

HOOKLESS = {"PYTHONPATH": sysconfig.get_path("purelib")}
"""With `-S`: what is installed can be imported, and no start-up hook runs."""
RECORDED = {"REWIND_ENABLED": "1", "REWIND_INCLUDE": "shop"}
WAYS: dict[str, tuple[list[str], dict[str, str]]] = {
    "plain": (["-S"], HOOKLESS),
    "off": ([], {}),
    "recorded": ([], RECORDED),
}


def free_port() -> int:
    with socket.socket() as trying:
        trying.bind(("127.0.0.1", 0))
        port: int = trying.getsockname()[1]
        return port


@contextmanager
def served(folder: Path, way: str) -> Iterator[tuple[int, int]]:
    """Serve the shop; give port and process of the worker."""
    flags, more = WAYS[way]
    shutil.copy(SHOP, folder)
    (folder / "served.py").write_text(SERVED, "utf-8")
    port, pid = free_port(), folder / "server.pid"
    own = {name: value for name, value in os.environ.items() if not name.startswith("REWIND_")}
    command = [sys.executable, *flags, "-m", "gunicorn", f"--bind=127.0.0.1:{port}"]
    command += ["--workers=1", "--worker-class=gthread", f"--threads={AT_ONCE}", f"--pid={pid}"]
    log = (folder / "server.log").open("ab")
    server = subprocess.Popen(
        [*command, "served:app"], cwd=folder, env=own | more, stdout=log, stderr=log
    )
    try:
        while not answers(port):
            if server.poll() is not None:
                raise SystemExit((folder / "server.log").read_text())
            time.sleep(0.02)
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        yield port, max(map(int, children))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
        log.close()


def answers(port: int) -> bool:
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/products/1")
        return connection.getresponse().status == 200
    except OSError:
        return False


def asked(port: int, numbers: range) -> list[float]:
    """Ask for a customer's pages by one connection; return how long each answer took, seconds."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    for number in numbers:
        began = time.perf_counter()
        if number % 4 == 3:
            lines = [{"product": 1, "quantity": 2}, {"product": 3, "quantity": 1}]
            body = json.dumps({"customer": f"customer {number}", "lines": lines})
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/orders", body, headers)
        else:
            page = ("/", "/?search=o", f"/products/{number % 5 + 1}")[number % 4]
            connection.request("GET", page)
        answer = connection.getresponse()
        answer.read()
        assert answer.status < 300, answer.status
        took.append(time.perf_counter() - began)
    connection.close()
    return took


def processor_time(process: int) -> float:
    """Return the seconds that a process had on a processor, its threads together."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measured(way: str, requests: int) -> Figures:
    """Return the figures of one round."""
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(AT_ONCE) as clients:
        with served(Path(name), way) as (port, worker):
            share = requests // AT_ONCE
            list(clients.map(asked, [port] * AT_ONCE, [range(WARM_UP // AT_ONCE)] * AT_ONCE))
            began, spent = time.perf_counter(), processor_time(worker)
            parts = [range(n * share, (n + 1) * share) for n in range(AT_ONCE)]
            took = sorted(chain(*clients.map(asked, [port] * AT_ONCE, parts)))
            wall, spent = time.perf_counter() - began, processor_time(worker) - spent
        if way == "recorded":
            check_recorded(Path(name), requests)
    return {
        "a second": len(took) / wall,
        "median ms": statistics.median(took) * 1e3,
        "p99 ms": took[int(len(took) * 0.99)] * 1e3,
        "processor ms": spent / len(took) * 1e3,
    }


def check_recorded(folder: Path, requests: int) -> None:
    """Wait for the writer; every request must be a session."""
    command = [sys.executable, "-m", "rewind", "sessions", "--json", "--kind", "request"]
    end = time.monotonic() + 120
    kept = 0
    while kept < requests and time.monotonic() < end:
        time.sleep(0.5)
        limit = ["--limit", str(requests * 2)]
        done = subprocess.run([*command, *limit], cwd=folder, capture_output=True, check=False)
        kept = done.stdout.count(b"\n")
    if kept < requests:
        sys.exit(f"of {requests} requests {kept} are recorded")


def main() -> int:
    """Print the figures of each way, and its ratio to the plain runs of the same rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=2000, help="of each way in each round")
    parser.add_argument("--json", action="store_true", help="every figure, for programs")
    chosen = parser.parse_args()
    rounds = [{way: measured(way, chosen.requests) for way in WAYS} for _ in range(chosen.rounds)]
    if chosen.json:
        print(json.dumps(rounds))
        return 0
    for way in WAYS:
        told = []
        for figure in rounds[0]["plain"]:
            each = [one[way][figure] for one in rounds]
            ratios = [one[way][figure] / one["plain"][figure] for one in rounds]
            told.append(
                f"{statistics.median(each):8.2f} {figure} ({statistics.median(ratios):.2f}"
                f" times plain, {min(ratios):.2f} to {max(ratios):.2f})"
            )
        print(f"{way:9}", *told, sep="\n  ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
