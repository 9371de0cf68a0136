"""What a chunk's references stand for is put back; those that are astray are refused, both ways."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from rewind.errors import FormatError
from rewind.store import Store, read_chunk, references, schema
from tests import stored

PutBack = Callable[[bytes], bytes]
WAYS = pytest.mark.parametrize("put_back", [references.put_back, references.put_back_slowly])
NODE = b"\x93\x01\x07\x00"  # [LIST, 7, 0]
PLAIN = b"\x93\x05\x01" + NODE
CLOCK = b"\x92\xf7\x00"


def refer(distance: int, size: int) -> bytes:
    return b"\xd7\x02" + distance.to_bytes(4) + size.to_bytes(4)


def marked(*payload: bytes) -> bytes:
    return b"\xdc\x00" + bytes((2 + len(payload),)) + b"\x05\x01" + b"".join(payload)


def unmarked(*payload: bytes) -> bytes:
    return bytes((0x92 + len(payload),)) + b"\x05\x01" + b"".join(payload)


def test_the_way_in_c_is_here() -> None:
    assert references.put_back is not references.put_back_slowly


@WAYS
def test_a_reference_becomes_the_node(put_back: PutBack) -> None:
    data = CLOCK + PLAIN + marked(refer(5 + 4, 4), b"\xa1x") + PLAIN
    assert put_back(data) == CLOCK + PLAIN + unmarked(NODE, b"\xa1x") + PLAIN


@WAYS
def test_references_within_references(put_back: PutBack) -> None:
    outer = b"\x95\x01\x09\x02" + refer(4 + 5 + 4, 4) + NODE
    data = PLAIN + marked(outer) + marked(refer(5 + len(outer), len(outer)), NODE, refer(14, 10))
    with pytest.raises(ValueError, match="reference"):  # The last one is of a reference.
        put_back(data)
    data = PLAIN + marked(outer) + marked(refer(5 + len(outer), len(outer)), NODE, refer(4, 4))
    whole = b"\x95\x01\x09\x02" + NODE + NODE
    assert put_back(data) == PLAIN + unmarked(whole) + unmarked(whole, NODE, NODE)


@WAYS
def test_a_node_may_hold_a_reference_to_what_is_in_it(put_back: PutBack) -> None:
    twice = b"\x95\x01\x09\x02" + NODE + refer(4, 4)
    again = refer(5 + len(twice), len(twice))
    whole = b"\x95\x01\x09\x02" + NODE + NODE
    assert put_back(marked(twice) + marked(again)) == unmarked(whole) * 2


@WAYS
def test_an_event_of_many_elements_keeps_its_header(put_back: PutBack) -> None:
    rest = [b"\x01"] * 13
    data = PLAIN + marked(refer(5 + 4, 4), *rest)
    assert put_back(data) == PLAIN + marked(NODE, *rest)


@WAYS
def test_what_looks_like_a_reference_elsewhere_stays(put_back: PutBack) -> None:
    for element in (
        b"\xc4\x0a" + refer(4, 4),
        b"\xd9\x0a" + refer(4, 4),
        b"\xcf" + refer(4, 4)[:8],
    ):
        assert put_back(PLAIN + marked(element)) == PLAIN + unmarked(element)
    assert put_back(PLAIN + unmarked(refer(7, 4))) == PLAIN + unmarked(refer(7, 4))


@WAYS
@pytest.mark.parametrize(
    "reference",
    [
        refer(0, 4),
        refer(9, 0),
        refer(9, 3),
        refer(9, 5),
        refer(8, 3),
        refer(9, 10),
        refer(5, 5),
        refer(15, 4),
        refer(2**32 - 1, 4),
        refer(9, 2**32 - 1),
        refer(9, 4)[:9],
    ],
    ids=lambda reference: reference.hex(),
)
def test_what_stands_for_no_node_is_refused(put_back: PutBack, reference: bytes) -> None:
    with pytest.raises(ValueError, match=r"reference|records"):
        put_back(PLAIN + marked(reference))


@WAYS
def test_references_that_double_are_refused_at_once(put_back: PutBack) -> None:
    """A kilobyte would stand for more than there is memory."""
    begun, data, size = time.process_time(), PLAIN, len(NODE)
    for _ in range(64):
        node = b"\x94\x01\x07" + refer(8 + size, size) + refer(18 + size, size)
        data += marked(node)
        size = len(node)
    with pytest.raises(ValueError, match="too much"):
        put_back(data)
    assert time.process_time() - begun < 10


ELEMENTS = st.one_of(
    st.just(NODE),
    st.just(b"\x01"),
    st.just(b"\xa3abc"),
    st.builds(refer, st.integers(0, 60), st.integers(0, 30)),
    st.builds(refer, st.integers(4, 20), st.just(4)),
)
EVENTS = st.one_of(
    st.lists(ELEMENTS, max_size=4).map(lambda payload: marked(*payload)),
    st.lists(ELEMENTS, max_size=18).map(lambda payload: marked(*payload)),
    st.just(PLAIN),
    st.just(marked(NODE, refer(4, 4))),
    st.just(CLOCK),
)


@given(st.lists(EVENTS, max_size=8).map(b"".join), st.binary(max_size=3), st.integers(0, 200))
def test_both_ways_say_the_same_of_any_bytes(data: bytes, damage: bytes, at: int) -> None:
    told: list[bytes | None] = []
    for put_back in (references.put_back, references.put_back_slowly):
        try:
            told.append(put_back(data[:at] + damage + data[at + len(damage) :]))
        except ValueError:
            # Of several faults each may name another.
            told.append(None)
    assert told[0] == told[1]


def test_a_chunk_that_refers_astray_is_damage(store: Store) -> None:
    rows = stored.put(store, stored.batch(1))
    (chunk, *_) = rows.chunks
    with store.engine.begin() as connection:
        data = PLAIN + marked(refer(2000, 4))
        connection.execute(update(schema.chunks).values(codec="none", data=data))
    with pytest.raises(FormatError, match="a reference stands for no node before it"):
        read_chunk(store, chunk.session_id, chunk.first)
