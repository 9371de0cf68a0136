"""What each construct is rewritten to, read back as source.

A probe is shown as `_variable(3, ...)`, the number being its site's place. The frame around a body
is shown once, in the tests of frames; for the rest only what stands inside it.
"""

import ast
import re
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from rewind.model import events
from rewind.model.events import DEFAULT_KINDS
from rewind.model.probes import NAMES, PREFIX, SITE_MARK
from rewind.model.sites import ASYNC_GENERATOR, COROUTINE, GENERATOR, PLAIN, Function, SiteTable
from rewind.transform import Options, bind, endings, transform
from rewind.transform.expressions import MUTATORS, WORDS
from rewind.transform.functions import Rewriter
from rewind.transform.table import Table
from tests.instrumented import record


@pytest.fixture(autouse=True)
def one_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show the end of a function once, as on most Pythons; `test_endings` has the other."""
    monkeypatch.setattr(endings, "APART", False)


class Readable(ast.NodeTransformer):
    """Gives probes names that can be spelled."""

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if node.id.startswith(PREFIX):
            assert node.id.removeprefix(PREFIX) in NAMES
            node.id = "_" + node.id.removeprefix(PREFIX)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if isinstance(node.value, str) and node.value.startswith(SITE_MARK):
            node.value = int(node.value.removeprefix(SITE_MARK))
        return node


def rewritten(source: str, **options: object) -> tuple[ast.Module, Table]:
    raw = dedent(source).strip().encode()
    table = Table(raw)
    tree = Rewriter("m", table, Options(**options)).module(ast.parse(raw))  # type: ignore[arg-type]
    for node in ast.walk(tree):
        if isinstance(node, (ast.stmt, ast.expr)):
            assert node.lineno, ast.dump(node)
            assert node.end_lineno is not None
    return tree, table


def shown(tree: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(Readable().visit(tree)))


def inside(source: str, **options: object) -> list[str]:
    """Return the lines that a function's body is rewritten to, between its call and its end."""
    head = "async def f():\n" if "await" in source or "async " in source else "def f():\n"
    body = "".join(f"    {line}\n" for line in dedent(source).strip().splitlines())
    tree, _ = rewritten(head + body, **options)
    frame = _frame_of(_frame_of(tree).body[1])
    lines = [shown(one) for one in frame.body[1:] if one.lineno > 0]
    return "\n".join(lines).splitlines()


def _frame_of(node: ast.AST) -> ast.Try:
    body: list[ast.stmt] = node.body  # type: ignore[attr-defined]
    frame = body[-1]
    assert isinstance(frame, ast.Try)
    return frame


def table_of(source: str, **options: object) -> SiteTable:
    return rewritten(source, **options)[1].finish()


# The first two sites of a function's body are the module's call and its own.

CASES = {
    "name": ("x = 1", "x = _variable_soon(2, 1)"),
    "chain of names": ("x = y = v()", "x = y = _variable_soon(3, _variable(2, v()))"),
    "annotated": ("x: int = v()", "x: int = _variable(2, v())"),
    "annotated without value": ("x: int", "x: int"),
    "augmented": (
        """
        x += 1
        """,
        """
        x += 1
        _variable_soon(2, x)
        """,
    ),
    "tuple": (
        """
        a, (b, *c) = v()
        """,
        """
        a, (b, *c) = v()
        _variables(2, a, b, c)
        """,
    ),
    "list": (
        """
        [a, b] = v()
        """,
        """
        [a, b] = v()
        _variables(2, a, b)
        """,
    ),
    "tuple of what is at hand": (
        """
        a, b = b, a
        """,
        """
        a, b = (b, a)
        _variables_soon(2, a, b)
        """,
    ),
    "tuple with an item in it": (
        """
        a, b, c[k], d = v()
        """,
        """
        a, b, _hold(4, c)[_hold_key(4, k)], d = v()
        _variables(2, a, b)
        _stored_item(4)
        _variable(5, d)
        """,
    ),
    "walrus": ("g((x := v()))", "g((x := _variable(2, v())))"),
    "attribute": ("o().b = v()", "_attribute(2, o()).b = _store(2, v())"),
    "attribute of a name": ("a.b = v()", "a.b = _attribute_of(2, v(), a)"),
    "item": ("o()[k] = v()", "_item_owner(2, o())[_item_key(2, k)] = _store(2, v())"),
    "item of a name": ("a[k] = v()", "a[k] = _item_of(2, v(), a, k)"),
    "item of a name by a constant": ("a['k'] = v()", "a['k'] = _item_of(2, v(), a, 'k')"),
    "item of a name by anything else": (
        "a[-1] = v()",
        "_item_owner(2, a)[_item_key(2, -1)] = _store(2, v())",
    ),
    "slice": ("a[i:j] = v()", "_item_slice(2, a)[i:j] = _store(2, v())"),
    "slice within a tuple": (
        """
        a[i:j, 2] = v()
        """,
        """
        _item_slice(2, a)[i:j, 2] = _store(2, v())
        """,
    ),
    "chain of all": (
        """
        x = a.b = c[:] = v()
        """,
        """
        x = _attribute(3, a).b = _item_slice(4, c)[:] = _store(4, _store(3, _variable(2, v())))
        """,
    ),
    "attribute that unpacking binds": (
        """
        a.b, c[k] = v()
        """,
        """
        _hold(2, a).b, _hold(3, c)[_hold_key(3, k)] = v()
        _stored_attribute(2)
        _stored_item(3)
        """,
    ),
    "augmented attribute": (
        """
        a.b += v()
        """,
        """
        _hold(2, a).b += v()
        _stored_attribute(2)
        """,
    ),
    "augmented item": (
        """
        a[k] += v()
        """,
        """
        _hold(2, a)[_hold_key(2, k)] += v()
        _stored_item(2)
        """,
    ),
    "augmented slice": (
        """
        a[i:j] += v()
        """,
        """
        _hold(2, a)[i:j] += v()
        _mutated_held(2, None)
        """,
    ),
    "slices of an unpacking": (
        """
        a.b[:], c[i:j, k] = v()
        """,
        """
        _hold(2, a.b)[:], _hold(3, c)[i:j, k] = v()
        _mutated_held(2, None)
        _mutated_held(3, None)
        """,
    ),
    "annotated attribute": (
        """
        a.b: int = v()
        """,
        """
        a.b: int = _attribute_of(2, v(), a)
        """,
    ),
    "deleted name": (
        """
        del x
        """,
        """
        del x
        _deleted(2)
        """,
    ),
    "deleted attribute": ("del a.b", "del _deleted_attribute(2, a).b"),
    "deleted item": ("del a[k]", "del _hold(2, a)[_deleted_item(2, k)]"),
    "deleted slice": ("del a[i:j]", "del _deleted_attribute(2, a)[i:j]"),
    "deleted tuple": (
        """
        del (x, [y])
        """,
        """
        del (x, [y])
        _deleted(2)
        _deleted(3)
        """,
    ),
    "if": (
        """
        if a and not b: pass
        elif c: pass
        else: pass
        """,
        """
        if _branch_soon(2, True if a and (not b) else False):
            pass
        elif _branch_soon(3, True if c else False):
            pass
        else:
            pass
        """,
    ),
    "constant condition": (
        """
        if __debug__: pass
        """,
        """
        if __debug__:
            pass
        """,
    ),
    "negated constant": (
        """
        if not 1: pass
        """,
        """
        if not 1:
            pass
        """,
    ),
    "while": (
        """
        while a: x = 1
        else: pass
        """,
        """
        while _branch_round(2, True if a else False):
            x = _variable_soon(4, 1)
        else:
            pass
        """,
    ),
    "endless while": (
        """
        while True: break
        """,
        """
        while True:
            _loop(2)
            break
        """,
    ),
    "for": (
        """
        for i, a.b in v(): continue
        """,
        """
        for i, _hold(4, a).b in v():
            _loop(2)
            _variable_soon(3, i)
            _stored_attribute(4)
            continue
        """,
    ),
    "for with a name": (
        """
        for i in v(): continue
        """,
        """
        for i in v():
            _round(2, i)
            continue
        """,
    ),
    "for with several names": (
        """
        for i, (j, *k) in v(): continue
        """,
        """
        for i, (j, *k) in v():
            _round_of(2, i, j, k)
            continue
        """,
    ),
    "ternary": (
        """
        g(a if b else c)
        """,
        """
        g(a if _branch(2, True if b else False) else c)
        """,
    ),
    "assert": ("assert a, m", "assert _branch(2, True if a else False), m"),
    "assert of a tuple": ("assert (a, m)", "assert (a, m)"),
    "match": (
        """
        match v():
            case [a, *b] if a: pass
            case {'k': 1, **c}: pass
        """,
        """
        match v():
            case [a, *b] if a:
                _branch(4, 0)
                _variables(2, a, b)
                pass
            case {'k': 1, **c}:
                _branch(6, 1)
                _variable(5, c)
                pass
            case _:
                _branch(7, -1)
        """,
    ),
    "match that always fits": (
        """
        match v():
            case 1: pass
            case x: pass
        """,
        """
        match v():
            case 1:
                _branch(2, 0)
                pass
            case x:
                _branch(4, 1)
                _variable(3, x)
                pass
        """,
    ),
    "mutating call": ("x.append(v())", "_mutated(2, x, x.append(v()))"),
    "call that changes what another gives": (
        "a(v().pop(await w()))",
        "a(_mutated_held(4, _hold(4, v()).pop(_resumed(3, await _awaiting(2, w())))))",
    ),
    "call on what never changes": (
        """
        super().update(a=1); "a".pop(); f"{a}".pop()
        """,
        """
        super().update(a=1)
        'a'.pop()
        f'{a}'.pop()
        """,
    ),
    "other call": (
        """
        x.index(v()); x.y.append(1)
        """,
        """
        x.index(v())
        _mutated_held(2, _hold(2, x.y).append(1))
        """,
    ),
    "lambda stays": (
        """
        g(lambda: (y := 1) if a else x.append(2))
        """,
        """
        g(lambda: (y := 1) if a else x.append(2))
        """,
    ),
    "comprehension but for its first iterable": (
        """
        g([(y := i) for i in (z := v()) if (i if a else b)])
        """,
        """
        g([(y := i) for i in (z := _variable(2, v())) if (i if a else b)])
        """,
    ),
    "interpolation": (
        """
        g(f'{(x := 1)!r:>{(y := 2)}}')
        """,
        """
        g(f'{(x := _variable(2, 1))!r:>{(y := _variable(3, 2))}}')
        """,
    ),
    "what a definition evaluates stays": (
        """
        @d(a if b else c)
        def g(x=(y := 1)) -> (z := 2): ...
        """,
        """
        @d(a if b else c)
        def g(x=(y := 1)) -> (z := 2):
            ...
        """,
    ),
    "class body": (
        """
        class C(base(a if b else c)):
            x = 1
            if x: y = 2
            del y
        """,
        """
        class C(base(a if b else c)):
            x = 1
            if x:
                y = 2
            del y
        """,
    ),
    "imports and declarations": (
        """
        global g
        import a, b.c as d
        from e import f
        raise g
        """,
        """
        global g
        import a, b.c as d
        from e import f
        raise g
        """,
    ),
    "return": ("return v()", "return _returned(2, v())"),
    "return nothing": (
        """
        return
        """,
        """
        _returned_soon(2, None)
        return
        """,
    ),
    "try": (
        """
        try: a()
        except E as e: b()
        except F: c()
        else: d()
        """,
        """
        try:
            a()
        except E as e:
            _handled(3)
            _variable(4, e)
            b()
        except F:
            _handled(6)
            c()
        else:
            d()
        """,
    ),
    "finally": (
        """
        try: a()
        finally: b()
        """,
        """
        try:
            try:
                a()
            except:
                try:
                    _noticed(2)
                except _too_deep:
                    pass
                raise
        finally:
            b()
        """,
    ),
    "group": (
        """
        try: a()
        except* E as e: b()
        """,
        """
        try:
            a()
        except* E as e:
            _handled(3)
            _variable(4, e)
            b()
        """,
    ),
    "with": (
        """
        with a() as b, c(): d()
        """,
        """
        with a() as b, c():
            _variable(2, b)
            try:
                d()
            except:
                try:
                    _noticed(3)
                except _too_deep:
                    pass
                raise
        """,
    ),
    "return within with": (
        """
        with a(): return v()
        """,
        """
        with a():
            try:
                return _returning(2, v())
            except:
                try:
                    _noticed(3)
                except _too_deep:
                    pass
                raise
        """,
    ),
    "yield": (
        """
        x = yield v()
        """,
        """
        x = _variable(4, _resumed(3, (yield _yielding(2, v()))))
        """,
    ),
    "yield nothing": ("yield", "_resumed(3, (yield _yielding(2, None)))"),
    "yield from": ("yield from v()", "_resumed(3, (yield from _awaiting(2, v())))"),
    "await": ("await v()", "_resumed(3, await _awaiting(2, v()))"),
    "async for": (
        """
        async for i in v(): pass
        else: g()
        """,
        """
        async for i in v():
            _reentered(2)
            _round(3, i)
            pass
        else:
            _reentered(5)
            g()
        """,
    ),
    "async comprehension": (
        """
        g([await i for i in v()])
        """,
        """
        g(_resumed(3, [await i for i in _awaiting(2, v())]))
        """,
    ),
    "async generator expression": (
        """
        g(await i for i in v())
        """,
        """
        g((await i for i in v()))
        """,
    ),
}


def test_every_method_that_changes_a_container_is_looked_for_in_the_source() -> None:
    assert all(any(word in name.encode() for word in WORDS) for name in MUTATORS)


@pytest.mark.parametrize(
    "source",
    [
        "f(g(x.\nappend\n(1)))",
        "f(g(x.\uff41ppend(1)))",
        "f(f'{x.append(1)}')",
        "f('''\n\n''', x.pop())",
    ],
)
def test_a_change_is_found_however_it_is_spelled(source: str) -> None:
    assert any("_mutated(2, x, x." in line for line in inside(source))


@pytest.mark.parametrize("name", CASES)
def test_construct_is_rewritten(name: str) -> None:
    source, expected = CASES[name]
    assert inside(source) == dedent(expected).strip().splitlines()


def test_frame_of_a_function() -> None:
    tree, table = rewritten("def f(a, /, b, *c, d, **e):\n    'doc'\n    g()")
    definition = _frame_of(tree).body[1]
    assert (
        shown(definition)
        == dedent(
            """
        def f(a, /, b, *c, d, **e):
            \"\"\"doc\"\"\"
            try:
                _call(1, a, b, c, d, e)
                g()
                _returned(2, None)
                return
            except:
                try:
                    _raised(3)
                except _too_deep:
                    pass
                raise
        """
        ).strip()
    )
    assert table.finish().functions == (
        Function("<module>", 1, PLAIN, ()),
        Function("f", 1, PLAIN, ("a", "b", "c", "d", "e")),
    )


def test_self_stays_in_its_place() -> None:
    """The compiler notes what is bound of it by its name, which is read again afterwards."""
    tree, _ = rewritten("def f(self): self.a, b = v()")
    told = shown(tree)
    assert "self.a, b = v()" in told
    assert re.search(r"_stored_attribute_of\(\d, self\)", told)
    assert "_hold(" not in told


def test_attributes_of_self_in_a_row_have_one_probe() -> None:
    tree, table = rewritten("def f(self): a, self.b, (self.c, self.d), e = v()")
    told = shown(tree)
    assert re.findall(r"_(?:variable|stored)\w*\(.*\)", told) == [
        "_variable(2, a)",
        "_stored_attributes_of(3, self, self, self)",
        "_variable(6, e)",
    ]
    assert [one.name for one in table.finish().sites[2:7]] == ["a", "b", "c", "d", "e"]


def test_frame_whose_return_is_not_its_last_act() -> None:
    tree, _ = rewritten("def f():\n    try: return 1\n    finally: g()")
    frame = _frame_of(_frame_of(tree).body[1])
    assert [shown(one) for one in (frame.body[0], *frame.body[-2:], *frame.finalbody)] == [
        "_call_kept(1)",
        "_returning(4, None)",
        "return",
        "_left(6)",
    ]
    assert "_raised_kept(5)" in shown(frame)


@pytest.mark.parametrize(
    ("source", "flavour"),
    [
        ("def f(): yield", GENERATOR),
        ("def f(): yield from g()", GENERATOR),
        ("def f(): x = lambda: (yield)", PLAIN),
        ("def f():\n def g(): yield", PLAIN),
        ("def f():\n class C:\n  def g(self): yield", PLAIN),
        ("def f(): g((yield))", GENERATOR),
        ("async def f(): pass", COROUTINE),
        ("async def f(): yield", ASYNC_GENERATOR),
        ("async def f(): return (await x for y in z)", COROUTINE),
    ],
)
def test_flavour_of_a_function(source: str, flavour: int) -> None:
    assert table_of(source).functions[1].flavour == flavour
    assert ("_call_resumable(1" in shown(rewritten(source)[0])) == (flavour != PLAIN)


def test_module_keeps_what_must_stand_first() -> None:
    tree, _ = rewritten(
        "'doc'\nfrom __future__ import annotations\nfrom __future__ import division\nx = 1"
    )
    assert ast.get_docstring(tree) == "doc"
    assert [type(one).__name__ for one in tree.body] == ["Expr", "ImportFrom", "ImportFrom", "Try"]
    assert (
        shown(rewritten("from __future__ import annotations\n")[0])
        == "from __future__ import annotations"
    )


def test_empty_module_stays_as_it_is() -> None:
    for source in ("", "# only a comment", "'doc'"):
        tree, table = rewritten(source)
        assert "_call" not in shown(tree)
        assert table.finish() == SiteTable((), ())


def test_sites_have_the_places_of_the_source() -> None:
    table = table_of(
        "def f(x):\n    if x > 1:\n        y = ä.b = (x +\n            1)\n    return y\n"
    )
    told = {
        (one.kind, one.name, one.detail): (one.line, one.column, one.end_line, one.end_column)
        for one in table.sites
        if table.functions[one.function].qualname == "f"
    }
    assert told == {
        ("call", None, None): (1, 0, 5, 12),
        ("branch", "x > 1", "if"): (2, 7, 2, 12),
        ("variable", "y", None): (3, 8, 3, 9),
        ("attribute", "b", None): (3, 12, 3, 16),
        ("return", None, None): (5, 4, 5, 12),
        ("exception", None, "exit"): (5, 4, 5, 12),
    }


def test_test_of_a_branch_is_told_on_one_short_line() -> None:
    table = table_of("if (a and\n        b):\n    pass\nif " + "x" * 100 + ": pass\n")
    names = [one.name for one in table.sites if one.kind == events.BRANCH]
    assert names == ["a and b", "x" * 79 + "…"]


def test_qualified_names_are_those_of_python() -> None:
    source = """
    class A:
        class B:
            def m(self):
                def n(): pass
                class C:
                    def o(self): pass
    def f():
        global g
        def g():
            def h(): pass
    """
    told = [one.qualname for one in table_of(source).functions]
    assert told == [
        *("<module>", "A.B.m", "A.B.m.<locals>.n", "A.B.m.<locals>.C.o"),
        *("f", "g", "g.<locals>.h"),
    ]


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("class P(Protocol):\n def m(self): ...", 0),
        ("class P(typing.Protocol[T]):\n def m(self): 'doc'", 0),
        ("class P(Protocol):\n def m(self): return 1", 1),
        ("class P(Base):\n def m(self): ...", 1),
        ("@overload\ndef f(): ...", 0),
        ("@app.task\ndef f(): pass", 0),
        ("@staticmethod\ndef f(): pass", 1),
        ("@x.setter\ndef f(): pass", 1),
        ("def f(): 'doc'", 1),
        ("@d\ndef f(): 'doc'; x = 1", 1),
    ],
)
def test_body_that_must_stay_empty_stays(source: str, count: int) -> None:
    assert len(table_of(source).functions) == 1 + count


def test_excluded_functions_have_no_probe_inside() -> None:
    source = "def f():\n    def g(): x = 1\nclass C:\n    def m(self): y = 1\n"
    table = table_of(source, exclude_functions=("m.f", "m.C.*"))
    assert [one.qualname for one in table.functions] == ["<module>"]


@pytest.mark.parametrize("kind", [kind for kind in DEFAULT_KINDS if kind not in events.FRAME_KINDS])
def test_probe_that_is_off_is_not_there(kind: str) -> None:
    source = """
    def f(x, a, d):
        a.b = d["k"] = x
        d.update(z=1)
        for i in a: del d["k"]
        while x: x = 0
        try: pass
        except E as e: pass
    """
    with_it, without = table_of(source), table_of(source, kinds=frozenset(DEFAULT_KINDS) - {kind})
    assert kind in {one.kind for one in with_it.sites}
    assert kind not in {one.kind for one in without.sites}


def test_skipped_construct_is_told() -> None:
    _, table = rewritten("a = [b for b in c]\nd = (b for b in c)\n", comprehensions=True)
    assert [(one.construct, one.line) for one in table.skipped] == [("generator expression", 2)]


def test_bound_code_has_its_numbers_and_nothing_else_changes() -> None:
    """The same template serves any base; no placeholder is left, in no nested code."""
    source = b"def f(x):\n    def g(): return [x for y in x]\n    return g\n"
    made = transform(source, "/m.py", "m", Options())

    def numbers(code: object) -> set[object]:
        found: set[object] = set()
        for one in code.co_consts:  # type: ignore[attr-defined]
            found |= numbers(one) if hasattr(one, "co_consts") else {one}
        return found

    count = len(made.table.sites)
    low, high = bind(made.template, count, 1000), bind(made.template, count, 5000)
    assert {one for one in numbers(low) if isinstance(one, int) and one >= 1000} == set(
        range(1000, 1000 + len(made.table.sites))
    )
    assert not [one for one in numbers(high) if isinstance(one, str) and SITE_MARK in one]
    assert low.co_code == high.co_code
    assert low.co_linetable == high.co_linetable


def test_same_source_gives_the_same_table() -> None:
    source = b"def f(x):\n    for y in x: z = y\n"
    first, second = (transform(source, "/m.py", "m", Options()).table for _ in range(2))
    assert first == second


def test_source_of_another_encoding_keeps_the_names_of_its_tests() -> None:
    source = "# coding: latin-1\nif (ä := 1) == 'ö': pass\n".encode("latin-1")
    made = transform(source, "/m.py", "m", Options())
    assert [one.name for one in made.table.sites if one.kind == "branch"] == ["(ä := 1) == 'ö'"]


@pytest.mark.parametrize("source", [b"def f(:", b"return 1", b"x = 1\0", b"\xff"])
def test_refused_source_is_refused_as_by_python(source: bytes) -> None:
    with pytest.raises((SyntaxError, ValueError)):
        transform(source, "/m.py", "m", Options())


def test_deep_nesting_compiles_or_is_refused() -> None:
    """A tree too deep is an error that the hook turns into a plain load, never a crash."""
    for depth in (50, 90, 5000):
        source = ("(" * depth + ")" * depth + "\n") if depth < 100 else "x = " + "-" * depth + "1"
        try:
            transform(source.encode(), "/m.py", "m", Options())
        except (SyntaxError, RecursionError, MemoryError):
            assert depth > 80


@pytest.mark.parametrize(
    ("terms", "options"), [(800, Options()), (350, Options(expressions="all"))]
)
def test_sum_of_many_terms_is_recorded(terms: int, options: Options) -> None:
    source = "def f(a):\n    return " + " + ".join(["a", *["g(a)"] * terms]) + "\n"
    made = transform(source.encode(), "/m.py", "m", options)
    assert made.skipped == ()
    values = [one for one in made.table.sites if one.kind == "value"]
    assert len(values) == (2 * terms if options.values else 0)
    # The frame's end, and in the order of the source what stands in it.
    ends = [(one.end_line, one.end_column) for one in values[: 2 * terms : 2]]
    assert ends == sorted(ends)


class Unknown(ast.expr):
    """As `ast.TemplateStr` and `ast.Interpolation` are to a Python before 3.14."""

    _fields = ("values",)
    values: list[ast.expr]


class UnknownBlock(ast.stmt):
    """A statement with a body, of a later Python."""

    _fields = ("body",)
    body: list[ast.stmt]


@pytest.mark.parametrize("expressions", ["none", "calls", "all"])
def test_syntax_of_a_later_python_passes_through(expressions: str) -> None:
    """Python 3.14 and 3.15 themselves were asked: docs/fidelity.md, further Pythons."""
    source = b"def f(a):\n x = [a, 1]\n if x: pass\n return x\n"
    tree = ast.parse(source)
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    assign, block = function.body[:2]
    assert isinstance(assign, ast.Assign)
    template = assign.value = ast.copy_location(Unknown(), assign.value)
    template.values = [ast.parse("a", mode="eval").body]
    later = function.body[1] = ast.copy_location(UnknownBlock(), block)
    later.body = [ast.Pass()]
    before = ast.dump(template), ast.dump(later)
    options = Options(expressions=expressions)
    made = Rewriter("m", table := Table(source), options).module(tree)
    templates = [node for node in ast.walk(made) if isinstance(node, Unknown)]
    blocks = [node for node in ast.walk(made) if isinstance(node, UnknownBlock)]
    assert [*map(ast.dump, templates), *map(ast.dump, blocks)] == [*before]
    kinds = [site.kind for site in table.finish().sites]
    assert kinds.count("variable") == 1
    assert {"call", "return", "exception"} <= {*kinds}


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters came with 3.12")
def test_type_parameters_and_aliases_stay() -> None:
    source = """
    type A[T] = T if x else y
    def f[T: (a if b else c)](v: T) -> T: return v
    class C[T]: pass
    """
    told = [one.kind for one in table_of(source).sites]
    assert told == ["call", "call", "return", "exception", "return", "exception"]


def test_names_that_an_inlined_comprehension_hides_stay_hidden(tmp_path: Path) -> None:
    """PEP 709: a look at the module's locals must not take its globals of those names away."""
    source = "b, c = 2, 3\nx = [b for b in 'ab' for c in 'c']\nhere = dict(locals())\n"
    outcome, _ = record(tmp_path, source)
    assert (outcome.namespace["b"], outcome.namespace["here"]["c"]) == (2, 3)
