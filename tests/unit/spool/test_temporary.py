"""The database of one run: private, held, and removed by whoever is the last."""

import fcntl
import os
from pathlib import Path

import pytest

from rewind.spool import temporary
from rewind.spool.temporary import held, is_temporary, own_database


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that stands for the file system in memory."""
    monkeypatch.setattr(temporary, "_IN_MEMORY", tmp_path)
    return tmp_path


def made() -> tuple[str, Path]:
    url = own_database()
    return url, Path(url.removeprefix("sqlite:///")).parent


def test_it_lies_in_a_private_folder_of_its_own() -> None:
    url, folder = made()
    other, _ = made()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert url != other
    assert is_temporary(url)


def test_another_database_stays_what_it_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/rewind.db"
    assert not is_temporary(url)
    with held(url):
        pass
    assert tmp_path.exists()


def test_the_last_one_that_holds_it_removes_it() -> None:
    url, folder = made()
    with held(url):
        with held(url):
            assert folder.exists()
        assert folder.exists()
    assert not folder.exists()
    with held(url):  # a writer that comes too late
        pass


def test_it_is_removed_when_its_holder_fails() -> None:
    url, folder = made()
    with pytest.raises(KeyboardInterrupt), held(url):
        raise KeyboardInterrupt
    assert not folder.exists()


def test_what_a_killed_run_left_is_removed_by_the_next_one() -> None:
    _, left = made()
    _, fresh = made()
    _, used = made()
    for folder in (left, used):
        os.utime(folder, (1, 1))
    lock = os.open(used / "users.lock", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_SH)
    made()
    os.close(lock)
    assert [folder.exists() for folder in (left, fresh, used)] == [False, True, True]


def test_a_folder_that_is_no_run_of_ours_is_left_alone(memory: Path) -> None:
    strange = memory / "rewind-memory-strange"
    strange.mkdir()
    os.utime(strange, (1, 1))
    made()
    assert strange.exists()
