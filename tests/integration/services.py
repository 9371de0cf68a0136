"""Services at work beside a test: servers, and workers of queues."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.terminal import environment


@contextmanager
def working(
    log: Path, *command: str, is_ready: Callable[[], bool], **environ: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module in the log's folder, wait until it is ready, and let it stop warmly."""
    folder = log.parent
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=folder,
            env=environment(folder, **environ),
            stdout=out,
            stderr=out,
        )
    try:
        while not is_ready():
            assert process.poll() is None, log.read_text()
            time.sleep(0.02)
        yield process
    finally:
        process.terminate()
        process.wait(60)
