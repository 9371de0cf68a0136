"""What a stream publishes is whole, whatever becomes of its process; what it cannot is counted."""

import errno
import os
import random
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from rewind.errors import SpoolError
from rewind.model.wire import pack
from rewind.spool import stream as stream_module
from rewind.spool.process import is_alive, start_ticks
from rewind.spool.reader import SegmentReader, segments
from rewind.spool.segment import CLOSED, HEADER_SIZE, OPEN, SegmentName, decode_header
from rewind.spool.stream import Folder, Segment, Stream
from tests.contract.test_interruptions import Struck, interrupt, stepping
from tests.spool_reading import records_of

ROOT = Path(__file__).parents[3]
SIZE = 4096


def folder(path: Path, size: int = SIZE, bound: int = 1 << 20) -> Folder:
    return Folder(path, 7, size, bound)


def put(stream: Stream, record: bytes) -> bool:
    return stream.append(record) or (stream.advance(len(record)) and stream.append(record))


def state_of(path: Path) -> int:
    return int.from_bytes(path.read_bytes()[16:24], "little")


def published_of(path: Path) -> int:
    return int.from_bytes(path.read_bytes()[8:16], "little")


def test_segment_has_the_header_of_the_format(tmp_path: Path) -> None:
    stream = Stream(folder(tmp_path), 3)
    assert put(stream, pack([1]))
    ((name, path),) = segments(tmp_path)
    assert name == SegmentName(os.getpid(), 7, 3, 0)
    raw = path.read_bytes()
    assert raw[:8] == b"RWNDSEG1"
    header = decode_header(raw)
    assert header is not None
    assert (header.pid, header.stream, header.sequence) == (os.getpid(), 3, 0)
    assert (header.start_ticks, header.size) == (7, SIZE)
    assert len(raw) == SIZE
    assert abs(header.wall_ns - time.time_ns()) < 10**10
    assert raw[88:HEADER_SIZE] == bytes(40)
    assert published_of(path) == HEADER_SIZE + 2
    assert not any(raw[HEADER_SIZE + 2 :])
    assert path.stat().st_mode & 0o777 == 0o600


def test_records_follow_one_another_and_never_span_segments(tmp_path: Path) -> None:
    stream = Stream(folder(tmp_path), 1)
    written = [pack([number, "x" * (number % 300)]) for number in range(200)]
    assert all(put(stream, record) for record in written)
    stream.close()
    found = [(name.sequence, list(records_of(path))) for name, path in segments(tmp_path)]
    assert [sequence for sequence, _ in found] == list(range(len(found)))
    assert len(found) > 5
    assert [pack(list(one)) for _, records in found for one in records] == written


def test_record_larger_than_a_segment_gets_one_of_its_own_size(tmp_path: Path) -> None:
    stream = Stream(folder(tmp_path), 1)
    big = pack(["x" * 10_000])
    assert all(put(stream, record) for record in (pack([1]), big, pack([2])))
    sizes = [path.stat().st_size for _, path in segments(tmp_path)]
    assert sizes == [SIZE, HEADER_SIZE + len(big), SIZE]


def test_closed_segments_say_so_and_the_last_stays_open(tmp_path: Path) -> None:
    stream = Stream(folder(tmp_path), 1)
    for _ in range(3):
        assert stream.advance(1)
    assert [state_of(path) for _, path in segments(tmp_path)] == [CLOSED, CLOSED, OPEN]
    stream.close()
    stream.close()
    assert not stream.is_open
    assert [state_of(path) for _, path in segments(tmp_path)] == [CLOSED] * 3


def test_an_interrupt_at_any_step_of_a_change_of_segments_leaves_the_stream_whole(
    tmp_path: Path,
) -> None:
    """A signal's handler may raise wherever the interpreter looks for signals."""
    at, interrupted = 0, True
    while interrupted:
        at += 1
        path = tmp_path / str(at)
        path.mkdir()
        stream = Stream(folder(path), 1)
        records = [pack([number, 0]) for number in range(4)]
        assert put(stream, records[0])
        interrupted = False
        for change in (partial(stream.advance, 1), stream.close):
            try:
                stepping(change, at, interrupt, inside=stream_module.__file__)
            except Struck:
                interrupted = True
            assert put(stream, records.pop(1)), f"step {at}"
        stream.close()
        found = [(name.sequence, state_of(each)) for name, each in segments(path)]
        assert found == [(number, CLOSED) for number in range(len(found))]
        told = [record for _, each in segments(path) for record in records_of(each)]
        assert told == [(0, 0), (1, 0), (2, 0)], f"step {at}"
    assert at > 15


def test_full_spool_refuses_and_takes_again_when_it_is_drained(tmp_path: Path) -> None:
    stream = Stream(folder(tmp_path, bound=2 * SIZE), 1)
    assert stream.advance(1)
    assert stream.advance(1)
    assert not stream.advance(1)
    assert not stream.is_open
    assert not stream.append(pack([1]))
    assert len(list(segments(tmp_path))) == 2
    next(iter(segments(tmp_path)))[1].unlink()
    assert put(stream, pack([1]))
    assert [name.sequence for name, _ in segments(tmp_path)] == [1, 2]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EMFILE])
def test_disk_that_refuses_is_a_full_spool(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: int) -> None:
        raise OSError(code, os.strerror(code))

    stream = Stream(folder(tmp_path), 1)
    monkeypatch.setattr(stream_module, "_allocate", refuse)
    assert not stream.advance(1)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    assert stream.advance(1)


def test_folder_that_is_gone_is_a_full_spool(tmp_path: Path) -> None:
    stream = Stream(folder(tmp_path / "gone"), 1)
    assert not stream.advance(1)


def test_space_is_claimed_when_a_segment_is_made(tmp_path: Path) -> None:
    """A store into a mapping of a sparse file on a full disk would be a SIGBUS."""
    Stream(folder(tmp_path, size=1 << 16), 1).advance(1)
    ((_, path),) = segments(tmp_path)
    assert path.stat().st_blocks * 512 >= 1 << 16


def test_segment_is_never_seen_without_its_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[SegmentName]] = []
    rename = os.rename

    def watching(source: Path, target: Path) -> None:
        seen.append([name for name, _ in segments(tmp_path)])
        rename(source, target)
        seen.append([name for name, _ in segments(tmp_path)])

    monkeypatch.setattr(stream_module, "rename", watching)
    Stream(folder(tmp_path), 1).advance(1)
    assert [len(names) for names in seen] == [0, 1]


# Reading


def test_reader_sees_what_is_published_and_no_more(tmp_path: Path) -> None:
    header_first = Stream(folder(tmp_path), 1)
    header_first.advance(1)
    ((_, path),) = segments(tmp_path)
    reader = SegmentReader(path)
    assert reader.read() is None
    header_first.append(b"\x91\x01")
    segment = header_first.segment
    assert segment is not None
    segment.map[segment.end : segment.end + 2] = b"\x91\x02"  # written, not yet published
    piece = reader.read()
    assert piece is not None
    assert (piece.offset, piece.data, piece.finished) == (HEADER_SIZE, b"\x91\x01", False)
    assert reader.read() is None
    header_first.append(b"\x91\x02")
    header_first.close()
    piece = reader.read()
    assert piece is not None
    assert (piece.data, piece.finished) == (b"\x91\x02", True)
    assert reader.read() is None
    reader.close()


def test_empty_closed_segment_ends_with_an_empty_piece(tmp_path: Path) -> None:
    stream = Stream(folder(tmp_path), 1)
    stream.advance(1)
    stream.close()
    ((_, path),) = segments(tmp_path)
    reader = SegmentReader(path)
    piece = reader.read()
    assert piece is not None
    assert (piece.data, piece.finished) == (b"", True)
    assert reader.read() is None
    reader.close()


def test_small_limit_gives_the_same_bytes_in_pieces(tmp_path: Path) -> None:
    stream = Stream(folder(tmp_path), 1)
    for number in range(50):
        put(stream, pack([number]))
    stream.close()
    ((_, path),) = segments(tmp_path)
    reader, pieces = SegmentReader(path), []
    while (piece := reader.read(limit=7)) is not None:
        pieces.append(piece.data)
    reader.close()
    assert b"".join(pieces) == b"".join(pack([number]) for number in range(50))
    assert max(map(len, pieces)) == 7


@pytest.mark.parametrize("content", [b"", b"RWNDSEG1", b"RWNDSEG2" + bytes(200), bytes(4096)])
def test_file_that_is_no_segment_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "1-0-1-0.seg"
    path.write_bytes(content)
    with pytest.raises(SpoolError, match=r"1-0-1-0\.seg is not a segment"):
        SegmentReader(path)


def test_segments_come_in_the_order_of_reading(tmp_path: Path) -> None:
    names = ["2-1-0-0", "10-1-1-2", "10-1-1-10", "10-1-0-0", "10-1-2-0"]
    for name in [*names, "10-1-1-11.new"]:
        (tmp_path / (name if "." in name else f"{name}.seg")).touch()
    (tmp_path / "recording.json").touch()
    assert [str(name).removesuffix(".seg") for name, _ in segments(tmp_path)] == [
        "2-1-0-0",
        "10-1-0-0",
        "10-1-1-2",
        "10-1-1-10",
        "10-1-2-0",
    ]


def test_segment_is_released_when_it_cannot_be_made(tmp_path: Path) -> None:
    header = folder(tmp_path).create(1, 0, 0, 1)
    assert isinstance(header, Segment)
    assert folder(tmp_path).create(1, 0, 0, 1) is not None, "a stale name is taken over"


# Dying

WRITER = """
import os, sys
from pathlib import Path
from rewind.model.wire import pack
from rewind.spool.stream import Folder, Stream
from rewind.spool.process import start_ticks
folder = Folder(Path(sys.argv[1]), start_ticks(os.getpid()), 4096, 1 << 24)
stream = Stream(folder, 1)
number = 0
print("ready", flush=True)
while True:
    record = pack([number, "x" * (number % 700)])
    stream.append(record) or (stream.advance(len(record)) and stream.append(record))
    number += 1
    if number % 64 == 0: os.write(1, b"%d\\n" % number)
"""


def test_what_was_published_survives_kill_9(tmp_path: Path) -> None:
    """Killed at random moments, every record that was published is there and whole."""
    chance = random.Random(1)  # noqa: S311 - only moments
    for attempt in range(24):
        place = tmp_path / str(attempt)
        place.mkdir()
        told = _killed(place, chance.random() * 0.03)
        found = [record for _, path in segments(place) for record in records_of(path)]
        assert [record[0] for record in found] == list(range(len(found)))
        assert all(len(record[1]) == record[0] % 700 for record in found)
        assert len(found) >= told


def _killed(place: Path, after: float) -> int:
    """Kill a writing process and return up to which record it had said that it was."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, place],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(after)  # the random moment is what is tested
        process.send_signal(signal.SIGKILL)
        output = process.stdout.read()
    assert process.returncode == -signal.SIGKILL
    lines = output.split(b"\n")[:-1]
    return int(lines[-1]) if lines else 0


def test_process_is_told_from_a_later_one_of_its_number() -> None:
    pid = os.getpid()
    assert start_ticks(pid) > 0
    assert is_alive(pid, start_ticks(pid))
    assert not is_alive(pid, start_ticks(pid) + 1)


def test_dead_process_and_zombie_are_not_alive() -> None:
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as process:
        ticks = start_ticks(process.pid)
        assert process.stdout is not None
        process.stdout.read()
        # Ended and not yet waited for.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not is_alive(process.pid, ticks)
    assert not is_alive(process.pid, ticks)
    assert start_ticks(process.pid) == 0


def test_stream_works_where_the_program_has_replaced_functions_of_os(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a guard does that forbids an event loop to wait for the disk."""

    def forbidden(*_: object, **__: object) -> None:
        message = "no blocking call here"
        raise RuntimeError(message)

    stream = Stream(Folder(tmp_path, 7, 4096, 1 << 20), 1)
    names = ("open", "close", "rename", "scandir", "listdir", "stat", "unlink", "posix_fallocate")
    with monkeypatch.context() as replaced:
        for name in names:
            replaced.setattr(os, name, forbidden)
        advanced = stream.advance(10)
    assert advanced
    stream.close()
