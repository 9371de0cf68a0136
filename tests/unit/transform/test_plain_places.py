"""What stays plain because the source says so, or because probes would be too much for it."""

import ast
from pathlib import Path

import pytest

from rewind.transform import Options, compiled, functions
from tests.instrumented import both, record
from tests.property.well_formed import check
from tests.unit.transform.test_rewriting import rewritten, shown

MARKED = """
import rewind
import rewind as r
from rewind import skip as s
class A:
    def m(self, v):
        y = v  # rewind: off
        if y:  # rewind: off
            z = 5
            return z
        t = "# rewind: off"
        return t
    @s
    def n(self): return 7
@r.skip
class B:
    def m(self): return 1
def f(
    a,  # rewind: off
    b,
):
    return 1
@rewind.skip
def g(): return 2
@staticmethod  # rewind: off
def h(): return 3
def gen():
    for i in range(1):  # rewind: off
        x = yield i
    # rewind: off
    k = 3
def e():
    try:
        raise KeyError  # rewind: off
    except KeyError as err:
        q = 1
    with __import__("contextlib").suppress(ValueError):  # rewind: off
        def inner(): return 1
        inner()
        raise ValueError
    return 1
a = A()
print(a.m(0), a.m(1), a.n(), B().m(), f(1, 2), g(), h(), list(gen()), e())
"""


def test_what_is_off_makes_no_events_but_keeps_frames_true(tmp_path: Path) -> None:
    outcome, spool = record(tmp_path, MARKED, lambdas=True)
    assert outcome.stdout == "# rewind: off 5 7 1 1 2 3 [0] 1\n"
    names = {event.function for event in spool.events}
    assert names == {"<module>", "A.m", "gen", "e"}
    assert spool.story("A.m", "gen", "e").splitlines() == [
        "call A.m(<instance subject.A {}>, 0)",
        "t = '# rewind: off'",
        "return '# rewind: off'",
        "call A.m(<instance subject.A {}>, 1)",
        "return <omitted OFF>",
        "call gen()",
        "yield <omitted OFF>",
        "off -> <omitted OFF>",
        "k = 3",
        "return None",
        "call e()",
        "KeyError() passes line 34",
        "except KeyError() as err",
        "err = KeyError()",
        "q = 1",
        "ValueError() passes line 40",
        "return 1",
    ]
    check(spool)


def test_marks_change_nothing_else(tmp_path: Path) -> None:
    plain, instrumented = both(tmp_path, MARKED, expressions="all", class_bodies=True)
    assert instrumented.seen == plain.seen


ONLY = """
from rewind import only
import rewind
def plain():
    @rewind.only
    def inner(): return (lambda: 1)()
    return inner()
@only
class C:
    x = 1
    def m(self): return [c for c in "a"]
class D:
    def n(self): return 3
    @only
    def o(self): return D().n()
plain(), C().m(), D().o()
"""


def test_where_something_is_marked_only_that_is_recorded(tmp_path: Path) -> None:
    outcome, spool = record(tmp_path, ONLY, lambdas=True, class_bodies=True)
    assert outcome.traceback == ""
    calls = [event.function for event in spool.of("call")]
    assert calls == [
        "C",
        "plain.<locals>.inner",
        "plain.<locals>.inner.<locals>.<lambda>",
        "C.m",
        "D.o",
    ]
    check(spool)


def test_decorators_return_what_they_are_given() -> None:
    import rewind

    assert rewind.skip(test_marks_change_nothing_else) is test_marks_change_nothing_else
    assert rewind.only(Options) is Options


def _nested(blocks: int) -> str:
    lines = ["def deep():", *(" " * n + f"for i{n} in [1]:" for n in range(1, blocks + 1))]
    return "\n".join([*lines, " " * (blocks + 1) + "print(i1)"]) + "\n"


def _compiles(blocks: int) -> bool:
    try:
        compile(_nested(blocks), "m.py", "exec")
    except SyntaxError:
        return False
    return True


MOST = max(filter(_compiles, range(60)))
"""Blocks that this Python nests."""
DEEP = "x = " + "-" * 700 + "(y if y else 0)\n"
LOOPS = _nested(MOST).partition("\n")[2].replace("\n ", "\n")[1:]


@pytest.mark.parametrize(
    ("source", "at_fault", "called"),
    [
        (
            f"def a(): return 1\n{_nested(MOST)}def b(): return 2\na(), deep(), b()\n",
            "deep",
            {"<module>", "a", "b"},
        ),
        (f"class C:\n def m(self): pass\ndef f(y):\n {DEEP}C().m(), f(1)\n", "f", {"C.m"}),
        (f"y = 1\ndef f(): return 1\n{DEEP}f()\n", "<module>", {"f"}),
        (f"def f(): return 1\n{LOOPS}f()\n", "<module>", {"f"}),
    ],
)
def test_function_that_cannot_bear_probes_stays_plain(
    source: str, at_fault: str, called: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where no room can be made for what is nested deep."""
    monkeypatch.setattr(compiled, "with_room", lambda work: work())
    plain, instrumented = both(tmp_path, source)
    assert instrumented.seen == plain.seen
    folder = tmp_path / "again"
    folder.mkdir()
    _, spool = record(folder, source)
    told = [(one["what"], one["why"].partition(":")[0]) for one in spool.reports]
    assert told == [("construct-skipped", at_fault)]
    calls = {event.function for event in spool.of("call")}
    assert called <= calls
    assert at_fault not in calls
    check(spool)


def test_annotated_names_are_not_made_conditional(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Python 3.14, where `try` around them would make them so."""
    monkeypatch.setattr(functions, "CONDITIONAL_ANNOTATIONS", True)
    source = "x: int = 1\ny = 2\nclass C:\n a = 1\n b: int\n"
    tree, _ = rewritten(source, class_bodies=True)
    outside = [shown(one) for one in tree.body if not isinstance(one, ast.Try)]
    assert outside == ["x: int = _variable_soon(1, 1)"]
    defined = tree.body[-1].body[1]  # type: ignore[attr-defined]
    outside = [shown(one) for one in defined.body if not isinstance(one, ast.Try)]
    assert outside[1:] == ["b: int"]


def test_depth_is_no_fault_where_nothing_inside_is_probed(tmp_path: Path) -> None:
    source = f"def f(y):\n {DEEP.replace('(y if y else 0)', 'y')} return x\nf(1)\n"
    _, spool = record(tmp_path, source)
    assert spool.reports == []
    assert {event.function for event in spool.of("call")} == {"<module>", "f"}
