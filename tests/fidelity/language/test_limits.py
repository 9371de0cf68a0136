"""The recursion limit, and what happens at it."""

import re
from pathlib import Path

import pytest

from tests.fidelity.language.conftest import Same
from tests.twice import Programs

DEPTHS = """
import sys
class Deep:
    def __init__(self, inner): self.inner = inner
    def __repr__(self): return f"{self.inner!r}"
    def __eq__(self, other): return self.inner == other.inner
    def __getattr__(self, name):
        global depth
        depth += 1
        return getattr(self, name + "x")
    def __del__(self): pass
def plain(n):
    global depth
    depth = n
    plain(n + 1)
def nested(n):
    global depth
    depth = n
    try:
        with open(__file__) as f:
            for i in range(1):
                if n >= 0: x = [nested(n + 1)]
    finally: y = n
def even(n):
    global depth
    depth = n
    return odd(n + 1)
def odd(n): return even(n + 1) + 1
def generator(n):
    global depth
    depth = n
    yield from generator(n + 1)
async def coroutine(n):
    global depth
    depth = n
    await coroutine(n + 1)
def comprehended(n):
    global depth
    depth = n
    return [comprehended(m) for m in (n + 1,)]
def called(n):
    global depth
    depth = n
    return max([n + 1], key=called)
class Tree:
    def walk(self, n):
        global depth
        depth = n
        self.last = n
        for child in (self,): yield from child.walk(n + 1)
def reach(name, run):
    global depth
    depth = 0
    try: run()
    except RecursionError as error: print(name, depth)
reach("plain", lambda: plain(0))
reach("nested", lambda: nested(0))
reach("mutual", lambda: even(0))
reach("generator", lambda: list(generator(0)))
reach("coroutine", lambda: coroutine(0).send(None))
reach("comprehended", lambda: comprehended(0))
reach("through C", lambda: called(0))
reach("attributes", lambda: Deep(1).y)
reach("tree", lambda: list(Tree().walk(0)))
"""


@pytest.mark.parametrize("limit", [500, 1000, 2500])
def test_the_recursion_limit_is_met_at_the_same_depth(tmp_path: Path, limit: int) -> None:
    """Within two in a hundred: one frame of ours lies below the program."""
    folder = tmp_path / "work"
    folder.mkdir()
    programs = Programs(folder, tmp_path / "spool")
    programs.write("program.py", f"import sys; sys.setrecursionlimit({limit})\n{DEPTHS}")
    reached = []
    for run in (programs.plain, programs.recorded):
        ended = run("program.py")
        assert ended.code == 0, ended.stderr
        reached.append({a: int(b) for a, b in re.findall(r"(.+) (\d+)\n", ended.stdout)})
    plain, recorded = reached
    assert plain.keys() == recorded.keys()
    differing = {
        name: (depth, recorded[name])
        for name, depth in plain.items()
        if abs(depth - recorded[name]) > 0.02 * depth
    }
    assert len(plain) == 9
    assert not differing


def test_a_program_goes_on_after_the_recursion_limit(same: Same) -> None:
    source = """
    import sys
    def deep(n): return deep(n + 1)
    class Room:
        def __enter__(self): return self
        def __exit__(self, *what): self.left = what[0]
    def careful(n):
        try: return careful(n + 1)
        except RecursionError: return "caught"
        finally: done.add(1)
    done = set()
    def handles():
        for i in range(3):
            try: deep(0)
            except RecursionError as error: print(i, error)
        room = Room()
        try:
            with room: deep(0)
        except RecursionError: print(room.left)
        return careful(0), len(done)
    print(handles())
    def generator():
        try: yield deep(0)
        except RecursionError: yield "in a generator"
    print(list(generator()))
    class Endless:
        def __repr__(self): return repr(self)
        def __eq__(self, other): return self == other
        def __bool__(self): return bool(self)
        def __hash__(self): return hash(self)
    for use in (repr, bool, hash, lambda e: e == 1, lambda e: {e: 1}, lambda e: 1 if e else 2):
        try: use(Endless())
        except RecursionError as error: print(str(error)[:32])
    sys.setrecursionlimit(sys.getrecursionlimit() + 500)
    def counts(n): return n and 1 + counts(n - 1)
    print(counts(900), [counts(n) for n in range(3)])
    """
    same(source)


def test_a_deep_traceback_is_shown_the_same(same: Same) -> None:
    source = """
    def deep(n):
        if n == 0: raise ValueError("at the bottom")
        return deep(n - 1)
    def both(n): return deep(n) if n < 5 else both(n - 1)
    both(
        60
    )
    """
    assert "at the bottom" in same(source, code=1).stderr


def test_deeply_nested_source_and_values_run_the_same(same: Same) -> None:
    source = f"""
    nested = {"[" * 60}1{"]" * 60}
    added = {" + ".join("x" * 1 for _ in range(400)).replace("x", "1")}
    def chain(x):
        {
        "".join(
            f"if x == {n}: return {n}{chr(10)}        elif x > 500 + {n}: pass{chr(10)}        "
            for n in range(200)
        )
    }
        return -1
    def called(x): return {"(lambda y: " * 15}x{")(1)" * 15}
    items = []
    items.append(items)
    tree = leaf = {{}}
    for n in range(5000): leaf["next"] = leaf = {{}}
    print(nested, added, chain(150), called(2), len(items), len(tree))
    """
    same(source)
