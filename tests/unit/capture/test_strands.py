"""What a strand knows: whose session goes on, which frame is on top, where exceptions came from."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

from rewind.model.events import Control
from tests.instrumented import Recording, recording, run, write
from tests.spool_reading import Spool, read


@contextmanager
def functions(folder: Path, source: str) -> Iterator[tuple[Recording, dict[str, Any]]]:
    """Give a recording that runs, and the functions of a source: nothing recorded calls them."""
    path = write(folder, dedent(source))
    with recording(folder / "spool") as made:
        outcome = run(made.code(path), path)
        assert outcome.traceback == ""
        yield made, outcome.namespace


def sessions(spool: Spool) -> dict[str, list[str]]:
    """Return the kinds of event of each session but the module's, by trigger, and how it ended."""
    ended = {one.rest[1]: one.rest[2] for one in spool.controls(Control.FINISH)}
    told: dict[str, list[str]] = {}
    for one in spool.sessions:
        if one["kind"] != "import":
            kinds = [event.kind for event in spool.events if event.session == one["key"]]
            assert one["trigger"] not in told, "there is another session of it"
            told[one["trigger"]] = [*kinds, ended.get(one["key"], "open")]
    return told


GENERATOR = """
def generator():
    got = yield 1
    yield got
def other(x): return x
"""


def test_a_generator_that_nothing_recorded_drives_is_one_session(tmp_path: Path) -> None:
    """What is called between two resumptions has its own."""
    with functions(tmp_path, GENERATOR) as (made, names):
        generator = names["generator"]()
        next(generator)
        names["other"](0)
        assert [generator.send(2), *generator] == [2]
        told = sessions(made.read())
    life = ["call", "yield", "resume", "variable", "yield", "resume", "return", "completed"]
    assert told == {"subject.generator": life, "subject.other": ["call", "return", "completed"]}


def test_a_generator_that_is_closed_has_not_failed(tmp_path: Path) -> None:
    with functions(tmp_path, GENERATOR) as (made, names):
        generator = names["generator"]()
        next(generator)
        generator.close()
        told = sessions(made.read())
    assert told == {"subject.generator": ["call", "yield", "resume", "exception", "completed"]}


def test_a_generator_that_ends_within_another_session_ends_its_own(tmp_path: Path) -> None:
    source = GENERATOR + "def ends(generator): return list(generator)\n"
    with functions(tmp_path, source) as (made, names):
        generator = names["generator"]()
        next(generator)
        names["ends"](generator)
        told = sessions(made.read())
    assert told["subject.generator"] == ["call", "yield", "completed"]
    assert told["subject.ends"][-2:] == ["return", "completed"]


def test_coroutines_that_nothing_recorded_drives_are_a_session_each(tmp_path: Path) -> None:
    """As under trio: they wait in what is not recorded, so that nothing tells when they leave."""
    source = """
    async def inner(wait):
        await wait
        return 1
    async def outer(wait):
        return await inner(wait)
    async def second(wait):
        await wait
        return await inner(wait)
    """

    class Wait:
        def __await__(self) -> Iterator[None]:
            yield

    with functions(tmp_path, source) as (made, names):
        turns = [names["outer"](Wait()), names["second"](Wait())]
        while turns:
            for one in list(turns):
                try:
                    one.send(None)
                except StopIteration:
                    turns.remove(one)
        spool = made.read()
    told = sessions(spool)
    assert list(told) == ["subject.outer", "subject.second"]
    assert [kinds[-1] for kinds in told.values()] == ["completed"] * 2
    assert [kinds.count("call") for kinds in told.values()] == [2, 2]
    assert [kinds.count("return") for kinds in told.values()] == [2, 2]


def forked(made: Recording, work: Callable[[], object]) -> Spool:
    """Do some work in the child of a fork and return what that has recorded."""
    child = os.fork()
    if not child:
        made.core.after_fork()
        work()
        made.core.close({"wall_ns": 0, "monotonic_ns": 0})
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    made.close()
    for each in made.folder.glob("*.seg"):
        if not each.name.startswith(f"{child}-"):
            each.unlink()
    return read(made.folder)


def test_a_frame_whose_beginning_was_not_seen_is_not_taken_for_another(tmp_path: Path) -> None:
    """It runs the same function, and ends in the middle of one whose beginning was."""
    source = """
    def generator(other):
        try:
            yield 1
        finally:
            if other: other.close()
        return 2
    """
    with functions(tmp_path, source) as (made, names):
        unseen = names["generator"](None)
        next(unseen)

        def work() -> None:
            assert list(names["generator"](unseen)) == [1]

        spool = forked(made, work)
        unseen.close()
    assert [one for one in spool.reports if one["what"] == "probe-fault"] == []
    assert spool.story("generator").splitlines()[-1].endswith("return 2")
    handles = [event.payload[0] for event in spool.of("resume")]
    assert len(set(handles)) == 2


def test_a_generator_of_a_dead_task_leaves_the_running_one_its_session(tmp_path: Path) -> None:
    """The collector closes it in the middle of that."""
    source = """
    import gc
    def after(): pass
    def generator(): yield 1
    async def works():
        gc.collect()
        after()
    """

    async def waits(generator: Iterator[int]) -> None:
        next(generator)
        await asyncio.get_running_loop().create_future()

    async def main(names: dict[str, Any]) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        asyncio.create_task(waits(names["generator"]()))  # noqa: RUF006 - it is to die
        await asyncio.sleep(0)
        await asyncio.create_task(names["works"]())

    with functions(tmp_path, source) as (made, names):
        asyncio.run(main(names))
        spool = made.read()
    keys = {one["trigger"]: one["key"] for one in spool.sessions}
    (call,) = (event for event in spool.of("call") if event.function == "after")
    assert call.session == keys["subject.works"]
    assert "GeneratorExit" in spool.story("generator")


def passages(folder: Path, source: str, **names: object) -> list[tuple[str, bool]]:
    """Run `main` of a source; return the function of each exception event, and `through`."""
    with functions(folder, source) as (made, namespace):
        namespace.update(names)
        namespace["main"]()
        spool = made.read()
    return [(event.function, event.payload[2]) for event in spool.of("exception")]


def fails() -> None:
    raise ValueError


def test_an_exception_out_of_an_unrecorded_namesake_did_not_come_through(tmp_path: Path) -> None:
    """It has the address of the one before, and a function's name that was left before."""
    source = """
    def fails(): raise ValueError
    def main():
        for function in (fails, namesake):
            try: function()
            except ValueError: pass
    """
    found = passages(tmp_path, source, namesake=fails)
    assert found == [("fails", False), ("main", True), ("main", False)]


def test_an_exception_out_of_a_frame_that_never_began_did_not_come_through(tmp_path: Path) -> None:
    """It passes the code of a frame that was left before, and has the address of that exception."""
    source = """
    def waits():
        yield
        raise ValueError
    def main():
        for begins in (True, False):
            generator = waits()
            try:
                if begins: next(generator)
                generator.throw(ValueError())
            except ValueError: pass
    """
    found = passages(tmp_path, source)
    assert found == [("waits", False), ("main", True), ("main", False)]


def test_an_exception_that_was_kept_and_is_raised_anew_did_not_come_through(
    tmp_path: Path,
) -> None:
    source = """
    def fails(): raise ValueError
    def keeps():
        try: fails()
        except ValueError as error: return error
    def unwraps(error): raise error
    def main():
        try: unwraps(keeps())
        except ValueError: pass
    """
    found = passages(tmp_path, source)
    anew = [("unwraps", False), ("main", True)]
    assert found == [("fails", False), ("keeps", True), *anew]


def test_a_group_that_a_frame_made_of_what_it_left_goes_through_its_callers(
    tmp_path: Path,
) -> None:
    """The frame that `except*` raises it in has no entry in its traceback."""
    source = """
    def splits():
        try: raise ExceptionGroup("", [ValueError(), TypeError()])
        except* ValueError: raise KeyError
    def passes(): unrecorded(splits)
    def raises(error): raise error
    def main():
        try: passes()
        except ExceptionGroup as error: kept = error
        try: raises(kept)
        except ExceptionGroup: pass
    """
    found = passages(tmp_path, source, unrecorded=lambda function: function())
    (_, raised, passed, caught, *anew) = found
    assert (raised, passed, caught) == (("splits", False), ("passes", True), ("main", True))
    assert anew == [("raises", False), ("main", True)]


def test_an_exception_goes_through_whatever_is_raised_and_handled_meanwhile(
    tmp_path: Path,
) -> None:
    source = """
    def fails(): raise ValueError
    def cleans():
        try: fails()
        except ValueError: pass
    def finally_():
        try: fails()
        finally: cleans()
    def handles():
        try: finally_()
        except ValueError:
            cleans()
            raise
    def main():
        try: handles()
        except ValueError: pass
    """
    found = passages(tmp_path, source)
    told = [one for one in found if one[0] not in ("fails", "cleans")]
    assert told
    assert all(through for _, through in told)
