"""Which events follow the one before them at once.

A probe looks at the clock, which costs as much as all else that it does. Where nothing but the
simplest steps lie between two probes of a block, the second takes the time of the first instead
(`SOON` among the names of `rewind.model.probes`); the core decides, as it sees the value and the
other threads. What may take its time is never among these steps: no call, no access to an attribute
or item, no search but among constants, no power, matrix product, import, wait, nor a further round
of a loop. An operator is, though what it is applied to may be of a class that gives it another
meaning.
"""

import ast
from typing import Final

from rewind.transform.small import for_small

_LEAVES: Final = frozenset(for_small({ast.Name: 0, ast.Constant: 0}))
_SLOW: Final = frozenset({ast.Pow, ast.MatMult})
_SEARCHES: Final = (ast.In, ast.NotIn)
JUMPS: Final = (ast.Return, ast.Raise, ast.Continue, ast.Break)
"""Statements that nothing follows."""


def are_simple(*nodes: ast.expr) -> bool:
    """Whether the expressions are names and constants, put together by operators alone."""
    waiting = list(nodes)
    for node in waiting:
        kind = type(node)
        if kind in _LEAVES:
            continue
        if isinstance(node, ast.BinOp) and is_quick(node.op):
            waiting += node.left, node.right
        elif isinstance(node, ast.Compare):
            waiting.append(node.left)
            for operator, right in zip(node.ops, node.comparators, strict=True):
                if not isinstance(operator, _SEARCHES):
                    waiting.append(right)
                elif not _are_constants(right):
                    return False
        elif isinstance(node, ast.UnaryOp):
            waiting.append(node.operand)
        elif isinstance(node, ast.BoolOp):
            waiting += node.values
        else:
            return False
    return True


def _are_constants(searched: ast.expr) -> bool:
    """Whether what is searched is a constant, text perhaps, or a display of nothing else."""
    if isinstance(searched, (ast.Tuple, ast.List, ast.Set)):
        return all(isinstance(one, ast.Constant) for one in searched.elts)
    return isinstance(searched, ast.Constant)


def parts_of(value: ast.expr, target: ast.expr) -> list[ast.expr]:
    """Return what an assignment evaluates; and what it unpacks, which may be an iterator.

    A display that is unpacked is none: its parts go right into those of the target.
    """
    pair = (ast.Tuple, ast.List)
    if not isinstance(target, pair):
        return [value]
    return [*value.elts, *target.elts] if isinstance(value, pair) else [value, target]


def is_quick(operator: ast.operator) -> bool:
    """Whether an operator is one of the simple ones."""
    return type(operator) not in _SLOW
