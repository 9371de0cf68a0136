"""The private cache: an entry is right or it is not there."""

import hashlib
import multiprocessing
import os
import resource
import sys
import threading
import types
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rewind.hook import CodeCache
from rewind.hook.cache import stamp
from rewind.hook.entry import NO_STAMP, Loadable, loadable
from rewind.transform import Options, transform

SOURCE = b"def f(x):\n    if x: return [x]\n    return (y for y in x)\n"


def made(source: bytes = SOURCE) -> Loadable:
    result = transform(source, "/m.py", "m", Options(comprehensions=True))
    return loadable(result, "m", "/m.py", source, hashlib.sha256(source).digest())


def same(found: Loadable | None, expected: Loadable) -> bool:
    assert found is not None
    return found == expected


def entries(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    result = made()
    CodeCache(tmp_path, Options()).save("/m.py", "m", result)
    found = CodeCache(tmp_path, Options()).load("/m.py", "m")
    assert same(found, result)
    assert found is not None
    assert [one.construct for one in found.skipped] == ["generator expression"]
    functions = found.table.functions()
    names = {functions.at(place)[0][0] for place in range(found.table.size)}
    assert names == {"<module>", "f"}


@pytest.mark.parametrize("base", [0, 1, 200, 70_000, 2**31 - 10_000])
def test_code_from_the_cache_is_the_code_that_was_made(base: int, tmp_path: Path) -> None:
    each = "def f{0}(x):\n    y = x + '{0}'\n    return y"
    source = "\n".join(each.format(one) for one in range(200)).encode()
    CodeCache(tmp_path, Options()).save("/m.py", "m", made(source))
    found = CodeCache(tmp_path, Options()).load("/m.py", "m")
    assert found is not None
    assert found.code(base) == made(source).code(base)
    assert numbers(found.code(base)) == set(range(base, base + found.table.size))


def numbers(code: types.CodeType) -> set[int]:
    """Return the numbers of the sites in the code, which holds no other integers."""
    inner = [one for one in code.co_consts if isinstance(one, types.CodeType)]
    sites = {one for one in code.co_consts if type(one) is int}
    return sites.union(*map(numbers, inner))


@pytest.mark.parametrize(
    "other",
    [
        ("/n.py", "m", Options()),
        ("/m.py", "__main__", Options()),
        ("/m.py", "m", Options(kinds=frozenset({"loop"}))),
        ("/m.py", "m", Options(exclude_functions=("m.f",))),
    ],
)
def test_every_difference_is_another_entry(other: tuple[str, str, Options], tmp_path: Path) -> None:
    CodeCache(tmp_path, Options()).save("/m.py", "m", made())
    path, module, options = other
    assert CodeCache(tmp_path, options).load(path, module) is None


def test_interpreter_and_its_optimization_are_part_of_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    CodeCache(tmp_path, Options()).save("/m.py", "m", made())
    monkeypatch.setattr("rewind.hook.cache._version", lambda: "another")
    assert CodeCache(tmp_path, Options()).load("/m.py", "m") is None
    monkeypatch.undo()
    monkeypatch.setattr(sys, "hexversion", 0)
    assert CodeCache(tmp_path, Options()).load("/m.py", "m") is None


def test_what_lies_in_the_place_of_an_entry_counts_as_not_there(tmp_path: Path) -> None:
    cache = CodeCache(tmp_path, Options())
    cache.save("/m.py", "m", made())
    (entry,) = entries(tmp_path)
    os.truncate(entry, 1 << 42)
    assert cache.load("/m.py", "m") is None
    entry.unlink()
    entry.mkdir()
    assert cache.load("/m.py", "m") is None
    cache.save("/m.py", "m", made())
    assert entries(tmp_path) == []
    entry.rmdir()
    for target in (entry, Path("/dev/zero"), tmp_path / "nowhere"):
        entry.symlink_to(target)
        assert cache.load("/m.py", "m") is None
        entry.unlink()
    entry.touch(mode=0)
    with nobody():
        assert cache.load("/m.py", "m") is None
    cache.save("/m.py", "m", made())
    assert same(cache.load("/m.py", "m"), made())


@pytest.mark.parametrize("damage", ["empty", "cut", "foreign", "grown"])
def test_damaged_entry_counts_as_not_there(damage: str, tmp_path: Path) -> None:
    cache = CodeCache(tmp_path, Options())
    cache.save("/m.py", "m", made())
    (entry,) = entries(tmp_path)
    raw = entry.read_bytes()
    entry.write_bytes(
        {
            "empty": b"",
            "cut": raw[:-10],
            "foreign": b"\x16\x0d\x0d\x0a" + bytes(100),
            "grown": raw + b"x",
        }[damage]
    )
    assert cache.load("/m.py", "m") is None
    cache.save("/m.py", "m", made())
    assert same(cache.load("/m.py", "m"), made())


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_entry_with_any_bytes_changed_counts_as_not_there(
    tmp_path: Path, data: st.DataObject
) -> None:
    """Bursts of up to 32 bits are always found by a checksum of 32."""
    cache = CodeCache(tmp_path, Options())
    whole = made().encode()
    if not entries(tmp_path):
        cache.save("/m.py", "m", made())
    (entry,) = entries(tmp_path)
    raw = bytearray(whole)
    at = data.draw(st.integers(0, len(raw) - 4))
    raw[at : at + 4] = data.draw(st.binary(min_size=4, max_size=4))
    if data.draw(st.booleans()):
        del raw[data.draw(st.integers(0, len(raw) - 1)) :]
    entry.write_bytes(raw)
    found = cache.load("/m.py", "m")
    assert (found is not None) == (raw == whole)


def test_folder_that_cannot_be_used_is_no_cache(tmp_path: Path) -> None:
    """A file in the folder's place, or where one of its folders should be."""
    (tmp_path / "file").touch()
    inside = CodeCache(tmp_path / "file", Options())
    inside.save("/m.py", "m", made())
    assert inside.load("/m.py", "m") is None
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
        CodeCache(folder, Options()).save("/m.py", "m", made())
        for path in [folder, *folder.iterdir()]:
            path.chmod(0o555)
        with nobody():
            cache = CodeCache(folder, Options())
            assert same(cache.load("/m.py", "m"), made())
            cache.save("/n.py", "n", made())
        assert len(entries(folder)) == 1
        folder.chmod(0o700)


def _save_on_a_full_disk(folder: Path) -> None:
    """A file may hold no more than 100 bytes, so that a write comes back short or fails."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
    cache = CodeCache(folder, Options())
    cache.save("/m.py", "m", made())
    assert cache.load("/m.py", "m") is None


def test_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    process = multiprocessing.get_context("fork").Process(
        target=_save_on_a_full_disk, args=(tmp_path,)
    )
    process.start()
    process.join()
    assert process.exitcode == 0
    assert entries(tmp_path) == []


def test_rest_of_a_process_that_died_is_no_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is cleared away when another of its number meets it."""
    monkeypatch.setattr("rewind.hook.cache._NUMBERS", count(7))
    cache = CodeCache(tmp_path, Options())
    cache.save("/m.py", "m", made())
    (entry,) = entries(tmp_path)
    rest = entry.with_name(f"{entry.name}.{os.getpid()}.8")
    rest.write_bytes(b"half")
    again = CodeCache(tmp_path, Options())
    again.save("/m.py", "m", made())
    again.save("/m.py", "m", made())
    assert entries(tmp_path) == [entry]
    assert same(again.load("/m.py", "m"), made())


def test_another_cache_of_the_process_does_not_take_away_what_is_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = Loadable.encode

    def interrupted(result: Loadable) -> bytes:
        monkeypatch.setattr(Loadable, "encode", encode)
        CodeCache(tmp_path, Options()).save("/m.py", "m", made(b"other = 1"))
        return encode(result)

    monkeypatch.setattr(Loadable, "encode", interrupted)
    cache = CodeCache(tmp_path, Options())
    cache.save("/m.py", "m", made())
    assert len(entries(tmp_path)) == 1
    assert same(cache.load("/m.py", "m"), made())


def test_nothing_is_written_where_python_writes_no_bytecode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    CodeCache(tmp_path, Options()).save("/m.py", "m", made())
    assert entries(tmp_path) == []


SOURCES = [b"x = %d\n" % number * (number + 1) for number in range(4)]


def _save_and_load(folder: Path, times: int) -> None:
    cache = CodeCache(folder, Options())
    results = [made(source) for source in SOURCES]
    for number in range(times):
        cache.save("/m.py", "m", results[number % len(results)])
        found = cache.load("/m.py", "m")
        assert any(same(found, result) for result in results)


def test_processes_and_threads_write_the_same_entry_at_once(tmp_path: Path) -> None:
    """Each finds a whole entry, its own or another's."""
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=_save_and_load, args=(tmp_path, 60)) for _ in range(2)]
    failed: list[threading.ExceptHookArgs] = []
    before, threading.excepthook = threading.excepthook, failed.append
    for process in processes:
        process.start()
    threads = [threading.Thread(target=_save_and_load, args=(tmp_path, 60)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        process.join()
    threading.excepthook = before
    assert [process.exitcode for process in processes] == [0, 0]
    assert failed == []
    assert len(entries(tmp_path)) == 1


def test_stamp_tells_a_file_from_what_it_becomes(tmp_path: Path) -> None:
    """Even when size and time of the last write are as before."""
    path = tmp_path / "m.py"
    path.write_bytes(b"x = 1\n")
    stamps = {settled(path)}
    before = path.stat()
    path.write_bytes(b"x = 2\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    stamps.add(settled(path))
    other = tmp_path / "other.py"
    other.write_bytes(b"x = 3\n")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)
    stamps.add(settled(path))
    assert len(stamps) == 3


def settled(path: Path) -> tuple[int, ...]:
    """Return the file's stamp as soon as it has one."""
    while (found := stamp(str(path))) == NO_STAMP:
        threading.Event().wait(0.05)
    return found


def test_file_that_was_just_written_or_is_missing_has_no_stamp(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    assert stamp(str(path)) == NO_STAMP
    path.touch()
    assert stamp(str(path)) == NO_STAMP
    assert stamp("a\0b") == NO_STAMP
