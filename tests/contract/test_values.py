"""A value is written as it is: bounded, redacted, and without running any of its code.

Every test runs with the Python core and with the native one.
"""

import ctypes
import datetime as dt
import decimal
import enum
import fractions
import pathlib
import re
import sys
import threading
import time
import types
import uuid
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgpack
import pytest

from rewind.capture.walk import Limits
from rewind.model.values import Omission, Redaction, Tag
from tests.spool_reading import Node, plain
from tests.value_writers import WRITERS, Writer
from tests.value_zoo import Order


class Chosen:
    """The core that the running test is about."""

    core = "python"


@pytest.fixture(params=WRITERS, autouse=True)
def _each_core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Chosen, "core", request.param)


def writer(**limits: int) -> Writer:
    return WRITERS[Chosen.core](Limits(**limits))


def raw(value: object, **limits: int) -> Any:
    """Return the value as it was written, nodes as tuples."""
    return written(value, **limits)[0]


def written(value: object, **limits: int) -> tuple[Any, int, int]:
    """Return what was written, how many secrets were withheld, and how many bytes it took."""
    data, redacted = writer(**limits).write(value)
    unpacked = msgpack.unpackb(
        data, use_list=False, strict_map_key=False, unicode_errors="surrogatepass"
    )
    return unpacked, redacted, len(data)


def shown(value: object, **limits: int) -> Any:
    return plain(raw(value, **limits))


def omitted(reason: Omission) -> Node:
    return Node(Tag.OMITTED, (reason,))


class Plain:
    def __init__(self, **attributes: object) -> None:
        self.__dict__.update(attributes)

    def method(self) -> None: ...


class Slotted:
    __slots__ = ("a", "b")
    a: int


class SlottedChild(Slotted):
    __slots__ = ("__dict__", "c")
    c: int
    d: int


class Colour(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    HIGH = 3


class Pair(NamedTuple):
    first: int
    password: str


@dataclass
class Point:
    x: int
    y: int


def function() -> None: ...


SELF = {
    "none": None,
    "true": True,
    "false": False,
    "zero": 0,
    "small": 127,
    "byte": 255,
    "negative": -33,
    "largest of 64 bits": 2**64 - 1,
    "smallest of 64 bits": -(2**63),
    "float": 0.1,
    "infinity": float("inf"),
    "text": "ä\n\0",
    "surrogate": "\udc80",
    "bytes": b"\xff\0",
    "list": [1, [2, []]],
    "tuple": (1, ("x",)),
    "dictionary": {"a": 1, 2: {None: (3,)}},
    "beyond 64 bits": 2**70,
    "beyond 64 bits, negative": -(2**64),
}


@pytest.mark.parametrize("name", SELF)
def test_builtin_value_comes_back_as_it_was(name: str) -> None:
    assert shown(SELF[name]) == SELF[name]
    assert type(shown(SELF[name])) is type(SELF[name])


NODES: dict[str, tuple[object, Node]] = {
    "bytearray": (bytearray(b"ab"), Node(Tag.BYTEARRAY, (2, b"ab"))),
    "complex": (1 + 2j, Node(Tag.COMPLEX, (1.0, 2.0))),
    "class": (Plain, Node(Tag.TYPE, (f"{__name__}.Plain",))),
    "builtin class": (int, Node(Tag.TYPE, ("builtins.int",))),
    "class of a metaclass": (Colour, Node(Tag.TYPE, (f"{__name__}.Colour",))),
    "function": (function, Node(Tag.FUNCTION, (f"{__name__}.function",))),
    "method": (Plain().method, Node(Tag.FUNCTION, (f"{__name__}.Plain.method",))),
    "builtin function": (len, Node(Tag.FUNCTION, ("builtins.len",))),
    "builtin method": ([].append, Node(Tag.FUNCTION, ("builtins.list.append",))),
    "module": (re, Node(Tag.MODULE, ("re",))),
    "exception": (KeyError("k", 1), Node(Tag.EXCEPTION, ("builtins.KeyError", "k", 1))),
    "instance": (Plain(a=1), Node(Tag.INSTANCE, (f"{__name__}.Plain", {"a": 1}))),
    "dataclass": (Point(1, 2), Node(Tag.INSTANCE, (f"{__name__}.Point", {"x": 1, "y": 2}))),
    "object": (object(), Node(Tag.OPAQUE, ("builtins.object",))),
    "mapped by SQLAlchemy": (
        Order(number=1, customer="me"),
        Node(
            Tag.INSTANCE,
            (
                "tests.value_zoo.Order",
                {
                    "_sa_instance_state": Node(Tag.OPAQUE, ("sqlalchemy.orm.state.InstanceState",)),
                    "number": 1,
                    "customer": "me",
                },
            ),
        ),
    ),
    "iterator": (iter([1]), Node(Tag.OPAQUE, ("builtins.list_iterator",))),
    "enum": (Colour.RED, Node(Tag.KNOWN, (f"{__name__}.Colour", "Colour.RED"))),
    "enum of numbers": (Level.HIGH, Node(Tag.KNOWN, (f"{__name__}.Level", "Level.HIGH"))),
    "defaultdict": (
        defaultdict(list, a=[1]),
        Node(Tag.SUBCLASS, ("collections.defaultdict", {"a": [1]})),
    ),
    "OrderedDict": (OrderedDict(a=1), Node(Tag.SUBCLASS, ("collections.OrderedDict", {"a": 1}))),
    "Counter": (Counter("aa"), Node(Tag.SUBCLASS, ("collections.Counter", {"a": 2}))),
    "deque": (deque([1, 2]), Node(Tag.SUBCLASS, ("collections.deque", [1, 2]))),
    "tuple of names": (
        time.gmtime(0),
        Node(Tag.SUBCLASS, ("time.struct_time", (1970, 1, 1, 0, 0, 0, 3, 1, 0))),
    ),
    "datetime": (
        dt.datetime(2026, 1, 2, 3, tzinfo=dt.timezone.utc),  # noqa: UP017
        Node(
            Tag.KNOWN,
            (
                "datetime.datetime",
                "datetime.datetime(2026, 1, 2, 3, 0, tzinfo=datetime.timezone.utc)",
            ),
        ),
    ),
    "timedelta": (
        dt.timedelta(days=1),
        Node(Tag.KNOWN, ("datetime.timedelta", "datetime.timedelta(days=1)")),
    ),
    "Decimal": (
        decimal.Decimal("1.50"),
        Node(Tag.KNOWN, ("decimal.Decimal", "Decimal('1.50')")),
    ),
    "UUID": (
        uuid.UUID(int=1),
        Node(Tag.KNOWN, ("uuid.UUID", "UUID('00000000-0000-0000-0000-000000000001')")),
    ),
    "range": (range(2, 5), Node(Tag.KNOWN, ("builtins.range", "range(2, 5)"))),
    "pattern": (re.compile("a+"), Node(Tag.KNOWN, ("re.Pattern", "re.compile('a+')"))),
    "ellipsis": (..., Node(Tag.KNOWN, ("builtins.ellipsis", "Ellipsis"))),
}


@pytest.mark.parametrize("name", NODES)
def test_other_value_is_a_node_of_its_kind(name: str) -> None:
    value, expected = NODES[name]
    assert shown(value) == expected


def test_path_shows_its_text() -> None:
    for path in ("/a/b", "a/b", "/", "."):
        node = shown(pathlib.PurePosixPath(path))
        assert node.tag is Tag.KNOWN
        assert node.rest[1] == f"PurePosixPath({path!r})"


def test_set_has_its_items_in_any_order() -> None:
    assert sorted(shown({1, 2})) == [1, 2]
    assert raw(frozenset([1]))[0] == Tag.FROZENSET


def test_fraction_shows_its_slots() -> None:
    node = shown(fractions.Fraction(1, 3))
    assert node.rest[1] == {"_numerator": 1, "_denominator": 3}


def test_slots_are_shown_where_they_are_set() -> None:
    child = SlottedChild()
    child.a, child.c, child.d = 1, 3, 4
    assert shown(child).rest == (f"{__name__}.SlottedChild", {"d": 4, "c": 3, "a": 1})


def test_identity_tells_the_same_object_from_an_equal_one() -> None:
    same: list[int] = []
    _, _, _, first, second, third = raw([same, same, []])
    assert first[1] == second[1] == id(same) != third[1]


def test_cycle_is_marked_and_a_repetition_is_not() -> None:
    cycle: list[object] = [1]
    cycle.append({"again": cycle})
    twice = [1]
    assert shown(cycle) == [1, {"again": Node(Tag.SEEN, ())}]
    assert shown([twice, twice]) == [[1], [1]]
    instance = Plain()
    instance.self = instance  # type: ignore[attr-defined]
    assert shown(instance).rest[1] == {"self": Node(Tag.SEEN, ())}


def test_depth_is_bounded_and_says_so() -> None:
    deepest = {"d": [omitted(Omission.DEPTH)]}
    assert shown([{"d": [1]}], max_depth=2) == [deepest]
    assert shown([(), Plain(), KeyError(1), {}], max_depth=1)[1:] == [
        Node(Tag.INSTANCE, (f"{__name__}.Plain", {"...": omitted(Omission.DEPTH)})),
        Node(Tag.EXCEPTION, ("builtins.KeyError", omitted(Omission.DEPTH))),
        {"...": omitted(Omission.DEPTH)},
    ]


def test_items_are_bounded_and_the_true_size_stays() -> None:
    assert raw(list(range(9)), max_items=2)[2] == 9
    assert shown(list(range(9)), max_items=2) == [0, 1, omitted(Omission.ITEMS)]
    assert shown(dict.fromkeys("abc"), max_items=1) == {"a": None, "...": omitted(Omission.ITEMS)}
    assert raw(Plain(a=1, b=2, c=3), max_items=2)[3] == 3
    exception = shown(ValueError(1, 2, 3), max_items=1)
    assert exception.rest[1:] == (1, omitted(Omission.ITEMS))


class Marked(set[int]):
    """A subclass whose instances are larger than a set."""


@pytest.mark.parametrize("kind", [set, frozenset, Marked])
def test_no_item_is_looked_for_in_a_set_with_very_many_places(kind: type[set[int]]) -> None:
    """The loop that takes one after the other would be slower with each that is gone."""
    widest, wider = kind(range(65_000)), kind(range(140_000))
    assert _items_of(widest, max_items=1) == (0, (Tag.OMITTED, Omission.ITEMS))
    assert _items_of(wider) == ((Tag.OMITTED, Omission.ITEMS),)
    assert _items_of(wider, max_depth=0) == ((Tag.OMITTED, Omission.DEPTH),)
    if isinstance(wider, set):
        while len(wider) > 1:
            wider.pop()
        assert _items_of(wider) == ((Tag.OMITTED, Omission.ITEMS),)
        wider.pop()
        assert _items_of(wider) == ()


def _items_of(value: object, **limits: int) -> Any:
    node = raw(value, **limits)
    return (node[2] if node[0] == Tag.SUBCLASS else node)[3:]


def test_bytes_are_bounded_and_say_so() -> None:
    assert shown(["x" * 40, "y" * 40, "z"], max_value_bytes=60)[-1] == omitted(Omission.BYTES)
    many = [["abc"] * 50] * 50
    _, _, size = written(many, max_value_bytes=300)
    assert size < 300 + 100


@pytest.mark.parametrize("character", ["x", "ä", "€", "\U0001f600", "\udc80"])
def test_text_is_cut_to_bytes_and_keeps_its_true_size(character: str) -> None:
    node, _, size = written(character * 5000, max_value_bytes=1000)
    assert node[:2] == (Tag.TEXT, 5000)
    assert set(node[2]) == {character}
    assert 900 < size <= 1000


def test_text_just_within_the_budget_is_whole() -> None:
    for text in ("x" * 992, "ä" * 496, "€" * 330):
        assert shown(text, max_value_bytes=1000) == text


def test_long_bytes_and_integers_keep_their_true_size() -> None:
    assert raw(b"a" * 5000, max_value_bytes=100)[:2] == (Tag.BYTES, 5000)
    assert raw(bytearray(5000), max_value_bytes=100)[2] == 5000
    assert raw(1 << 100_000) == (Tag.INTEGER, 100_001, "")


def test_subclasses_of_scalars_show_their_builtin_half() -> None:
    class Text(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "lies"

        def __len__(self) -> int:
            return 99

    class Number(int):
        def __index__(self) -> int:
            return 99

    class Real(float):
        def __float__(self) -> float:
            return 99.0

    class Data(bytes):
        def __getitem__(self, _: object) -> Any:
            return b"lies"

    told = [shown(one).rest[1] for one in (Text("t"), Number(1), Real(0.5), Data(b"d"))]
    assert told == ["t", 1, 0.5, b"d"]
    assert [type(one) for one in told] == [str, int, float, bytes]


# Redaction

TOKEN = "ghp_" + "a1B2" * 9
CREDENTIALS = [
    TOKEN,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    "-----BEGIN RSA PRIVATE KEY-----\nMII",
    "AKIAIOSFODNN7EXAMPLE",
    "Bearer abcdefghijklmnop",
    "postgresql://me:hunter2@host/db",
]


def secret(kind: str, reason: Redaction = Redaction.NAME) -> Node:
    return Node(Tag.REDACTED, (reason, f"builtins.{kind}"))


def test_named_secrets_are_withheld_at_any_depth_and_counted() -> None:
    value = [{"user": "u", "apiKey": "k", "deep": [{"X-Auth-Token": 1}]}, Plain(password=None)]
    node, redacted, _ = written(value)
    assert plain(node) == [
        {"user": "u", "apiKey": secret("str"), "deep": [{"X-Auth-Token": secret("int")}]},
        Node(Tag.INSTANCE, (f"{__name__}.Plain", {"password": secret("NoneType")})),
    ]
    assert redacted == 3


def test_secret_slot_and_field_are_withheld() -> None:
    class Account:
        __slots__ = ("__secret", "user")

        def __init__(self) -> None:
            self.user, self.__secret = "u", "s"

    assert set(shown(Account()).rest[1].values()) == {"u", secret("str")}
    assert shown(Pair(1, "hunter2")).rest[1] == (1, secret("str"))


def test_key_is_a_name_whatever_kind_of_text_it_is() -> None:
    class Key(str):
        __slots__ = ()

    class Header(str, enum.Enum):  # noqa: UP042 - the form that older programs use
        AUTH = "authorization"

    for key in (Key("password"), b"password", Header.AUTH):
        assert written({key: "hunter2"})[1] == 1


@pytest.mark.parametrize("text", CREDENTIALS)
def test_credentials_are_withheld_wherever_they_stand(text: str) -> None:
    assert shown(text) == secret("str", Redaction.PATTERN)
    assert shown(f"header: {text}\n") == secret("str", Redaction.PATTERN)
    assert shown(text.encode()) == secret("bytes", Redaction.PATTERN)
    assert shown(ValueError(text)).rest[1] == secret("str", Redaction.PATTERN)
    assert written({text: 1})[1] >= 1


def test_credential_across_the_cut_is_withheld() -> None:
    for place in (980, 990):
        long = "x" * place + " " + TOKEN + "y" * 9000
        assert shown(long, max_value_bytes=1000) == secret("str", Redaction.PATTERN)


def test_long_text_is_not_searched_to_its_end() -> None:
    assert shown("x" * 9000 + TOKEN, max_value_bytes=100).tag is Tag.TEXT


# Looking must not touch


class Touched(BaseException):
    """An error that no `except Exception` swallows: something ran the object's code."""


def hostile(*names: str) -> Any:
    """Return a class whose methods of these names tell that they were run."""

    def touch(*_: object, **__: object) -> Any:
        raise Touched

    return type("Hostile", (), dict.fromkeys(names, touch))


DANGEROUS = [
    *("__repr__", "__str__", "__format__", "__bytes__", "__hash__", "__eq__", "__ne__", "__lt__"),
    *("__bool__", "__len__", "__length_hint__", "__iter__", "__next__", "__contains__"),
    *("__getitem__", "__getattr__", "__getattribute__", "__dir__", "__index__", "__int__"),
    *("__float__", "__complex__", "__call__", "__get__", "__enter__", "__reduce__", "__sizeof__"),
    *("__instancecheck__", "__subclasscheck__", "__reduce_ex__", "__getstate__", "__copy__"),
    *("__array__", "__dataframe__", "__missing__", "keys", "items", "values", "__fspath__"),
]


def test_object_of_a_type_that_the_interpreter_has_not_finished_is_told_by_type() -> None:
    """The type of code positions has no `__mro__` on Python 3.11."""
    positions = shown.__code__.co_positions()
    assert shown(positions) == Node(Tag.OPAQUE, (f"builtins.{type(positions).__qualname__}",))


def test_hostile_object_is_told_by_type_and_attributes() -> None:
    value = object.__new__(hostile(*DANGEROUS))
    object.__setattr__(value, "x", 1)
    assert shown([value, (value,), {"k": value}])[0] == Node(
        Tag.INSTANCE, (f"{__name__}.Hostile", {"x": 1})
    )


@pytest.mark.parametrize(
    "base", [list, tuple, dict, set, frozenset, deque, str, bytes, int, float, ValueError]
)
def test_hostile_subclass_of_a_builtin_shows_its_builtin_half(base: type) -> None:
    def touch(*_: object, **__: object) -> Any:
        raise Touched

    names = [name for name in DANGEROUS if name != "__getattribute__"]
    kind = type("Hostile", (base,), dict.fromkeys([*names, "args", "__getattribute__"], touch))
    make: Any = base.__new__
    node = shown([make(kind), 1])
    assert node[0].tag in (Tag.SUBCLASS, Tag.EXCEPTION)
    assert node[1] == 1


def test_hostile_class_is_told_by_name() -> None:
    methods = {name: vars(hostile(name))[name] for name in DANGEROUS}
    evil = type("Meta", (type,), methods)
    kind = type.__call__(evil, "Evil", (), {})
    assert shown(kind) == Node(Tag.TYPE, (f"{__name__}.Evil",))
    value = object.__new__(kind)
    assert shown(value) == Node(Tag.INSTANCE, (f"{__name__}.Evil", {}))
    assert shown([].append) == Node(Tag.FUNCTION, ("builtins.list.append",))
    listed = type.__call__(evil, "Listed", (list,), {})
    assert shown(list.__new__(listed).append).tag is Tag.FUNCTION


def test_dict_and_class_properties_are_not_run() -> None:
    def touch(_: object) -> Any:
        raise Touched

    names = ("__class__", "__dict__", "computed")
    sly = type("Sly", (), dict.fromkeys(names, property(touch)))
    assert shown(sly()) == Node(Tag.OPAQUE, (f"{__name__}.Sly",))


class Definition(ctypes.Structure):
    """`PyGetSetDef` of the interpreter."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("get", ctypes.c_void_p),
        ("set", ctypes.c_void_p),
        ("doc", ctypes.c_char_p),
        ("closure", ctypes.c_void_p),
    )


def test_dict_of_an_extension_is_not_asked_for() -> None:
    asked: list[object] = []

    def get(value: object, _: object) -> dict[str, object]:
        asked.append(value)
        return {"made": "by asking"}

    kind = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object, ctypes.c_void_p)
    get_in_c = kind(get)
    definition = Definition(b"__dict__", ctypes.cast(get_in_c, ctypes.c_void_p))
    new_getter = kind(("PyDescr_NewGetSet", ctypes.pythonapi))
    getter = new_getter(object, ctypes.addressof(definition))
    Proxy = type("Proxy", (), {"__dict__": getter})  # noqa: N806 - a class
    Derived = type("Derived", (Proxy,), {})  # noqa: N806 - a class
    assert shown(Proxy()).tag in {Tag.INSTANCE, Tag.OPAQUE}
    assert shown(Derived()).tag in {Tag.INSTANCE, Tag.OPAQUE}
    assert not asked
    assert vars(Derived()) == {"made": "by asking"}


def test_generators_and_iterators_are_not_consumed() -> None:
    generator = (i for i in [1])
    counting = iter([1, 2])
    shown([generator, counting, map(str, counting)])
    assert (list(generator), list(counting)) == ([1], [1, 2])


def test_time_zone_of_the_program_is_not_asked() -> None:
    class Zone(dt.tzinfo):
        def utcoffset(self, _: object) -> dt.timedelta:
            raise Touched

        def dst(self, _: object) -> dt.timedelta:
            raise Touched

        def tzname(self, _: object) -> str:
            raise Touched

        def __repr__(self) -> str:
            raise Touched

    moment = dt.datetime(2026, 1, 1, tzinfo=Zone())
    assert "2026, 1, 1" in shown(moment).rest[1]


def test_texts_and_durations_inside_known_values_are_not_asked() -> None:
    class Name(str):
        __slots__ = ()

        def __repr__(self) -> str:
            raise Touched

        __str__ = __repr__

        def __format__(self, _: str) -> str:
            raise Touched

    class Offset(dt.timedelta):
        def __repr__(self) -> str:
            raise Touched

    zones = [dt.timezone(dt.timedelta(0), Name("n")), dt.timezone(Offset(hours=1))]
    moments = [dt.datetime(2026, 1, 1, tzinfo=zone) for zone in zones]
    shown([zones, moments, re.compile(Name("a+"))])
    kind = type("Kind", (), {"__qualname__": Name("Other")})
    assert shown(kind) == Node(Tag.TYPE, (f"{__name__}.?",))
    renamed = types.FunctionType(function.__code__, {})
    renamed.__qualname__ = Name("other")
    assert shown(renamed).rest[0].endswith("?")


def test_names_that_are_no_text_are_not_trusted() -> None:
    class Evil:
        def __str__(self) -> str:
            raise Touched

    kind = type("Kind", (), {"__module__": Evil()})
    assert shown(kind) == Node(Tag.TYPE, ("?.Kind",))
    module = types.ModuleType("named")
    module.__dict__["__name__"] = Evil()
    assert shown(module) == Node(Tag.MODULE, ("?",))
    unnamed = types.FunctionType(function.__code__, {})
    unnamed.__module__ = Evil()  # type: ignore[assignment]
    assert shown(unnamed).rest[0].endswith("function")


def test_type_is_not_kept_alive() -> None:
    import gc
    import weakref

    class Local:
        __slots__ = ("__weakref__", "a")

    core = writer()
    core.write(Local())
    dead = weakref.ref(Local)
    del Local
    gc.collect()
    assert dead() is None


def test_container_changed_by_another_thread_says_so() -> None:
    """A dictionary that grows while it is read is marked, and nothing is raised."""
    grown: dict[int, int] = {0: 0}
    over = threading.Event()

    def grow() -> None:
        while not over.is_set():
            grown.update(dict.fromkeys(range(2000), 0))
            for i in range(1, 2000):
                del grown[i]

    thread = threading.Thread(target=grow)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    thread.start()
    try:
        for _ in range(2000):
            tail = raw(grown, max_items=40, max_value_bytes=10_000)[-1]
            if type(tail) is tuple and tail[0] == Tag.OMITTED:
                assert tail[1] in (Omission.CHANGED, Omission.ITEMS)
    finally:
        over.set()
        thread.join()
        sys.setswitchinterval(before)


def test_peeking_runs_no_property() -> None:
    class Sly:
        __slots__ = ("slot",)
        slot: int

        @property
        def computed(self) -> int:
            raise Touched

    core = writer()
    sly = Sly()
    assert core.peek_attribute(sly, "computed") == ()
    assert core.peek_attribute(sly, "slot") == ()
    sly.slot = 3
    assert core.peek_attribute(sly, "slot") == (3,)
    assert core.peek_attribute(Plain(a=1), "a") == (1,)
    assert core.peek_attribute(Plain, "__module__") == (__name__,)
    assert core.peek_item([1, 2], -1) == (2,)
    assert core.peek_item([1, 2], True) == (2,)
    assert core.peek_item({1: 2}, True) == (2,)
    assert core.peek_item([1, 2], 2) == ()
    assert core.peek_item({"k": 1}, "k") == (1,)
    assert core.peek_item(defaultdict(int), "k") == ()


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


def test_limits_that_cannot_be_kept_are_lower() -> None:
    nested: list[object] = []
    for _ in range(1000):
        nested = [nested]
    _, _, size = written(nested, max_depth=10_000, max_value_bytes=1_000_000)
    assert size < 200 * 20
    many = raw(dict.fromkeys(range(60_000)), max_items=100_000, max_value_bytes=1_000_000)
    assert many[2] == 60_000
    assert many[-1] == (Tag.OMITTED, Omission.ITEMS)


@pytest.mark.parametrize(
    ("module", "kind"),
    [
        *(("datetime", name) for name in ("date", "datetime", "time", "timedelta", "timezone")),
        ("decimal", "Decimal"),
        ("re", "Pattern"),
    ],
)
def test_a_twin_in_python_of_a_known_type_is_read_as_any_instance(
    module: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `datetime.py` has them while it loads (Python 3.11): to ask one would run its code."""

    def fails(_: object) -> str:
        raise AssertionError

    names = {"__module__": module, "__qualname__": kind, "__repr__": fails}
    names |= {name: property(fails) for name in ("tzinfo", "pattern", "tzname")}
    twin = type(kind, (), names)
    holder = types.ModuleType(module)
    setattr(holder, kind, twin)
    monkeypatch.setitem(sys.modules, module, holder)
    value = twin()
    value.days = 3
    assert shown(value) == Node(Tag.INSTANCE, (f"{module}.{kind}", {"days": 3}))
