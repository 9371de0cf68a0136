"""The trees that call the probes, with positions of the source they stand for."""

import ast
from copy import copy
from typing import TypeVar

from rewind.model import probes
from rewind.model.probes import PREFIX, SITE_DIGITS, SITE_MARK
from rewind.transform.firsts import first_in, last_in
from rewind.transform.positions import JUMPS_AT_WHOLE, Whole
from rewind.transform.visitor import nodes_in

_LOAD = ast.Load()
_N = TypeVar("_N", bound=ast.AST)


def probe(name: str, site: int, at: ast.AST, *arguments: ast.expr) -> ast.Call:
    """Return the call `probe(site, *arguments)`, positioned as the node `at`.

    What comes before the arguments is where the first of them begins.
    """
    function = ast.Name(PREFIX + name, _LOAD)
    number = ast.Constant(f"{SITE_MARK}{site:0{SITE_DIGITS}}")
    call = ast.Call(function, [number, *arguments], [])
    at = last_in(at)
    line, column = at.lineno, at.col_offset  # type: ignore[attr-defined]
    end_line, end_column = at.end_lineno, at.end_col_offset  # type: ignore[attr-defined]
    function.lineno = number.lineno = call.lineno = line
    function.col_offset = number.col_offset = call.col_offset = column
    function.end_lineno = number.end_lineno = call.end_lineno = end_line
    function.end_col_offset = number.end_col_offset = call.end_col_offset = end_column
    first = first_in(arguments[0]) if arguments else at
    if first.lineno != line:  # type: ignore[attr-defined]
        located(function, first)
        located(number, first)
    return call


def statement(name: str, site: int, at: ast.AST, *arguments: ast.expr) -> ast.Expr:
    """Return a probe as a statement, positioned as `at`."""
    return located(ast.Expr(probe(name, site, at, *arguments)), at)


def nowhere(node: _N) -> _N:
    """Return `node`, with all in it at no line, as what the compiler itself adds to a function.

    It runs without a line of its own: it belongs to whatever line comes to it. So a debugger does
    not stop there, and coverage counts no way to a line that the program has not gone.
    """
    for one in nodes_in(node):
        if hasattr(one, "lineno"):
            one.lineno = one.end_lineno = one.col_offset = one.end_col_offset = -1  # type: ignore[attr-defined]
    return node


def constant(value: object, at: ast.AST) -> ast.Constant:
    """Return a constant, positioned as `at`."""
    return located(ast.Constant(value), at)  # type: ignore[arg-type]


def load(name: str, at: ast.AST) -> ast.Name:
    """Return a reading of the name, positioned as `at`."""
    return located(ast.Name(name, _LOAD), at)


def again(node: ast.expr) -> ast.expr:
    """Return a second reading of a name or constant, positioned as the first."""
    return load(node.id, node) if isinstance(node, ast.Name) else copy(node)


def truth(test: ast.expr, whole: Whole) -> ast.IfExp:
    """Return `True if test else False`: the truth of `test`, asked for exactly once.

    The test stands where a condition stands, so `and`, `or`, `not` and chained comparisons
    short-circuit as in the `if` it came from. It has the place of that `if`, as Python 3.11 takes
    for the place of an error in `__bool__`.
    """
    at = whole if JUMPS_AT_WHOLE else test
    outcomes = constant(value=True, at=at), constant(value=False, at=at)
    return located(ast.IfExp(test, *outcomes), whole)


def passing(body: list[ast.stmt], observers: list[ast.stmt], at: ast.AST) -> ast.Try:
    """Return `body` with `observers` run when an exception passes out of it.

    A bare `raise` adds no traceback entry and keeps the lines, so the program sees nothing. Nor
    does it see that an observer found no room for a call at the recursion limit.
    """
    full = load(probes.PREFIX + probes.TOO_DEEP, at)
    nothing = located(ast.ExceptHandler(full, None, [located(ast.Pass(), at)]), at)
    observing = located(ast.Try(observers, [nothing], [], []), at)
    again = located(ast.Raise(None, None), at)
    # Bare, as the program may have given the name BaseException to something else.
    handler = located(ast.ExceptHandler(None, None, [observing, again]), at)
    return located(ast.Try(body, [handler], [], []), at)


def located(node: _N, at: ast.AST) -> _N:
    """Return `node`, positioned as `at`."""
    node.lineno, node.col_offset = at.lineno, at.col_offset  # type: ignore[attr-defined]
    node.end_lineno, node.end_col_offset = at.end_lineno, at.end_col_offset  # type: ignore[attr-defined]
    return node
