"""What sessions mostly say of themselves is taken in by C; it comes to what Python makes of it.

Control records are made as the cores write them, and a little otherwise: with facts that are
missing, doubled, unknown or of another type, cut at any place, and in any order.
"""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewind.errors import FormatError
from rewind.model.events import Control
from rewind.store import Bounds, Module, Process
from rewind.writer.following import NATIVE, PYTHON, Following
from rewind.writer.process import RecordedProcess
from rewind.writer.settings import STOP, WriterSettings
from rewind.writer.sites import Sites
from tests import stored
from tests.spooled import Raw, record
from tests.unit.writer import recorded

pytestmark = pytest.mark.skipif(NATIVE is None, reason="the follower in C was not built")

BOTH = [PYTHON] if NATIVE is None else [PYTHON, NATIVE]
STREAM = 1


def facts(key: int) -> dict[str, object]:
    """Return what a core says of a session that begins."""
    return {
        "kind": "task",
        "trigger": "app.work",
        "module": "app",
        "function": "work",
        "task": None,
        "id": f"{key:032x}",
        "parent": None,
        "monotonic_ns": recorded.ORIGIN + key,
        "wall_ns": 5_000 + key,
        "thread": 7,
        "thread_name": "MainThread",
    }


def begins(key: int, *pairs: tuple[str, object]) -> bytes:
    """Return the record of a session that begins, with these facts or the usual ones."""
    told = pairs or tuple(facts(key).items())
    return record(Control.SESSION, key, mapped(told))


def mapped(pairs: Iterable[tuple[str, object]]) -> Raw:
    """Return a map of these, of which some may be there twice."""
    parts = [record(name, value)[1:] for name, value in pairs]
    few = len(parts) < 16
    header = bytes((0x80 + len(parts),)) if few else b"\xde" + len(parts).to_bytes(2)
    return Raw(header + b"".join(parts))


def told(
    following: Following,
    pieces: list[bytes],
    settings: WriterSettings,
    clock: int = recorded.ORIGIN,
) -> list[Any]:
    """Return all that a process comes to by a stream's pieces, two flushes among that."""
    recording = stored.recording(id="r", started_ns=1)
    process = RecordedProcess(Path("/nowhere"), Process("p", "r", 1, 2), recording, settings)
    process.sites = Sites(following)
    process.sites.add(Module("p", 0, "app", "/app.py", "hash", recorded.FUNCTIONS, recorded.SITES))
    decoder = process.stream(STREAM).decoder
    decoder.begin(clock)
    outcome, rest = list[Any](), b""
    for piece in pieces:
        rest += piece
        try:
            rest = rest[decoder.decode(rest) :]
        except FormatError as error:
            outcome.append(str(error))
            break
        outcome.append(process.collect().batch if len(outcome) == 1 else None)
    session = decoder.session
    outcome += [rest, decoder.clock, decoder.taken, None if session is None else session.row]
    process.end()
    return [*outcome, process.collect().batch, process.let_go, process.row]


def assert_same(pieces: list[bytes], **settings: object) -> list[Any]:
    wanted = WriterSettings("x", **settings)  # type: ignore[arg-type]
    first, second = (told(following, pieces, wanted) for following in BOTH)
    assert first == second
    return second


KEYS = st.sampled_from((1, 2, 3, 200, 70_000, 2**63 - 1))
NUMBERS = st.sampled_from((0, 1, 127, 255, 70_000, 2**40, 2**63 - 1, 2**63, 2**64 - 1, -1))
TEXTS = st.one_of(
    st.sampled_from(("", "app", "a" * 31, "b" * 32, "c" * 255, "d" * 256, "e\0f", "\ud800", "ü☃")),
    st.text(max_size=5),
)
ODD: tuple[object, ...] = (
    *(None, True, 1.5, b"bytes", [], {}, {"a": 1}, Raw(b"\xa1\xff"), Raw(b"\xda\x00\x01a")),
    *("", "e\0f", "\ud800", "ü☃", "a" * 31, "b" * 32, "c" * 255, "d" * 256),
    *(0, 127, 255, 70_000, 2**40, 2**63 - 1, 2**63, 2**64 - 1, -1, Raw(b"\xd3" + bytes(8))),
)
OTHERS = st.one_of(NUMBERS, TEXTS, st.sampled_from(ODD))


@st.composite
def beginnings(draw: st.DrawFn) -> bytes:
    """A session that begins, nearly as usual."""
    key = draw(KEYS)
    said = facts(key)
    for name in draw(st.lists(st.sampled_from([*said, "tags", "other"]), max_size=2)):
        if draw(st.booleans()):
            said.pop(name, None)
        else:
            said[name] = draw(OTHERS)
    pairs = draw(st.permutations(list(said.items()))) if draw(st.booleans()) else [*said.items()]
    if draw(st.integers(0, 9)) == 0:
        pairs.append(draw(st.sampled_from([*pairs, ("kind", "call")])))
    return begins(key, *pairs)


RECORDS = st.one_of(
    KEYS.map(begins),
    beginnings(),
    KEYS.map(lambda key: record(Control.SWITCH, key)),
    st.sampled_from(
        (
            *(record(Control.SWITCH), record(Control.SWITCH, 1, 2), record(Control.SWITCH, None)),
            *(b"\x90", b"\x91\xfa", b"\xdc\x00\x02\xfe\x01", record(Control.DROPPED, 1, 3, "full")),
        )
    ),
    st.builds(
        lambda dt, key, status, error: record(Control.FINISH, dt, key, status, error),
        st.one_of(st.integers(0, 300), NUMBERS),
        KEYS,
        st.sampled_from(("completed", "completed", "completed", "error", "completes", None)),
        st.sampled_from((None, None, None, 1)),
    ),
    st.builds(record, st.sampled_from(range(len(recorded.SITES))), st.integers(0, 300)),
    st.sampled_from((record(recorded.CALL_WORK, 1, 1, 2), record(recorded.SET_X, 2, 5, 1))),
    st.sampled_from((record(recorded.RETURN_WORK, 1, None), record(1000, 5), record(3))),
)


@given(
    st.lists(RECORDS, max_size=30),
    st.lists(st.integers(0, 600), max_size=3),
    st.integers(1, 5),
    st.sampled_from((0, 3)),
)
def test_random_records_are_taken_in_the_same(
    records: list[bytes], cuts: list[int], size: int, most: int
) -> None:
    data = b"".join(records)
    places = [0, *sorted(cuts), len(data)]
    pieces = [data[one:other] for one, other in pairwise(places)]
    bounds = Bounds(max_sessions=1)
    limits = {"max_events_per_session": most, "overflow": STOP}
    assert_same(pieces, chunk_events=size, bounds=bounds, **limits)


@given(beginnings())
def test_what_is_nearly_as_usual_begins_the_same_session(beginning: bytes) -> None:
    assert_same([beginning, record(recorded.CALL_WORK, 1, 1, 2)])


@pytest.mark.parametrize("name", [*facts(1), "tags", "other"])
def test_each_fact_may_be_missing_or_odd(name: str) -> None:
    """It is then the same row, or the same refusal."""
    usual = facts(1)
    others = [pair for pair in usual.items() if pair[0] != name]
    outcomes = [assert_same([begins(1, *others)])]
    outcomes += [assert_same([begins(1, *others, (name, value))]) for value in ODD]
    outcomes += [assert_same([begins(1, *usual.items(), (name, value))]) for value in ODD]
    assert len({repr(outcome) for outcome in outcomes}) > 1 or name == "other"


@pytest.mark.parametrize("keep", [("all",), ("errors",)])
def test_short_sessions_come_and_go(keep: tuple[str, ...]) -> None:
    """None of their usual records is left to Python, and all are there."""
    events = record(recorded.CALL_WORK, 1, 1, 2) + record(recorded.SET_X, 2, 5, 1)
    keys = range(1, 50)
    data = b"".join(begins(key) + events for key in keys)
    data += b"".join(
        record(Control.SWITCH, key) + events + record(Control.FINISH, 3, key, "completed", None)
        for key in keys
    )
    *_, batch, _, _ = assert_same([data], keep=keep)
    assert len(batch.sessions) == (49 if keep == ("all",) else 0)
    assert all(row.status == "completed" and row.events == 4 for row in batch.sessions)


def test_usual_records_are_not_looked_at_by_python() -> None:
    assert NATIVE is not None
    process = RecordedProcess(
        Path("/nowhere"), Process("p", "r", 1, 2), stored.recording(id="r"), WriterSettings("x")
    )
    process.sites = Sites(NATIVE)
    decoder = process.stream(STREAM).decoder
    seen = list[object]()
    decoder._control = lambda _, said: seen.append(said)
    data = begins(1) + begins(2) + record(Control.SWITCH, 1)
    data += record(Control.FINISH, 3, 1, "completed", None) + record(Control.SWITCH, 2)
    assert decoder.decode(data) == len(data)
    assert (seen, list(process.sessions), decoder.clock) == ([], [2], 3)
    assert decoder.session is process.sessions[2]
