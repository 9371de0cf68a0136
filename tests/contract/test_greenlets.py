"""Each greenlet has a call stack of its own, with both cores and in the same bytes."""

import gc
import os
import sys
import weakref
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from rewind.model.events import Control
from tests.contract.test_cores import MORE, same
from tests.instrumented import CORES, Recording, recording, run, write
from tests.property.well_formed import check
from tests.spool_reading import Spool, read
from tests.whereabouts import stood

pytest.importorskip("greenlet")

BEGINNING = """
from greenlet import GreenletExit, getcurrent, greenlet
from tests.whereabouts import here
main = getcurrent()
"""
PROGRAMS = {
    "in the middle of calls": """
        def outer(n):
            for i in range(3):
                got = inner(n, i)
                where = here()
            return "done", n
        def inner(n, i):
            x = n * 10 + i
            got = main.switch(x)
            where = here()
            return got
        def drive():
            ones = [greenlet(outer) for _ in range(4)]
            for n, one in enumerate(ones): one.switch(n)
            where = here()
            for _ in range(3):
                for one in ones: print(one.switch("got"))
                where = here()
        drive()
    """,
    "the same function everywhere": """
        def down(n, other):
            where = here()
            if n: down(n - 1, other)
            where = here()
            if other is not None: other.switch()
            where = here()
            return n
        def start():
            one = greenlet(lambda: down(3, main))
            two = greenlet(lambda: down(2, one))
            down(2, two)
            down(1, one)
            two.switch()
            one.switch()
        start()
        for _ in range(2): start()
    """,
    "generators that go on in another greenlet": """
        def numbers(n):
            for i in range(n):
                where = here()
                got = yield i
                where = here()
        def quiet(n):
            for i in range(n):
                got = yield i
        def chain(n):
            where = here()
            done = yield from quiet(3)
            where = here()
            unrecorded = yield from iter("ab")
            where = here()
            unrecorded = yield from iter("cd")
            where = here()
        def take(one, times):
            where = here()
            for _ in range(times): print(next(one, None))
            where = here()
            main.switch()
            where = here()
            for _ in range(times): print(next(one, None))
            where = here()
        def share(make):
            one = make(8)
            first, second = greenlet(take), greenlet(take)
            first.switch(one, 2)
            print(next(one))
            second.switch(one, 1)
            where = here()
            print(next(one))
            first.switch()
            second.switch()
            print(list(one))
            where = here()
        share(numbers)
        share(chain)
        share(chain)
    """,
    "switching inside of a generator": """
        def numbers():
            for i in range(3):
                where = here()
                yield main.switch(i)
                where = here()
        def take(n):
            for one in numbers():
                where = here()
            return sum(numbers(), 0)
        def drive():
            ones = [greenlet(take), greenlet(take)]
            while not ones[1].dead:
                print([one.switch(1) for one in ones])
                where = here()
        drive()
    """,
    "exceptions": """
        def fails(n):
            try:
                where = here()
                main.switch()
                raise KeyError(n)
            finally:
                where = here()
                main.switch()
                where = here()
        def passes(n):
            with __import__("contextlib").ExitStack() as stack:
                stack.callback(main.switch)
                try: fails(n)
                except ZeroDivisionError: pass
        def drive():
            one, two = greenlet(passes), greenlet(passes)
            one.switch(1), two.switch(2)
            one.switch(), two.switch()
            for each in one, two, one, two:
                try: each.switch()
                except KeyError as error: print(repr(error))
                where = here()
        drive()
    """,
    "told to end, and thrown at": """
        def waits(n):
            try:
                where = here()
                main.switch()
            except GreenletExit:
                where = here()
                raise
            except ValueError as error:
                where = here()
                return main.switch(repr(error))
        def works(n): return waits(n)
        def drive():
            ones = [greenlet(works) for _ in range(4)]
            for n, one in enumerate(ones): one.switch(n)
            print(repr(ones[0].throw(GreenletExit)))
            print(ones[1].throw(ValueError, "v"), ones[1].switch(5))
            where = here()
            try: ones[2].throw(OSError(3))
            except OSError as error: print(repr(error))
            while ones: del ones[0]
            del one
            where = here()
            for n in range(3): print(greenlet(works).switch(n))
            where = here()
        drive()
    """,
    "what statements and frames keep meanwhile": """
        class Box: pass
        def other(n):
            box = Box()
            box.a, held[n] = main.switch(), [n]
            return box.a
        held = {}
        def at(key): return main.switch(key)
        def keeps(n):
            box = Box()
            try:
                held[at(n)] = n * 2
                box.value = {"n": at(n)}
                with __import__("contextlib").ExitStack() as stack:
                    stack.callback(at, n)
                    return [n]
            finally:
                where = here()
                at(n)
                where = here()
        def drive():
            ones = [greenlet(keeps) for _ in range(3)] + [greenlet(other)]
            for n, one in enumerate(ones): one.switch(n)
            for round in range(4):
                for n, one in enumerate(ones):
                    if not one.dead: print(one.switch((n, round)))
                where = here()
        drive()
        print(held)
    """,
    "switching in what looks as if it took no time": """
        class Number:
            __add__ = __sub__ = main.switch  # of C: no probe stands in it
            def __init__(self, n): self.n = n
            def __eq__(self, other):
                return main.switch(self.n)
        def add(n):
            x = n
            y = x + 1
            z = y
            z = x - 2
            if x == 2: x = 3
            where = here()
            return z
        def drive():
            ones = [greenlet(add) for _ in range(3)]
            for n, one in enumerate(ones):
                x = one.switch(Number(n))
                y = x
            while not ones[2].dead:
                for one in ones:
                    if not one.dead: x = one.switch(5)
                    y = x
                    where = here()
        drive()
    """,
    "lambdas that are left by an exception": """
        def drive():
            def work(n):
                try: (lambda: main.switch(n) / 0)()
                except ZeroDivisionError: where = here()
                return (lambda n: main.switch(n))(n)
            ones = [greenlet(work) for _ in range(3)]
            for n, one in enumerate(ones): one.switch(n)
            for n, one in enumerate(ones): one.switch(n)
            where = here()
            del ones, one
            where = here()
            greenlet(work).switch(7)
        drive()
    """,
    "greenlets of greenlets": """
        def grows(n):
            where = here()
            if n:
                child = greenlet(grows)
                child.switch(n - 1)
                where = here()
                child.switch(n)
            getcurrent().parent.switch()
            where = here()
        def drive():
            one = greenlet(grows)
            one.switch(3)
            where = here()
            one.switch()
            where = here()
        drive()
    """,
    "tasks that run greenlets": """
        import asyncio
        def await_only(awaitable):
            where = here()
            return getcurrent().driver.switch(awaitable)
        async def spawn(function, *arguments):
            child = greenlet(function)
            child.driver, child.gr_context = getcurrent(), getcurrent().gr_context
            got = child.switch(*arguments)
            while not child.dead:
                try: value = await got
                except KeyError as error:
                    where = here()
                    got = child.throw(error)
                else:
                    where = here()
                    got = child.switch(value)
            where = here()
            return got
        async def ask(n):
            where = here()
            await asyncio.sleep(0)
            if n == 3: raise KeyError(n)
            where = here()
            return n * 2
        def half(n):
            try: x = await_only(ask(n))
            except KeyError: x = -1
            where = here()
            y = await_only(ask(x))
            where = here()
            return x + y
        async def work(n):
            where = here()
            x = await spawn(half, n)
            where = here()
            return x
        async def all_of_it():
            where = here()
            got = await asyncio.gather(*(work(n) for n in range(4)))
            print(got, await spawn(half, 7))
            where = here()
        def whole(): asyncio.run(all_of_it())
        whole()
    """,
    "greenlets that run tasks": """
        import asyncio
        def other():
            while True:
                where = here()
                main.switch()
        async def step(n, beside):
            where = here()
            await asyncio.sleep(0)
            beside.switch(n)
            where = here()
            return n
        async def steps():
            aside = greenlet(aside_of)
            got = await asyncio.gather(*(step(n, aside) for n in range(3)))
            where = here()
            return got
        def aside_of(n):
            while True:
                where = here()
                n = getcurrent().parent.switch()
        def runs(n):
            where = here()
            got = asyncio.run(steps())
            where = here()
            main.switch(got)
            return n
        def drive():
            one, two = greenlet(runs), greenlet(other)
            two.switch()
            print(one.switch(1))
            where = here()
            two.switch()
            print(one.switch())
            where = here()
        drive()
    """,
}

THREADS = """
import threading
def work(parent, n):
    for i in range(3):
        where = here()
        parent.switch(i)
    return n
def thread(n):
    ones = [greenlet(work), greenlet(work)]
    for one in ones: one.switch(getcurrent(), n)
    while not ones[1].dead:
        for one in ones: one.switch()
        where = here()
for n in range(3):
    started = threading.Thread(target=thread, args=(n,), name=f"t{n}")
    started.start()
    started.join()
"""
"""Their numbers are others each time."""


def program(name: str) -> str:
    return BEGINNING + dedent(PROGRAMS.get(name, THREADS))


@pytest.mark.parametrize("name", PROGRAMS)
def test_greenlets_have_the_same_bytes(name: str, tmp_path: Path) -> None:
    assert len(same(tmp_path, program(name), max_depth=1)) > 5
    assert len(same(tmp_path, program(name), max_depth=1, **MORE)) > 5


@pytest.mark.parametrize("name", PROGRAMS)
def test_greenlets_have_the_same_bytes_by_the_real_clock(name: str, tmp_path: Path) -> None:
    same(tmp_path, program(name), stepped=False, max_depth=1)
    same(tmp_path, program(name), stepped=False, max_depth=1, **MORE)


def recorded(folder: Path, source: str, **settings: Any) -> Spool:
    """Run a source of which every frame ends, and return its recording, which is in order."""
    path = write(folder, source)
    with recording(folder / "spool", **settings) as made:
        outcome = run(made.code(path), path)
        assert outcome.traceback == ""
        outcome.namespace.clear()
        gc.collect()
        spool = made.read()
    check(spool)
    return spool


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("name", [*PROGRAMS, "several threads"])
def test_call_stacks_are_where_the_program_was(name: str, core: str, tmp_path: Path) -> None:
    found = stood(recorded(tmp_path, program(name), core=core, lambdas=True))
    assert len(found) > 3
    for one in found:
        if one.kind == "task":
            # Below it lies what runs the loop.
            assert one.truth.endswith(one.recorded), one
        else:
            assert one.truth == one.recorded, one


SESSIONS = """
from greenlet import GreenletExit, getcurrent, greenlet
def waits():
    getcurrent().parent.switch()
    return 1
def fails():
    raise OSError(1)
def works(child):
    inner = greenlet(child)
    try: inner.switch()
    except OSError: pass
    waits()
    return inner
def drive():
    one = greenlet(works)
    one.switch(waits)
    one.switch()
    two = greenlet(works)
    two.switch(fails)
    three = greenlet(waits)
    three.switch()
    three.throw()
    four = greenlet(waits)
    four.switch()
    try: four.throw(KeyError)
    except KeyError: pass
    while not two.dead: two.switch()
drive()
"""


@pytest.mark.parametrize("core", CORES)
def test_greenlet_is_a_session_of_the_one_that_it_comes_from(core: str, tmp_path: Path) -> None:
    """One that is told to end has not failed."""
    spool = recorded(tmp_path, SESSIONS, core=core)
    ids = {one["id"]: one["function"] for one in spool.sessions}
    ended = {one.rest[1]: one.rest[2] for one in spool.controls(Control.FINISH)}
    told = [
        (one["kind"], one["function"], ids.get(one["parent"]), ended[one["key"]])
        for one in spool.sessions
    ]
    assert told == [
        ("import", "<module>", None, "completed"),
        ("greenlet", "works", "<module>", "completed"),
        ("greenlet", "waits", "works", "completed"),
        ("greenlet", "works", "<module>", "completed"),
        ("greenlet", "fails", "works", "error"),
        ("greenlet", "waits", "<module>", "completed"),
        ("greenlet", "waits", "<module>", "error"),
    ]


GREENLETS = """
from greenlet import getcurrent, greenlet
class Box: pass
def work(kept):
    box = Box()
    box.kept = kept
    try:
        getcurrent().parent.switch()
        return 1
    finally: box.last = 0
def begin():
    box = Box()
    one = greenlet(work)
    one.switch(box)
    return one, box
"""


@pytest.mark.parametrize("core", CORES)
def test_nothing_of_a_greenlet_is_kept(core: str, tmp_path: Path) -> None:
    """It dies when the program lets go of it, and what only it has held dies with it."""
    path = write(tmp_path, GREENLETS)
    with recording(tmp_path / "spool", core=core) as made:
        names = run(made.code(path), path).namespace
        gc.collect()
        gc.disable()
        try:
            for ends in ("itself", "its collection"):
                one, box = names["begin"]()
                gone = weakref.ref(one), weakref.ref(box)
                del box
                if ends == "itself":
                    one.switch()
                    assert one.dead
                del one
                assert [each() for each in gone] == [None, None]
        finally:
            gc.enable()
        spool = made.read()
    check(spool)
    ended = [one.rest[2] for one in spool.controls(Control.FINISH)]
    assert ended == ["completed"] * len(spool.sessions)


@pytest.mark.parametrize("core", CORES)
def test_strands_of_greenlets_go_as_they_end(core: str, tmp_path: Path) -> None:
    """The memory of thousands of greenlets, of which many get the addresses of others, is flat."""
    source = """
    from greenlet import getcurrent, greenlet
    main = getcurrent()
    def work(n):
        x = main.switch(n)
        return n
    def some():
        ones = [greenlet(work) for _ in range(5)]
        for n, one in enumerate(ones): one.switch(n)
        for one in ones[:4]: one.switch()
    """
    path = write(tmp_path, dedent(source))
    with recording(tmp_path / "spool", core=core, spool_max_bytes=1 << 30) as made:
        some = run(made.code(path), path).namespace["some"]
        for _ in range(50):
            some()
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(200):
            some()
        gc.collect()
        assert sys.getallocatedblocks() - before < 200
        spool = made.read()
    check(spool)
    assert len(spool.sessions) == 1 + 250 * 6


def forked(made: Recording, drive: Callable[[Callable[[], None]], object]) -> Spool:
    """Call `drive` with what forks; return what the child, of which that makes two, records."""
    child = os.getpid()

    def fork() -> None:
        nonlocal child
        child = os.fork()
        if child == 0:
            made.core.after_fork()

    try:
        drive(fork)
    finally:
        if child == 0:
            made.close()
            os._exit(0)
    os.waitpid(child, 0)
    made.close()
    return read(made.folder, child)


@pytest.mark.parametrize("core", CORES)
def test_fork_in_a_greenlet_is_told_from_there(core: str, tmp_path: Path) -> None:
    source = """
    from greenlet import getcurrent, greenlet
    main = getcurrent()
    def work(fork):
        fork()
        inner(2)
        main.switch()
        return inner(3)
    def inner(n): return n
    def drive(fork):
        one = greenlet(work)
        one.switch(fork)
        inner(4)
        one.switch()
        inner(5)
    """
    path = write(tmp_path, dedent(source))
    with recording(tmp_path / "spool", core=core) as made:
        drive = run(made.code(path), path).namespace["drive"]

        theirs = forked(made, drive)
        ours = read(made.folder, os.getpid())
    greenlet = next(one for one in ours.sessions if one["kind"] == "greenlet")
    assert [one.arguments for one in ours.of("call") if one.function == "inner"] == [
        *((n,) for n in (2, 4, 3, 5)),
    ]
    told = [(one["kind"], one["function"], one["parent"]) for one in theirs.sessions]
    assert told == [
        ("greenlet", "inner", greenlet["id"]),
        ("call", "inner", greenlet["id"]),
        ("greenlet", "inner", greenlet["id"]),
        ("call", "inner", greenlet["id"]),
    ]


@pytest.mark.parametrize("core", CORES)
def test_a_frame_whose_beginning_was_not_seen_is_not_taken_for_another_greenlets(
    core: str, tmp_path: Path
) -> None:
    source = """
    from greenlet import getcurrent, greenlet
    main = getcurrent()
    def work(n, then):
        then()
        x = n
        main.switch()
        y = n
        main.switch()
    def drive(fork):
        one, two = greenlet(work), greenlet(work)
        one.switch(1, fork)
        two.switch(2, getcurrent)
        one.switch()
        two.switch()
    """
    with recording(tmp_path / "spool", core=core) as made:
        path = write(tmp_path, dedent(source))
        drive = run(made.code(path), path).namespace["drive"]
        theirs = forked(made, drive)
    told = {(one.name, one.values) for one in theirs.of("variable")}
    assert told == {("x", (2,)), ("y", (2,))}


NAMED = """
import rewind
def work(n):
    rewind.note("n", n)
    main.switch(n)
    return n
def request(n):
    with rewind.session(f"request {n}"):
        work(n)
        main.switch(n)
    with rewind.session(f"again {n}"): work(-n)
exec("def plain(n):\\n with rewind.session(f'plain {n}'): work(n); main.switch(n); work(n)")
ones = [greenlet(request) for _ in range(3)] + [greenlet(plain) for _ in range(2)]
for n, one in enumerate(ones): one.switch(n)
for _ in range(5):
    for one in ones: one.switch(0)
"""


def test_sessions_begun_by_name_are_each_greenlets_own(tmp_path: Path) -> None:
    told = same(tmp_path, BEGINNING + NAMED)
    # The module, three calls with two within each, and two of functions that are not recorded.
    assert sum(one[1] == "ff" for one in told if len(one) > 1) == 12
