"""Where an interpreter places what a condition raises, so that carets point as they do without us.

Python 3.11 gives an assertion's `raise` the place of the comparison that its compiler looked at
last (`compiler_jump_if` in Python/compile.c); newer ones take the whole statement's or test's.
"""

import ast
import sys
from typing import Final

Whole = ast.stmt | ast.expr | ast.pattern
"""What has a condition: a statement, a conditional expression, a case."""
JUMPS_AT_WHOLE: Final = sys.version_info < (3, 12)
"""Whether a jump has the place of the whole statement, where no comparison decides."""
_FOLDED = (ast.Is, ast.IsNot, ast.In, ast.NotIn)
"""Operators of which the compiler makes `not a in b` and `a not in b` the same comparison."""


def raises_at(assertion: ast.Assert) -> ast.AST:
    """Return the node whose place the `raise` of the untouched statement gets."""
    if sys.version_info >= (3, 12):
        return assertion
    return _last_comparison(assertion.test) or assertion


def exits_at(entered: ast.With | ast.AsyncWith) -> ast.AST:
    """Return the node whose place the call of `__exit__` gets, of what is entered last."""
    return entered if sys.version_info < (3, 13) else entered.items[-1].context_expr


def left_at(entered: ast.With | ast.AsyncWith) -> ast.AST:
    """Return the node whose place the end of the whole statement gets."""
    return entered if sys.version_info < (3, 13) else entered.items[0].context_expr


def decides_on_lines(test: ast.expr) -> bool:
    """Return whether a test on several lines may be decided before its last one has run."""
    if test.lineno == test.end_lineno:
        return False
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test = test.operand
    chained = isinstance(test, ast.Compare) and (len(test.ops) > 1 or JUMPS_AT_WHOLE)
    return chained or isinstance(test, (ast.BoolOp, ast.IfExp))


def decided_last(test: ast.expr, whole: ast.stmt) -> ast.AST:
    """Return the node whose place the last of the test's jumps gets."""
    while not isinstance(test, ast.Compare):
        if isinstance(test, ast.BoolOp):
            test = test.values[-1]
        elif isinstance(test, ast.IfExp):
            test = test.orelse
        elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test = test.operand
        else:
            return whole if JUMPS_AT_WHOLE else test
    return test


def _last_comparison(test: ast.expr) -> ast.expr | None:
    if isinstance(test, ast.Compare):
        return test
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test if _is_folded(test.operand) else _last_comparison(test.operand)
    found = (_last_comparison(part) for part in reversed(_parts(test)))
    return next((one for one in found if one is not None), None)


def _is_folded(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], _FOLDED)


def _parts(test: ast.expr) -> list[ast.expr]:
    if isinstance(test, ast.BoolOp):
        return test.values
    if isinstance(test, ast.IfExp):
        return [test.test, test.body, test.orelse]
    return []
