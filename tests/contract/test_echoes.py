"""What an echo stands for is what would have been written, whatever happened in between."""

import abc
import enum
import gc
import re
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewind.capture.walk import Limits
from tests import value_strategies as strategies
from tests.value_changes import Changes
from tests.value_writers import EchoWriter
from tests.value_zoo import ZOO, Plain

WIDE = Limits(max_depth=9, max_items=200, max_value_bytes=20_000)


class Sheet:
    """Has few attributes, so that the interpreter keeps them in an array."""

    def __init__(self, number: int, lines: list[Any], total: float) -> None:
        self.number, self.lines, self.total = number, lines, total

    def told(self) -> None:
        """Is told by its name, whichever instance it is of."""


class Other:
    """Another class of the same layout as `Sheet`."""


def line() -> dict[str, Any]:
    return {
        "n": 1.5,
        "text": "a" * 40,
        "tags": ["new", "small"],
        "stock": {"left": 3, "at": (1, 2)},
    }


def order() -> Any:
    return Sheet(1, [line(), line()], 0.5)


@pytest.mark.parametrize("make", [line, order, lambda: [[1, "x"], (2.5, b"y")], lambda: ([],)])
def test_what_is_unchanged_is_echoed(make: Callable[[], object]) -> None:
    writer, value = EchoWriter(WIDE), make()
    assert len(writer.write(value)) > 10
    # A class is looked at when it is first met, and of two in one value the last is remembered.
    writer.write(value)
    for _ in range(3):
        assert len(writer.write(value)) == 10


@pytest.mark.parametrize("name", ZOO)
def test_every_kind_of_value_comes_out_of_its_echoes(name: str) -> None:
    for limits in (Limits(), WIDE, Limits(max_depth=2, max_items=3, max_value_bytes=100)):
        writer = EchoWriter(limits)
        for value in (ZOO[name], [ZOO[name]], {"k": ZOO[name]}, Plain(a=ZOO[name])):
            for _ in range(3):
                writer.write(value)


def swap_item(value: Any) -> None:
    value.lines[0]["n"] = float("1.5")


def other_of_equal_value(value: Any) -> None:
    value.lines = [dict(one) for one in value.lines]


def grow_and_shrink(value: Any) -> None:
    value.lines.append(1)
    value.lines.pop()


def reorder(value: Any) -> None:
    value.lines[0]["n"] = value.lines[0].pop("n")


def set_again(value: Any) -> None:
    number = value.number
    del value.number
    value.number = number


def three_levels_down(value: Any) -> None:
    value.lines[1]["stock"]["left"] = 4


def in_a_tuple(value: Any) -> None:
    value.lines[1]["stock"]["at"] = (1, 3)


def other_class(value: Any) -> None:
    value.__class__ = Other


def with_dictionary(value: Any) -> None:
    vars(value)["number"] = 2


def other_list_items(value: Any) -> None:
    value.lines[0]["tags"][1] = "large"


def becomes_its_own(value: Any) -> None:
    value.lines[0]["tags"].append(value)


def becomes_secret(value: Any) -> None:
    value.lines[0]["password"] = value.lines[0].pop("text")


def same_size(value: Any) -> None:
    value.lines[0]["stock"] = value.lines[1]["stock"]


CHANGES = [
    *(swap_item, other_of_equal_value, grow_and_shrink, reorder, set_again, three_levels_down),
    *(in_a_tuple, other_class, with_dictionary, other_list_items, becomes_its_own),
    *(becomes_secret, same_size),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_told_wherever_it_lies(change: Callable[[Any], None]) -> None:
    writer, value = EchoWriter(WIDE), order()
    values = [value, value.lines, value.lines[0], [value]]
    for one in values:
        writer.write(one)
    change(value)
    for one in [*values, value.lines, *values]:
        writer.write(one)


def test_what_gets_an_address_again_is_told_as_what_it_is() -> None:
    """Lists, tuples, dictionaries and instances that come and go at the same few addresses."""
    writer = EchoWriter(WIDE)
    makers: list[Callable[[int], object]] = [
        *(lambda n: [n, n + 1], lambda n: (n / 7, "x"), lambda n: {"a": n}, lambda n: Plain(a=n)),
        *(lambda n: [{"a": n}], lambda n: ([n / 3],), lambda n: {"a": [n]}, lambda n: [[n]]),
        *(
            lambda n: Label(f"{n:9}"),
            lambda n: [Label(n)],
        ),
        *(lambda n: ModuleType(f"m{n}"), lambda n: order().told if n % 2 else Plain().method),
    ]
    seen = set()
    for number in range(5000):
        value = makers[number % len(makers)](number % 300)
        seen.add(id(value))
        writer.write(value)
        del value
    assert len(seen) < 2500


def test_a_float_that_gets_the_address_of_another_is_another() -> None:
    writer, value = EchoWriter(WIDE), [0.5, 0.25]
    for number in range(1000):
        value[number % 2] = number / 7
        writer.write(value)


def test_classes_that_come_and_go_are_told_apart() -> None:
    writer = EchoWriter(WIDE)
    for number in range(300):
        kind = type(f"Kind{number}", (), {})
        value = kind()
        value.a = 1
        for _ in range(3):
            writer.write([value])
        del kind, value
        gc.collect(1)


@pytest.mark.parametrize("room", range(60, 240))
def test_a_budget_that_is_just_short_cuts_as_ever(room: int) -> None:
    writer, inner = EchoWriter(Limits(max_depth=9, max_value_bytes=room)), line()
    for _ in range(2):
        writer.write(inner)
        for before in range(0, 60, 7):
            writer.write(["x" * before, inner])


@pytest.mark.parametrize("depth", range(1, 6))
def test_what_lies_deeper_than_before_is_cut_as_ever(depth: int) -> None:
    writer, value = EchoWriter(Limits(max_depth=depth, max_value_bytes=9000)), line()
    outer = [[[value]]]
    for _ in range(3):
        for one in (value, outer[0][0], outer[0], outer):
            writer.write(one)


def test_a_new_segment_begins_with_no_echo() -> None:
    writer, value = EchoWriter(WIDE), order()
    before = writer.write(value)
    writer.write(value)
    writer.begin_segment()
    assert writer.write(value) == before


class Items(list[Any]):
    """A list, told by its items."""


def named() -> None:
    """Is told by its name."""


def renamed(one: Any) -> None:
    one.__qualname__ = "renamed"


class Names(set[Any]):
    """A set that changes."""


class Kinds(frozenset[Any]):
    """A set, told by its items."""


class Label(str):  # noqa: SLOT000 - may get attributes
    """A text that the program may give attributes."""


class OtherLabel(str):  # noqa: SLOT000 - as that
    """Another class of the same layout as `Label`."""


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a: object) -> None:
        self.a = a


class AlsoSlotted(Slotted):
    """Has a namespace beside its slots."""


def without_slot(one: Any) -> None:
    """Only its class knows the slot, and it no longer does."""
    del type(one).a


def with_its_dictionary(one: Any) -> Any:
    assert vars(one)
    return one


def put_behind(one: Any) -> None:
    a = vars(one).pop("a")
    one.a = a


def other_dictionary(one: Any) -> None:
    one.__dict__ = {"a": 1, "c": 3}


CHANGED: dict[str, tuple[Any, Callable[[Any], object]]] = {
    "subclass": (Items([1]), lambda one: one.append(2)),
    "ordered": (OrderedDict(a=1, b=2), lambda one: one.move_to_end("a")),
    "set": ({1}, lambda one: one.add(2)),
    "set of a subclass": (Names([1]), lambda one: one.add(2)),
    "deque": (deque([1]), lambda one: one.append(2)),
    "bytearray": (bytearray(b"a"), lambda one: one.extend(b"b")),
    "exception": (KeyError(1), lambda one: setattr(one, "args", (2,))),
    "slot": (Slotted(1), lambda one: setattr(one, "a", 2)),
    "slot that was empty": (Slotted([]), lambda one: setattr(one, "b", 2)),
    "slot that is emptied": (Slotted(1), lambda one: delattr(one, "a")),
    "in a slot": (Slotted([1]), lambda one: one.a.append(2)),
    "slot of a subclass": (AlsoSlotted([1]), lambda one: setattr(one, "b", 2)),
    "beside the slots": (AlsoSlotted([1]), lambda one: setattr(one, "c", 2)),
    "slot of no class": (type("Gone", (), {"__slots__": ("a", "b")})(), without_slot),
    "with a dictionary": (with_its_dictionary(Plain(a=[1])), lambda one: one.a.append(2)),
    "in the dictionary": (with_its_dictionary(Plain(a=1)), lambda one: setattr(one, "a", 2)),
    "of the dictionary": (with_its_dictionary(Plain(a=1)), lambda one: vars(one).update(a=2)),
    "dictionary's order": (with_its_dictionary(Plain(a=1, b=2)), put_behind),
    "other dictionary": (with_its_dictionary(Plain(a=1)), other_dictionary),
    "first attribute": (partial(len), lambda one: setattr(one, "a", 2)),
    "function": (named, renamed),
    "class": (type("Named", (), {}), renamed),
    "method": (order().told, lambda one: renamed(one.__func__)),
    "text": (Label("a"), lambda one: setattr(one, "__class__", OtherLabel)),
    "withheld": (
        {"password": Sheet(1, [], 2.0)},
        lambda one: setattr(one["password"], "__class__", Other),
    ),
    "withheld of another type": (Plain(token=[1]), lambda one: setattr(one, "token", (1,))),
    "withheld and its class renamed": (
        {"token": type("Named", (), {})()},
        lambda one: renamed(type(one["token"])),
    ),
    "module": (ModuleType("before"), lambda one: setattr(one, "__name__", "after")),
    "namespace": (SimpleNamespace(a=1), lambda one: setattr(one, "a", 2)),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_has_changed_is_read_anew(name: str) -> None:
    writer, (one, change) = EchoWriter(WIDE), CHANGED[name]
    values = [one, [one], (one,), {"k": one}, Sheet(1, [one], 2.0), [{"k": {"k": one}}]]
    for value in [*values, *values]:
        writer.write(value)
    change(one)
    for value in values:
        writer.write(value)


class Tree:
    """Its nodes know the one that they are in."""

    def __init__(self, parent: "Tree | None", depth: int) -> None:
        self.parent = parent
        self.children = [Tree(self, depth - 1) for _ in range(3)] if depth else []


def patterns() -> Any:
    return {"rules": [re.compile("a+"), re.compile("b" * 300)], "skip": {"x", "y"}}


def functions() -> Any:
    return Plain(call=functions, kind=Tree, abstract=Abstract, built_in=len, colour=Colour.RED)


def named_also(one: Any, *values: object) -> Any:
    """With as many attributes in its namespace."""
    for number, value in enumerate(values):
        setattr(one, f"n{number}", value)
    return one


class Bare:
    __slots__ = ()


class Abstract(abc.ABC):  # noqa: B024 - for its metaclass
    """Has another metaclass than `type`."""


class Colour(enum.Enum):
    """Members hold their class."""

    RED = 1


LARGE: dict[str, Callable[[], Any]] = {
    "more items than are shown": lambda: list(range(300)),
    "more bytes than are shown": lambda: [f"text {number}" for number in range(40)],
    "deeper than is shown": lambda: {"a": {"b": {"c": {"d": {"e": {"f": [1]}}}}}},
    "a long text": lambda: {"text": "word " * 1000, "rest": [1]},
    "a long text by itself": lambda: "word " * 1000,
    "long bytes by itself": lambda: b"word " * 1000,
    "texts of a subclass": lambda: [Label("a"), Label("é"), {"k": Label("b" * 300)}],
    "a text of a subclass": lambda: Label("a" * 20),
    "modules and methods": lambda: [
        re,
        {"enum": enum},
        order().told,
        Plain(m=line, c=order().told),
    ],
    "bytes": lambda: ("head", b"word " * 1000),
    "inside of itself": lambda: Tree(None, 3).children[1],
    "one object twice": lambda: [both := [1, 2], {"both": both}, both],
    "a secret": lambda: [{"password": "hidden", "user": "x"}, "Bearer " + "t" * 40],
    "secrets that are no text": lambda: [{"password": order()}, Plain(token=[1], n=line())],
    "a set and a deque": lambda: [{"a", "b"}, frozenset("cd"), deque([1, [2]])],
    "a set of a subclass": lambda: [Kinds("ab"), {"k": Kinds([(1, 2)])}],
    "integers of any size": lambda: [1 << 59, 1 << 60, 1 << 63, (1 << 64) - 1, 1 << 64, -1 << 70],
    "a named tuple": lambda: [Point(1, [2]), Items([1]), OrderedDict(a=1)],
    "constants": lambda: [Decimal("1.5"), date(2026, 1, 2), datetime(2026, 1, 2, tzinfo=UTC)],
    "slots": lambda: [Slotted(Slotted(1)), Slotted([1]), Slotted(len), Slotted("x" * 3000)],
    "slots and a namespace": lambda: [named_also(AlsoSlotted([1]), [2]), AlsoSlotted({"a": 1})],
    "slots and a dictionary": lambda: with_its_dictionary(named_also(AlsoSlotted([1]), [2])),
    "a long dictionary and slots": lambda: named_also(AlsoSlotted([1]), *range(40), [2], [3]),
    "attributes and their dictionary": lambda: [with_its_dictionary(Plain(a=1, b=[2])), Plain(a=3)],
    "without an attribute": lambda: [partial(len), Bare(), threading.Lock(), object()],
    "patterns": patterns,
    "functions and classes": functions,
}


@pytest.mark.parametrize("name", LARGE)
def test_what_is_large_or_known_by_a_name_is_echoed_as_well(name: str) -> None:
    writer, value = EchoWriter(Limits()), LARGE[name]()
    # Types are looked at, and patterns told, when they are first met.
    writer.write(value)
    writer.write(value)
    for _ in range(3):
        assert len(writer.write(value)) == 10


@pytest.mark.parametrize("name", LARGE)
def test_what_is_cut_is_written_anew_where_it_would_be_cut_elsewhere(name: str) -> None:
    value = LARGE[name]()
    around = [value, [value], [[value]], [[[value]]], {"k": [1, value]}, Plain(a=value, b=value)]
    around += [["x" * size, value] for size in (300, 600, 900, 950)]
    for limits in (Limits(), Limits(max_depth=2, max_items=5, max_value_bytes=200)):
        writer = EchoWriter(limits)
        for one in [*around, *around, *reversed(around), around, around]:
            writer.write(one)


def test_what_changes_behind_a_cut_is_no_change() -> None:
    writer, value = EchoWriter(Limits(max_items=3)), [[1], [2], [3], [4]]
    writer.write(value)
    value[3] = [5]
    assert len(writer.write(value)) == 10
    value[2] = [5]
    assert len(writer.write(value)) > 10
    value.append([6])
    assert len(writer.write(value)) > 10


class Point(NamedTuple):
    """Told by its fields."""

    x: int
    y: list[int]


def test_no_container_is_kept_alive() -> None:
    writer, parts = EchoWriter(WIDE), [line(), order(), [1, 2], (1, [2]), Tree(None, 2)]
    before = [sys.getrefcount(part) for part in parts]
    for _ in range(3):
        for place in range(len(parts)):
            writer.write(parts[place])
        writer.write(parts)
    assert [sys.getrefcount(part) for part in parts] == before


@pytest.mark.parametrize("within", [lambda text: [text], lambda text: text])
def test_no_more_than_two_megabytes_of_long_text_are_kept_alive(
    within: Callable[[str], object],
) -> None:
    writer, texts = EchoWriter(WIDE), ["x" * 100_000 + str(number) for number in range(50)]
    values = [within(text) for text in texts]
    before = sum(map(sys.getrefcount, texts))
    for place in range(len(values)):
        writer.append(values[place])
    assert 10 < sum(map(sys.getrefcount, texts)) - before <= 20
    writer.begin_segment()
    assert sum(map(sys.getrefcount, texts)) - before <= 10


@given(st.lists(strategies.values, min_size=1, max_size=4), strategies.limits)
def test_any_value_comes_out_of_its_echoes(values: list[object], limits: Limits) -> None:
    writer = EchoWriter(limits)
    for value in [*values, *values, values, values]:
        writer.write(value)


@given(st.integers(0, 2**32), strategies.limits)
def test_any_changes_are_told(seed: int, limits: Limits) -> None:
    for chosen in (limits, WIDE):
        Changes(seed, EchoWriter(chosen)).run(60)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_a_million_echoes_leave_nothing_behind() -> None:
    writer, values = EchoWriter(WIDE), [line() for _ in range(50)]
    sizes = []
    for turn in range(3):
        for number in range(350_000):
            value = values[number % 50]
            if number % 5 == 0:
                value["stock"]["left"] = number / 7
            writer.append(value)
            if number % 5000 == 0:
                writer.begin_segment()
        gc.collect()
        sizes.append((_resident(), sys.getallocatedblocks()))
        assert turn >= 0
    assert sizes[2][0] - sizes[1][0] < 2_000_000
    assert sizes[2][1] - sizes[1][1] < 500
