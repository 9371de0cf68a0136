"""Echoes in a recording: read from any place on, forked, and cut off by a new segment."""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgpack import Unpacker

from rewind.capture.walk import Limits
from rewind.model.elements import MARK
from rewind.spool.echoes import expand
from rewind.spool.reader import segments
from rewind.spool.segment import HEADER_SIZE
from rewind.writer.records import read_head, read_unsigned
from rewind.writer.tail import Tail
from tests import value_strategies as strategies
from tests.instrumented import CORES, recording, run, write
from tests.spool_bytes import published
from tests.spool_reading import read
from tests.value_calls import check_calls

KNOWN = """
    known = [{"a": [1, {"b": 2.5}]}, {"t": "t" * 30}]
    def same(value):
        return value
    def ask(times):
        for number in range(times):
            same([known, known[0], number])
    ask(40)
"""


TWICE = """
    def push(heap, item):
        heap.append(item)
        heap[0] = item
        return heap, item
    def keep(items, wide):
        return items
    class Node: pass
    def link(a, b):
        a.other, table[b.name] = b, a
        return b, a
    table = {}
    for number in range(4):
        item = [number, [number]]
        push([item, item[1]], item)
        push([item, item], item[1])
        keep(keep([[number], [number]], 1 << 80), -1 << 63)
        one, other = Node(), Node()
        one.name = other.name = number
        link(one, other), link(other, one)
"""


def recorded(folder: Path, source: str = KNOWN, **settings: object) -> Path:
    """Record a source with the native core; return the folder."""
    with recording(folder, core="native", **settings) as made:
        run(made.code(write(folder, dedent(source))), folder / "subject.py")
        made.close()
    return folder


def payloads(data: bytes, tail: Tail) -> list[bytes]:
    """Return the payloads of the events in what a tail has read, without echoes."""
    unpacker, found, at = Unpacker(max_buffer_size=0), [], 0
    unpacker.feed(data)
    while at < len(data):
        unpacker.skip()
        end = unpacker.tell()
        number, time_at = read_head(data, at)
        if number >= 0:
            _, payload_at = read_unsigned(data, time_at)
            payload = data[payload_at:end]
            if data[at] == MARK:
                payload = expand(payload, tail.segment(), tail.offset + at)
            found.append(payload)
        at = end
    return found


def boundaries(data: bytes) -> list[int]:
    """Return where records begin in a segment's file."""
    unpacker, found = Unpacker(max_buffer_size=0), [HEADER_SIZE]
    unpacker.feed(data)
    while found[-1] < HEADER_SIZE + len(data):
        unpacker.skip()
        found.append(HEADER_SIZE + unpacker.tell())
    return found[:-1]


def test_a_reader_that_begins_in_the_middle_reads_the_same(tmp_path: Path) -> None:
    """A writer that takes over from one that died has not seen what the echoes stand for."""
    folder = recorded(tmp_path)
    ((name, path),) = [one for one in segments(folder) if one[0].stream == 1]
    data = published(path)
    assert data.count(b"\xd7\x01") > 50
    told = []
    for offset in boundaries(data):
        tail = Tail(folder, name)
        tail.offer([0])
        tail.resume(0, offset)
        piece = tail.read()
        assert piece is not None
        told.append(payloads(piece[1], tail))
        tail.close()
    whole = told[0]
    assert len(whole) > 100
    assert all(whole[len(whole) - len(rest) :] == rest for rest in told)


def test_the_child_of_a_fork_echoes_what_it_wrote_itself(tmp_path: Path) -> None:
    with recording(tmp_path, core="native") as made:
        namespace = run(
            made.code(write(tmp_path, dedent(KNOWN))), tmp_path / "subject.py"
        ).namespace
        child = os.fork()
        if child == 0:
            made.core.after_fork()
            namespace["ask"](10)
            made.core.close({"wall_ns": 0, "monotonic_ns": 0})
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        namespace["ask"](10)
        told = [one for one in made.read().of("return") if one.function == "same"]
    assert len(told) == 60
    assert {str(one.values[0][:2]) for one in told} == {str(told[0].values[0][:2])}


@pytest.fixture
def interrupting() -> Iterator[int]:
    """Each byte written into this pipe interrupts this process by a signal, a moment later."""
    reading, writing = os.pipe()
    parent, child = os.getpid(), os.fork()
    if child == 0:
        try:
            os.close(writing)
            while os.read(reading, 1):
                time.sleep(random.random() / 4000)  # noqa: S311 - at any moment of the turn
                os.kill(parent, signal.SIGUSR1)
        finally:
            os._exit(0)
    os.close(reading)
    before = signal.getsignal(signal.SIGUSR1)
    yield writing
    os.close(writing)
    os.waitpid(child, 0)
    signal.signal(signal.SIGUSR1, before)


def test_what_interrupts_a_value_may_begin_a_segment(interrupting: int, tmp_path: Path) -> None:
    """A signal's handler records so much that the value being written goes into another segment."""
    source = f"""
        import os, re, signal
        known = [{{"a": [1, {{"b": 2.5}}]}}, {{"t": "t" * 30}}]
        told_in_python = [re.compile(str(number)) for number in range(30)]
        def noise(number, frame):
            for count in range(300):
                text = [count, "t" * 50]
        def same(value):
            return value
        signal.signal(signal.SIGUSR1, noise)
        for turn in range(600):
            os.write({interrupting}, b".")
            same([known, known[0], told_in_python, known[1], turn])
        # What was written last may still be on its way.
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    """
    with recording(tmp_path, core="native", segment_bytes=1 << 14, max_value_bytes=4000) as made:
        run(made.code(write(tmp_path, dedent(source))), tmp_path / "subject.py")
        spool = made.read()
    told = [one.values[0] for one in spool.of("return") if one.function == "same"]
    assert [value[4] for value in told] == list(range(600))
    assert {str(value[:4]) for value in told} == {str(told[0][:4])}


@pytest.mark.parametrize("most", [300, 1000])
def test_echoes_save_most_of_the_spool(most: int, tmp_path: Path) -> None:
    sizes = []
    for core in ("native", "python"):
        with recording(tmp_path / core, core=core, max_value_bytes=most) as made:
            run(made.code(write(tmp_path, dedent(KNOWN))), tmp_path / "subject.py")
            made.close()
            paths = [path for name, path in segments(made.folder) if name.stream == 1]
        sizes.append(sum(len(published(path)) for path in paths))
    assert sizes[0] < 0.6 * sizes[1]


def test_no_echo_stands_for_a_node_of_its_own_event(tmp_path: Path) -> None:
    """What is met twice in one event was not told before it."""
    stories = []
    for core in CORES:
        with recording(tmp_path / core, core=core) as made:
            run(made.code(write(tmp_path, dedent(TWICE))), tmp_path / "subject.py")
            stories.append(made.read().story())
    assert stories[0] == stories[-1]


def test_what_comes_behind_a_container_has_its_room(tmp_path: Path) -> None:
    """A container may take all that is ready of a segment, but for the rest of its record."""
    source = """
        def call(items, one, two, three):
            return one
        table = {}
        for number in range(300):
            for size in range(20, 49):
                value = number + 0.5
                call([value] * size, (1.5, value, 3.5), (1.5, value, 3.5), (1.5, value, 3.5))
                table[(value,) * size] = 1.5, value, 3.5
    """
    child = os.fork()
    if child == 0:
        try:
            recorded(tmp_path, source, segment_bytes=1 << 12)
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    told = [one.values for one in read(tmp_path).of("call") if one.function == "call"]
    assert [values[1] for values in told] == [values[3] for values in told]
    assert len(told) == 300 * 29


@given(st.integers(0, 2**32), strategies.limits)
def test_records_tell_values_that_change(
    tmp_path_factory: pytest.TempPathFactory, seed: int, limits: Limits
) -> None:
    for chosen in (limits, Limits(max_depth=9, max_value_bytes=20_000)):
        check_calls(tmp_path_factory.mktemp("calls"), seed, chosen, 40)
