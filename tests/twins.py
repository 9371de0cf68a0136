"""Records one program with each core and gives what was written, to hold one against the other.

Both go by a clock that moves by the same step at each look, so that their bytes are the same; but
for what differs from run to run whatever records it: addresses, and the ids of sessions. By their
own clocks the times differ as well; then the native core's probes go their short way.

Test support only; it checks nothing by itself.
"""

import gc
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from rewind.capture import (
    exception_probes,
    frame_probes,
    recorder,
    short_probes,
    store_probes,
    value_probes,
)
from rewind.model.events import Control
from rewind.model.values import Tag
from rewind.model.wire import pack
from rewind.spool import stream
from rewind.spool.reader import segments
from tests.instrumented import CORES, Outcome, recording, run
from tests.spool_bytes import whole

STEP_NS = 1000
SEGMENT = 16 << 20
"""Bytes that no program here fills: with its echoes the native core gets more into a segment."""

_WITHOUT_ID = {Tag.TEXT, Tag.BYTES, Tag.INTEGER, Tag.COMPLEX, Tag.REDACTED, Tag.OMITTED}
_WITH_ID = {tag for tag in Tag if tag not in _WITHOUT_ID and tag is not Tag.SUBCLASS}
_UNTIMED = tuple(f"{256 + control:02x}" for control in Control if control is not Control.FINISH)
_TIMES = tuple(pack(name).hex() for name in ("monotonic_ns", "wall_ns"))
_SESSION_ID = re.compile(rb"[0-9a-f]{32}\Z")
_ADDRESS = re.compile(rb"\b0x[0-9a-f]{6,}")
"""In a text that the program made itself, as of an exception with an object that has no repr."""


def step_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let both cores' clocks begin anew and go by `STEP_NS` at each look."""
    numbers = count(STEP_NS, STEP_NS)
    for module in (
        *(exception_probes, frame_probes, recorder),
        *(short_probes, store_probes, value_probes),
    ):
        monkeypatch.setattr(module, "_clock", lambda: next(numbers))
    monkeypatch.setattr(stream, "monotonic_ns", lambda: next(numbers))
    for module in (recorder, stream):
        monkeypatch.setattr(module, "time_ns", lambda: 0)
    if "native" in CORES:
        from rewind.capture import _native

        _native.step_clock(STEP_NS)


def run_clocks() -> None:
    """Let the native core's clock be the real one again."""
    if "native" in CORES:
        from rewind.capture import _native

        _native.step_clock(0)


Written = list[list[str]]
"""The records of all threads, each as the bytes of its elements."""


def written(
    core: str, folder: Path, path: Path, *, stepped: bool = True, **settings: Any
) -> tuple[Outcome, Written]:
    """Run a file under one core; return what came of it and what was written.

    Not `stepped`, the clocks are the real ones and times are left out.
    """
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        recording(
            folder / f"{core}-{stepped}", core=core, **{"segment_bytes": SEGMENT} | settings
        ) as made,
    ):
        code = made.code(path)
        if stepped:
            step_clocks(monkeypatch)
        gc.disable()
        try:
            outcome = run(code, path)
            outcome.namespace.clear()
            gc.collect()
        finally:
            gc.enable()
            run_clocks()
        made.close()
        told = list(records(made.folder))
        return outcome, told if stepped else [timeless(one) for one in told]


def timeless(record: list[str]) -> list[str]:
    """Return a record without what a clock said."""
    if len(record) > 2 and not record[1].startswith(_UNTIMED):
        return [*record[:2], *record[3:]]
    # A session's facts are names and values; the values of these two are times.
    times = [place + 1 for place, one in enumerate(record) if one in _TIMES]
    return ["<time>" if place in times else one for place, one in enumerate(record)]


def records(folder: Path) -> Iterator[list[str]]:
    """Yield the records of all threads."""
    for name, path in segments(folder):
        if name.stream != 0:
            yield [f"segment {name.stream}-{name.sequence} of {path.stat().st_size}"]
            data, at = whole(path), 0
            while at < len(data):
                elements, at = element(data, at, 0)
                yield [one.hex() for one in elements]


def element(data: bytes, at: int, depth: int) -> tuple[list[bytes], int]:
    """Return the bytes of a msgpack element, one entry for each atom, and where it ends."""
    first = data[at]
    if 0x80 <= first < 0xA0 or first in _COMPOUND:
        return compound(data, at, depth)
    if 0xA0 <= first < 0xC0:
        end = at + 1 + (first & 0x1F)
    elif first in _SIZED:
        width = _SIZED[first]
        end = at + 1 + width + int.from_bytes(data[at + 1 : at + 1 + width], "big")
    else:
        end = at + 1 + _FIXED.get(first, 0)
    raw = _ADDRESS.sub(b"<address>", data[at:end])
    return [_SESSION_ID.sub(b"<id>", raw) if first == 0xD9 else raw], end


_COMPOUND = {0xDC: (2, 1), 0xDD: (4, 1), 0xDE: (2, 2), 0xDF: (4, 2)}
_SIZED = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
_FIXED = {0xCA: 4, 0xCB: 8} | {
    base + power: 1 << power for base in (0xCC, 0xD0) for power in range(4)
}


def compound(data: bytes, at: int, depth: int) -> tuple[list[bytes], int]:
    """Return the bytes of an array or map; the address in a value's node is left out."""
    first = data[at]
    width, times = _COMPOUND.get(first, (0, 2 if first < 0x90 else 1))
    header = data[at : at + 1 + width]
    size = (int.from_bytes(header[1:], "big") if width else first & 0x0F) * times
    at += 1 + width
    found = [header]
    is_node = depth > 0 and times == 1 and size > 1 and data[at] in _WITH_ID
    for place in range(size):
        elements, at = element(data, at, depth + 1)
        found += [b"<address>"] if is_node and place == 1 else elements
    return found, at
