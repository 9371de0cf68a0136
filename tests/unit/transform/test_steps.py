"""Only what nothing but the simplest steps part from the event before it may bear its time."""

import ast

import pytest

from rewind.model.probes import (
    BRANCH_ROUND,
    PREFIX,
    ROUND,
    ROUND_OF,
    SITE_MARK,
    SOON,
    VARIABLES,
    VARIABLES_SOON,
)
from tests.unit.transform.test_rewriting import rewritten

CASES = {
    "a constant, where a function begins": ("x = 1", "x"),
    "operators on names and constants": ("x = -a + b * 2 - (a < b is not None)", "x"),
    "and, or, not": ("x = not a and b or a", "x"),
    "one after the other": ("x = f()\ny = x % 3", "y"),
    "the same value, for another name": ("x = y = f()", "y"),
    "names unpacked from a display": ("a, b = b, a + b", "a b"),
    "names unpacked from anything": ("a, b, *c = f()", "b c"),
    "names unpacked from what may be an iterator": ("a, b, *c = d", "b c"),
    "names unpacked from within": ("a, (b, c), d = f()", "b c d"),
    "names unpacked beside an attribute": ("a, b, c.d, e, f = g()", "b f"),
    "an annotated name": ("x: int = 1", "x"),
    "an augmented assignment": ("x += 1", "x"),
    "a branch": ("if a < b: pass", "a < b"),
    "what a branch leads to": ("if f(): x = 1\nelse: y = 2", "x y"),
    "what follows a branch": ("if f(): x = 1\nelif f(): return f()\ny = 2", "x y"),
    "a test on two lines leads to its sides": ("if (a\n and f()): x = 1", "x"),
    "a round of `while` after its test": ("while f(): x = 1", "loop x"),
    "what a round binds": ("for a, b in f(): x = a", "a b x"),
    "what a round binds beside an item": ("for a, b[0] in f(): x = a", "a x"),
    "a return": ("return a + 1", "return"),
    "a return of nothing": ("return", "return"),
    "after a line": ("f()\nx = 1", "x"),
    "a call": ("x = f()", ""),
    "an attribute": ("x = a.b", ""),
    "an item": ("x = a[0]", ""),
    "a search": ("x = a in b", ""),
    "a search among constants": ("x = a in 'bc'\ny = a not in ('b', 3)\nz = a in {1} < b", "x y z"),
    "a search among constants and names": ("x = a in ('b', c)", ""),
    "a search, among others": ("x = a < b in c", ""),
    "a power": ("x = a ** b", ""),
    "a power in place": ("x **= b", ""),
    "a matrix product": ("x = a @ b", ""),
    "a matrix product in place": ("x @= b", ""),
    "a formatted text": ("x = f'{a}'", ""),
    "a display": ("x = [a]", ""),
    "a call on the way": ("x = 1 + f()\nreturn (a, f())", ""),
    "an attribute in place": ("a.b += 1", ""),
    "what an attribute is unpacked to": ("a.b, x = 1, 2", ""),
    "after a call": ("f()\nx = 1", ""),
    "after an attribute was set": ("a.b = 1\nx = 1", ""),
    "after an item was set": ("a[b] = 1\nx = 1", ""),
    "after a name is gone": ("del a\nx = 1", ""),
    "after an import": ("import a\nx = 1", ""),
    "after a branch with a call": ("if f(): g()\nx = 1", ""),
    "after the other side's call": ("if f(): pass\nelse: g()\nx = 1", ""),
    "after a definition": ("x = f()\ndef g():\n  y = 1\nz = 1", "y"),
    "the test of a loop": ("while a: g()", "loop"),
    "a loop without a test": ("while True: g()", ""),
    "after a loop": ("for a in f(): x = 1\ny = 1", "a x"),
    "in a handler": ("try: x = f()\nexcept E: y = 1", ""),
    "in a `finally`": ("try: x = f()\nfinally: y = 1", ""),
    "in a `with`": ("with f(): x = 1", ""),
    "after a `with`": ("with f(): x = g()\ny = 1", ""),
    "a case": ("match a:\n  case 1: x = 1", ""),
    "a class's body": ("class C:\n  x = 1\n  y = x", ""),
    "a return that a `finally` follows": ("try: return 1\nfinally: pass", ""),
    "a conditional expression": ("x = 1 if a else f()", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_events_that_may_bear_the_time_of_the_one_before(name: str) -> None:
    body, expected = CASES[name]
    source = "def h():\n" + "".join(f"  {line}\n" for line in body.splitlines())
    settings = {"lines": True} if "after a line" in name else {}
    tree, table = rewritten(source, class_bodies=True, **settings)
    sites = table.finish().sites
    found = sorted(_soon_in(tree))
    assert " ".join(sites[one].name or sites[one].kind for one in found) == expected


def _soon_in(tree: ast.AST) -> list[int]:
    """Return the sites whose events may bear the time of the one before."""
    found: list[int] = []
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        if not call.func.id.startswith(PREFIX):
            continue
        probe = call.func.id.removeprefix(PREFIX)
        first = int(call.args[0].value.removeprefix(SITE_MARK))  # type: ignore[attr-defined]
        values = len(call.args) - 1
        found += [first] * probe.endswith(SOON)
        if probe in (VARIABLES, VARIABLES_SOON):
            found += range(first + 1, first + values)
        if probe == BRANCH_ROUND:
            found.append(first + 1)
        if probe in (ROUND, ROUND_OF):
            found += range(first + 1, first + 1 + values)
    return found
