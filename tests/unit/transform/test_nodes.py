"""The trees of probes are the same, whether they are made in C or in Python."""

import ast
import gc
import importlib.util
import marshal
import sys
import weakref
from pathlib import Path
from types import ModuleType

import pytest

import rewind
import rewind.transform._nodes
from rewind.model.events import KINDS
from rewind.transform import Options, builders, table
from rewind.transform.expressions import WORDS
from rewind.transform.functions import Rewriter
from rewind.transform.small import SMALL, for_small
from rewind.transform.table import Table

IN_C = ("constant", "load", "passing", "probe", "shrink", "statement", "truth")
EVERYTHING = Options(frozenset(KINDS), (), "all", True, True, True, True)
SPREAD = b"""
def f(a, /, b=1, *c, d, **e):
    x.y[
        k
    ] = a.b(
        c
    ).d(e) if (
        g
    ) else h
    (x
     .append)(1
    )
    with a as b.c, (
        d) as e[0]: return (
            1)
    try:
        while (a and
               b): pass
    finally: x = [
        y for y in
        z]
    return (yield
            1)
async def g():
    async with a as b: await (
        c)
"""
SOURCES = [SPREAD, *(path.read_bytes() for path in Path(rewind.__file__).parent.rglob("*.py"))]


@pytest.fixture
def in_python(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The builders as they are where no extension could be built."""
    monkeypatch.setitem(sys.modules, "rewind.transform._nodes", None)
    return again(builders)


def again(imported: ModuleType) -> ModuleType:
    assert imported.__file__ is not None
    spec = importlib.util.spec_from_file_location("in_python", imported.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def node() -> ast.Name:
    """A name that is made in C."""
    made = builders.load("a", ast.parse("a").body[0])
    assert type(made) is SMALL[ast.Name]
    return made


def trees(options: Options) -> list[str]:
    return [ast.dump(rewritten(one, options), include_attributes=True) for one in SOURCES]


def rewritten(source: bytes, options: Options) -> ast.Module:
    tree = ast.parse(source)
    builders.shrink(tree)
    return Rewriter("m", Table(source), options).module(tree)


@pytest.mark.parametrize("options", [Options(), EVERYTHING], ids=["default", "everything"])
def test_trees_are_the_same_in_c_and_in_python(
    options: Options, in_python: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = trees(options)
    for name in IN_C:
        assert type(getattr(builders, name)) is not type(getattr(in_python, name))
        monkeypatch.setattr(builders, name, getattr(in_python, name))
    assert trees(options) == made


def test_what_cannot_be_made_into_a_tree_is_an_error() -> None:
    name = ast.parse("a").body[0]
    for call, arguments in (
        (builders.probe, ("variable", 0)),
        (builders.probe, ("variable", 0, object())),
        (builders.probe, ("variable", [], name)),
        (builders.statement, ("variable", 0, object())),
        (builders.load, ("a", None)),
        (builders.passing, ([], [], None)),
        (builders.constant, (1, None)),
        (builders.truth, (name, None)),
        (builders.truth, (None,)),
        (builders.shrink, ([],)),
        (table.lines_with, ("text", WORDS)),
    ):
        with pytest.raises((TypeError, AttributeError)):
            call(*arguments)


def test_lines_with_words_are_the_same_in_c_and_in_python(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "rewind.transform._nodes", None)
    plain = again(table)
    assert type(plain.lines_with) is not type(table.lines_with)
    for source in (*SOURCES, b"", b"pop", b"\n\npop\npo", b"add\n"):
        assert table.lines_with(source, WORDS) == plain.lines_with(source, WORDS)


def test_a_tree_of_small_nodes_says_and_compiles_to_the_same() -> None:
    found = set()
    for source in SOURCES[::4]:
        plain, small = ast.parse(source), ast.parse(source)
        builders.shrink(small)
        found |= {type(one) for one in ast.walk(small)} & set(SMALL.values())
        assert ast.dump(small, include_attributes=True) == ast.dump(plain, include_attributes=True)
        codes = [compile(one, "p", "exec", dont_inherit=True) for one in (plain, small)]
        assert codes[0] == codes[1]
        assert marshal.dumps(codes[0]) == marshal.dumps(codes[1])
    assert len(found) > 5


def test_a_tree_that_is_very_deep_is_left_as_it_is_at_its_bottom() -> None:
    source = " + ".join(["a.b"] * 900)
    plain, small = ast.parse(source), ast.parse(source)
    builders.shrink(small)
    kinds = {type(one) for one in ast.walk(small)}
    assert {ast.Attribute, SMALL[ast.Attribute]} <= kinds
    assert compile(small, "p", "exec") == compile(plain, "p", "exec")


def test_a_small_node_is_a_node_of_its_kind(node: ast.Name) -> None:
    assert isinstance(node, ast.Name)
    assert ast.dump(node) == "Name(id='a', ctx=Load())"
    assert [name for name in SMALL if SMALL[name] in for_small({ast.Name: 1})] == [ast.Name]
    node.id = "b"
    node.lineno = 7
    node.comment = "kept"  # type: ignore[attr-defined]
    assert (ast.unparse(node), node.lineno, vars(node)) == ("b", 7, {"comment": "kept"})
    made_anew = b"id".decode()
    assert getattr(node, made_anew) == "b"
    del node.id
    with pytest.raises(AttributeError):
        del node.id
    for name in ("id", "value"):
        with pytest.raises(AttributeError):
            getattr(node, name)
    with pytest.raises(TypeError, match="cannot create"):
        type(node)("a")


def test_small_nodes_are_freed(node: ast.Name) -> None:
    call = builders.probe("variable", 0, ast.parse("a").body[0], node)
    gone = weakref.ref(call)
    del call
    assert gone() is None
    call = builders.probe("variable", 0, ast.parse("a").body[0])
    call.args.append(call)
    gone = weakref.ref(call)
    del call
    assert gone() is not None
    gc.collect()
    assert gone() is None


def test_a_program_without_a_needed_field_is_refused_as_ever() -> None:
    for field, error in (("id", TypeError), ("lineno", TypeError)):
        tree = ast.parse("a")
        name = tree.body[0].value  # type: ignore[attr-defined]
        delattr(name, field)
        builders.shrink(tree)
        with pytest.raises(error, match=f'required field "{field}" missing from'):
            compile(tree, "p", "exec")
