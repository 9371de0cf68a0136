"""Echoes are expanded to what they stand for; those that are astray are refused, by both ways."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewind.spool import echoes
from rewind.spool.segment import HEADER_SIZE

Expand = Callable[[bytes, bytes, int], bytes]
WAYS = pytest.mark.parametrize("expand", [echoes.expand, echoes.expand_slowly])
NODE = b"\x93\x01\x07\x00"  # [LIST, 7, 0]


def echo(at: int, size: int) -> bytes:
    return b"\xd7\x01" + at.to_bytes(4) + size.to_bytes(4)


def segment(*nodes: bytes) -> bytes:
    return bytes(HEADER_SIZE) + b"".join(nodes)


def test_the_way_in_c_is_here() -> None:
    assert echoes.expand is not echoes.expand_slowly


@WAYS
def test_an_echo_becomes_the_node(expand: Expand) -> None:
    data = b"\x05" + echo(128, 4) + b"\xa1x" + echo(128, 4)
    assert expand(data, segment(NODE), 132) == b"\x05" + NODE + b"\xa1x" + NODE


@WAYS
def test_echoes_within_echoes(expand: Expand) -> None:
    outer = b"\xdc\x00\x05\x01\x09\x02" + echo(128, 4) + echo(128, 4)
    data = segment(NODE, outer)
    whole = b"\xdc\x00\x05\x01\x09\x02" + NODE + NODE
    assert expand(echo(132, len(outer)) * 2, data, len(data)) == whole * 2


@WAYS
def test_what_looks_like_an_echo_within_text_is_text(expand: Expand) -> None:
    for data in (
        b"\xc4\x0a" + echo(128, 4),
        b"\xd9\x0a" + echo(128, 4),
        b"\xcf" + echo(128, 4)[:8],
    ):
        assert expand(data, segment(NODE), 132) == data


@WAYS
@pytest.mark.parametrize(
    "data",
    [
        echo(0, 4),
        echo(127, 4),
        echo(128, 0),
        echo(128, 3),
        echo(128, 5),
        echo(129, 3),
        echo(132, 4),
        echo(136, 1),
        echo(128, 8),
        echo(2**32 - 1, 4),
        echo(128, 2**32 - 1),
        echo(128, 4)[:9],
        b"\x92\x01",
        b"\xc1",
        b"\xdd\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
    ],
    ids=lambda data: data.hex(),
)
def test_what_stands_for_no_node_is_refused(expand: Expand, data: bytes) -> None:
    with pytest.raises(ValueError, match="echo"):
        expand(data, segment(NODE, NODE), 132)


@WAYS
def test_an_echo_of_itself_or_of_what_follows_is_refused(expand: Expand) -> None:
    whole = segment(b"\x93\x01\x07" + echo(128, 13))
    with pytest.raises(ValueError, match="no node before it"):
        expand(echo(128, 13), whole, len(whole))


@WAYS
def test_echoes_that_nest_without_end_are_refused(expand: Expand) -> None:
    whole, at = segment(NODE), 128
    for _ in range(300):
        place, size = at, len(whole) - at
        at = len(whole)
        whole += b"\x93\x01\x07" + echo(place, size)
    with pytest.raises(ValueError, match="without end"):
        expand(echo(at, len(whole) - at), whole, len(whole))


@WAYS
def test_echoes_that_double_are_refused(expand: Expand, monkeypatch: pytest.MonkeyPatch) -> None:
    if expand is echoes.expand_slowly:
        monkeypatch.setattr(echoes, "MOST_BYTES", 1 << 16)
    whole, at = segment(NODE), 128
    for _ in range(60):
        place, size = at, len(whole) - at
        at = len(whole)
        whole += b"\x94\x01\x07" + echo(place, size) * 2
    with pytest.raises(ValueError, match="too much"):
        expand(echo(at, len(whole) - at), whole, len(whole))


pieces = st.one_of(
    st.binary(max_size=6),
    st.builds(echo, st.integers(120, 200), st.integers(0, 20)),
    st.sampled_from([NODE, b"\x91", b"\xdc\x00\x02", b"\xa3abc", b"\xc4\x02ab"]),
)


def outcome(expand: Expand, data: bytes, whole: bytes, end: int) -> bytes | str:
    try:
        return expand(data, whole, end)
    except ValueError as error:
        return str(error)


@given(st.lists(pieces), st.lists(pieces), st.integers(120, 200))
def test_both_ways_say_the_same_of_anything(
    before: list[bytes], data: list[bytes], end: int
) -> None:
    whole = segment(*before)
    end = min(end, len(whole))
    told = [
        outcome(one, b"".join(data), whole, end) for one in (echoes.expand, echoes.expand_slowly)
    ]
    assert told[0] == told[1]
