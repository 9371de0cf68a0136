"""Where a function's end gets a place of its own, so that Python 3.12 gives it a line.

The end has no line: the compiler copies it to each line that leads there. A copy that is reached
out of a handler or of an `__exit__` lies before it, though, and 3.12 hands a line on only forwards,
to all but the first instruction: a tracer would be told None, and the last line once more.
"""

import ast
import sys
from collections.abc import Callable
from typing import Final

APART: Final = sys.version_info[:2] == (3, 12)
"""Whether this Python needs that."""
_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)
End = Callable[[ast.stmt | None], list[ast.stmt]]
"""Makes a function's end at the place of a statement, or at no line."""


def close(block: list[ast.stmt], end: End) -> None:
    """Put ends where the block's own end is reached backwards."""
    last = block[-1] if block else None
    if isinstance(last, (ast.With, ast.AsyncWith, ast.TryStar)):
        block += end(last)
    elif isinstance(last, ast.Try) and not last.finalbody:
        for handler in last.handlers:
            close(handler.body, end)
            if not isinstance(handler.body[-1], _LEAVES):
                handler.body += end(None)
    elif isinstance(last, ast.Match):
        for case in last.cases:
            close(case.body, end)
    elif isinstance(last, ast.If):
        close(last.body, end)
        close(last.orelse, end)
