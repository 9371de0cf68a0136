"""Sessions: where one begins and ends, who its parent is, and what is kept of it."""

import builtins
import os
import sys
import threading
from collections import Counter
from pathlib import Path
from textwrap import dedent
from types import FrameType
from typing import Any

import pytest

from rewind.capture.registry import Registry
from rewind.capture.secrets import Secrets
from rewind.config import SecretNames
from rewind.model.events import DEFAULT_KINDS, FRAME_KINDS, Control
from rewind.model.probes import CALL, PREFIX
from rewind.model.sites import Function, Site, SiteTable, run_table
from rewind.spool.reader import segments
from rewind.spool.segment import OPEN
from rewind.spool.stream import Stream
from tests.instrumented import record, recording, run, write
from tests.property.well_formed import check
from tests.spool_reading import Spool, read


def recorded(folder: Path, source: str, **settings: Any) -> Spool:
    outcome, spool = record(folder, dedent(source), **settings)
    assert outcome.traceback == ""
    assert [one for one in spool.reports if one["what"] == "probe-fault"] == []
    return spool


def finished(spool: Spool) -> dict[int, str]:
    """Return how each session ended."""
    return {one.rest[1]: one.rest[2] for one in spool.controls(Control.FINISH)}


def test_module_that_runs_on_an_empty_stack_is_a_session(tmp_path: Path) -> None:
    spool = recorded(tmp_path, "def f(): pass\nf()\n")
    (session,) = spool.sessions
    assert session["kind"] == "import"
    assert (session["trigger"], session["module"], session["function"]) == (
        "subject.<module>",
        "subject",
        "<module>",
    )
    assert session["parent"] is None
    assert session["thread"] == threading.get_ident()
    assert session["thread_name"] == threading.current_thread().name
    assert finished(spool) == {session["key"]: "completed"}
    assert {event.session for event in spool.events} == {session["key"]}


def test_each_call_on_an_empty_stack_is_a_session(tmp_path: Path) -> None:
    path = write(tmp_path, "def f(x): return 1 / x\n")
    with recording(tmp_path / "spool") as made:
        function = run(made.code(path), path).namespace["f"]
        function(1)
        with pytest.raises(ZeroDivisionError):
            function(0)
        spool = made.read()
    assert [one["trigger"] for one in spool.sessions] == ["subject.<module>"] + ["subject.f"] * 2
    assert [one["kind"] for one in spool.sessions] == ["import", "call", "call"]
    assert list(finished(spool).values()) == ["completed", "completed", "error"]


def test_opened_session_holds_all_until_it_is_closed(tmp_path: Path) -> None:
    path = write(tmp_path, "def f(): pass\nf()\n")
    with recording(tmp_path / "spool") as made:
        made.core.open_session("script", "app.py", "__main__", "<module>")
        run(made.code(path), path)
        run(made.code(path), path)
        made.core.close_session(ValueError("v"))
        spool = made.read()
    (session,) = spool.sessions
    assert (session["kind"], session["trigger"]) == ("script", "app.py")
    (end,) = spool.controls(Control.FINISH)
    assert end.rest[2] == "error"
    assert end.rest[3][2] == "builtins.ValueError"


def test_thread_is_a_session_of_the_one_that_started_it(tmp_path: Path) -> None:
    source = """
    import threading
    def work(n): return n
    def start():
        threads = [threading.Thread(target=work, args=(n,), name=f"t{n}") for n in range(3)]
        for t in threads: t.start()
        for t in threads: t.join()
    start()
    """
    path = write(tmp_path, dedent(source))
    from rewind.integrations import threads

    name = next(n for n in ("_start_joinable_thread", "_start_new_thread") if hasattr(threading, n))
    before = getattr(threading, name)
    with recording(tmp_path / "spool") as made:
        threads.patch(made.core.thread_starts)
        try:
            run(made.code(path), path)
        finally:
            setattr(threading, name, before)
        spool = made.read()
    first, *others = spool.sessions
    assert [one["kind"] for one in others] == ["thread"] * 3
    assert {one["parent"] for one in others} == {first["id"]}
    assert {one["thread_name"] for one in others} == {"t0", "t1", "t2"}
    assert len({event.stream for event in spool.events}) == 4
    assert set(finished(spool).values()) == {"completed"}
    per_session = Counter(event.session for event in spool.of("call"))
    assert sorted(per_session.values()) == [1, 1, 1, 2]


TASKS = """
import asyncio
async def step(n):
    await asyncio.sleep(0)
    return n
async def work(n):
    total = 0
    for i in range(3):
        total += await step(n)
    return total
async def main():
    results = await asyncio.gather(*(work(n) for n in range(3)))
    return results
def start(): return asyncio.run(main())
start()
"""


def test_tasks_are_sessions_that_do_not_mix(tmp_path: Path) -> None:
    spool = recorded(tmp_path, TASKS)
    first, *tasks = spool.sessions
    assert first["kind"] == "import"
    assert [(one["kind"], one["function"]) for one in tasks] == [("task", "work")] * 3
    assert {one["parent"] for one in tasks} == {first["id"]}
    assert set(finished(spool).values()) == {"completed"}
    for number, task in enumerate(tasks):
        own = [event for event in spool.events if event.session == task["key"]]
        assert {event.function for event in own} == {"work", "step"}
        assert [e.arguments for e in own if e.kind == "call"] == [(number,)] * 4
        assert [e.values[-1] for e in own if e.kind == "return"] == [number] * 3 + [number * 3]


def test_tasks_with_unrecorded_awaitables_do_not_mix(tmp_path: Path) -> None:
    """A frame that goes on in a comprehension or an unrecorded coroutine stays in its session."""
    source = """
    import asyncio
    class Sums: total = 0
    async def step(n):
        await asyncio.sleep(0)
        return n
    async def source(n):
        for _ in range(2):
            await asyncio.sleep(0)
            yield n
    async def work(n):
        rows = [await step(n) for _ in range(2)]
        more = {m async for m in source(n)}
        sums = Sums()
        sums.total += await step(n)
        async with asyncio.Lock() as lock: inside = n
        async for each in source(n): pass
        return n
    async def main(): await asyncio.gather(*(work(n) for n in range(3)))
    asyncio.run(main())
    """
    spool = recorded(tmp_path, source, exclude_functions=("subject.step", "subject.source"))
    tasks = [one["key"] for one in spool.sessions if one["kind"] == "task"]
    assert len(tasks) == 3
    for number, key in enumerate(tasks):
        own = [event for event in spool.events if event.session == key]
        bound = {event.name: event.values[-1] for event in own if event.name}
        del bound["sums"]
        assert bound == {
            "rows": [number] * 2,
            "more": [number],
            "total": number,
            "lock": None,
            "inside": number,
            "each": number,
        }


def test_frame_that_jumps_out_of_an_async_with_is_told_from_others_of_its_function(
    tmp_path: Path,
) -> None:
    """Others run while it awaits the exit: what comes after is its own all the same."""
    source = """
    import asyncio
    class Door:
        def __init__(self, n): self.n = n
        async def __aenter__(self): await asyncio.sleep(0)
        async def __aexit__(self, *what):
            for _ in range(3 - self.n): await asyncio.sleep(0)
    async def leaves(n):
        try:
            async with Door(n), Door(1):
                return n
        finally:
            left = n
    async def breaks(n):
        rounds = 0
        while rounds < 3:
            async with Door(n):
                rounds += 1
                if rounds == 2: break
                continue
        broken = n
        for each in [n] * 3:
            async with Door(n):
                if each == n: continue
            raise AssertionError
        return n
    async def main():
        print(await asyncio.gather(*(leaves(n) for n in range(3)), *(breaks(n) for n in range(3))))
    asyncio.run(main())
    """
    doors = tuple(f"subject.Door.{name}" for name in ("__init__", "__aenter__", "__aexit__"))
    spool = recorded(tmp_path, source, exclude_functions=doors)
    check(spool)
    tasks = [one for one in spool.sessions if one["kind"] == "task"]
    assert [one["function"] for one in tasks] == ["leaves"] * 3 + ["breaks"] * 3
    for one, number in zip(tasks, [0, 1, 2] * 2, strict=True):
        own = [event for event in spool.events if event.session == one["key"]]
        said = {event.name: event.values[-1] for event in own if event.kind == "variable"}
        # Of a call's, the first is its frame's handle.
        said |= {event.kind: event.values[-1] for event in own if event.kind == "return"}
        said |= {event.kind: event.values[1] for event in own if event.kind == "call"}
        assert said.pop("rounds", 2) == 2
        assert set(said) - {"call", "return"} <= {"left", "broken", "each"}
        assert set(said.values()) == {number}


def test_deep_await_leaves_and_comes_back_with_all_its_frames(tmp_path: Path) -> None:
    """What awaits the frame that goes on is back on the stack before it, said or unsaid."""
    source = """
    import asyncio
    async def inner(): await asyncio.sleep(0)
    async def middle(): await inner()
    async def outer(): await middle()
    async def main(): await asyncio.gather(outer(), outer())
    asyncio.run(main())
    """
    spool = recorded(tmp_path, source)
    check(spool)


MANY_WAYS = """
import asyncio, contextlib
class Sums: total = 0
class Guard:
    def __enter__(self): return self
    def __exit__(self, *what): return what[0] is KeyError
def gen(n):
    try:
        for i in range(n): yield i
    finally: Sums.total += n
def chain(n):
    yield from gen(n)
    got = yield
    return got
def plain(n):
    if n == 0: raise KeyError("deep")
    with Guard() as g: return plain(n - 1)
def consume():
    a, b = gen(3), chain(2)
    pairs = list(zip(a, b))
    next(a, None); b.close()
    for x in gen(5):
        if x == 2: break
    plain(4)
    with contextlib.suppress(ValueError):
        for y in gen(2): raise ValueError
    return sorted(gen(2), key=lambda k: -k)
async def agen(n):
    try:
        for i in range(n):
            await asyncio.sleep(0)
            yield i
    finally: Sums.total += 1
async def leaf(n):
    await asyncio.sleep(0)
    if n == 2: raise KeyError(n)
    return consume()
async def work(n):
    async for i in agen(3):
        if i == n: break
    rows = [await leaf(m) for m in range(2)]
    with contextlib.suppress(KeyError): await leaf(n)
    try:
        async with asyncio.timeout(0): await asyncio.sleep(9)
    except TimeoutError: pass
    return len(rows)
async def main():
    consume()
    tasks = [asyncio.create_task(work(n)) for n in range(4)]
    tasks[0].cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    consume()
    async with asyncio.TaskGroup() as group:
        for n in range(2): group.create_task(leaf(n))
    return done
consume()
asyncio.run(main())
consume()
"""


def test_stacks_are_whole_in_a_program_of_many_ways(tmp_path: Path) -> None:
    """Every event is its stack's top frame's, and every stack is empty at the end."""
    spool = recorded(tmp_path, MANY_WAYS)
    check(spool)
    assert len(spool.events) > 300


def test_generator_is_resumed_in_the_session_of_who_asks(tmp_path: Path) -> None:
    source = """
    import threading
    def gen():
        yield 1
        yield 2
    it = gen()
    next(it)
    thread = threading.Thread(target=lambda: next(it))
    thread.start(); thread.join()
    list(it)
    """
    spool = recorded(tmp_path, source)
    first, second = (one["key"] for one in spool.sessions)
    assert sorted(event.session for event in spool.of("resume")) == [first, second]


# What is kept of it


def test_sampling_takes_whole_sessions_with_their_children(tmp_path: Path) -> None:
    path = write(tmp_path, "def f(x): return x\n")
    with recording(tmp_path / "spool", sampling_rate=0.5) as made:
        function = run(made.code(path), path).namespace["f"]
        for number in range(400):
            function(number)
        spool = made.read()
    calls = Counter(event.session for event in spool.events if event.function == "f")
    assert 100 < len(calls) < 300
    assert set(calls.values()) == {2}


def test_session_that_is_passed_over_takes_its_tasks_with_it(tmp_path: Path) -> None:
    assert recorded(tmp_path, TASKS, sampling_rate=0.0).records == []


def test_session_stops_at_its_limit_and_counts(tmp_path: Path) -> None:
    source = "def f():\n    for i in range(100): pass\nf()\n"
    spool = recorded(tmp_path, source, max_events_per_session=10, overflow="stop")
    assert len(spool.events) == 10
    (dropped,) = spool.controls(Control.DROPPED)
    # Two calls, a hundred rounds with a variable each, two returns.
    assert dropped.rest == (1, 2 + 200 + 2 - 10, "limit")
    assert spool.goodbyes[0]["dropped"] == 194
    assert finished(spool) == {1: "completed"}


def test_oldest_events_are_the_writers_business(tmp_path: Path) -> None:
    source = "def f():\n    for i in range(100): pass\nf()\n"
    spool = recorded(tmp_path, source, max_events_per_session=10, overflow="oldest")
    assert len(spool.events) == 204


ALL_KINDS = """
class C: pass
def g(): yield 1
def f(c, d, x):
    if x: y = x
    for i in range(1): d["k"] = c.a = i
    d.update(z=1)
    del d["z"]
    try: raise KeyError
    except KeyError as e: pass
    return list(g())
f(C(), {}, 1)
"""


@pytest.mark.parametrize("kind", [kind for kind in DEFAULT_KINDS if kind not in FRAME_KINDS])
def test_kind_that_is_off_is_not_recorded(kind: str, tmp_path: Path) -> None:
    wanted = tuple(one for one in DEFAULT_KINDS if one != kind)
    spool = recorded(tmp_path, ALL_KINDS, capture_events=wanted)
    assert {event.kind for event in spool.events} == set(wanted) - {"await"}


def test_frames_are_recorded_in_any_case(tmp_path: Path) -> None:
    spool = recorded(tmp_path, ALL_KINDS, capture_events=())
    assert {event.kind for event in spool.events} == set(FRAME_KINDS) - {"await"}
    check(spool)


def test_excluded_function_and_all_inside_it_stay_plain(tmp_path: Path) -> None:
    source = """
    class C:
        def __repr__(self): return "C"
        def kept(self): return repr(self)
    def outer():
        def inner(): pass
        inner(); return C().kept()
    outer()
    """
    patterns = ("subject.C.__*__", "*.outer")
    spool = recorded(tmp_path, source, exclude_functions=patterns)
    assert {event.function for event in spool.events} == {"<module>", "C.kept"}


def test_secrets_reach_no_file(tmp_path: Path) -> None:
    """A marked secret is in nothing that the core wrote, however it was bound."""
    source = """
    import os
    MARK = "hunter" + "2hunter2"
    class Account:
        __slots__ = ("password",)
    class Login: pass
    def login(user, password, *, api_key=None, **tokens):
        secret = password
        secret_2: str = secret
        a, auth_token = 1, secret
        for otp in [secret]: pass
        if (pin := secret): pass
        account = Account(); account.password = secret
        box = Login(); box.apiKey = secret; box.apiKey += ""
        d = {"password": secret}; d["Cookie"] = secret; d["Cookie"] += ""
        rows = [{"deep": [{"X-Auth": secret}]}]
        secret += "more"
        match d:
            case {"password": jwt}: pass
        with open(os.devnull) as session: pass
        passwords = []
        passwords.append(password)
        return None
    login("u", MARK, api_key=MARK, my_token=MARK)
    """
    # The mark stands as a whole in no source; the module's own name for it is not a secret one.
    source = source.replace("MARK = ", "credential = ").replace("MARK", "credential")
    spool = recorded(tmp_path, source)
    (redacted,) = spool.controls(Control.REDACTED)
    assert redacted.rest[1] > 20
    for path in (tmp_path / "spool").glob("*.seg"):
        assert b"hunter2hunter2" not in path.read_bytes(), path


def test_probe_at_fault_is_turned_off_and_told_once(tmp_path: Path) -> None:
    """An error of ours is counted and reported; the program goes on, and so does the recording."""
    source = "def f(x):\n    y = x\n    return y\nfor i in range(3): f(i)\n"
    path = write(tmp_path, source)
    with recording(tmp_path / "spool") as made:
        call = getattr(builtins, f"{PREFIX}{CALL}")

        def failing(site: int, *values: object) -> None:
            # A value more than the function has parameters: that is no call of this site.
            call(site, *values, *([None] if values else []))

        setattr(builtins, f"{PREFIX}{CALL}", failing)
        outcome = run(made.code(path), path)
        spool = made.read()
    assert outcome.traceback == ""
    (fault,) = (one for one in spool.reports if one["what"] == "probe-fault")
    assert fault["name"] == "f"
    assert fault["why"].startswith("ValueError: ")
    assert len(spool.of("loop")) == 3
    # A frame that no call told of has no events.
    assert {event.function for event in spool.events} == {"<module>"}


def test_exception_of_a_signal_handler_is_the_programs(tmp_path: Path) -> None:
    """What a signal handler raises while a probe runs passes through the probe."""
    source = """
    import signal, time
    class Alarm(Exception): pass
    def ring(*_): raise Alarm
    signal.signal(signal.SIGALRM, ring)
    caught = 0
    def busy():
        x = 0
        while True: x += 1
    for i in range(5):
        signal.setitimer(signal.ITIMER_REAL, 0.003)
        try: busy()
        except Alarm: caught += 1
    """
    outcome, _ = record(tmp_path, dedent(source))
    assert outcome.traceback == ""
    assert outcome.namespace["caught"] == 5


def test_fork_makes_new_streams_under_the_session_it_happened_in(tmp_path: Path) -> None:
    path = write(tmp_path, "def f(x): return x\n")
    with recording(tmp_path / "spool") as made:
        function = run(made.code(path), path).namespace["f"]
        made.core.open_session("script", "app.py", "__main__", "<module>")
        child = os.fork()
        if not child:
            made.core.after_fork()
            function("child")
            os._exit(0)
        os.waitpid(child, 0)
        function("parent")
        made.core.close_session(None)
        spool = made.read()
    told = [event.arguments[0] for event in spool.of("call") if event.function == "f"]
    assert sorted(told) == ["child", "parent"]
    ids = {one["trigger"]: one for one in spool.sessions}
    assert ids["subject.f"]["parent"] == ids["app.py"]["id"]


def test_sessions_of_both_processes_have_ids_of_their_own(tmp_path: Path) -> None:
    """What is kept for the ids to come is not drawn from by parent and child alike."""
    path = write(tmp_path, "def f(x): return x\n")
    with recording(tmp_path / "spool") as made:
        function = run(made.code(path), path).namespace["f"]
        child = os.fork()
        if not child:
            made.core.after_fork()
        for number in range(50):
            function(number)
        if not child:
            os._exit(0)
        os.waitpid(child, 0)
        spool = made.read()
    # Without the time that they begin with.
    drawn = [one["id"][13:] for one in spool.sessions if one["trigger"] == "subject.f"]
    assert len(drawn) == len(set(drawn)) == 100


def test_fork_writes_nothing_before_the_child_has_something_to_record(tmp_path: Path) -> None:
    """A child of it has the session as parent in which the first fork happened."""
    path = write(tmp_path, "def f(x): return x\n")
    with recording(tmp_path / "spool") as made:
        function = run(made.code(path), path).namespace["f"]
        made.core.open_session("script", "app.py", "__main__", "<module>")
        child = os.fork()
        if not child:
            made.core.after_fork()
            grandchild = os.fork()
            if not grandchild:
                made.core.after_fork()
                function("grandchild")
                os._exit(0)
            os.waitpid(grandchild, 0)
            os._exit(0)
        os.waitpid(child, 0)
        made.core.close_session(None)
        spool = made.read()
    assert child not in {name.pid for name, _ in segments(made.folder)}
    (told,) = (one for one in spool.sessions if one["trigger"] == "subject.f")
    (script,) = (one for one in spool.sessions if one["trigger"] == "app.py")
    assert told["parent"] == script["id"]


def test_nothing_is_recorded_after_the_end(tmp_path: Path) -> None:
    path = write(tmp_path, "def f(x): return x\n")
    with recording(tmp_path / "spool") as made:
        function = run(made.code(path), path).namespace["f"]
        made.close()
        before = len(read(made.folder).events)
        assert function(1) == 1
        assert len(read(made.folder).events) == before


def test_thread_that_is_over_gives_its_segment_away(tmp_path: Path) -> None:
    """A server's many short threads leave no open segment behind, and their events are counted."""
    path = write(tmp_path, "def f(x): return x\n")
    with recording(tmp_path / "spool", segment_bytes=4096) as made:
        function = run(made.code(path), path).namespace["f"]
        for number in range(20):
            thread = threading.Thread(target=function, args=(number,))
            thread.start()
            thread.join()
        opened = [path for name, path in segments(made.folder) if path.read_bytes()[16] == OPEN]
        assert len(opened) == 2, "the process's own and this thread's"
        assert len(made.core._recorders) == 1
        spool = made.read()
    assert spool.goodbyes[0]["events"] == len(spool.events)
    assert [event.arguments for event in spool.of("call")[1:]] == [(n,) for n in range(20)]


INTERRUPTED = """
import gc, signal, time
class Node:
    def __init__(self): self.me = self
    def __del__(self):
        x = [1]
        x.append(2)
def generator():
    try: yield 1
    finally: z = 3
def forget():
    it = generator(); next(it)
    cycle = [it]; cycle.append(cycle)
rings = left = 0
def ring(*_):
    global rings, left
    rings += 1
    left -= 1
    if left > 0:
        signal.setitimer(signal.ITIMER_REAL, 0.0005)
    return [rings]
def work(i):
    a = [i]
    Node(); forget()
    return {"k": a}
gc.set_threshold(3)
signal.signal(signal.SIGALRM, ring)
begun = time.monotonic()
while time.monotonic() < begun + 1 or rings <= 100 and time.monotonic() < begun + 60:
    left = 20  # in a round, so that a slow machine does not nest them up to the recursion limit
    signal.setitimer(signal.ITIMER_REAL, 0.0005)
    for i in range(50): work(i)
signal.setitimer(signal.ITIMER_REAL, 0)
gc.set_threshold(700, 10, 10)
gc.collect()
"""


def test_what_interrupts_a_probe_is_recorded_after_it(tmp_path: Path) -> None:
    """Signal handlers and finalizers run within probes; no record is torn and none is lost."""
    outcome, spool = record(tmp_path, INTERRUPTED, segment_bytes=8192)
    assert outcome.traceback == ""
    check(spool)
    calls = Counter(event.function for event in spool.of("call"))
    assert calls["ring"] == outcome.namespace["rings"] > 100
    assert calls["Node.__del__"] == calls["Node.__init__"] == calls["work"]
    assert calls["generator"] == calls["forget"] == calls["work"]


def test_what_comes_in_the_middle_of_a_record_waits_for_its_end(tmp_path: Path) -> None:
    """A signal handler may report or import at any moment; a trace function stands for it."""
    nothing = run_table(SiteTable((), ()))
    entered: list[object] = []
    with recording(tmp_path / "spool") as made:

        def interrupt(frame: FrameType, _event: str, _arg: object) -> None:
            if frame.f_code is Stream.append.__code__ and not entered:
                entered.append(None)
                made.core.report("module-skipped", "inner", "said while another is written")
                entered.append(made.core.add_module("m", nothing, b""))

        sys.settrace(interrupt)
        try:
            made.core.report("module-skipped", "outer", "said first")
        finally:
            sys.settrace(None)
        assert entered == [None, None]
        assert [one["name"] for one in made.read().reports] == ["outer", "inner"]


def test_sites_are_numbered_once_though_an_import_interrupts_another() -> None:
    table = run_table(SiteTable((Function("f", 1, 0, ()),), (Site("loop", 0, 1, 0, 1, 1),) * 3))
    registry = Registry(Secrets(SecretNames(())))
    bases: list[int] = []

    def interrupt(frame: FrameType, _event: str, _arg: Any) -> Any:
        inside = frame.f_code in (Registry.add.__code__, Registry._reserve.__code__)
        if inside and len(bases) < 20:
            sys.settrace(None)
            bases.append(registry.add("n", table))
            sys.settrace(interrupt)
        return interrupt

    sys.settrace(interrupt)
    try:
        bases.append(registry.add("m", table))
    finally:
        sys.settrace(None)
    assert sorted(bases) == list(range(0, 3 * len(bases), 3))
    assert all(registry.called(base).qualname == "f" for base in bases)
    assert [one[1] for one in registry.prefix[: 3 * len(bases)]] == list(range(3 * len(bases)))
