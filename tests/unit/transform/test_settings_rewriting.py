"""What a construct is rewritten to where a setting asks for more than is recorded by default."""

import sys

import pytest

from rewind.model import events
from rewind.model.probes import PREFIX
from tests.unit.transform.test_rewriting import inside, rewritten, shown, table_of

ALL = {"expressions": "all", "kinds": frozenset({events.BRANCH})}

VALUES = {
    "call": ("f(a)", "_value(2, f(a))"),
    "call of a method": ("a.b.f(c.d)", "_value(4, _value(2, a.b).f(_value(3, c.d)))"),
    "call of a call": ("f()()", "_value(3, _value(2, f())())"),
    "call of an item": ("a[f()](*b.c, k=d.e)", None),
    "attribute and item": ("x = a.b[c.d]", "x = _value(4, _value(2, a.b)[_value(3, c.d)])"),
    "slice": ("a[b.c:d]", "_value(3, a[_value(2, b.c):d])"),
    "operation": ("x = -a + 2 * 3", "x = _value(3, _value(2, -a) + 2 * 3)"),
    "constant": ("x = -1, (2, 3), [4], {5: 6}, 'a' 'b', 1 + 2j", None),
    "comparison": ("x = a < b", "x = _value(2, a < b)"),
    "chain": ("x = a < b.c < d", "x = _value(3, a < _value(2, b.c) < d)"),
    "boolean": ("x = a and b.c", "x = _value(3, a and _value(2, b.c))"),
    "booleans that jump to one end": (
        "x = (a and b) or (c < d < e) or (f if g else h and i)",
        (
            "x = _value(3, a and b or c < d < e or (f if _branch(2, True if g else False)"
            " else h and i))"
        ),
    ),
    "ternary": (
        "x = a.b if c else d and e",
        "x = _value(5, _value(3, a.b) if _branch(2, True if c else False) else _value(4, d and e))",
    ),
    "negation": ("x = not (a and b)", "x = _value(3, not _value(2, a and b))"),
    "f-string": (
        "x = f'{a.b:>{c.d}} {e}'",
        "x = _value(4, f'{_value(2, a.b):>{_value(3, c.d)}} {e}')",
    ),
    "display": ("x = [a, *b.c], {d: 1}", None),
    "await": ("x = await a", "x = _value(4, _resumed(3, await _awaiting(2, a)))"),
    "super": ("x = super().y", "x = _value(2, super().y)"),
    "condition": (
        "while a and not b.c or (d < e < f): pass",
        "while _branch(3, True if a and (not _value(2, b.c)) or d < e < f else False):",
    ),
    "format of a tuple": ("x = '%s' % (a.b,)", "x = _value(3, '%s' % (_value(2, a.b),))"),
    "callee that the compiler warns of": ("x = (a, b)()", "x = _value(2, (a, b)())"),
    "targets": ("a.b[c], d.e = 1, f", None),
    "annotation": ("x: a.b = 1", "x: a.b = 1"),
    "lambda": (
        "x = lambda a, *b: a.c",
        "x = lambda a, *b: _call(2, a, b) or _returned(3, _value(4, a.c))",
    ),
}
SHOWN = {
    "call of an item": "_value(5, a[_value(2, f())](*_value(3, b.c), k=_value(4, d.e)))",
    "constant": "x = (-1, (2, 3), [4], {5: 6}, 'ab', 1 + 2j)",
    "display": "x = _value(5, (_value(3, [a, *_value(2, b.c)]), _value(4, {d: 1})))",
    "targets": "_value(3, a.b)[c], d.e = _value(2, (1, f))",
}


@pytest.mark.parametrize("name", VALUES)
def test_value_passes_its_probe(name: str) -> None:
    source, expected = VALUES[name]
    assert inside(source, **ALL)[0] == (expected or SHOWN[name])


def test_only_calls_pass_one_where_only_calls_are_asked_for() -> None:
    assert inside("x = a.b(c[d] + f(-e))", expressions="calls", kinds=frozenset()) == [
        "x = _value(3, a.b(c[d] + _value(2, f(-e))))"
    ]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="3.11 places the jump at the comparison")
def test_comparison_in_a_condition_has_its_value() -> None:
    told = inside("if a < b and c: pass", **ALL)
    assert told[0] == "if _branch_soon(3, True if _value(2, a < b) and c else False):"


COMPREHENSIONS = {
    "list": (
        "x = [a for a in b if c]",
        "x = [a for a in b if (_loop(3), _variable(4, a)) if _branch(2, True if c else False)]",
    ),
    "nested": (
        "x = {a: c for a, *d in b for c in a if c in d}",
        (
            "x = {a: c for a, *d in b if (_loop(2), _variable(3, a), _variable(4, d))"
            " for c in a if (_loop(6), _variable(7, c)) if _branch(5, c in d)}"
        ),
    ),
    "generator": ("x = (a for a in b if c)", "x = (a for a in b if c)"),
    "asynchronous": (
        "x = [a async for a in await b]",
        "x = _resumed(5, [a async for a in _awaiting(4, _resumed(3, await _awaiting(2, b)))])",
    ),
    "of itself": (
        "x = [a.append(b) for a in c]",
        "x = [_mutated(4, a, a.append(b)) for a in c if (_loop(2), _variable(3, a))]",
    ),
}


@pytest.mark.parametrize("name", COMPREHENSIONS)
def test_comprehension_tells_by_further_conditions(name: str) -> None:
    source, expected = COMPREHENSIONS[name]
    told = inside(source, comprehensions=True)[0]
    assert told.startswith("x = _variable(")
    assert told == f"x = _variable({_number(told)}, {expected.removeprefix('x = ')})"


def _number(told: str) -> str:
    return told.removeprefix("x = _variable(").partition(",")[0]


def test_what_a_comprehension_binds_is_no_variable_of_the_frame() -> None:
    table = table_of("x = [a.append(1) for a in b]", comprehensions=True)
    assert [site.name for site in table.sites if site.kind in ("variable", "mutate")] == [
        "a",
        "(a)",
        "x",
    ]
    assert [site.writes for site in table.sites if site.writes] == ["x"]


def test_lambda_anywhere_has_a_frame() -> None:
    tree, table = rewritten(
        "class C:\n f = g(lambda: 1)\n h: T = [lambda: 2 for _ in x]\nk = [lambda: 3 for _ in x]",
        lambdas=True,
    )
    assert shown(tree).count("_call(") == 4
    assert len(table.finish().functions) == 4


def test_what_cannot_be_looked_into_is_told() -> None:
    source = "(x for x in y)\nlambda: (yield)\nasync def f():\n return [x async for x in y]\n"
    _, table = rewritten(source, comprehensions=True, lambdas=True)
    told = [(one.construct, one.line) for one in table.skipped]
    assert told == [
        ("generator expression", 1),
        ("lambda", 2),
        ("asynchronous comprehension", 4),
    ]
    assert rewritten(source)[1].skipped == []


def test_every_statement_has_its_line() -> None:
    source = "def f():\n global g\n if a:\n  pass\n else:\n  b()\n"
    tree, _ = rewritten(source, lines=True, kinds=frozenset())
    function = tree.body[0].body[2]  # type: ignore[attr-defined]
    told = shown(function).splitlines()[3:11]
    assert [line.removeprefix("        ") for line in told] == [
        "global g",
        "_line(3)",
        "if a:",
        "    _line(4)",
        "    pass",
        "else:",
        "    _line(5)",
        "    b()",
    ]


PROBES = ", ".join(
    f"{PREFIX}{name}"
    for name in (
        *("attribute", "call", "hold", "mutated_held", "raised", "returned", "store"),
        *("too_deep", "variable", "variable_soon"),
    )
)


def test_class_body_has_a_frame_and_asks_its_namespace_for_nothing() -> None:
    source = "class C(B, metaclass=M):\n 'doc'\n a = b = 1\n c, d = 2, 3\n a.e = 4\n a.append(5)\n"
    tree, table = rewritten(source, class_bodies=True)
    body = shown(tree.body[0].body[1]).splitlines()  # type: ignore[attr-defined]
    assert body[1:5] == [
        '    """doc"""',
        f"    global {PROBES}",
        "    try:",
        "        _call(1)",
    ]
    assert [line.strip() for line in body[5:9]] == [
        "a = b = _variable_soon(3, _variable(2, 1))",
        "c, d = (2, 3)",
        "_attribute(4, a).e = _store(4, 4)",
        "_mutated_held(5, _hold(5, a).append(5))",
    ]
    assert [one.why for one in table.skipped] == [
        f"{name}: a class body's names cannot be looked at" for name in "cd"
    ]
