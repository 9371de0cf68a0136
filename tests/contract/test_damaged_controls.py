"""Control records that are damaged come to the same by both followers, and are no writer's end.

Whatever a record says, it is taken in or refused with a `FormatError`; and what was taken in, a
database takes as well.
"""

import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewind.model.events import Control
from rewind.model.sites import packed_sites
from rewind.model.values import Tag
from rewind.model.wire import pack
from rewind.store import Batch, Store, append, open_store
from rewind.writer.following import NATIVE
from rewind.writer.settings import WriterSettings
from tests.contract import test_usual_records as usual
from tests.contract.test_usual_records import assert_same, begins
from tests.spooled import Raw, record
from tests.unit.writer import recorded

pytestmark = pytest.mark.skipif(NATIVE is None, reason="the follower in C was not built")

KEY = 1
EVENT = record(recorded.CALL_WORK, 1, 1, 2)
OVER = record(Control.FINISH, 3, KEY, "completed", None)
DEEP = Raw(b"\x91" * 1000 + b"\xc0")
"""Nested deeper than Python's `repr` goes."""

ODD = (
    *usual.ODD,
    *(DEEP, Raw(b"\x81\xa1a" + DEEP), Raw(b"\xd4\x05a"), Raw(b"\xd6\xff\x00\x00\x00\x01")),
    *(float("nan"), float("inf"), Raw(b"\x81\xc4\x01a\xc4\x01b"), Raw(b"\x81\x92\x01\x02\xc0")),
    *([1, 2], "ab", 1 << 62, Raw(record(Tag.EXCEPTION, 3, "builtins.KeyError", 1))),
)


def packed(sites: object) -> bytes:
    described = {"source": b"", "functions": [tuple(one) for one in recorded.FUNCTIONS]}
    return zlib.compress(pack(described | {"sites": sites}))


SITES = packed_sites(recorded.SITES)
MODULE = {"name": "b", "path": "/b.py", "hash": "hash", "base": 100, "packed": packed(tuple(SITES))}
PROCESS = {"ppid": 1, "argv": ["a"], "executable": "a", "python": "3", "core": "c", "wall_ns": 5}
REPORT = {"what": "probe-fault", "name": "a", "why": "b", "line": 3}
ERROR = Raw(record(Tag.EXCEPTION, 900, "builtins.KeyError", 1, "key"))

CONTROLS: tuple[tuple[Any, ...], ...] = (
    (Control.SESSION, KEY, usual.facts(KEY) | {"tags": {"a": 1}}),
    (Control.SESSION, 2, usual.facts(2)),
    (Control.SWITCH, KEY),
    (Control.FINISH, 3, KEY, "completed", None),
    (Control.FINISH, 3, KEY, "error", ERROR),
    (Control.SUSPEND, 1),
    (Control.REENTER, 1),
    (Control.UNWIND, 1),
    (Control.DROPPED, KEY, 3, "limit"),
    (Control.DROPPED, 9, 3, "spool"),
    (Control.REDACTED, KEY, 2),
    (Control.DETAILS, KEY, {"trigger": "later", "tags": {"a": 1, "b": None}}),
    (Control.PROCESS, PROCESS),
    (Control.MODULE, MODULE),
    (Control.REPORT, REPORT),
    (Control.GOODBYE, {"wall_ns": 5, "probe_ns": 7, "unsaid": 1}),
)


def written(elements: tuple[Any, ...]) -> bytes:
    """Return a record, in whose maps there may be values that are msgpack already."""
    return record(
        *(usual.mapped(each.items()) if type(each) is dict else each for each in elements)
    )


def harmed(elements: tuple[Any, ...], value: object) -> Iterator[bytes]:
    """Yield that record with the value in place of each one, of each fact and of its key."""
    for at in range(1, len(elements)):
        yield written((*elements[:at], value, *elements[at + 1 :]))
        yield written(elements[:at])
    *before, last = elements
    for name in last if type(last) is dict else ():
        yield written((*before, last | {name: value}))
        yield written((*before, {key: told for key, told in last.items() if key != name}))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path_factory.mktemp('damaged')}/rewind.db", record=True)
    yield opened
    opened.close()


@pytest.mark.parametrize("elements", CONTROLS, ids=lambda elements: elements[0].name.lower())
def test_each_value_may_be_of_another_type(elements: tuple[Any, ...], store: Store) -> None:
    refused = 0
    for value in ODD:
        for damaged in harmed(elements, value):
            outcome = assert_same([begins(KEY) + EVENT + damaged + EVENT + OVER])
            refused += type(outcome[0]) is str
            for batch in outcome:
                if type(batch) is Batch:
                    append(store, batch, "zstd")
            assert usual.facts(KEY)["id"] in {row.id for row in outcome[-3].sessions}
    assert refused > 0


@pytest.mark.parametrize(
    "sites",
    [[b"", b"", b""], ["a", (), b""], [1, 5, b"1" * 32], [-1, (), b""], [1.5, (), b""], [1 << 60]],
)
def test_sites_that_are_none_are_no_module(sites: list[object]) -> None:
    module = record(Control.MODULE, MODULE | {"packed": packed(sites)})
    outcome = assert_same([begins(KEY) + EVENT + module])
    assert type(outcome[0]) is str


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A control record, of which bytes are changed, cut off, doubled or put in."""
    raw = written(draw(st.sampled_from(CONTROLS)))
    for _ in range(draw(st.integers(0, 2))):
        if not raw:
            break
        at = draw(st.integers(0, len(raw) - 1))
        size = draw(st.integers(1, 4))
        put_in = (
            bytes((raw[at] ^ 1 << draw(st.integers(0, 7)),)),
            draw(st.binary(min_size=1, max_size=1)),
            b"",
            raw[at : at + size] * 2,
        )
        raw = raw[:at] + draw(st.sampled_from(put_in)) + raw[at + size :]
    return raw or b"\xc0"


@given(st.lists(st.one_of(damaged(), st.just(EVENT), usual.RECORDS), max_size=12))
def test_damaged_controls_are_met_the_same(records: list[bytes]) -> None:
    assert_same([begins(KEY) + b"".join(records)])


def test_a_key_that_is_taken_ends_the_session_that_has_it() -> None:
    """What was recorded of both is kept; a beginning that is there twice begins nothing."""
    other = begins(KEY, *usual.facts(2).items())
    *_, batch, _, _ = assert_same([begins(KEY) + EVENT + begins(KEY) + EVENT + other + EVENT])
    assert [(row.id, row.status, row.events) for row in batch.sessions] == [
        (usual.facts(KEY)["id"], "completed", 2),
        (usual.facts(2)["id"], "crashed", 1),
    ]


def test_a_session_whose_error_cannot_be_read_is_there() -> None:
    *_, batch, _, _ = assert_same(
        [begins(KEY) + EVENT + record(Control.FINISH, 3, KEY, "error", ())]
    )
    assert [(row.status, row.events) for row in batch.sessions] == [("crashed", 1)]


@pytest.mark.parametrize("clock", [2**63 - 1, 2**63, 2**64 - 1])
@pytest.mark.parametrize("data", [b"", begins(KEY) + EVENT + EVENT + OVER])
def test_a_segment_may_begin_at_any_time(clock: int, data: bytes, store: Store) -> None:
    first, second = (usual.told(each, [data], WriterSettings("x"), clock) for each in usual.BOTH)
    assert first == second
    assert second[2] == 2**63 - 1
    for batch in second:
        if type(batch) is Batch:
            append(store, batch, "zstd")
