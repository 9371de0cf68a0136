"""Where a function's end gets places of its own, so that Python before 3.13 gives it its line.

The end has no line: the compiler copies it to each line that leads there, and so a tracer is told
that the function returned from that line. Up to 3.12 it does so only along a single jump. Out of
a `try` inside of a `try` there are two, which it joins if the end is short, and with a probe it is
not: 3.11 then tells the last line of the function, which did not run, and 3.12 none at all. So it
is out of what stands in a branch, on 3.11. And 3.12 hands no line on to a copy that lies before it,
as out of a handler or of an `__exit__`.
"""

import ast
import sys
from collections.abc import Callable
from typing import Final

APART: Final = sys.version_info < (3, 13)
"""Whether this Python needs that."""
_BACKWARDS_TOO: Final = sys.version_info >= (3, 12)
_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_JUMPS = (ast.If, ast.For, ast.While, ast.AsyncFor, ast.Match)
"""What jumps to its end."""
End = Callable[[ast.stmt | None], list[ast.stmt]]
"""Makes a function's end at the place of a statement, or at no line."""


def close(block: list[ast.stmt], end: End, *, inside: bool = False) -> None:
    """Put ends where the end of the block is reached in another way than by a single jump.

    `inside` of what jumps there itself, that is each place.
    """
    last = block[-1] if block else None
    if isinstance(last, (ast.With, ast.AsyncWith)):
        block += end(last)
    elif isinstance(last, ast.AsyncFor):
        close(last.orelse, end, inside=inside)
        last.orelse = last.orelse or end(last)
    elif isinstance(last, (ast.Try, ast.TryStar)) and not last.finalbody:
        close(last.orelse or last.body, end, inside=True)
        # The compiler refuses a `return` in an `except*`.
        for handler in last.handlers if isinstance(last, ast.Try) else ():
            apart = inside or _BACKWARDS_TOO or _jumps_twice(handler.body)
            close(handler.body, end, inside=apart)
    elif isinstance(last, ast.Try) and not _BACKWARDS_TOO:
        _part(last.finalbody)
    elif isinstance(last, ast.Match):
        for case in last.cases:
            close(case.body, end, inside=inside or _jumps_twice(case.body))
    elif isinstance(last, ast.If):
        close(last.body, end, inside=inside or (bool(last.orelse) and _jumps_twice(last.body)))
        close(last.orelse, end, inside=inside)
    if inside and block and not isinstance(block[-1], _LEAVES):
        block += end(None)


def _jumps_twice(branch: list[ast.stmt]) -> bool:
    return not _BACKWARDS_TOO and isinstance(branch[-1], _JUMPS)


def _part(block: list[ast.stmt]) -> None:
    """Let an `if` that ends a `finally`, where no end can stand, come to it by two jumps, not one.

    What its `else` does nothing in has the line of the test, which is handed on.
    """
    last = block[-1]
    if isinstance(last, ast.If):
        last.orelse = last.orelse or [ast.copy_location(ast.Pass(), last.test)]
        _part(last.body)
        _part(last.orelse)
