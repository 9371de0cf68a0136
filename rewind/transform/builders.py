"""The trees that call the probes, with positions of the source they stand for.

Those that most probes are made of are made in C where that could be built (`native/nodes.c`), which
takes a third of the time.
"""

import ast
from collections.abc import Callable
from typing import Any, TypeVar

from rewind.model import probes
from rewind.model.probes import PREFIX, SITE_MARKS
from rewind.transform.firsts import first_in, last_in
from rewind.transform.positions import JUMPS_AT_WHOLE, Whole

_LOAD = ast.Load()
_N = TypeVar("_N", bound=ast.AST)
_T = TypeVar("_T")
_Place = dict[str, int]
_new = ast.AST.__new__

NOWHERE = ast.Pass(lineno=-1, col_offset=-1, end_lineno=-1, end_col_offset=-1)
"""The place of what the compiler itself adds to a function.

It runs without a line of its own: it belongs to whatever line comes to it. So a debugger does not
stop there, and coverage counts no way to a line that the program has not gone.
"""


def probe(name: str, site: int, at: ast.AST, /, *arguments: ast.expr) -> ast.Call:
    """Return the call `probe(site, *arguments)`, positioned as the node `at`.

    What comes before the arguments is where the first of them begins. The site's number is where a
    name stands that follows it: Python 3.11 reads both in one step once a function runs often, and
    tells of a name without a value in the place of that step.
    """
    place = before = at_number = _place(last_in(at))
    if arguments:
        first = first_in(arguments[0])
        if first.lineno != place["lineno"]:  # type: ignore[attr-defined]
            before = at_number = _place(first)
        elif type(first) is ast.Name:
            at_number = _place(first)
    # Most of what a rewriting makes: without a call of `_node` for each.
    function, number, call = _new(ast.Name), _new(ast.Constant), _new(ast.Call)
    function.__dict__ = {"id": PREFIX + name, "ctx": _LOAD, **before}
    number.__dict__ = {"value": SITE_MARKS[site], "kind": None, **at_number}
    call.__dict__ = {"func": function, "args": [number, *arguments], "keywords": [], **place}
    return call


def statement(name: str, site: int, at: ast.AST, /, *arguments: ast.expr) -> ast.Expr:
    """Return a probe as a statement, positioned as `at`."""
    return _node(ast.Expr, {"value": probe(name, site, at, *arguments), **_place(at)})


def constant(value: object, at: ast.AST, /) -> ast.Constant:
    """Return a constant, positioned as `at`."""
    return _node(ast.Constant, {"value": value, "kind": None, **_place(at)})


def load(name: str, at: ast.AST, /) -> ast.Name:
    """Return a reading of the name, positioned as `at`."""
    return _node(ast.Name, {"id": name, "ctx": _LOAD, **_place(at)})


def again(node: ast.Name | ast.Constant) -> ast.expr:
    """Return a second reading of a name or constant, positioned as the first."""
    return load(node.id, node) if isinstance(node, ast.Name) else constant(node.value, node)


def truth(test: ast.expr, whole: Whole, /) -> ast.IfExp:
    """Return `True if test else False`: the truth of `test`, asked for exactly once.

    The test stands where a condition stands, so `and`, `or`, `not` and chained comparisons
    short-circuit as in the `if` it came from. It has the place of that `if`, as Python 3.11 takes
    for the place of an error in `__bool__`.
    """
    at = whole if JUMPS_AT_WHOLE else test
    outcomes = [constant(outcome, at) for outcome in (True, False)]
    return located(ast.IfExp(test, *outcomes), whole)


def passing(body: list[ast.stmt], observers: list[ast.stmt], at: ast.AST, /) -> ast.Try:
    """Return `body` with `observers` run when an exception passes out of it.

    A bare `raise` adds no traceback entry and keeps the lines, so the program sees nothing. Nor
    does it see that an observer found no room for a call at the recursion limit.
    """
    place = _place(at)
    full = _node(ast.Name, {"id": PREFIX + probes.TOO_DEEP, "ctx": _LOAD, **place})
    nothing = _handler(full, [_node(ast.Pass, place.copy())], place)
    observing = _try(observers, nothing, place)
    again = _node(ast.Raise, {"exc": None, "cause": None, **place})
    # Bare, as the program may have given the name BaseException to something else.
    return _try(body, _handler(None, [observing, again], place), place)


def _try(body: list[ast.stmt], handler: ast.ExceptHandler, place: _Place) -> ast.Try:
    blocks = {"body": body, "handlers": [handler], "orelse": [], "finalbody": []}
    return _node(ast.Try, {**blocks, **place})


def _handler(kind: ast.expr | None, body: list[ast.stmt], place: _Place) -> ast.ExceptHandler:
    return _node(ast.ExceptHandler, {"type": kind, "name": None, "body": body, **place})


def shrink(tree: ast.AST, /) -> None:
    """Make the nodes of a tree smaller, in place, where those are to be had.

    Of a tree as it was parsed: nodes that stand in two places become two.
    """


def located(node: _N, at: ast.AST) -> _N:
    """Return `node`, positioned as `at`."""
    node.lineno, node.col_offset = at.lineno, at.col_offset  # type: ignore[attr-defined]
    node.end_lineno, node.end_col_offset = at.end_lineno, at.end_col_offset  # type: ignore[attr-defined]
    return node


def _place(at: ast.AST) -> _Place:
    return {
        "lineno": at.lineno,  # type: ignore[attr-defined]
        "col_offset": at.col_offset,  # type: ignore[attr-defined]
        "end_lineno": at.end_lineno,  # type: ignore[attr-defined]
        "end_col_offset": at.end_col_offset,  # type: ignore[attr-defined]
    }


def _node(kind: type[_N], content: dict[str, Any]) -> _N:
    """Return a node with all of its fields, in half the time of one that is given them in turn."""
    node = _new(kind)
    node.__dict__ = content
    return node


def with_room(work: Callable[[], _T], /) -> _T:
    """Return `work()`, which goes as deep as Python goes with a source, where that can be had."""
    return work()


try:
    from rewind.transform._nodes import constant as constant  # noqa: PLC0414 - this module's
    from rewind.transform._nodes import load as load  # noqa: PLC0414
    from rewind.transform._nodes import passing as passing  # noqa: PLC0414
    from rewind.transform._nodes import probe as probe  # noqa: PLC0414
    from rewind.transform._nodes import shrink as shrink  # noqa: PLC0414
    from rewind.transform._nodes import statement as statement  # noqa: PLC0414
    from rewind.transform._nodes import truth as truth  # noqa: PLC0414
    from rewind.transform._nodes import with_room as with_room  # noqa: PLC0414
except ImportError:  # The extension is optional.
    pass
