"""What Python compiles is given probes, however deep it is nested."""

import sys
import threading
from pathlib import Path

import pytest

from rewind.model.events import KINDS
from rewind.transform import Options, builders, transform
from tests.instrumented import record

EVERYTHING = Options(frozenset(KINDS), (), "all", True, True, True, True)
DEEP = {
    "sum": "def f(x): return " + " + ".join(["x"] * 2500) + "\n",
    "text": "x = 'z'\ns = " + " + ".join([*["'ab'"] * 2500, "x"]) + "\n",
    "chain": "def f(x): return x" + ".b()" * 1200 + "\n",
    "elif": "def f(x):\n if x == 0: y = 0\n"
    + "".join(f" elif x == {n}: y = {n}\n" for n in range(1, 2500))
    + " return y\n",
}
in_c = pytest.mark.skipif(
    isinstance(builders.with_room, type(transform)), reason="the extension makes the room"
)


@in_c
@pytest.mark.parametrize("options", [Options(), EVERYTHING], ids=["default", "everything"])
@pytest.mark.parametrize("source", DEEP.values(), ids=DEEP)
def test_source_nested_as_deep_as_python_goes_is_recorded(source: str, options: Options) -> None:
    compile(source, "m", "exec")
    made = transform(source.encode(), "/m.py", "m", options)
    assert made.skipped == ()
    assert len(made.table.sites) > 4


@in_c
def test_long_chain_of_elif_tells_every_test(tmp_path: Path) -> None:
    outcome, spool = record(tmp_path, DEEP["elif"] + "r = f(2400)\n")
    assert outcome.namespace["r"] == 2400
    assert [one.values[0] for one in spool.of("branch")] == [False] * 2400 + [True]
    assert spool.reports == []


@in_c
@pytest.mark.skipif(sys.version_info >= (3, 13), reason="its compiler asks for no room")
def test_no_more_room_is_made_than_the_stack_has() -> None:
    """In a thread with a small stack the module stays plain: nothing is written behind its end."""
    source = b"x = 1\ny = " + b" + ".join([b"x"] * 1700)
    told: list[object] = []

    def work() -> None:
        try:
            told.append(transform(source, "/m.py", "m", Options()))
        except RecursionError as error:
            told.append(type(error))

    before = threading.stack_size(768 << 10)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert told == [RecursionError]


def test_room_is_given_back() -> None:
    def depth() -> int:
        try:
            return depth() + 1
        except RecursionError:
            return 0

    def fails() -> None:
        raise KeyError

    before, limit = depth(), sys.getrecursionlimit()
    assert builders.with_room(lambda: 5) == 5
    with pytest.raises(KeyError):
        builders.with_room(fails)
    assert (depth(), sys.getrecursionlimit()) == (before, limit)


@in_c
def test_there_is_room_for_calls_meanwhile() -> None:
    def depth(left: int) -> int:
        return depth(left - 1) + 1 if left else 0

    deeper = 3 * sys.getrecursionlimit()
    with pytest.raises(RecursionError):
        depth(deeper)
    if sys.version_info < (3, 13):  # whose compiler goes as deep as its stack has room
        assert builders.with_room(lambda: depth(deeper)) == deeper
