"""What is written without msgpack, the msgpack package reads; and in the same bytes."""

import math
from enum import IntEnum
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewind.model.wire import append, append_integer, array_header, pack

INTEGERS = st.integers(-(2**63), 2**64 - 1)
TEXTS = st.text(st.characters(exclude_categories=()))
SCALARS = st.none() | st.booleans() | INTEGERS | st.floats(allow_nan=False) | TEXTS | st.binary()
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=20)
        | st.lists(inner).map(tuple)
        | st.dictionaries(SCALARS, inner, max_size=20)
    ),
    max_leaves=60,
)
EDGES = sorted(
    edge
    for power in (0, 5, 7, 8, 15, 16, 31, 32, 63, 64)
    for near in (-1, 0, 1)
    for edge in (2**power + near, -(2**power) + near)
    if -(2**63) <= edge < 2**64
)
SIZES = (0, 1, 15, 16, 31, 32, 255, 256, 65535, 65536)


class Colour(IntEnum):
    RED = 1
    FAR = -(2**40)


class Text(str):
    __slots__ = ()


def theirs(value: Any) -> bytes:
    packed: bytes = msgpack.packb(value, unicode_errors="surrogatepass")
    return packed


def unpacked(data: bytes) -> Any:
    return msgpack.unpackb(
        data, unicode_errors="surrogatepass", strict_map_key=False, use_list=False
    )


@given(VALUES)
def test_any_value_is_packed_as_the_msgpack_package_packs_it(value: object) -> None:
    assert pack(value) == theirs(value)


@pytest.mark.parametrize("value", EDGES)
def test_integers_at_the_edges_of_their_forms_come_back(value: int) -> None:
    assert unpacked(pack(value)) == value
    assert pack(value) == theirs(value)


@pytest.mark.parametrize("size", SIZES)
def test_sizes_at_the_edges_of_their_headers_come_back(size: int) -> None:
    items = list(range(size))
    for value in ("x" * size, b"x" * size, items, dict.fromkeys(items)):
        assert pack(value) == theirs(value)


@pytest.mark.parametrize("text", ["\ud800", "a\udfff\ud800b", "\udc80" * 40, "\0", "\U0010ffff"])
def test_text_with_lone_surrogates_comes_back(text: str) -> None:
    assert unpacked(pack(text)) == text


@pytest.mark.parametrize("value", [0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324])
def test_floats_come_back_in_every_bit(value: float) -> None:
    back = unpacked(pack(value))
    assert pack(back) == pack(value)
    assert math.copysign(1, back) == math.copysign(1, value)


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, 2**200, -(2**200)])
def test_an_integer_beyond_64_bits_is_refused(value: int) -> None:
    with pytest.raises(OverflowError):
        pack(value)
    with pytest.raises(OverflowError):
        append_integer(bytearray(), value)


@pytest.mark.parametrize("value", [1j, {1}, bytearray(b"x"), object(), Text("x"), [[object()]]])
def test_another_type_is_refused_by_name(value: object) -> None:
    with pytest.raises(TypeError, match="no msgpack form for "):
        pack(value)


@given(st.lists(VALUES, max_size=5))
def test_values_are_appended_one_after_the_other(values: list[object]) -> None:
    out = bytearray(array_header(len(values)))
    for value in values:
        append(out, value)
    assert bytes(out) == theirs(values)


def test_a_member_of_an_enumeration_is_written_as_its_number() -> None:
    assert unpacked(pack([*Colour])) == (1, -(2**40))
