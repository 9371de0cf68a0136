"""A real Redis for tests: one that they start, or else what the machine has at its usual port."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest

_USUAL = 6379
_SPARE = 9
"""The machine's database that is emptied for the tests, where there is no server to start."""


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database of its own."""
    binary = shutil.which("redis-server")
    if binary is None:
        if not _answers(_USUAL):
            pytest.skip("no Redis: neither redis-server on the PATH nor one at 127.0.0.1:6379")
        yield f"redis://127.0.0.1:{_USUAL}/{_SPARE}"
        return
    port = _free_port()
    server = subprocess.Popen(
        [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        cwd=tmp_path_factory.mktemp("redis"),
        stdout=subprocess.DEVNULL,
    )
    try:
        while not _answers(port):
            assert server.poll() is None
            time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture
def redis(redis_server: str) -> str:
    """The URL of an empty database."""
    from redis import Redis

    with Redis.from_url(redis_server) as client:
        client.flushdb()
    return redis_server


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0
