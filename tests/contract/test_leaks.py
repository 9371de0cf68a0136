"""Recording keeps nothing: memory and reference counts are flat over a million events.

Apart from the other contracts, as a sanitizer keeps what was freed.
"""

import gc
import re
import statistics
import sys
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from rewind.model.events import KINDS, OUTPUT
from rewind.model.values import Tag
from tests.contract.many_kinds import SOURCE, worked
from tests.instrumented import CORES, Recording

EVENTS = {"native": 1_000_000, "python": 100_000}
"""The Python core takes a hundred times as long."""
LOOKS = 5
"""What is remembered of values, and what other tests have left, goes up and down by some 400 blocks
where the process holds much, so the median of as many looks counts: a leak grows at each."""
WATCHED = frozenset({"numbers", "summed", "Slots", "Names", "CYCLE", "stored"})
TRACED = 20
"""Times fewer where allocations are traced, which takes so much longer."""


MORE = (
    SOURCE
    + """
import datetime
small, CYCLE = work, []
CYCLE.append(CYCLE)
class Slots:
    __slots__ = ("a", "password")
    def __init__(self): self.a = self.password = "p"
class Names(list): pass
async def numbers(n):
    try:
        for i in range(n): yield i
    finally:
        n = 0
async def summed():
    found = [i async for i in numbers(3)]
    one = numbers(2)
    await anext(one)
    try: await one.athrow(ValueError("in"))
    except ValueError as error: found.append(str(error))
    await one.aclose()
    return found
def driven(coroutine):
    try: coroutine.send(None)
    except StopIteration as stop: return stop.value
def group():
    try: raise ExceptionGroup("g", [KeyError(1), ValueError("v")])
    except* KeyError as errors: kept = errors
    except* ValueError as errors: pass
    return kept
def secret():
    token = "hidden"  # withheld
    off = [1]  # rewind: off
    return token, "Bearer abcdefghijklmnopqrstuvwxyz0123456789"
def stored():
    whole = {"big": 2**70, "c": 1j, "s": {1, 2}, "f": frozenset("a"), "b": b"b" * 300}
    whole |= {"t": "t" * 3000, "a": bytearray(9), "k": (datetime.date(2024, 2, 29), Names("ab"))}
    whole[0] = [[[[[[["deep"]]]]]]], Slots(), CYCLE, object(), len, sys, Slots
    whole[1] = list(range(100)), {n: n for n in range(90)}, 1e300, float("nan"), "\\ud800"
    del whole["big"]
    return whole
import sys
import rewind
from rewind import sessions
@rewind.session("counting", a=1)
def counting():
    yield rewind.note("in", [1])
def named():
    with rewind.session("outer", token="t") as outer:
        with rewind.session("inner"): rewind.note("n", {"password": 1})
        outer.tag(id=outer.id, current=rewind.current_session().id)
        for kind in ("log", "sql", "http", "redis"):
            sessions.say(kind, {"error": None, "statement": "SELECT", "arguments": ["k", 1]}, 1)
        return list(counting())
def work():
    small()
    named()
    class Local:
        kind = [1]
        double = lambda self, x: f"{x:>3}" if x else None
    squares = {n: n * n for n in range(3) if n or not n}
    total = sum(n for n in squares.values() if 0 <= n < 9)
    found = Local().double(total) and [*squares, *Local.kind], driven(summed()), group(), secret()
    return found, stored()
"""
)
"""Values, settings and constructs of which the small program has none."""
ALL = {
    "expressions": "all",
    "lines": True,
    "comprehensions": True,
    "lambdas": True,
    "class_bodies": True,
}


def resident() -> int:
    """Return the bytes in memory that belong to no file."""
    status = Path("/proc/self/status").read_text("ascii")
    found = re.search(r"RssAnon:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024


def repeat(made: Recording, work: Callable[[], object], events: int) -> int:
    """Work until so many events are told; return how often that was."""
    done = 0
    recorder = made.core._local.recorder
    assert recorder is not None
    before = recorder.counted()["events"]
    while recorder.counted()["events"] - before < events:
        for _ in range(100):
            work()
        done += 100
    gc.collect()
    return done


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize(("source", "asked"), [(SOURCE, {}), (MORE, ALL)], ids=["usual", "all"])
def test_a_million_events_of_every_kind_leave_nothing_behind(
    core: str, source: str, asked: dict[str, Any], tmp_path: Path
) -> None:
    with worked(tmp_path, source, core=core, **asked) as (made, work):
        names = work.__globals__
        watched = [work.__code__, *(names[one] for one in ("Box", "Guard", "generator", "fails"))]
        watched += [value for name, value in names.items() if name in WATCHED]
        # What is remembered of values and classes has a bound, and is full after a while.
        repeat(made, work, EVENTS[core] * 3 // 2)
        done = 0
        counts, blocks = [sys.getrefcount(one) for one in watched], [sys.getallocatedblocks()]
        memory = resident()
        for _ in range(LOOKS):
            done = repeat(made, work, EVENTS[core] // 2)
            blocks.append(sys.getallocatedblocks())
        assert [sys.getrefcount(one) for one in watched] == counts
        grown = [after - before for before, after in pairwise(blocks)]
        # A block for each piece of work would be `done` of them.
        assert statistics.median(grown) < done * 3 // 4, grown
        assert resident() - memory < 1_000_000


@pytest.mark.parametrize("core", CORES)
def test_allocations_are_flat(core: str, tmp_path: Path) -> None:
    with worked(tmp_path, core=core) as (made, work):
        repeat(made, work, EVENTS[core] // TRACED)
        tracemalloc.start()
        try:
            traced = []
            for _ in range(LOOKS):
                repeat(made, work, EVENTS[core] // TRACED)
                traced.append(tracemalloc.get_traced_memory()[0])
            # What is remembered of values fills up, the later the more places in memory they have
            # had; what leaked would be more each time.
            grown = [after - before for before, after in pairwise(traced)]
            assert min(grown) < 20_000, grown
        finally:
            tracemalloc.stop()


def test_the_events_are_of_every_kind(tmp_path: Path) -> None:
    with worked(tmp_path, MORE, **ALL) as (made, _):
        spool = made.read()
    # What is printed is listened to by a whole recording: tests/integration/test_output.py has it.
    assert {event.kind for event in spool.events} == set(KINDS) - {OUTPUT}
    told = repr([event.payload for event in spool.events])
    tags = {tag for tag in Tag if f"({tag.value}," in told}
    assert tags == set(Tag)
