"""The native core writes the very bytes that the Python core writes, and touches as little."""

import gc
import sys
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewind.capture import _native, secrets
from rewind.capture.walk import Limits
from rewind.config import SecretNames
from tests import value_strategies as strategies
from tests.value_writers import SECRETS, NativeWriter, PythonWriter
from tests.value_zoo import ZOO, Plain

LIMITS = [
    Limits(),
    Limits(max_depth=1),
    Limits(max_depth=9, max_items=2),
    Limits(max_depth=2, max_items=1, max_value_bytes=16),
    Limits(max_value_bytes=40),
    Limits(max_value_bytes=200),
    Limits(max_depth=50, max_items=10_000, max_value_bytes=1_000_000),
]


def differs(value: object, limits: Limits) -> bool:
    # The native one first: the other makes a dictionary of an instance's attributes.
    return NativeWriter(limits).write(value) != PythonWriter(limits).write(value)


@pytest.mark.parametrize("name", ZOO)
def test_every_kind_of_value_is_written_alike(name: str) -> None:
    for limits in LIMITS:
        for value in (ZOO[name], [ZOO[name]], {"k": ZOO[name]}, Plain(a=ZOO[name])):
            assert NativeWriter(limits).write(value) == PythonWriter(limits).write(value)


@given(strategies.values, strategies.limits)
def test_any_value_is_written_alike(value: object, limits: Limits) -> None:
    native = NativeWriter(limits).write(value)
    assert native == PythonWriter(limits).write(value)
    assert native == NativeWriter(limits).write(value)


@given(st.lists(strategies.texts, max_size=3), strategies.limits)
def test_any_text_is_written_alike(texts: list[str], limits: Limits) -> None:
    for text in texts:
        assert not differs(text, limits)
        assert not differs(text.encode("utf-8", "surrogatepass"), limits)


@given(st.lists(strategies.names), st.lists(strategies.names, min_size=1, max_size=5))
def test_names_are_secret_alike(names: list[str], secret: list[str]) -> None:
    built_in = NativeWriter(Limits())
    rule = secrets.Secrets(SecretNames(secret))
    chosen = NativeWriter(Limits(), rule)
    for name in [*names, *secret]:
        assert built_in.is_secret(name) == SECRETS.covers(name)
        assert chosen.is_secret(name) == rule.covers(name)


def test_names_without_end_are_answered_alike() -> None:
    native = NativeWriter(Limits())
    for _ in range(2):
        for number in range(20_000):
            for name in (f"key{number}", f"token{number}", f"{number}_token"):
                assert native.is_secret(name) == SECRETS.covers(name)


def test_the_expression_that_c_follows_is_the_expression() -> None:
    assert secrets._CREDENTIALS.pattern == _native.CREDENTIALS


@pytest.mark.parametrize("name", ZOO)
def test_references_and_withheld_values_are_written_alike(name: str) -> None:
    native, python = NativeWriter(Limits()), PythonWriter(Limits())
    assert native.reference(ZOO[name]) == python.reference(ZOO[name])
    assert native.withhold(ZOO[name]) == python.withhold(ZOO[name])


@pytest.mark.parametrize("name", ZOO)
def test_peeking_finds_alike(name: str) -> None:
    native, python = NativeWriter(Limits()), PythonWriter(Limits())
    value = ZOO[name]
    for attribute in ("a", "password", "c", "d", "args", "__dict__", "__module__", "é", "x"):
        assert native.peek_attribute(value, attribute) == python.peek_attribute(value, attribute)
    for key in (0, -1, 1, 98, -99, 2**70, True, None, "a", "password", b"token", 1.0, slice(1)):
        assert native.peek_item(value, key) == python.peek_item(value, key)


@pytest.mark.parametrize("name", ZOO)
def test_containers_are_known_alike(name: str) -> None:
    native, python = NativeWriter(Limits()), PythonWriter(Limits())
    value = ZOO[name]
    for one in (value, type(value), *(value if type(value) is list else ())):
        assert native.is_container(one) == python.is_container(one)


def test_exceptions_tell_their_passage_alike() -> None:
    native, python = NativeWriter(Limits()), PythonWriter(Limits())
    for error in (raised(lambda: 1 / 0), raised(lambda: deep(9)), ValueError("never raised")):
        for depth in (1, 3, 100):
            for through in (True, False):
                assert native.passage(error, through, depth) == python.passage(
                    error, through, depth
                )
        own = error.__traceback__
        for inner in (own and own.tb_next, own):
            other = ValueError().with_traceback(inner)
            assert native.came_by(error, other) == python.came_by(error, other)
            assert native.came_by(error, other) is bool(own and inner is own.tb_next)


def deep(depth: int) -> Any:
    return 1 / 0 if depth == 0 else deep(depth - 1)


def raised(act: Any) -> BaseException:
    try:
        act()
    except (ArithmeticError, LookupError) as error:
        return error
    raise AssertionError


# Looking must not touch


class Touched(BaseException):
    """Something ran the object's code."""


def _touch(*_: object, **__: object) -> Any:
    raise Touched


SPECIAL = sorted(
    {
        name
        for kind in (object, type, list, dict, set, tuple, str, bytes, int, float, complex, range)
        for name in vars(kind)
        if name.startswith("__")
    }
    | {"__getattr__", "__set_name__", "__get__", "__set__", "__iter__", "__next__", "__fspath__"}
    | {"__bool__", "__index__", "__await__", "__aiter__", "__anext__", "__enter__", "__exit__"}
    | {"__missing__", "__instancecheck__", "__subclasscheck__", "__buffer__", "__array__"}
)
NEEDED = {"__new__", "__init__", "__class__", "__dict__", "__doc__", "__del__", "__mro__"}
NEEDED |= {"__basicsize__", "__itemsize__", "__flags__", "__weakrefoffset__", "__base__"}
NEEDED |= {"__dictoffset__", "__bases__", "__module__", "__name__", "__qualname__"}
NEEDED |= {"__text_signature__", "__annotations__", "__type_params__", "__abstractmethods__"}
TOUCHY = dict.fromkeys((name for name in SPECIAL if name not in NEEDED), _touch)


def touchy(base: type) -> Any:
    """Return an instance of a subclass of `base` whose every method says that it was run."""
    meta = type("Meta", (type,), {k: v for k, v in TOUCHY.items() if k != "__call__"})
    kind = type.__call__(meta, "Kind", (base,), dict(TOUCHY))
    make: Any = base.__new__
    return make(kind)


@pytest.mark.parametrize(
    "base",
    [
        object,
        list,
        tuple,
        dict,
        set,
        frozenset,
        str,
        bytes,
        int,
        float,
        KeyError,
        bytearray,
        complex,
    ],
)
@pytest.mark.parametrize("core", [NativeWriter, PythonWriter])
def test_no_method_of_a_value_or_its_class_is_run(
    base: type, core: type[NativeWriter | PythonWriter]
) -> None:
    value = touchy(base)
    kind = type(value)
    writer = core(Limits())
    for one in (value, [value, value], {"k": value}, (value,), kind, [kind], Plain(a=value)):
        writer.write(one)
        writer.reference(one)
        writer.withhold(one)
        writer.peek_attribute(one, "a")
        writer.peek_item(one, "a")
        writer.peek_item([1], one)
        writer.peek_item({"a": 1}, one)


class Armed:
    """Can be a key and an item of a set; once it is armed, to be asked anything is a fault."""

    armed = False

    def __hash__(self) -> int:
        return _touch() if Armed.armed else 7

    def __eq__(self, other: object) -> bool:
        return _touch() if Armed.armed else self is other

    def __repr__(self) -> str:
        return _touch() if Armed.armed else "armed"

    def __getattr__(self, _: str) -> object:
        return _touch()


class ArmedText(str):
    __slots__ = ()
    __hash__ = Armed.__hash__
    __eq__ = Armed.__eq__
    __repr__ = __str__ = Armed.__repr__


@pytest.mark.filterwarnings("ignore:non-string key in the __dict__:RuntimeWarning")
@pytest.mark.parametrize("core", [NativeWriter, PythonWriter])
def test_keys_and_items_of_sets_are_not_asked(
    core: type[NativeWriter | PythonWriter], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[Any] = [Armed(), Armed(), ArmedText("password"), ArmedText("b")]
    owner = Plain(a=1)
    vars(owner).update(dict.fromkeys(keys, 1))
    kind = type("Kind", (), {"a": 1, **dict.fromkeys(keys, 1)})
    values = [
        dict.fromkeys(keys, 2),
        {*keys},
        frozenset(keys),
        owner,
        kind,
        kind(),
        KeyError(*keys),
    ]
    monkeypatch.setattr(Armed, "armed", True)
    _, secrets = core(Limits(max_value_bytes=9000)).write(values)
    assert secrets == 2


def test_an_instance_does_not_get_a_dictionary() -> None:
    """What an instance weighs, and how the interpreter reaches its attributes, stays."""
    many = [Plain(a=n, b=n) for n in range(1000)]
    writer = NativeWriter(Limits())
    writer.write(many)
    gc.collect()
    before = sum(type(one) is dict for one in gc.get_objects())
    for one in many:
        writer.write(one)
        writer.peek_attribute(one, "a")
    assert sum(type(one) is dict for one in gc.get_objects()) <= before


# Nothing is kept


def _parts(value: object, seen: dict[int, object]) -> Iterator[object]:
    """Yield the value and everything it is made of."""
    if id(value) in seen:
        return
    seen[id(value)] = value
    yield value
    if type(value) in (list, tuple, set, frozenset, dict) or isinstance(value, Plain):
        for part in gc.get_referents(value):
            if type(part) is not type:
                yield from _parts(part, seen)


@pytest.mark.parametrize("name", ZOO)
def test_reference_counts_stay(name: str) -> None:
    writers = [NativeWriter(limits) for limits in LIMITS]
    # Not the integers: the counts are such themselves.
    parts = [part for part in _parts(ZOO[name], {}) if type(part) is not int]
    kinds = [type(part) for part in parts]
    for writer in writers:
        writer.write(ZOO[name])
    before = [sys.getrefcount(part) for part in (*parts, *kinds)]
    for writer in writers:
        for _ in range(5):
            writer.write(ZOO[name])
            writer.reference(ZOO[name])
            writer.withhold(ZOO[name])
            writer.peek_attribute(ZOO[name], "a")
    assert [sys.getrefcount(part) for part in (*parts, *kinds)] == before


class Restless:
    """Containers that another thread changes all the time; reading a path lets it in."""

    def __init__(self) -> None:
        paths = [PurePosixPath(f"/{n}") for n in range(4)]
        self.list: list[object] = [*paths]
        self.dict: dict[object, object] = dict.fromkeys(paths, 0)
        self.set: set[object] = {*paths}
        self.deque = deque(paths)
        self.plain = Plain(a=paths, b=paths)
        self.all = [self.list, self.dict, self.set, self.deque, self.plain, paths]

    def change(self, turn: int) -> None:
        path = PurePosixPath(f"/{turn % 7}")
        grow = turn % 3 > 0
        for act in (self.list, self.deque):
            act.append(path) if grow else act.clear()
        self.dict.clear() if turn % 5 == 0 else self.dict.update({path: [path]})
        self.set.discard(path) if grow else self.set.update({path, turn})
        setattr(self.plain, f"a{turn % 40}", path)
        if turn % 11 == 0:
            vars(self.plain)
        if turn % 50 == 0:
            self.plain = Plain(a=[path], b=path)
            self.all[4] = self.plain


def test_what_another_thread_changes_meanwhile_is_still_well_formed() -> None:
    restless, over = Restless(), threading.Event()

    def change() -> None:
        turn = 0
        while not over.is_set():
            turn += 1
            restless.change(turn)

    thread = threading.Thread(target=change)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    thread.start()
    writer = NativeWriter(Limits(max_depth=9, max_items=40, max_value_bytes=20_000))
    try:
        for _ in range(3000):
            data, _secrets = writer.write(restless.all)
            msgpack.unpackb(data, strict_map_key=False)
    finally:
        over.set()
        thread.join()
        sys.setswitchinterval(before)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_a_million_values_leave_nothing_behind() -> None:
    writer = _native.Values(Limits(), SECRETS)
    values = [ZOO["dictionary"], ZOO["children"], ZOO["plain"], ZOO["moments"], ZOO["exceptions"]]
    writer.repeat(values, 10_000)
    gc.collect()
    blocks, resident = sys.getallocatedblocks(), _resident()
    writer.repeat(values, 100_000)
    for value in values:
        writer.repeat(value, 200_000)
    gc.collect()
    assert sys.getallocatedblocks() - blocks < 100
    assert _resident() - resident < 2_000_000


def test_classes_without_end_leave_nothing_behind() -> None:
    writer = NativeWriter(Limits())

    def made(count: int) -> None:
        for number in range(count):
            kind = type(f"Kind{number}", (), {"__slots__": ("a",)})
            writer.write(kind())
        gc.collect()

    made(2000)
    blocks = sys.getallocatedblocks()
    made(5000)
    assert sys.getallocatedblocks() - blocks < 5000


def test_memory_that_runs_out_is_a_fault_and_no_more() -> None:
    """Whichever allocation fails, the error says so and the next value is written as ever."""
    capi = pytest.importorskip("_testcapi", reason="this interpreter cannot be made to run short")
    limits = Limits(max_depth=9, max_items=200, max_value_bytes=100_000)
    value = [*(ZOO[name] for name in ZOO if name not in {"paths of others", "all of it"})]
    expected = NativeWriter(limits).write(value)
    for first in range(2000):
        values = _native.Values(limits, SECRETS)
        capi.set_nomemory(first, first + 1)
        try:
            written = values.write(value)
        except MemoryError:
            continue
        finally:
            capi.remove_mem_hooks()
        assert written == expected
        break
    else:
        pytest.fail("it never came to an end")
    assert NativeWriter(limits).write(value) == expected
