"""The private cache: an entry is right or it is not there."""

import hashlib
import multiprocessing
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from rewind.hook import CodeCache
from rewind.transform import Options, Transformed, transform

SOURCE = b"def f(x):\n    if x: return [x]\n    a[1:2] += x\n"
HASH = hashlib.sha256(SOURCE).hexdigest()


def made() -> Transformed:
    return transform(SOURCE, "/m.py", "m", Options())


def entries(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    result = made()
    CodeCache(tmp_path, Options()).save(HASH, "/m.py", "m", result)
    found = CodeCache(tmp_path, Options()).load(HASH, "/m.py", "m")
    assert found == result
    assert found is not None
    assert found.table.functions[1].qualname == "f"
    assert [one.construct for one in found.skipped] == ["slice"]


@pytest.mark.parametrize(
    "other",
    [
        ("0" * 64, "/m.py", "m", Options()),
        (HASH, "/n.py", "m", Options()),
        (HASH, "/m.py", "__main__", Options()),
        (HASH, "/m.py", "m", Options(kinds=frozenset({"loop"}))),
        (HASH, "/m.py", "m", Options(exclude_functions=("m.f",))),
    ],
)
def test_every_difference_is_another_entry(
    other: tuple[str, str, str, Options], tmp_path: Path
) -> None:
    CodeCache(tmp_path, Options()).save(HASH, "/m.py", "m", made())
    source_hash, path, module, options = other
    assert CodeCache(tmp_path, options).load(source_hash, path, module) is None


def test_interpreter_and_its_optimization_are_part_of_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    CodeCache(tmp_path, Options()).save(HASH, "/m.py", "m", made())
    monkeypatch.setattr("rewind.hook.cache._transform_version", lambda: "another")
    assert CodeCache(tmp_path, Options()).load(HASH, "/m.py", "m") is None
    monkeypatch.undo()
    monkeypatch.setattr(sys, "hexversion", 0)
    assert CodeCache(tmp_path, Options()).load(HASH, "/m.py", "m") is None


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "foreign", "grown"])
def test_damaged_entry_counts_as_not_there(damage: str, tmp_path: Path) -> None:
    cache = CodeCache(tmp_path, Options())
    cache.save(HASH, "/m.py", "m", made())
    (entry,) = entries(tmp_path)
    raw = entry.read_bytes()
    flipped = bytearray(raw)
    flipped[len(raw) // 2] ^= 1
    entry.write_bytes(
        {
            "empty": b"",
            "cut": raw[:-10],
            "flipped": bytes(flipped),
            "foreign": b"\x16\x0d\x0d\x0a" + bytes(100),
            "grown": raw + b"x",
        }[damage]
    )
    assert cache.load(HASH, "/m.py", "m") is None
    cache.save(HASH, "/m.py", "m", made())
    assert cache.load(HASH, "/m.py", "m") == made()


def test_folder_that_cannot_be_used_is_no_cache(tmp_path: Path) -> None:
    """A file in the folder's place, or where one of its folders should be."""
    (tmp_path / "file").touch()
    inside = CodeCache(tmp_path / "file", Options())
    inside.save(HASH, "/m.py", "m", made())
    assert inside.load(HASH, "/m.py", "m") is None
    assert entries(tmp_path) == [tmp_path / "file"]


@contextmanager
def nobody() -> Iterator[None]:
    """Be a user with no rights: root writes where it may not."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_read_only_folder_is_read() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        CodeCache(folder, Options()).save(HASH, "/m.py", "m", made())
        for path in [folder, *folder.iterdir()]:
            path.chmod(0o555)
        with nobody():
            cache = CodeCache(folder, Options())
            assert cache.load(HASH, "/m.py", "m") == made()
            cache.save("0" * 64, "/m.py", "m", made())
        assert len(entries(folder)) == 1
        folder.chmod(0o700)


def test_disk_that_refuses_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    CodeCache(tmp_path, Options()).save(HASH, "/m.py", "m", made())
    assert entries(tmp_path) == []


def test_nothing_is_written_where_python_writes_no_bytecode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    CodeCache(tmp_path, Options()).save(HASH, "/m.py", "m", made())
    assert entries(tmp_path) == []


def _save_and_load(folder: Path, times: int) -> None:
    cache = CodeCache(folder, Options())
    for _ in range(times):
        cache.save(HASH, "/m.py", "m", made())
        assert cache.load(HASH, "/m.py", "m") == made()


def test_processes_write_the_same_entry_at_once(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("fork")
    processes = [spawn.Process(target=_save_and_load, args=(tmp_path, 50)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert len(entries(tmp_path)) == 1
