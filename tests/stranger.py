"""A reader of a spool that was written from `docs/format.md` and nothing else.

It imports neither Rewind nor msgpack: what it needs to know stands on that page, or the page is to
be mended. `events_of` gives every event of a recording's folder in words of the page.

Test support only; it checks nothing by itself but what the page promises.
"""

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

HEADER = 128
FIXED = {0xC0: None, 0xC2: False, 0xC3: True}
FORMS = [">f", ">d", ">B", ">H", ">I", ">Q", ">b", ">h", ">i", ">q"]
NUMBERS = dict(zip(range(0xCA, 0xD4), FORMS, strict=True))
BYTES = {0xC4: ">B", 0xC5: ">H", 0xC6: ">I"}
TEXT = {0xD9: ">B", 0xDA: ">H", 0xDB: ">I"}
ARRAYS = {0xDC: ">H", 0xDD: ">I"}
MAPS = {0xDE: ">H", 0xDF: ">I"}
SIZES = BYTES | TEXT | ARRAYS | MAPS
ECHO = b"\xd7\x01"


def has_echo(data: bytes) -> bool:
    """Return whether there is one; its first two bytes may stand for anything else as well."""
    at = data.find(ECHO)
    while 0 <= at <= len(data) - 10:
        where, size = struct.unpack_from(">II", data, at + 2)
        if HEADER <= where < where + size <= at:
            return True
        at = data.find(ECHO, at + 1)
    return False


class Told(NamedTuple):
    """One event."""

    session: str
    """The id."""
    n: int
    time_ns: int
    kind: str
    module: str
    function: str
    line: int
    name: str | None
    detail: str | None
    payload: tuple[Any, ...]
    parameters: tuple[str, ...]


class Bytes:
    """Msgpack, read from a place on; an echo is what it points to."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def number(self, form: str) -> Any:
        (found,) = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return found

    def take(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at]

    def value(self) -> Any:
        if self.data.startswith(ECHO, self.at):
            where, size = struct.unpack_from(">II", self.data, self.at + 2)
            assert HEADER <= where < where + size <= self.at
            node = Bytes(self.data, where)
            found = node.value()
            assert node.at == where + size
            self.at += 10
            return found
        first = self.number(">B")
        if first < 0x80 or first >= 0xE0:
            return first if first < 0x80 else first - 0x100
        if first in FIXED:
            return FIXED[first]
        if first in NUMBERS:
            return self.number(NUMBERS[first])
        return self._sized(first)

    def _sized(self, first: int) -> Any:
        short = first & (0x1F if first >= 0xA0 else 0x0F)
        size = self.number(SIZES[first]) if first in SIZES else short
        if first in BYTES:
            return self.take(size)
        if 0xA0 <= first < 0xC0 or first in TEXT:
            return self.take(size).decode("utf-8", "surrogatepass")
        if 0x90 <= first < 0xA0 or first in ARRAYS:
            return tuple(self.value() for _ in range(size))
        assert 0x80 <= first < 0x90 or first in MAPS, hex(first)
        return {self.value(): self.value() for _ in range(size)}


class Segment(NamedTuple):
    """One segment file."""

    pid: int
    stream: int
    sequence: int
    created_ns: int
    data: bytes
    """All of the file up to `published`."""

    def records(self) -> Iterator[tuple[Any, ...]]:
        reader = Bytes(self.data, HEADER)
        while reader.at < len(self.data):
            yield reader.value()
        assert reader.at == len(self.data)


def segments(folder: Path) -> list[Segment]:
    found = []
    for path in folder.glob("*.seg"):
        data = path.read_bytes()
        published, state, pid, thread, sequence, clock = struct.unpack_from("<6Q", data, 8)
        stream, started, size = struct.unpack_from("<3Q", data, 64)
        assert data.startswith(b"RWNDSEG1")
        assert path.name == f"{pid}-{started}-{stream}-{sequence}.seg"
        assert (state in {0, 1}, size, thread == 0) == (True, len(data), stream == 0)
        assert data[88:128] == bytes(40)
        found.append(Segment(pid, stream, sequence, clock, data[:published]))
    return sorted(found)


@dataclass
class Process:
    """What one process says of its modules and sessions."""

    sites: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    """By number: the module's name, the function, and the site's facts."""
    sessions: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)

    def module(self, facts: Mapping[str, Any]) -> None:
        packed = Bytes(zlib.decompress(facts["packed"])).value()
        count, texts, columns = packed["sites"]
        flat = struct.unpack(f"<{8 * count}i", columns)
        of_each = [flat[part * count : (part + 1) * count] for part in range(8)]
        for place in range(count):
            kind, function, line, *_, name, detail = (part[place] for part in of_each)
            facts_of_site = texts[kind], line, texts[name], texts[detail]
            about = facts["name"], packed["functions"][function], facts_of_site
            self.sites[facts["base"] + place] = about


def events_of(folder: Path) -> Iterator[Told]:
    """Yield the events of all threads of all processes, stream after stream."""
    assert json.loads((folder / "recording.json").read_bytes())
    processes: dict[int, Process] = {}
    for segment in segments(folder):
        process = processes.setdefault(segment.pid, Process())
        if segment.stream == 0:
            for control, facts, *_ in segment.records():
                if control == -17:
                    process.module(facts)
    session: dict[tuple[int, int], int] = {}
    for segment in segments(folder):
        if segment.stream:
            where = segment.pid, segment.stream
            yield from _of_thread(processes[segment.pid], segment, session, where)


def _of_thread(
    process: Process,
    segment: Segment,
    session: dict[tuple[int, int], int],
    where: tuple[int, int],
) -> Iterator[Told]:
    clock = segment.created_ns
    for first, *rest in segment.records():
        if first == -1:
            process.sessions[rest[0]] = rest[1]
        if first in {-1, -2}:
            session[where] = rest[0]
        if first == -3 or first >= 0:
            assert rest[0] >= 0
            clock += rest[0]
        if first >= 0:
            yield _told(process, first, session[where], clock, tuple(rest[1:]))


def _told(process: Process, site: int, key: int, clock: int, payload: tuple[Any, ...]) -> Told:
    facts = process.sessions[key]
    process.counts[key] = n = process.counts.get(key, 0) + 1
    module, (qualname, _, flavour, parameters), (kind, line, name, detail) = process.sites[site]
    if kind == "call":
        # A resumable function has its handle first; the line of the caller comes last.
        assert len(payload) == len(parameters) + 1 + (flavour != 0)
        payload = payload[flavour != 0 : -1]
    time = max(0, clock - facts["monotonic_ns"])
    return Told(
        facts["id"], n, time, kind, module, qualname, line, name, detail, payload, parameters
    )
