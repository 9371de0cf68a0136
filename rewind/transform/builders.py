"""The trees that call the probes, with positions of the source they stand for."""

import ast
from typing import TypeVar

from rewind.model import probes
from rewind.model.probes import PREFIX, SITE_DIGITS, SITE_MARK


def probe(name: str, site: int, at: ast.AST, *arguments: ast.expr) -> ast.Call:
    """Return the call `probe(site, *arguments)`, positioned as the node `at`."""
    function = ast.Name(PREFIX + name, ast.Load())
    number = ast.Constant(f"{SITE_MARK}{site:0{SITE_DIGITS}}")
    call = ast.Call(function, [number, *arguments], [])
    for node in (function, number, call):
        ast.copy_location(node, at)
    return call


def statement(name: str, site: int, at: ast.AST, *arguments: ast.expr) -> ast.Expr:
    """Return a probe as a statement, positioned as `at`."""
    return ast.copy_location(ast.Expr(probe(name, site, at, *arguments)), at)


def constant(value: object, at: ast.AST) -> ast.Constant:
    """Return a constant, positioned as `at`."""
    return ast.copy_location(ast.Constant(value), at)  # type: ignore[arg-type]


def load(name: str, at: ast.AST) -> ast.Name:
    """Return a reading of the name, positioned as `at`."""
    return ast.copy_location(ast.Name(name, ast.Load()), at)


def truth(test: ast.expr, whole: ast.stmt | ast.expr) -> ast.IfExp:
    """Return `True if test else False`: the truth of `test`, asked for exactly once.

    The test stands where a condition stands, so `and`, `or`, `not` and chained comparisons
    short-circuit as in the `if` it came from. It has the place of that `if`, as Python 3.11 takes
    for the place of an error in `__bool__`.
    """
    outcomes = constant(value=True, at=test), constant(value=False, at=test)
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


_N = TypeVar("_N", bound=ast.AST)


def located(node: _N, at: ast.AST) -> _N:
    """Return `node`, positioned as `at`."""
    return ast.copy_location(node, at)
