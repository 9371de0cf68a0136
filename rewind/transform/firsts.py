"""Which line of a statement or expression runs first: where a debugger stops, and no earlier.

A probe that stands before something begins on its first line, and what stands after it on the line
that comes next. So a tracer sees no line that it would not see, and none again. This follows the
order in which the compiler emits its instructions (Python/compile.c).
"""

import ast
import sys
from collections.abc import Iterable
from typing import Final

_INLINED = sys.version_info >= (3, 12)
"""Whether a comprehension begins with its first iterable, not with a function that is made."""
_MANY: Final = 3
"""Of how many constants the compiler makes a list or set at once."""

_FIRST: Final[dict[type[ast.AST], str]] = {
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
    ast.Tuple: "elts",
    ast.List: "elts",
    ast.Set: "elts",
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
}
"""The part of each kind of node that is evaluated first; the node itself where it is missing."""


def first_in(node: ast.AST) -> ast.AST:
    """Return the node that is evaluated first of all inside `node`."""
    while True:
        part = _first_part(node)
        if part is None:
            return node
        if isinstance(node, (ast.For, ast.AsyncFor)) and _is_folded(node.iter):
            return part
        node = part


def first_of(body: Iterable[ast.stmt]) -> ast.AST | None:
    """Return what runs first of the statements; none where there is no code in them."""
    return next((first_in(one) for one in body if _runs(one)), None)


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
    return not isinstance(node, (ast.Global, ast.Nonlocal))


def _first_part(node: ast.AST) -> ast.AST | None:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return _first_of_definition(node)
    if isinstance(node, ast.Dict):
        return _first_of_dict(node)
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp)):
        return node.generators[0] if _INLINED else None
    if isinstance(node, ast.AugAssign):
        return _read_first(node.target)
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)) and _begins_itself(node):
        return None
    name = _FIRST.get(type(node))
    part = None if name is None else getattr(node, name)
    if isinstance(part, list):
        part = part[0] if part else None
    return part if isinstance(part, ast.AST) else None


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


def _read_first(target: ast.expr) -> ast.expr:
    return target.value if isinstance(target, (ast.Attribute, ast.Subscript)) else target


def last_bound(target: ast.expr) -> ast.expr:
    """Return what an unpacking binds last."""
    while isinstance(target, (ast.Tuple, ast.List, ast.Starred)):
        parts = [target.value] if isinstance(target, ast.Starred) else target.elts
        if not parts:
            break
        target = parts[-1]
    return target
