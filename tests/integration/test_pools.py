"""What pools run for a program: each call is one session, of the session that has asked for it."""

import sys
from collections import Counter
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.integration.terminal import answers, errors_of, python, rewind
from tests.integration.test_processes import await_writer

WORK = """
import asyncio, concurrent.futures as futures, contextvars, functools, gc, inspect, multiprocessing
import sys, traceback, weakref
import rewind
asked_by = contextvars.ContextVar("asked_by", default=None)

def work(n):
    if n == 13:
        raise ValueError(n)
    return n + 1

def depth(n):
    return len(inspect.stack())

def chain(n):
    with futures.ThreadPoolExecutor(1) as inner:
        return inner.submit(work, n).result()

def ask(pool, count):
    for n in range(count):
        with rewind.session(f"asks {n}"):
            print(pool.submit(work, n).result(), list(pool.map(work, [n, n])))
    with rewind.session("fails"):
        failed = pool.submit(work, 13)
        print(repr(failed.exception()))
        traceback.print_exception(failed.exception(), file=sys.stdout)
"""


@cache
def told(folder: Path) -> list[dict[str, Any]]:
    """Return the sessions of what has ended, in their order, each with its parent's trigger."""
    sessions = answers(folder, "sessions", "--limit", "100")
    triggers = {one["id"]: one["trigger"] for one in sessions}
    return [one | {"of": triggers.get(one["parent"])} for one in reversed(sessions)]


def of(folder: Path, parent: str) -> list[tuple[str, str]]:
    return [(one["trigger"], one["status"]) for one in told(folder) if one["of"] == parent]


def same(folder: Path, source: str, **environ: str) -> None:
    """Run the program plain and recorded: nothing that it says differs."""
    (folder / "app.py").write_text(WORK + dedent(source))
    plain = python(folder, "app.py")
    assert plain.returncode == 0, plain.stderr
    recorded = rewind(folder, "run", "app.py", **environ)
    assert (recorded.stdout, errors_of(recorded)) == (plain.stdout, plain.stderr)


@pytest.fixture(params=["native", "python"])
def core(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


def test_a_call_in_a_thread_is_a_session_of_who_submitted_it(tmp_path: Path, core: str) -> None:
    source = """
    with futures.ThreadPoolExecutor(2) as pool:
        ask(pool, 5)
    """
    same(tmp_path, source, REWIND_CORE=core)
    for n in range(5):
        assert of(tmp_path, f"asks {n}") == [("__main__.work", "completed")] * 3
    assert of(tmp_path, "fails") == [("__main__.work", "error")]


def test_a_call_that_is_not_recorded_itself_is_one_session_all_the_same(tmp_path: Path) -> None:
    """And where nothing is recorded of it, there is none."""
    source = """
    with futures.ThreadPoolExecutor(1) as pool:
        with rewind.session("asks"):
            print(pool.submit(functools.reduce, lambda a, n: work(a) + work(n), range(3)).result())
            print(pool.submit(sum, [1, 2]).result())
        with rewind.session("fails"):
            print(repr(pool.submit(list, map(work, [1, 12, 13])).exception()))
    """
    same(tmp_path, source)
    assert of(tmp_path, "asks") == [("__main__.work", "completed")]
    assert of(tmp_path, "fails") == [("__main__.work", "error")]


def test_a_pools_call_that_asks_another_pool_is_its_parent(tmp_path: Path) -> None:
    source = """
    with futures.ThreadPoolExecutor(1) as pool, rewind.session("asks"):
        print(pool.submit(chain, 1).result())
    """
    same(tmp_path, source)
    assert of(tmp_path, "asks") == [("__main__.chain", "completed")]
    assert of(tmp_path, "__main__.chain") == [("__main__.work", "completed")]


def test_asyncio_asks_pools_for_the_task_that_runs(tmp_path: Path, core: str) -> None:
    source = """
    async def ask(n):
        with rewind.session(f"asks {n}"):
            asked_by.set(n)
            loop = asyncio.get_running_loop()
            first = await asyncio.to_thread(lambda: (work(n), asked_by.get()))
            return first, await loop.run_in_executor(None, work, n)

    async def main():
        return await asyncio.gather(*(ask(n) for n in range(5)))

    print(asyncio.run(main()))
    """
    same(tmp_path, source, REWIND_CORE=core)
    for n in range(5):
        assert Counter(of(tmp_path, f"asks {n}")) == {("__main__.work", "completed"): 2}


@pytest.mark.parametrize(
    ("method", "core"), [("fork", "native"), ("spawn", "python"), ("forkserver", "native")]
)
def test_a_call_in_a_process_is_a_session_of_who_submitted_it(
    tmp_path: Path, method: str, core: str
) -> None:
    source = f"""
    def main():
        context = multiprocessing.get_context("{method}")
        with futures.ProcessPoolExecutor(2, mp_context=context) as pool:
            ask(pool, 3)

    if __name__ == "__main__":
        main()
    """
    same(tmp_path, source, REWIND_CORE=core)
    for n in range(3):
        # Workers that are started anew import the module, for the session that has started them.
        calls = [status for name, status in of(tmp_path, f"asks {n}") if name.endswith(".work")]
        assert calls == ["completed"] * 3
    assert [status for _, status in of(tmp_path, "fails")] == ["error"]


def test_pools_behave_as_they_do(tmp_path: Path) -> None:
    """Stacks, cancellation, what is alive for how long, and what a future says of itself."""
    source = """
    class Argument:
        pass

    def hold(argument):
        return None

    with futures.ThreadPoolExecutor(1) as pool:
        print(pool.submit(depth, 1).result(), pool.submit(sys.getrecursionlimit).result())
        blocked = pool.submit(lambda: gate.result())
        gate = futures.Future()
        waiting = pool.submit(work, 1)
        print(waiting.cancel(), waiting.cancelled(), repr(waiting).partition(" state=")[2])
        gate.set_result(3)
        print(blocked.result())
        argument = Argument()
        gone = weakref.ref(argument)
        done = pool.submit(hold, argument)
        del argument
        done.result()
        pool.submit(work, 1).result()
        print(gone())
        failed = pool.submit(work, 13)
        futures.wait([failed])
        print(gc.get_referrers(failed) == gc.get_referrers(blocked))
    with futures.ThreadPoolExecutor(1, initializer=work, initargs=(13,)) as pool:
        print(repr(pool.submit(work, 1).exception()))
    """
    (tmp_path / "app.py").write_text(WORK + dedent(source))
    plain = python(tmp_path, "app.py")
    recorded = rewind(tmp_path, "run", "app.py")
    assert (recorded.returncode, recorded.stdout) == (plain.returncode, plain.stdout)


@pytest.mark.parametrize("rate", ["0", "1"])
def test_what_a_session_that_is_passed_over_asks_for_is_passed_over(
    tmp_path: Path, rate: str
) -> None:
    source = """
    rewind.start(include=["beside"], sampling_rate=float(sys.argv[1]))
    import beside
    with futures.ThreadPoolExecutor(1) as pool, rewind.session("asks"):
        print(pool.submit(beside.work, 1).result())
    with futures.ProcessPoolExecutor(1) as pool, rewind.session("asks"):
        print(pool.submit(beside.work, 2).result())
    """
    (tmp_path / "beside.py").write_text("def work(n):\n    return n + 1\n")
    (tmp_path / "app.py").write_text(WORK + dedent(source))
    assert python(tmp_path, "app.py", rate).stdout == "2\n3\n"
    await_writer(tmp_path)
    triggers = [one["trigger"] for one in told(tmp_path)]
    assert triggers.count("beside.work") == triggers.count("asks") == 2 * int(rate)


def test_a_thread_is_of_the_task_that_starts_it_whoever_was_seen_last(
    tmp_path: Path, core: str
) -> None:
    """And of whom a pool works for, where nothing of that was recorded yet."""
    beside = """
    import asyncio, rewind

    def work(n):
        return n

    async def waits():
        with rewind.session("waits"):
            work(1)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
    """
    # Not recorded: nothing tells that another task runs.
    source = """
    import threading, beside

    async def main():
        waiting = asyncio.create_task(beside.waits())
        await asyncio.sleep(0)
        thread = threading.Thread(target=beside.work, args=(2,))
        thread.start()
        await waiting
        thread.join()

    asyncio.run(main())
    with futures.ThreadPoolExecutor(1) as pool, rewind.session("asks"):
        thread = threading.Thread(target=beside.work, args=(4,))
        pool.submit(thread.start).result()
        thread.join()
    """
    (tmp_path / "beside.py").write_text(dedent(beside))
    (tmp_path / "app.py").write_text(WORK + dedent(source))
    recorded = {"REWIND_ENABLED": "1", "REWIND_INCLUDE": "beside", "REWIND_CORE": core}
    assert python(tmp_path, "app.py", **recorded).returncode == 0
    await_writer(tmp_path)
    assert [one["kind"] for one in told(tmp_path) if one["of"] == "waits"] == []
    assert of(tmp_path, "asks") == [("beside.work", "completed")]


POOLED = """
import multiprocessing, os, pickle
from multiprocessing.pool import ThreadPool

class Unsendable:
    def __reduce__(self):
        raise ValueError("it stays here")

def gives(n):
    return Unsendable()

def begins(word):
    global greeting
    greeting = word

def greets(n):
    return greeting, n

def stands(n):
    return len(inspect.stack()), sys.getrecursionlimit(), sum(map(work, [n, n]))

def asks(pool):
    for n in range(3):
        with rewind.session(f"asks {n}"):
            print(pool.apply(work, (n,)), pool.apply_async(work, (n,)).get())
    with rewind.session("maps"):
        print(pool.map(work, range(6), chunksize=3), pool.starmap(work, [(1,)]))
    with rewind.session("goes through"):
        print(list(pool.imap(work, range(3))), sorted(pool.imap_unordered(work, [1])))
    with rewind.session("is not recorded itself"):
        print(pool.apply(functools.reduce, (max, [1, 2])), pool.apply(sum, ([1],)))
    with rewind.session("fails"):
        failed = pool.apply_async(work, (13,))
        failed.wait()
        try:
            failed.get()
        except ValueError as error:
            traceback.print_exc(file=sys.stdout)
            print(type(error.__cause__).__name__)
    print(pool.apply(work, (7,)), pool.apply(stands, (7,)))

def misbehaves(pool):
    for function, argument in ((work, Unsendable()), (gives, 1), (lambda n: n, 1)):
        try:
            print(type(pool.apply(function, (argument,))))
        except Exception as error:
            print(type(error).__name__, str(error).partition(" at 0x")[0])
"""


@pytest.mark.parametrize(
    ("method", "core"), [("fork", "native"), ("spawn", "python"), ("forkserver", "native")]
)
def test_a_call_in_a_worker_is_a_session_of_who_asked_the_pool(
    tmp_path: Path, method: str, core: str
) -> None:
    source = f"""
    def main():
        context = multiprocessing.get_context("{method}")
        with context.Pool(2, begins, ("hello",), maxtasksperchild=4) as pool:
            asks(pool)
            print(pool.apply(greets, (1,)))
            misbehaves(pool)

    if __name__ == "__main__":
        main()
    """
    same(tmp_path, POOLED + dedent(source), REWIND_CORE=core)
    check_asked(tmp_path)


def check_asked(folder: Path) -> None:
    sessions = told(folder)
    # As workers that are started anew call the module.
    done = {one["id"]: one["trigger"].replace("__mp_main__", "__main__") for one in sessions}
    asked = Counter((one["of"], done[one["id"]], one["status"]) for one in sessions if one["of"])
    work = "__main__.work"
    assert {
        key: count for key, count in asked.items() if key[1] == work and key[0] != "app.py"
    } == {
        **{(f"asks {n}", work, "completed"): 2 for n in range(3)},
        ("maps", work, "completed"): 3,
        ("goes through", work, "completed"): 4,
        ("fails", work, "error"): 1,
    }


def test_a_call_in_a_pool_of_threads_is_so_too(tmp_path: Path, core: str) -> None:
    source = """
    with ThreadPool(2, begins, ("hello",)) as pool:
        asks(pool)
        print(pool.apply(greets, (1,)))
        misbehaves(pool)
    """
    same(tmp_path, POOLED + dedent(source), REWIND_CORE=core)
    check_asked(tmp_path)


def test_a_pool_that_is_closed_or_ended_does_so_as_it_does(tmp_path: Path) -> None:
    source = """
    def main():
        pool = multiprocessing.Pool(2)
        with rewind.session("asks"):
            waiting = pool.map_async(work, range(20, 70))
        print(sum(waiting.get()))
        pool.close()
        pool.join()
        pool = multiprocessing.Pool(1)
        never = pool.apply_async(time.sleep, (600,))
        pool.terminate()
        pool.join()
        print(never.ready(), gc.collect() >= 0, multiprocessing.active_children())

    import time
    if __name__ == "__main__":
        main()
    """
    same(tmp_path, POOLED + dedent(source))
    assert set(of(tmp_path, "asks")) == {("__main__.work", "completed")}


def test_workers_of_another_interpreter_take_calls_as_ever(tmp_path: Path) -> None:
    """And those that know nothing of Rewind."""
    source = """
    def main():
        multiprocessing.set_executable(sys.argv[1])
        with multiprocessing.get_context("spawn").Pool(1) as pool, rewind.session("asks"):
            print(pool.map(abs, [-1, -2]))

    if __name__ == "__main__":
        main()
    """
    plainest = tmp_path / "isolated"
    plainest.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    plainest.chmod(0o755)
    (tmp_path / "app.py").write_text("import multiprocessing, sys, rewind\n" + dedent(source))
    recorded = rewind(tmp_path, "run", "app.py", str(plainest))
    assert recorded.stdout == "[1, 2]\n", recorded.stderr


def test_a_call_in_a_greenlet_is_a_session_of_who_submitted_it(tmp_path: Path, core: str) -> None:
    """Several are at work on one thread, where gevent has put greenlets in the place of threads."""
    source = """
    from gevent import monkey; monkey.patch_all()
    import concurrent.futures as futures, time
    import rewind

    def work(n):
        time.sleep(0.01)
        return n + 1

    def ask(n):
        with rewind.session(f"asks {n}"):
            return pool.submit(map_twice, n).result()

    def map_twice(n):
        return sum(map(work, [n, n]))

    with futures.ThreadPoolExecutor(3) as pool, futures.ThreadPoolExecutor(3) as askers:
        print(list(askers.map(ask, range(6))))
    """
    (tmp_path / "app.py").write_text(dedent(source))
    plain = python(tmp_path, "app.py")
    settings = {"REWIND_EXCLUDE_FUNCTIONS": "*.map_twice", "REWIND_CORE": core}
    recorded = rewind(tmp_path, "run", "app.py", **settings)
    assert (recorded.stdout, errors_of(recorded)) == (plain.stdout, plain.stderr)
    for n in range(6):
        assert of(tmp_path, f"asks {n}") == [("__main__.work", "completed")]
