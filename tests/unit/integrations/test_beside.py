"""Something of ours is called beside a function, of which nothing else changes."""

import asyncio
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterator
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rewind import sessions
from rewind.integrations.beside import Beside, put_beside, restore
from tests.instrumented import recording

SOURCE = '''
"""A library."""
import asyncio
from functools import wraps

def around(function):
    @wraps(function)
    def call(*arguments, **keywords):
        return function(*arguments, **keywords)
    return call

class Base:
    def greet(self): return "hello"

class Shop(Base):
    __secret = 7

    @around
    def order(
        self, item: "an item", count=1, *more, gift: bool = False, **rest
    ) -> "a text":
        """Order something."""
        nested = lambda: (item, 1)
        if item is None:
            raise ValueError(
                "no item"
            )
        for each in [item]:
            try:
                return f"{count} {each} {super().greet()} {self.__secret} {sorted(locals())}"
            finally:
                nested()

    async def wait(self, item):
        await asyncio.sleep(0)
        if not item: raise KeyError(item)
        return item

    def steps(self, item):
        """Step by step."""
        try:
            got = yield item
        except KeyError:
            got = yield "caught"
        if got == "return":
            return item
        yield from (got, got)

    async def flow(self, item):
        got = yield item
        if got == "return":
            return
        await asyncio.sleep(0)
        yield got

    def nothing(self): pass

    def recurse(self, n):
        return self.recurse(n - 1) if n else len(asyncio.__name__)

def plain(value, /):
    if value:
        return
    else:
        pass

def outer():
    free = 1
    def inner(): return free
    return inner
'''


@pytest.fixture
def library(tmp_path: Path) -> Iterator[ModuleType]:
    path = tmp_path / "library.py"
    path.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("library", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    restore()


class Listener:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.beside = Beside(self._begin, self._end, self._fail)

    def _begin(self, *arguments: object) -> int:
        self.told.append(("begin", *arguments))
        return len(self.told)

    def _end(self, call: int, result: object) -> None:
        self.told.append(("end", call, result))

    def _fail(self, call: int, error: BaseException) -> None:
        self.told.append(("fail", call, repr(error)))


def text_of(function: Any, *arguments: Any) -> str:
    """Return what a call that fails prints."""
    try:
        function(*arguments)
    except Exception:  # noqa: BLE001 - whatever it is
        return traceback.format_exc()
    raise AssertionError


def test_the_function_is_told_of_and_is_what_it_was(library: ModuleType) -> None:
    shop, listener = library.Shop(), Listener()
    function = library.Shop.order.__wrapped__
    facts = "co_name co_qualname co_filename co_firstlineno co_varnames co_freevars co_flags"
    before = [getattr(function.__code__, fact) for fact in facts.split()]
    plain = shop.order("nut", 2, 3, gift=True, x=1), text_of(shop.order, None)
    seen = inspect.signature(function), inspect.getsource(function), function.__doc__
    assert put_beside(library.Shop, "order", listener.beside) is None
    assert library.Shop.order.__wrapped__ is function
    assert [getattr(function.__code__, fact) for fact in facts.split()] == before
    assert (inspect.signature(function), inspect.getsource(function), function.__doc__) == seen
    assert (shop.order("nut", 2, 3, gift=True, x=1), text_of(shop.order, None)) == plain
    assert listener.told == [
        ("begin", shop, "nut", 2, True, (3,), {"x": 1}),
        ("end", 1, plain[0]),
        ("begin", shop, None, 1, False, (), {}),
        ("fail", 3, "ValueError('no item')"),
    ]
    restore()
    shop.order("bolt")
    assert len(listener.told) == 4


def test_a_coroutine_is_told_of_as_it_ends(library: ModuleType) -> None:
    shop, listener = library.Shop(), Listener()
    put_beside(library.Shop, "wait", listener.beside)
    assert inspect.iscoroutinefunction(library.Shop.wait)

    async def both() -> Any:
        return await asyncio.gather(shop.wait("a"), shop.wait(""), return_exceptions=True)

    assert repr(asyncio.run(both())) == "['a', KeyError('')]"
    assert listener.told == [
        ("begin", shop, "a"),
        ("begin", shop, ""),
        ("end", 1, "a"),
        ("fail", 2, "KeyError('')"),
    ]
    unfinished = shop.wait("c")
    unfinished.send(None)
    unfinished.close()
    assert listener.told[-1] == ("fail", 5, "GeneratorExit()")


def driven(generator: Any) -> list[Any]:
    """Drive a generator in each of the ways that there are; return what it gives."""
    finished, sent, thrown, closed = (generator(n) for n in range(4))
    found: list[Any] = [list(finished)]
    found.append((next(sent), inspect.getgeneratorstate(sent)))
    found.append(dict(inspect.getgeneratorlocals(sent)))
    try:
        sent.send("return")
    except StopIteration as stop:
        found.append(stop.value)
    found += [next(thrown), thrown.throw(KeyError())]
    with pytest.raises(ZeroDivisionError):
        thrown.throw(ZeroDivisionError())
    found.append(next(closed))
    closed.close()
    generator(4)
    return found


def test_a_generator_is_told_of_from_its_first_step_until_it_ends(library: ModuleType) -> None:
    shop, listener = library.Shop(), Listener()
    plain = driven(shop.steps)
    put_beside(library.Shop, "steps", listener.beside)
    assert driven(shop.steps) == plain
    assert inspect.isgeneratorfunction(library.Shop.steps)
    assert listener.told == [
        ("begin", shop, 0),
        ("end", 1, None),
        ("begin", shop, 1),
        ("end", 3, 1),
        ("begin", shop, 2),
        ("fail", 5, "ZeroDivisionError()"),
        ("begin", shop, 3),
        ("fail", 7, "GeneratorExit()"),
    ]


def test_an_asynchronous_generator_is_too(library: ModuleType) -> None:
    shop, listener = library.Shop(), Listener()

    async def flows() -> list[Any]:
        found: list[Any] = [[each async for each in shop.flow(0)]]
        sent, closed = shop.flow(1), shop.flow(2)
        found.append(await anext(sent))
        with pytest.raises(StopAsyncIteration):
            await sent.asend("return")
        found.append(await anext(closed))
        await closed.aclose()
        return found

    plain = asyncio.run(flows())
    put_beside(library.Shop, "flow", listener.beside)
    assert asyncio.run(flows()) == plain
    assert [one[0] for one in listener.told] == ["begin", "end", "begin", "end", "begin", "fail"]
    assert listener.told[-1] == ("fail", 5, "GeneratorExit()")


def test_functions_without_a_return_and_within_each_other_are_told_of(library: ModuleType) -> None:
    shop, listener = library.Shop(), Listener()
    for owner, name in ((library.Shop, "nothing"), (library.Shop, "recurse"), (library, "plain")):
        assert put_beside(owner, name, listener.beside) is None
    assert (shop.nothing(), library.plain(1), library.plain(0)) == (None, None, None)
    assert shop.recurse(2) == len("asyncio")
    assert [one[0] for one in listener.told] == ["begin", "end"] * 3 + ["begin"] * 3 + ["end"] * 3


def test_what_is_not_wanted_to_know_the_end_is_told_nothing_more(library: ModuleType) -> None:
    told: list[object] = []
    put_beside(library, "plain", Beside(told.append, _fails, _fails))
    library.plain(3)
    assert told == [3]


def test_what_cannot_be_is_left_alone_and_says_why(library: ModuleType, tmp_path: Path) -> None:
    listener = Listener()
    codes = {name: getattr(library.Shop, name).__code__ for name in ("recurse", "nothing")}
    vars(library)["free"] = library.outer()
    assert put_beside(library, "missing", listener.beside) is None
    assert put_beside(library, "free", listener.beside) == "it is a function within another"
    assert put_beside(library, "Shop", listener.beside) == "it is no function of Python"
    (tmp_path / "library.py").write_text(SOURCE.replace("def nothing(self): pass", "# gone\n"))
    assert put_beside(library.Shop, "nothing", listener.beside) is not None
    assert put_beside(library.Shop, "recurse", listener.beside) is not None
    (tmp_path / "library.py").unlink()
    assert "No such file" in str(put_beside(library.Shop, "nothing", listener.beside))
    assert all(getattr(library.Shop, name).__code__ is code for name, code in codes.items())


def test_a_function_that_is_recorded_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "recorded.py"
    path.write_text("def f(x):\n    return x\n")
    with recording(tmp_path / "spool") as running:
        module = ModuleType("recorded")
        exec(running.code(path, "recorded"), module.__dict__)
        assert put_beside(module, "f", Listener().beside) == "its module is recorded"


def test_one_that_others_have_changed_meanwhile_stays_theirs(library: ModuleType) -> None:
    put_beside(library, "plain", Listener().beside)
    theirs = library.Shop.nothing.__code__.replace(co_name="theirs")
    library.plain.__code__ = library.outer.__code__
    restore()
    assert library.plain.__code__ is library.outer.__code__
    assert theirs.co_name == "theirs"


def test_a_fault_of_ours_is_reported_and_the_call_goes_on(
    library: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[str] = []
    monkeypatch.setattr(sessions, "fault", lambda name, error: faults.append(f"{name}: {error}"))
    put_beside(library.Shop, "nothing", Beside(_fails, _fails, _fails))
    put_beside(library, "plain", Beside(lambda value: value, _fails, _fails))
    assert (library.Shop().nothing(), library.plain(5)) == (None, None)
    assert faults == ["library.Shop.nothing: of ours", "library.plain: of ours"]


def _fails(*_: object) -> None:
    message = "of ours"
    raise RuntimeError(message)


def test_nothing_is_kept_of_calls_that_are_over(library: ModuleType) -> None:
    listener = Listener()
    put_beside(library.Shop, "order", listener.beside)
    put_beside(library, "plain", listener.beside)
    shop, blocks = library.Shop(), []
    for _ in range(4):
        for _ in range(500):
            shop.order("x")
            text_of(shop.order, None)
            library.plain(1)
        listener.told.clear()
        blocks.append(sys.getallocatedblocks())
    assert max(blocks[1:]) - blocks[1] < 100


@wraps(print)
def _wrapped(*arguments: object) -> None:
    print(*arguments)


def test_a_wrapper_of_what_is_no_function_says_so() -> None:
    module = ModuleType("wrapping")
    module._wrapped = _wrapped  # type: ignore[attr-defined]
    why = put_beside(module, "_wrapped", Listener().beside)
    assert why == "it is no function of Python"
