"""Sessions that a program begins by name, and its notes: what is whose."""

import asyncio
import contextvars
import inspect
import os
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import rewind
from rewind.model.events import Control
from tests.instrumented import Recording, recording, run, write
from tests.spool_reading import Event, Spool, plain, read


@contextmanager
def made(folder: Path, source: str = "", **settings: Any) -> Iterator[tuple[Recording, Any]]:
    """Record; gives the recording and the names of a module that is recorded."""
    path = write(folder, "def work(n):\n    return n\n" + dedent(source))
    with recording(folder / "spool", **settings) as running:
        outcome = run(running.code(path), path)
        assert outcome.traceback == ""
        yield running, outcome.namespace


def told(spool: Spool) -> dict[str, dict[str, Any]]:
    """Return the sessions by what triggered them, tags and all."""
    found = {one["key"]: one | {"tags": {}, "events": []} for one in spool.sessions}
    for record in spool.controls(Control.DETAILS):
        key, facts = record.rest
        found[key]["tags"] |= facts.get("tags", {})
        found[key] |= {name: value for name, value in facts.items() if name != "tags"}
    for key, status in ((one.rest[1], one.rest[2]) for one in spool.controls(Control.FINISH)):
        found[key]["status"] = status
    for event in spool.events:
        found[event.session]["events"].append(event)
    return {one["trigger"]: one for one in found.values()}


def works(session: dict[str, Any]) -> list[Any]:
    """Return with what `work` was called in a session."""
    calls: list[Event] = [event for event in session["events"] if event.kind == "call"]
    return [call.arguments[0] for call in calls if call.function == "work"]


def test_a_session_has_what_happens_inside_and_nothing_else(tmp_path: Path) -> None:
    with made(tmp_path) as (running, names):
        names["work"](1)
        with rewind.session("import", file="a.csv", rows=2):
            names["work"](2)
            names["work"](3)
        names["work"](4)
        sessions = told(running.read())
    one = sessions["import"]
    assert works(one) == [2, 3]
    assert (one["kind"], one["parent"], one["status"]) == ("session", None, "completed")
    assert one["tags"] == {"file": "a.csv", "rows": 2}


def test_an_exception_ends_it_as_an_error_and_goes_on(tmp_path: Path) -> None:
    with made(tmp_path) as (running, _):
        with pytest.raises(KeyError), rewind.session("fails"):
            raise KeyError
        with pytest.raises(SystemExit), rewind.session("leaves"):
            raise SystemExit(0)
        sessions = told(running.read())
    assert sessions["fails"]["status"] == "error"
    assert sessions["leaves"]["status"] == "completed"


def test_what_a_session_is_given_is_asked_for_nothing(tmp_path: Path) -> None:
    asked: list[str] = []

    class Text(str):
        __slots__ = ()

        def __getitem__(self, _: Any) -> str:
            asked.append("text")
            return ""

        def __hash__(self) -> int:
            asked.append("hash")
            return 0

    class Error(Exception):
        def __getattribute__(self, name: str) -> Any:
            asked.append(name)
            return super().__getattribute__(name)

    class Status:
        def __eq__(self, _: object) -> bool:
            asked.append("status")
            return True

        def __hash__(self) -> int:
            return 0

    class Leaves(SystemExit):
        @property
        def code(self) -> Any:  # type: ignore[override]
            asked.append("code")
            return 0

    class Closed(GeneratorExit):
        pass

    ends = {
        "a": Error(),
        "b": SystemExit(Status()),
        "c": Leaves(1),
        "d": SystemExit(False),
        "e": Leaves(),
        "f": Closed(),
    }
    with made(tmp_path) as (running, _):
        sessions = {name: rewind.session(Text(name), **{Text(name): 1}) for name in ends}
        asked.clear()
        for name, error in ends.items():
            sessions[name].__enter__()
            sessions[name].__exit__(type(error), error, None)
        assert asked == []
        found = told(running.read())
    statuses = {name: found[name]["status"] for name in ends}
    assert [*map(statuses.get, "abc")] == ["error"] * 3
    assert [*map(statuses.get, "def")] == ["completed"] * 3
    assert [found[name]["tags"] for name in ends] == [{name: 1} for name in ends]


def test_the_type_of_a_tag_is_asked_for_nothing(tmp_path: Path) -> None:
    asked: list[str] = []

    class Name(str):
        __slots__ = ()

        def __format__(self, _: str) -> str:
            asked.append("format")
            return "other"

    class Kind(type):
        def __getattribute__(cls, name: str) -> Any:
            asked.append(name)
            return super().__getattribute__(name)

    class Value(metaclass=Kind):
        pass

    class Named:
        __qualname__ = Name("Named")

    with made(tmp_path) as (running, _):
        asked.clear()
        with rewind.session("a", value=Value(), named=Named()):
            pass
        assert asked == []
        session = told(running.read())["a"]
    assert session["tags"]["value"].endswith(".Value>")
    assert session["tags"]["named"] == "<Named>"


def test_a_session_within_another_is_its_child_for_a_while(tmp_path: Path) -> None:
    with made(tmp_path) as (running, names):
        with rewind.session("outer") as outer:
            names["work"](1)
            with rewind.session("inner"):
                names["work"](2)
            names["work"](3)
            assert outer.id is not None
        sessions = told(running.read())
    assert works(sessions["outer"]) == [1, 3]
    assert works(sessions["inner"]) == [2]
    assert sessions["inner"]["parent"] == sessions["outer"]["id"]


def test_sessions_that_end_in_the_wrong_order_leave_nothing_behind(tmp_path: Path) -> None:
    with made(tmp_path) as (running, names):
        first, second = rewind.session("first"), rewind.session("second")
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        names["work"](1)
        second.__exit__(None, None, None)
        names["work"](2)
        spool = running.read()
    sessions = told(spool)
    assert works(sessions["second"]) == [1]
    assert works(sessions["subject.work"]) == [2]
    assert {one["status"] for one in sessions.values()} == {"completed"}


def test_each_asyncio_task_has_its_own(tmp_path: Path) -> None:
    """Whether the coroutine that begins it is recorded itself or not."""
    source = """
    import asyncio
    async def step(n):
        await asyncio.sleep(0)
        work(n)
        await asyncio.sleep(0)
        work(n + 100)
    """

    with made(tmp_path, source) as (running, names):

        async def request(n: int) -> None:
            with rewind.session(f"request {n}", n=n):
                names["work"](n)
                await asyncio.sleep(0)
                await names["step"](n)
                await names["step"](n)

        async def main() -> None:
            await asyncio.gather(*(request(n) for n in range(5)), names["step"](50))

        asyncio.run(main())
        spool = running.read()
    sessions = told(spool)
    for n in range(5):
        assert works(sessions[f"request {n}"]) == [n, n, n + 100, n, n + 100]
        assert sessions[f"request {n}"]["tags"] == {"n": n}
    assert works(sessions["subject.step"]) == [50, 150]
    assert {one["status"] for one in sessions.values()} == {"completed"}


def test_a_task_forgets_it_when_it_ends(tmp_path: Path) -> None:
    """Another one may have its address: it must not go on in the session before."""
    with made(tmp_path) as (running, names):

        async def request(n: int) -> None:
            with rewind.session(f"request {n}"):
                names["work"](n)

        async def main() -> None:
            for n in range(20):
                await asyncio.create_task(request(n))
                await asyncio.create_task(plain_task(100 + n))

        async def plain_task(n: int) -> None:
            names["work"](n)

        asyncio.run(main())
        sessions = told(running.read())
    assert [works(sessions[f"request {n}"]) for n in range(20)] == [[n] for n in range(20)]


def test_a_session_around_it_goes_on_through_all_of_asyncio_run(tmp_path: Path) -> None:
    """Each time, as what is called for goes on in the caller's own session."""
    source = """
    import asyncio
    async def step(n):
        await asyncio.sleep(0)
        return work(n)
    async def both(n): return await step(n), await step(n + 1)
    """
    with made(tmp_path, source) as (running, names):
        with rewind.session("outer"):
            for n in (10, 20):
                asyncio.run(names["both"](n))
        asyncio.run(names["both"](30))
        sessions = told(running.read())
    assert works(sessions["outer"]) == [10, 11, 20, 21]
    assert works(sessions["subject.both"]) == [30, 31]
    assert len(sessions) == 3


def test_threads_of_a_pool_know_the_session_in_whose_context_they_run(tmp_path: Path) -> None:
    with made(tmp_path) as (running, names):

        async def request(n: int) -> None:
            with rewind.session(f"request {n}"):
                await asyncio.to_thread(names["work"], n)

        async def main() -> None:
            for n in range(3):
                await asyncio.create_task(request(n))

        asyncio.run(main())
        spool = running.read()
    sessions = told(spool)
    parents = [one["parent"] for one in spool.sessions if one["kind"] == "thread"]
    assert set(parents) == {sessions[f"request {n}"]["id"] for n in range(3)}
    assert len(parents) == 3


def test_threads_do_not_share_it(tmp_path: Path) -> None:
    with made(tmp_path) as (running, names), ThreadPoolExecutor(4) as pool:
        barrier = threading.Barrier(4)

        def request(n: int) -> None:
            with rewind.session(f"request {n}"):
                barrier.wait()
                names["work"](n)
                barrier.wait()
                names["work"](-n)

        list(pool.map(request, range(4)))
        sessions = told(running.read())
    assert [works(sessions[f"request {n}"]) for n in range(4)] == [[n, -n] for n in range(4)]


@pytest.mark.parametrize("by_hand", [False, True])
def test_threads_that_are_in_one_at_once_have_each_their_own(
    tmp_path: Path, *, by_hand: bool
) -> None:
    """The first to enter it is the first to leave it, and not the last one's end."""
    shared = rewind.session("shared")
    step = threading.Barrier(2, timeout=10)

    def entered() -> AbstractContextManager[object]:
        if not by_hand:
            return shared
        stack = ExitStack()
        stack.enter_context(shared)
        return stack

    def first(work: Any) -> None:
        with entered():
            step.wait()
            step.wait()
            shared.tag(who="first")
            ids["first"] = shared.id
        step.wait()
        work(1)

    def second(work: Any) -> None:
        step.wait()
        with entered():
            step.wait()
            step.wait()
            work(2)
            ids["second"] = shared.id
            shared.tag(who="second")

    ids: dict[str, str | None] = {}
    with made(tmp_path) as (running, names):
        threads = [threading.Thread(target=one, args=(names["work"],)) for one in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spool = running.read()
    found = {one["id"]: one for one in spool.sessions if one["trigger"] == "shared"}
    tags = {r.rest[0]: r.rest[1]["tags"] for r in spool.controls(Control.DETAILS)}
    told_by = {who: tags[found[one]["key"]]["who"] for who, one in ids.items()}
    assert told_by == {"first": "first", "second": "second"}
    calls = {event.arguments[0]: event.session for event in spool.of("call")[1:]}
    assert calls[2] == found[ids["second"]]["key"]
    assert calls[1] not in {one["key"] for one in found.values()}


def test_tasks_that_are_in_one_at_once_have_each_their_own(tmp_path: Path) -> None:
    shared = rewind.session("shared")
    ids: list[tuple[str | None, str | None]] = []

    async def inside(rounds: int) -> None:
        with shared as running:
            begun = running.id
            for _ in range(rounds):
                await asyncio.sleep(0)
            ids.append((begun, shared.id))

    async def main() -> None:
        await asyncio.gather(inside(1), inside(3), inside(2))

    with made(tmp_path) as (running, _):
        asyncio.run(main())
        spool = running.read()
    assert len({begun for begun, _ in ids}) == 3
    assert all(begun == ended for begun, ended in ids)
    assert [one.rest[2] for one in spool.controls(Control.FINISH)].count("completed") >= 3


def test_one_that_is_left_more_often_than_entered_raises_nothing() -> None:
    once = rewind.session("once")
    with once:
        pass
    once.__exit__(None, None, None)
    assert once.id is None


def test_one_that_another_thread_leaves_meanwhile_raises_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two that have entered it by another's hand, as by an `ExitStack`, may mean the same one."""
    opened, meant = rewind.session("shared"), rewind.sessions._meant

    def entering() -> Iterator[None]:
        opened.__enter__()
        yield

    def meanwhile(*given: Any) -> Any:
        monkeypatch.setattr(rewind.sessions, "_meant", meant)
        opened.__exit__(None, None, None)
        return meant(*given)

    within = [entering(), entering()]
    for one in within:
        next(one)
    monkeypatch.setattr(rewind.sessions, "_meant", meanwhile)
    opened.__exit__(None, None, None)
    opened.__exit__(None, None, None)


def test_one_that_another_thread_ends_is_over(tmp_path: Path) -> None:
    with made(tmp_path) as (running, names):
        held = rewind.session("handed over")

        def begin() -> None:
            held.__enter__()
            names["work"](1)
            begun.set()
            ended.wait()
            names["work"](2)

        begun, ended = threading.Event(), threading.Event()
        thread = threading.Thread(target=begin)
        thread.start()
        begun.wait()
        held.__exit__(None, None, None)
        ended.set()
        thread.join()
        sessions = told(running.read())
    assert works(sessions["handed over"]) == [1]
    assert sessions["handed over"]["status"] == "completed"


def test_a_decorated_function_stays_what_it_is() -> None:
    def plain_one(a: int, b: str = "x") -> None:
        """Its own words."""

    async def coroutine() -> None: ...
    def generator() -> Iterator[int]:
        yield 1

    async def stream() -> AsyncIterator[int]:
        yield 1

    decorate = rewind.session("any")
    assert inspect.signature(decorate(plain_one)) == inspect.signature(plain_one)
    assert decorate(plain_one).__doc__ == "Its own words."
    assert inspect.iscoroutinefunction(decorate(coroutine))
    assert inspect.isgeneratorfunction(decorate(generator))
    assert inspect.isasyncgenfunction(decorate(stream))


def test_a_generators_session_goes_on_only_while_it_runs(tmp_path: Path) -> None:
    with made(tmp_path) as (running, names):

        @rewind.session("counting")
        def counting(n: int) -> Any:
            got = []
            for i in range(n):
                try:
                    got.append((yield names["work"](i)))
                except KeyError:
                    got.append("thrown")
            return got

        with rewind.session("consumer"):
            walk = counting(3)
            assert next(walk) == 0
            names["work"](10)
            assert walk.send("sent") == 1
            names["work"](11)
            assert walk.throw(KeyError("k")) == 2
            with pytest.raises(StopIteration) as stopped:
                next(walk)
        sessions = told(running.read())
    assert stopped.value.value == ["sent", "thrown", None]
    assert works(sessions["counting"]) == [0, 1, 2]
    assert works(sessions["consumer"]) == [10, 11]
    assert sessions["counting"]["status"] == "completed"


def test_a_generator_that_is_closed_has_completed(tmp_path: Path) -> None:
    closed = []
    with made(tmp_path) as (running, names):

        @rewind.session("counting")
        def counting() -> Iterator[int]:
            try:
                yield names["work"](1)
            finally:
                closed.append(names["work"](2))

        walk = counting()
        next(walk)
        walk.close()  # type: ignore[attr-defined]
        sessions = told(running.read())
    assert closed == [2]
    assert works(sessions["counting"]) == [1, 2]
    assert sessions["counting"]["status"] == "completed"


def test_an_asynchronous_generators_session_as_well(tmp_path: Path) -> None:
    with made(tmp_path) as (running, names):

        @rewind.session("streaming")
        async def stream(n: int) -> AsyncIterator[int]:
            for i in range(n):
                await asyncio.sleep(0)
                yield names["work"](i)

        async def main() -> list[int]:
            with rewind.session("consumer"):
                return [names["work"](item + 10) async for item in stream(3)]

        assert asyncio.run(main()) == [10, 11, 12]
        sessions = told(running.read())
    assert works(sessions["streaming"]) == [0, 1, 2]
    assert works(sessions["consumer"]) == [10, 11, 12]


def test_a_note_is_an_event_where_it_is_made(tmp_path: Path) -> None:
    source = """
    import rewind
    def noting(n):
        rewind.note("found", [n])
        return n
    """
    with made(tmp_path, source) as (running, names):
        with rewind.session("s"):
            names["noting"](7)
            rewind.note("outside", None)
        spool = running.read()
    kinds = [event.kind for event in told(spool)["s"]["events"]]
    assert kinds == ["call", "note", "return", "note"]
    inside, outside = spool.of("note")
    assert [plain(one) for one in inside.payload] == ["found", [7], 6]
    assert [plain(one) for one in outside.payload] == ["outside", None, 0]


def test_a_note_outside_of_any_session_is_nothing(tmp_path: Path) -> None:
    with made(tmp_path) as (running, _):
        rewind.note("nobody's", 1)
        spool = running.read()
    assert spool.of("note") == []
    assert [one["name"] for one in spool.modules] == ["subject"]


def test_notes_and_tags_are_redacted(tmp_path: Path) -> None:
    """The mark is in no file that was written."""
    secret, key = "hunter2-the-mark", "ghp_" + "a1B2" * 9
    with made(tmp_path) as (running, _):
        with rewind.session("s", password=secret, header=key, user="me") as one:
            one.tag(token=secret)
            rewind.note("api_key", secret)
            rewind.note("deep", {"password": secret, "header": key})
        spool = running.read()
    written = b"".join(path.read_bytes() for path in running.folder.glob("*.seg"))
    assert secret.encode() not in written
    assert key.encode() not in written
    tags = told(spool)["s"]["tags"]
    withheld = "[redacted]"
    assert tags == {"password": withheld, "header": withheld, "user": "me", "token": withheld}
    assert sum(one.rest[1] for one in spool.controls(Control.REDACTED)) == 6


def test_tags_are_bounded_and_run_nobodys_code(tmp_path: Path) -> None:
    class Loud:
        def __repr__(self) -> str:
            raise AssertionError

        __str__ = __repr__

    many = {f"tag{n}": n for n in range(100)}
    with made(tmp_path) as (running, _):
        with rewind.session("s", loud=Loud(), long="x" * 5000, big=1 << 70, **many):
            pass
        tags = told(running.read())["s"]["tags"]
    assert tags["loud"].endswith("Loud>")
    assert (len(tags["long"]), tags["big"], len(tags)) == (1000, "<int>", 64)


def test_the_current_session_is_the_one_that_is_recorded_here(tmp_path: Path) -> None:
    with made(tmp_path) as (running, _):
        assert rewind.current_session() is None
        with rewind.session("s") as one:
            current = rewind.current_session()
            assert current is not None
            assert current.id == one.id
        spool = running.read()
    assert told(spool)["s"]["id"] == current.id
    assert rewind.current_session() is None


def test_a_session_that_sampling_passes_over_has_no_id(tmp_path: Path) -> None:
    with made(tmp_path, sampling_rate=0) as (running, names):
        with rewind.session("s") as one, rewind.session("within") as within:
            names["work"](1)
            one.tag(a=1)
            rewind.note("n", 1)
            assert (one.id, within.id, rewind.current_session()) == (None, None, None)
        spool = running.read()
    assert spool.records == []


def test_without_a_recording_all_of_it_does_nothing() -> None:
    @rewind.session("off", a=1)
    def function(x: int) -> int:
        rewind.note("x", x)
        return x

    with rewind.session("off") as one:
        one.tag(b=2)
        assert one.id is None
        assert function(3) == 3
    assert rewind.current_session() is None


def test_a_child_of_a_fork_does_not_end_its_parents_session(tmp_path: Path) -> None:
    with made(tmp_path) as (running, names):
        with rewind.session("parent"):
            pid = os.fork()
            if not pid:
                running.core.after_fork()
                with rewind.session("child"):
                    names["work"](1)
                running.core.close({"wall_ns": 0, "monotonic_ns": 0})
        if not pid:
            os._exit(0)
        os.waitpid(pid, 0)
        names["work"](2)
        running.close()
        mine, theirs = (told(read(running.folder, one)) for one in (os.getpid(), pid))
    assert mine["parent"]["status"] == "completed"
    assert theirs["child"]["parent"] == mine["parent"]["id"]
    assert (list(theirs), works(theirs["child"])) == (["child"], [1])


def test_contexts_that_outlive_it_are_nobodys(tmp_path: Path) -> None:
    """What runs in a copy of a session's context after its end has another parent, or none."""
    with made(tmp_path) as (running, names):
        kept: list[contextvars.Context] = []

        async def request() -> None:
            with rewind.session("request"):
                kept.append(contextvars.copy_context())

        asyncio.run(request())
        kept[0].run(names["work"], 1)
        sessions = told(running.read())
    assert sessions["subject.work"]["parent"] is None


def test_a_fault_of_ours_is_reported_and_harms_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with made(tmp_path) as (running, names):
        monkeypatch.setattr(running.core.sessions, "_engine", None)
        monkeypatch.setattr(running.core.sessions, "_said", None)
        with rewind.session("s") as one:
            one.tag(a="text")
            rewind.note("n", 1)
            assert names["work"](1) == 1
        spool = running.read()
    assert list(told(spool)) == ["subject.<module>", "subject.work"]
    faults = [one["name"] for one in spool.reports if one["what"] == "probe-fault"]
    assert faults == ["rewind.begin", "rewind.note"]
