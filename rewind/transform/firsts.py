"""Which line of a statement or expression runs first: where a debugger stops, and no earlier.

A probe that stands before something begins on its first line, and what stands after it on the line
that comes next. So a tracer sees no line that it would not see, and none again. This follows the
order in which the compiler emits its instructions (Python/compile.c).
"""

import ast
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final

_INLINED = sys.version_info >= (3, 12)
"""Whether a comprehension begins with its first iterable, not with a function that is made."""
_MANY: Final = 3
"""Of how many constants the compiler makes a list or set at once."""

FIRST_PARTS: Final[dict[type[ast.AST], str]] = {
    ast.BoolOp: "values",
    ast.NamedExpr: "value",
    ast.BinOp: "left",
    ast.UnaryOp: "operand",
    ast.IfExp: "test",
    ast.Await: "value",
    ast.Yield: "value",
    ast.YieldFrom: "value",
    ast.Compare: "left",
    ast.Call: "func",
    ast.JoinedStr: "values",
    ast.FormattedValue: "value",
    ast.Attribute: "value",
    ast.Subscript: "value",
    ast.Slice: "lower",
    ast.Expr: "value",
    ast.Assign: "value",
    ast.AnnAssign: "value",
    ast.Return: "value",
    ast.Delete: "targets",
    ast.If: "test",
    ast.While: "test",
    ast.For: "iter",
    ast.AsyncFor: "iter",
    ast.With: "items",
    ast.AsyncWith: "items",
    ast.withitem: "context_expr",
    ast.Match: "subject",
    ast.Raise: "exc",
    ast.Assert: "test",
    ast.comprehension: "iter",
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.DictComp) if _INLINED else (), "generators"),
}
"""The part of each kind of node that is evaluated first; the node itself where it is missing."""
_LOOPS: Final = frozenset({ast.For, ast.AsyncFor})
_DECLARING: Final = frozenset({ast.Global, ast.Nonlocal})


def first_in(node: ast.AST) -> ast.AST:
    """Return the node that is evaluated first of all inside `node`."""
    while True:
        kind = type(node)
        name = FIRST_PARTS.get(kind)
        if name is not None:
            part = getattr(node, name)
        elif kind in CHOSEN:
            part = CHOSEN[kind](node)
        else:
            return node
        if type(part) is list:
            part = part[0] if part else None
        if part is None:
            return node
        if kind in _LOOPS and _is_folded(part):
            return part  # type: ignore[no-any-return]
        node = part


def first_of(body: Iterable[ast.stmt]) -> ast.AST | None:
    """Return what runs first of the statements; none where there is no code in them."""
    for one in body:
        if _runs(one):
            return first_in(one)
    return None


def in_line(value: ast.expr, taker: ast.AST) -> ast.AST:
    """Return where a probe stands that a value passes through on its way to `taker`.

    Where there is more than one line, the next one is its taker's.
    """
    alone = value.lineno == value.end_lineno == taker.lineno  # type: ignore[attr-defined]
    return value if alone else taker


def last_in(node: ast.AST) -> ast.AST:
    """Return the node at whose place the value of `node` comes to be.

    What is asked of an owner on an earlier line is looked up, and called, on its own line.
    """
    access = node.func if isinstance(node, ast.Call) else node
    if not isinstance(access, ast.Attribute) or access.lineno == access.end_lineno:
        return node
    line, end = access.end_lineno or access.lineno, access.end_col_offset or 0
    begin = max(end - len(access.attr.encode()), 0)
    return ast.Pass(lineno=line, col_offset=begin, end_lineno=line, end_col_offset=end)


def _runs(node: ast.stmt) -> bool:
    if isinstance(node, ast.AnnAssign):
        return node.value is not None or not isinstance(node.target, ast.Name)
    return type(node) not in _DECLARING


def _first_of_definition(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
) -> ast.AST | None:
    parts: list[ast.expr | None] = list(node.decorator_list)
    if not isinstance(node, ast.ClassDef):
        parts += [*node.args.defaults, *node.args.kw_defaults]
    return next((one for one in parts if one is not None), None)


def _first_of_dict(node: ast.Dict) -> ast.AST | None:
    if not node.keys or node.keys[0] is None:
        return None
    constant = len(node.keys) > 1 and all(isinstance(one, ast.Constant) for one in node.keys)
    return node.values[0] if constant else node.keys[0]


def _begins_itself(node: ast.Tuple | ast.List | ast.Set) -> bool:
    """Whether the display is made, or begun, before anything in it is evaluated."""
    if node.elts and isinstance(node.elts[0], ast.Starred):
        return True
    constant = all(map(_is_constant, node.elts))
    return constant and (isinstance(node, ast.Tuple) or len(node.elts) >= _MANY)


def _is_folded(iterated: ast.expr) -> bool:
    """Whether the compiler iterates over a constant instead of the display."""
    return isinstance(iterated, (ast.List, ast.Set)) and all(map(_is_constant, iterated.elts))


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return all(map(_is_constant, node.elts))
    return isinstance(node, ast.Constant)


def _read_first(node: ast.AugAssign) -> ast.expr:
    target = node.target
    return target.value if isinstance(target, (ast.Attribute, ast.Subscript)) else target


def _first_shown(node: ast.Tuple | ast.List | ast.Set) -> list[ast.expr] | None:
    return None if _begins_itself(node) else node.elts


CHOSEN: Final[dict[type[ast.AST], Callable[[Any], Any]]] = {
    ast.FunctionDef: _first_of_definition,
    ast.AsyncFunctionDef: _first_of_definition,
    ast.ClassDef: _first_of_definition,
    ast.Dict: _first_of_dict,
    ast.AugAssign: _read_first,
    ast.Tuple: _first_shown,
    ast.List: _first_shown,
    ast.Set: _first_shown,
}
"""How that part is found where it is not always the same."""


def last_bound(target: ast.expr) -> ast.expr:
    """Return what an unpacking binds last."""
    while isinstance(target, (ast.Tuple, ast.List, ast.Starred)):
        parts = [target.value] if isinstance(target, ast.Starred) else target.elts
        if not parts:
            break
        target = parts[-1]
    return target
