from collections.abc import Iterator
from pathlib import Path

import pytest

from rewind.errors import FormatError, SpoolError
from rewind.spool.reader import segments
from rewind.spool.segment import HEADER_SIZE, SegmentName
from rewind.spool.stream import Folder, Stream
from rewind.writer import tail as module
from rewind.writer.tail import Tail
from tests.spooled import record

SIZE = HEADER_SIZE + 40
"""Room for three records."""


class Followed:
    """A stream with small segments, and the tail that follows it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        self.tails: list[Tail] = []
        self.stream = Stream(Folder(folder, 7, SIZE, 1 << 20), 1)
        self.name = SegmentName(self.stream.folder.pid, 7, 1, 0)
        self.tail = self.new_tail()

    def new_tail(self) -> Tail:
        self.tails.append(Tail(self.path, self.name))
        return self.tails[-1]

    def close(self) -> None:
        for tail in self.tails:
            tail.close()
        self.stream.close()

    def publish(self, *numbers: int) -> None:
        for number in numbers:
            raw = record(5, number, "0123456")
            if not self.stream.append(raw):
                assert self.stream.advance(len(raw))
                assert self.stream.append(raw)

    def read(self, tail: Tail | None = None, take: int | None = None) -> bytes:
        """All that there is now, taken in in pieces of at most `take` bytes."""
        tail = tail or self.tail
        tail.offer(name.sequence for name, _ in segments(self.path))
        got = b""
        while (found := tail.read()) is not None:
            piece = found[1][:take]
            got += piece
            tail.take_in(len(piece))
        return got


@pytest.fixture
def followed(tmp_path: Path) -> Iterator[Followed]:
    stream = Followed(tmp_path)
    yield stream
    stream.close()


def numbers(*values: int) -> bytes:
    return b"".join(record(5, value, "0123456") for value in values)


def test_what_is_published_is_read_once(followed: Followed) -> None:
    followed.publish(1, 2)
    assert followed.read() == numbers(1, 2)
    assert followed.read() == b""
    followed.publish(3)
    assert followed.read() == numbers(3)


def test_a_stream_goes_on_in_the_next_segment(followed: Followed) -> None:
    followed.publish(*range(10))
    assert followed.read() == numbers(*range(10))
    assert len(followed.tail.spent) == 3
    followed.stream.close()
    assert followed.read() == b""
    assert followed.tail.spent == [path for _, path in segments(followed.path)]


def test_an_open_segment_is_not_spent(followed: Followed) -> None:
    followed.publish(1)
    followed.read()
    assert followed.tail.spent == []


def test_records_cut_by_the_read_are_joined(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 5)
    followed.publish(1, 2)
    followed.tail.offer([0])
    first = followed.tail.read()
    assert first is not None
    followed.tail.take_in(0)
    second = followed.tail.read()
    assert second is not None
    assert second[1] == numbers(1, 2)[:10]
    assert followed.tail.offset == HEADER_SIZE


def test_a_tail_begins_again_where_it_was_stored(followed: Followed) -> None:
    followed.publish(1, 2)
    followed.read()
    again = followed.new_tail()
    again.resume(followed.tail.sequence, followed.tail.offset)
    followed.publish(3, 4, 5)
    assert followed.read(again) == numbers(3, 4, 5)


def test_a_stored_segment_that_was_removed_is_not_missed(followed: Followed) -> None:
    followed.publish(1, 2, 3)
    followed.read()
    again = followed.new_tail()
    again.resume(followed.tail.sequence, followed.tail.offset)
    followed.publish(4, 5, 6)
    (followed.path / str(followed.name)).unlink()
    assert followed.read(again) == numbers(4, 5, 6)


def test_a_segment_that_is_not_closed_is_left_when_the_next_one_is_there(
    followed: Followed,
) -> None:
    followed.publish(1)
    first = followed.stream.segment
    followed.stream.segment = None
    followed.publish(2)
    assert followed.read() == numbers(1, 2)
    assert [path.name for path in followed.tail.spent] == [str(followed.name)]
    assert first is not None
    first.close()


def test_a_file_that_is_no_segment_is_refused_and_passed_over(followed: Followed) -> None:
    followed.publish(0, 1, 2, 3, 4)
    (followed.path / str(followed.name)).write_bytes(b"\0" * 500)
    followed.tail.offer([0, 1])
    with pytest.raises(SpoolError):
        followed.tail.read()
    followed.tail.give_up()
    assert [path.name for path in followed.tail.damaged] == [str(followed.name)]
    assert followed.read() == numbers(3, 4)


def test_a_segment_that_ends_within_a_record_is_told(followed: Followed) -> None:
    followed.publish(1)
    followed.stream.append(record(5, 2, "0123456")[:-3])
    followed.stream.close()
    followed.tail.offer([0])
    found = followed.tail.read()
    assert found is not None
    followed.tail.take_in(len(numbers(1)))
    with pytest.raises(FormatError, match="ends within a record"):
        followed.tail.read()
    assert followed.tail.spent == []
