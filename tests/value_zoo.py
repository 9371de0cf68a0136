"""`ZOO`: a value of every kind, for tests of what captures values. Test support only."""

import array
import collections
import datetime as dt
import decimal
import enum
import fractions
import functools
import pathlib
import re
import struct
import types
import uuid
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Integer, String
from sqlalchemy.orm import DeclarativeBase, mapped_column


class Plain:
    def __init__(self, **attributes: object) -> None:
        for name, value in attributes.items():
            setattr(self, name, value)

    def method(self) -> None: ...


class Slotted:
    __slots__ = ("a", "password")
    a: object
    password: object


class SlottedChild(Slotted):
    __slots__ = ("__dict__", "__hidden", "c")
    c: object


class Child(Plain):
    pass


class ListChild(list[Any]):
    pass


class TupleChild(tuple[Any, ...]):
    __slots__ = ()


class DictChild(dict[Any, Any]):
    def __len__(self) -> int:
        return 99


class SetChild(set[Any]):
    pass


class FrozenChild(frozenset[Any]):
    pass


class DequeChild(collections.deque[Any]):
    pass


class TextChild(str):
    __slots__ = ()


class BytesChild(bytes):
    pass


class IntChild(int):
    pass


class FloatChild(float):
    pass


class FailureError(ValueError):
    pass


class Pair(NamedTuple):
    first: object
    api_key: object


@dataclass
class Point:
    x: object
    y: object


@dataclass(slots=True, frozen=True)
class Frozen:
    token: object


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


class Word(enum.StrEnum):
    AUTH = "authorization"


class Meta(type):
    pass


class Made(metaclass=Meta):
    pass


class Zone(dt.tzinfo):
    def utcoffset(self, _: object) -> dt.timedelta:
        return dt.timedelta(0)

    def dst(self, _: object) -> dt.timedelta:
        return dt.timedelta(0)

    def tzname(self, _: object) -> str:
        return "zone"


class Meeting(dt.datetime):
    pass


class FakePath:
    __module__ = "pathlib"
    __qualname__ = "PosixPath"


def _made(kind: type, **slots: object) -> object:
    made: object = object.__new__(kind)
    for name, value in slots.items():
        setattr(made, name, value)
    return made


def _nothing(_: object) -> None: ...


def _caused() -> BaseException:
    error = FailureError("outer", {"password": 1})
    error.__cause__ = KeyError("inner")
    error.note = "attributes of exceptions are not told"  # type: ignore[attr-defined]
    return error


def _odd_namespace() -> Plain:
    odd = Plain(a=1)
    vars(odd).update({TextChild("password"): 1, 7: 2, "x" * 300: 3})  # type: ignore[dict-item]
    return odd


def _without_first() -> Plain:
    partly = Plain(a=1, b=2, c=3)
    del partly.a  # type: ignore[attr-defined]
    return partly


def _reclassed() -> Plain:
    made = Plain(a=1, b=2)
    made.__class__ = Child
    return made


def _with_own_dictionary(kind: type[dict[str, object]]) -> Plain:
    made = Plain(a=1)
    made.__dict__ = kind(b=2)
    return made


def _without_dictionary() -> Plain:
    made = Plain(a=1)
    del made.__dict__
    return made


def _asked() -> Plain:
    made = Plain(a=1, b=2)
    vars(made)["c"] = 3
    del made.a  # type: ignore[attr-defined]
    return made


def _of_no_module() -> object:
    scope: dict[str, Any] = {}
    exec("made = type('Made', (), {})()", scope)
    return scope["made"]


def _no_path() -> object:
    return object.__new__(pathlib.PurePosixPath)


def _reordered() -> collections.OrderedDict[str, int]:
    ordered = collections.OrderedDict(a=1, b=2)
    ordered.move_to_end("a")
    return ordered


def _thinned() -> set[object]:
    thin: set[object] = set(range(40))
    for number in range(30):
        thin.discard(number)
    return thin


class Mapped(DeclarativeBase):
    """The base of what SQLAlchemy maps."""


class Order(Mapped):
    __tablename__ = "orders"

    number = mapped_column(Integer, primary_key=True)
    customer = mapped_column(String)


ZOO: dict[str, object] = {
    **{repr(one): one for one in (None, True, False, 0, 1, -1, -32, -33, 127, 128, 255, 256)},
    **{f"2**{n}{d:+}": 2**n + d for n in (7, 15, 16, 31, 32, 63, 64, 70) for d in (-1, 0, 1)},
    **{f"-2**{n}{d:+}": -(2**n) + d for n in (5, 7, 15, 31, 63, 64, 70) for d in (-1, 0, 1)},
    "huge integer": 1 << 14_000,
    **{f"float {one!r}": one for one in (0.0, -0.0, 1.5, 1e300, 5e-324, float("inf"))},
    "payload of a NaN": struct.unpack(">d", bytes.fromhex("7ff8000000c0ffee"))[0],
    **{f"text {one[:9]!r}": one for one in ("", "a", "ä" * 40, "€" * 30, "\U0001f600" * 20)},
    **{f"{n} characters": "x" * n for n in (15, 16, 31, 32, 255, 256, 992, 993, 5000)},
    **{f"{n} umlauts": "ä" * n for n in (127, 128, 496, 497, 5000)},
    **{f"surrogate {one!a}": one for one in ("\udc80", "a\ud800b", "\ud83d\ude00" * 200)},
    "credential": "ghp_" + "a1B2" * 9,
    "bytes": b"\xff\0",
    "mapped by SQLAlchemy": Order(number=1, customer="me"),
    "long bytes": bytes(range(256)) * 9,
    "bytearray": bytearray(b"ab"),
    "long bytearray": bytearray(5000),
    "complex": 1 - 2j,
    "list": [1, [2, [3, [4, [5, [6]]]]]],
    "long list": list(range(99)),
    "tuple": (1, ("x", ())),
    "dictionary": {"a": 1, 2: {None: (3,)}, "password": "p", b"token": 1, TextChild("pin"): 2},
    "wide dictionary": {f"key{n}": n for n in range(99)},
    "set": {1, "a", None},
    "thinned set": _thinned(),
    "frozenset": frozenset({(1, 2)}),
    "defaultdict": collections.defaultdict(list, a=[1]),
    "ordered": _reordered(),
    "counter": collections.Counter("aab"),
    "chain map": collections.ChainMap({"a": 1}),
    "user dict": collections.UserDict(a=1),
    "deque": collections.deque([1, [2]], maxlen=5),
    "children": [
        *(ListChild([1]), TupleChild((1,)), DictChild(a=1), SetChild({1}), FrozenChild({1})),
        *(DequeChild([1]), TextChild("ä"), BytesChild(b"b"), IntChild(2**70), FloatChild(0.5)),
    ],
    "pair": Pair(1, "hunter2"),
    "object": object(),
    "plain": Plain(a=1, password="p", nested=Plain(b=[])),
    "empty": Plain(),
    "child": Child(z=1, a=2),
    "partly": _without_first(),
    "odd namespace": _odd_namespace(),
    "many attributes": Plain(**{f"a{n}": n for n in range(40)}),
    "of another class": _reclassed(),
    "own dictionary": _with_own_dictionary(dict),
    "dictionary of a subclass": _with_own_dictionary(DictChild),
    "dictionary deleted": _without_dictionary(),
    "dictionary asked for": _asked(),
    "made": Made(),
    "of no module": [_of_no_module(), type(_of_no_module())],
    "slotted": _made(Slotted, a=1, password="p"),
    "slots not set": _made(Slotted),
    "slotted child": _made(SlottedChild, c=1, d=2, a=3),
    "dataclass": Point(1, [2]),
    "frozen": Frozen("t"),
    "enums": [Colour.RED, Level.HIGH, Rights.READ | Rights.WRITE, Rights(0), Word.AUTH],
    "exceptions": [
        KeyError("k", 1),
        FailureError(),
        _caused(),
        ExceptionGroup("g", [OSError(2, "n")]),
    ],
    "classes": [int, Plain, Made, Meta, Colour, type, ValueError, collections.OrderedDict],
    "functions": [len, print, [].append, {}.get, str.join, Plain.method, lambda: 0, iter],
    "methods": [Plain().method, dict.fromkeys, classmethod(_nothing), functools.partial(len, [])],
    "method of no function": types.MethodType(len, []),
    "modules": [re, struct, types.ModuleType("made")],
    "iterators": [iter([1]), (n for n in [1]), map(str, ()), range(3), zip(), enumerate(())],
    "views": [{}.keys(), {}.items(), memoryview(b"m"), types.MappingProxyType({"a": 1})],
    "namespace": types.SimpleNamespace(a=1),
    "singletons": [..., NotImplemented],
    "array": array.array("d", [1.0]),
    "moments": [
        dt.datetime(2026, 1, 2, 3),  # noqa: DTZ001
        dt.datetime(2026, 1, 2, 3, tzinfo=dt.UTC),
        dt.datetime(2026, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=1), "one")),
        dt.datetime(2026, 1, 2, tzinfo=Zone()),
        Meeting(2026, 1, 2),
        *(dt.time(1, 2, fold=1), dt.time(1, tzinfo=dt.UTC), dt.date(2026, 1, 2)),
        *(dt.timedelta(1, 2, 3), dt.UTC, dt.timezone(dt.timedelta(hours=1)), Zone()),
    ],
    "numbers": [decimal.Decimal("1.50"), decimal.Decimal("nan"), fractions.Fraction(1, 3)],
    "ids": [uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), uuid.UUID.__new__(uuid.UUID)],
    "paths": [pathlib.PurePosixPath(one) for one in ("/a/b", "a", "/", ".", "é'\udc80", "a//b/..")],
    "more paths": [pathlib.PurePosixPath("/a", "b") / "c", pathlib.Path("a").parent, _no_path()],
    "paths of others": [pathlib.PureWindowsPath("c:/a"), FakePath()],
    "patterns": [re.compile("a+"), re.compile(b"b"), re.compile("x", re.IGNORECASE)],
}


def _cyclic() -> list[object]:
    cycle: list[object] = [1]
    again = Plain(cycle=cycle)
    again.self = again  # type: ignore[attr-defined]
    cycle.extend([cycle, {"again": cycle}, again, DequeChild([cycle])])
    return cycle


ZOO["cycle"] = _cyclic()
ZOO["all of it"] = {name: value for name, value in ZOO.items() if name != "cycle"}
