"""What a program prints is an event at its moment, whichever core records."""

import importlib
import io
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import rewind
from rewind.capture import why_not_native
from tests.instrumented import Recording, recording, run, write
from tests.spool_reading import Event, Spool, read

pytestmark = pytest.mark.skipif(why_not_native() is not None, reason="only the extension sees it")


class Streams:
    """Standard streams as a process has them, in place of pytest's."""

    def __init__(self) -> None:
        self.out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        self.err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")

    @contextmanager
    def placed(self) -> Iterator[None]:
        with redirect_stdout(self.out), redirect_stderr(self.err):
            yield

    def written(self) -> tuple[str, str]:
        """Return what went to each."""
        found = []
        for stream in (self.out, self.err):
            stream.flush()
            assert isinstance(stream.buffer, io.BytesIO)
            found.append(stream.buffer.getvalue().decode())
        return found[0], found[1]


@contextmanager
def made(folder: Path, source: str, **settings: Any) -> Iterator[tuple[Recording, Any]]:
    """Record; gives the recording and the names of a module that is recorded."""
    path = write(folder, dedent(source))
    with recording(folder / "spool", **settings) as running:
        outcome = run(running.code(path), path)
        assert outcome.traceback == ""
        yield running, outcome.namespace


def told(spool: Spool) -> list[tuple[str | None, Any]]:
    """Return stream and text of each event, in order."""
    return [(event.name, event.payload[0]) for event in spool.of("output")]


def texts(spool: Spool, stream: str) -> str:
    return "".join(text for name, text in told(spool) if name == stream)


SAYS = """
import sys
def says(*values, **how):
    print(*values, **how)
def writes(text, file=None):
    (file or sys.stdout).write(text)
def does(function, *arguments):
    return function(*arguments)
"""


def test_one_print_is_one_event_of_its_frame_and_line(tmp_path: Path) -> None:
    with made(tmp_path, SAYS) as (running, names):
        names["says"]("x =", 1, [2])
        names["writes"]("a\\nb", sys.stderr)
        spool = running.read()
    assert told(spool) == [("stdout", "x = 1 [2]\n"), ("stderr", "a\\nb")]
    first, second = spool.of("output")
    assert (first.payload[1], second.payload[1]) == (4, 6)
    kinds = [event.kind for event in spool.events if event.session == first.session]
    assert kinds == ["call", "output", "return"]


def test_the_texts_of_a_stream_are_what_was_written(tmp_path: Path) -> None:
    source = """
    import sys
    class Prints:
        def __str__(self):
            print("within", end="")
            sys.stdout.write(" and written\\n")
            return "outer"
    def all_ways():
        print(), print("a", "b", sep="\\n"), print("open", end=""), print(" and closed")
        print("left", Prints(), "right"), print("error", 1, file=sys.stderr)
        sys.stdout.writelines(["x", "\\n", "y"]), print(*range(30_000)), print("", end="")
        try: print("begun", Fails())
        except ValueError: pass
    class Fails:
        def __str__(self): raise ValueError
    """
    streams = Streams()
    with made(tmp_path, source, max_value_bytes=1 << 20) as (running, names), streams.placed():
        names["all_ways"]()
        spool = running.read()
    assert (texts(spool, "stdout"), texts(spool, "stderr")) == streams.written()
    assert texts(spool, "stderr") == "error 1\n"
    assert ("stdout", "left ") in told(spool)
    assert all(text for _, text in told(spool))


def test_what_is_no_standard_stream_is_left_alone(tmp_path: Path) -> None:
    with made(tmp_path, SAYS) as (running, names), (tmp_path / "file").open("w") as file:
        names["says"]("in a file", file=file)
        names["says"]("kept", file=io.StringIO())
        names["does"](os.write, os.open(os.devnull, os.O_WRONLY), b"bytes")
        names["does"](sys.stdout.buffer.write, b"bytes")
        assert told(running.read()) == []


def test_nothing_is_told_outside_of_sessions_and_of_others_threads(tmp_path: Path) -> None:
    with made(tmp_path, SAYS) as (running, names):
        print("nobody's")
        thread = threading.Thread(target=print, args=("a thread's",))
        thread.start()
        thread.join()
        with rewind.session("named"):
            print("named")
        names["says"]("recorded")
        assert told(running.read()) == [("stdout", "named\n"), ("stdout", "recorded\n")]


def test_each_thread_tells_its_own(tmp_path: Path) -> None:
    with made(tmp_path, SAYS) as (running, names):
        threads = [threading.Thread(target=names["says"], args=(n, "said")) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spool = running.read()
    assert sorted(told(spool)) == [("stdout", f"{n} said\n") for n in range(4)]
    assert len({event.session for event in spool.of("output")}) == 4


def test_the_setting_leaves_it_out(tmp_path: Path) -> None:
    with made(tmp_path, SAYS, output=False) as (running, names):
        names["says"]("unseen")
        spool = running.read()
    assert (told(spool), spool.reports) == ([], [])


def test_texts_are_bounded_and_redacted(tmp_path: Path) -> None:
    key = "ghp_" + "a1B2" * 9
    with made(tmp_path, SAYS, max_value_bytes=100) as (running, names):
        names["says"]("the key is", key)
        names["says"]("x" * 3000)
        spool = running.read()
    for file in (tmp_path / "spool").rglob("*.seg*"):
        assert key.encode() not in file.read_bytes()
    hidden, cut = (event.payload[0] for event in spool.of("output"))
    assert not isinstance(hidden, str)
    assert not isinstance(cut, str)
    assert "x" * 60 in str(cut)
    assert "3001" in str(cut)


def test_after_the_end_all_is_as_before(tmp_path: Path) -> None:
    before = hash(print), hash(sys.stdout.write), io.TextIOWrapper.write
    bound = sys.stdout.write
    with made(tmp_path, SAYS) as (running, names):
        assert (hash(print), io.TextIOWrapper.write) == (before[0], before[2])
        meanwhile = sys.stdout.write
        names["does"](meanwhile, "told")
        names["does"](bound, "from before")
        running.close()
        assert (hash(print), hash(sys.stdout.write), io.TextIOWrapper.write) == before
        assert (sys.stdout.write == bound, meanwhile("later")) == (True, 5)
        names["does"](print, "later")
        assert told(running.read()) == [("stdout", "told")]


def test_print_is_seen_however_hot_the_code_is(tmp_path: Path) -> None:
    def hot(text: str) -> None:
        print(text, end="")
        sys.stdout.write(text)

    for _ in range(100):
        hot("before ")
    with made(tmp_path, SAYS) as (running, names):
        for _ in range(100):
            names["does"](hot, "x")
        assert texts(running.read(), "stdout") == "xx" * 100


def test_what_is_printed_while_another_is_told_is_written_and_no_more(tmp_path: Path) -> None:
    """As by a finalizer."""
    streams = Streams()
    with made(tmp_path, SAYS) as (running, names), streams.placed():
        original = running.core._said._engine.say

        def prints(site: int, text: str) -> None:
            print("of the listener")
            original(site, text)

        running.core._said._engine.say = prints  # type: ignore[assignment]
        names["says"]("once")
        assert told(running.read()) == [("stdout", "once\n")]
    assert streams.written()[0] == "once\nof the listener\n"


def test_a_fault_of_ours_is_reported_and_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with made(tmp_path, SAYS) as (running, names):
        monkeypatch.setattr(running.core._said, "_sites", None)
        names["says"]("one")
        names["says"]("two")
        spool = running.read()
    assert told(spool) == []
    (report,) = spool.reports
    assert (report["what"], report["name"]) == ("probe-fault", "rewind.output")


def test_an_interrupt_while_it_is_told_is_the_programs(tmp_path: Path) -> None:
    with made(tmp_path, SAYS) as (running, names):

        def interrupted(_: int, __: str) -> None:
            raise KeyboardInterrupt

        running.core._said._engine.say = interrupted  # type: ignore[assignment]
        for function in (print, sys.stdout.write):
            with pytest.raises(KeyboardInterrupt):
                names["does"](function, "text")

        class Fails:
            def __str__(self) -> str:
                raise ValueError

        with pytest.raises(KeyboardInterrupt) as raised:
            names["does"](print, "begun", Fails())
        assert isinstance(raised.value.__context__, ValueError)


@pytest.mark.parametrize("why", ["no such module", "another one"])
def test_where_the_streams_cannot_be_seen_the_recording_says_so(
    why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str) -> None:
        raise ImportError(why)

    monkeypatch.setattr(importlib, "import_module", missing)
    with made(tmp_path, SAYS) as (running, names):
        names["says"]("unseen")
        spool = running.read()
    assert told(spool) == []
    (report,) = spool.reports
    assert (report["what"], report["name"]) == ("output-missing", "print")
    assert why in report["why"]


def test_a_child_of_a_fork_tells_its_own(tmp_path: Path) -> None:
    with made(tmp_path, SAYS) as (running, names):
        names["says"]("parent")
        child = os.fork()
        if not child:
            try:
                running.core.after_fork()
                names["says"]("child")
                running.close()
            finally:
                os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        names["says"]("parent again")
        running.close()
    found: list[Event] = read(tmp_path / "spool").of("output")
    assert sorted(event.payload[0] for event in found) == ["child\n", "parent\n", "parent again\n"]
