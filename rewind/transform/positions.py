"""Where an interpreter places what a condition raises, so that carets point as they do without us.

Python 3.11 gives an assertion's `raise` the place of the comparison that its compiler looked at
last (`compiler_jump_if` in Python/compile.c); newer ones take the whole statement's or test's.
"""

import ast
import sys

_FOLDED = (ast.Is, ast.IsNot, ast.In, ast.NotIn)
"""Operators of which the compiler makes `not a in b` and `a not in b` the same comparison."""


def raises_at(assertion: ast.Assert) -> ast.AST:
    """Return the node whose place the `raise` of the untouched statement gets."""
    if sys.version_info >= (3, 12):
        return assertion
    return _last_comparison(assertion.test) or assertion


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
