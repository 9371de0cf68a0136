"""A disk that is really full: the program ends as it does without Rewind, and one line says so."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rewind.store import open_store
from tests.integration.terminal import answers, python, rewind
from tests.shop import Shop, shop
from tests.written import eventually, sessions, writing

_PAGE = 4096
"""Bytes by which a tmpfs fills up."""

PROGRAM = """
import sys
def work(x):
    y = [x]
    return y
for i in range(20_000): work(i)
print("done", work(3))
sys.stderr.write("said\\n")
sys.exit(3)
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Make a file system of a size; where this process may not mount one, skip the test."""
    place = tmp_path / "disk"
    place.mkdir()

    def make(size: str) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            pytest.skip("this machine has no mount")
        if done.returncode:
            pytest.skip(f"this process may not mount: {done.stderr.strip()}")
        return place

    yield make
    if os.path.ismount(place):
        # Lazily: a writer may still be at work in it.
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "app.py").write_text(PROGRAM)
    return folder


@pytest.mark.parametrize("size", ["20k", "100k"])
def test_a_spool_on_a_full_disk(disk: Callable[[str], Path], program: Path, size: str) -> None:
    plain = python(program, "app.py")
    spool = disk(size) / "spool"
    recorded = rewind(program, "run", "app.py", REWIND_SPOOL=str(spool))
    assert (recorded.returncode, recorded.stdout) == (plain.returncode, plain.stdout) != (0, "")
    first, last = recorded.stderr.splitlines(keepends=True)
    assert first == plain.stderr
    assert last.startswith(f"rewind: not recorded whole: no room in {spool}/")


def test_a_cache_on_a_full_disk(disk: Callable[[str], Path], program: Path, tmp_path: Path) -> None:
    """An entry that is begun and finds no room leaves nothing behind."""
    app = program / "app.py"
    unused = "".join(f"    name_{n} = print({n})\n" for n in range(200))
    app.write_text(f"def unused():\n{unused}\n\n{app.read_text()}")
    plain = python(program, "app.py")
    roomy = tmp_path / "roomy"
    writing_code = {"PYTHONDONTWRITEBYTECODE": ""}
    rewind(program, "run", "app.py", REWIND_CACHE=str(roomy), **writing_code)
    assert max(path.stat().st_size for path in roomy.rglob("*.code")) > _PAGE
    cache = disk("12k")
    (cache / "all").write_bytes(bytes(2 * _PAGE))
    recorded = rewind(program, "run", "app.py", REWIND_CACHE=str(cache), **writing_code)
    assert (recorded.returncode, recorded.stdout) == (plain.returncode, plain.stdout)
    assert recorded.stderr.startswith(plain.stderr)
    assert [path for path in cache.rglob("*") if path.is_file()] == [cache / "all"]
    session, _ = answers(program, "sessions")
    assert session["events"] > 60_000


def test_a_database_whose_disk_fills_up_is_waited_for(
    disk: Callable[[str], Path], tmp_path: Path
) -> None:
    """Nothing is lost meanwhile: all waits in the spool, and arrives once there is room."""
    place = disk("1m")
    url = f"sqlite:///{place / 'rewind.db'}"
    open_store(url, upgrade=True).close()
    free = os.statvfs(place)
    (place / "filler").write_bytes(bytes(free.f_bavail * free.f_bsize))
    spooled, ids = shop(tmp_path / "spool", sessions=30)
    log = spooled.path / "writer.log"
    with writing(spooled.path, url) as writer:
        eventually(lambda: log.exists() and "waiting for the database" in log.read_text())
        assert writer.poll() is None
        (place / "filler").unlink()
        assert writer.wait() == 0
    assert [row.id for row in sessions(url)] == ids[::-1]
    assert {row.events for row in sessions(url)} == {Shop.EVENTS}


def test_a_spool_that_goes_away_changes_nothing_for_the_program(program: Path) -> None:
    (program / "app.py").write_text(
        "import shutil, sys\n"
        "def work(x): return [x]\n"
        "for i in range(60_000):\n"
        "    work(i)\n"
        "    if i == 100: shutil.rmtree('.rewind/spool', ignore_errors=True)\n"
        "print(work(3))\n"
        "sys.exit(4)\n"
    )
    plain = python(program, "app.py")
    recorded = rewind(program, "run", "app.py")
    assert (
        (recorded.returncode, recorded.stdout) == (plain.returncode, plain.stdout) == (4, "[3]\n")
    )
    (line,) = recorded.stderr.splitlines()
    assert line.startswith("rewind: not recorded whole: ")


def test_a_service_whose_spool_cannot_be_written_runs_on_with_one_warning(program: Path) -> None:
    (program / "file").touch()
    plain = python(program, "app.py")
    spool = str(program / "file" / "spool")
    recorded = python(program, "app.py", REWIND_ENABLED="1", REWIND_SPOOL=spool)
    assert (recorded.returncode, recorded.stdout) == (plain.returncode, plain.stdout)
    first, last = recorded.stderr.splitlines(keepends=True)
    assert first.startswith(f"rewind: not recording: the spool {spool} cannot be written: ")
    assert last == plain.stderr


def test_a_database_on_a_full_disk_is_refused_before_the_program_starts(
    disk: Callable[[str], Path], program: Path
) -> None:
    address = f"sqlite:///{disk('20k') / 'rewind.db'}"
    refused = rewind(program, "run", "app.py", REWIND_DATABASE=address)
    assert (refused.returncode, refused.stdout) == (2, "")
    (line,) = refused.stderr.splitlines()
    assert line == f"rewind: {address} cannot be used: database or disk is full"
