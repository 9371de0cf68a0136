"""Walks the expressions of a tree and puts in what the visits return.

`ast.NodeTransformer` asks each node for its fields and looks its method up by name; a module's
expressions are most of its nodes, so both are decided here once. A node of a kind that is not
listed (a newer Python's) is left as it is, with all inside it.
"""

import ast
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final, TypeVar

from rewind.transform.small import for_small

_PARTS: Final[dict[type[ast.AST], tuple[str, ...]]] = for_small(
    {
        ast.Expr: ("value",),
        ast.Raise: ("exc", "cause"),
        ast.BoolOp: ("values",),
        ast.UnaryOp: ("operand",),
        ast.Dict: ("keys", "values"),
        ast.Set: ("elts",),
        ast.Compare: ("left", "comparators"),
        ast.Call: ("func", "args", "keywords"),
        ast.keyword: ("value",),
        ast.JoinedStr: ("values",),
        ast.FormattedValue: ("value", "format_spec"),
        ast.Attribute: ("value",),
        ast.Subscript: ("value", "slice"),
        ast.Starred: ("value",),
        ast.List: ("elts",),
        ast.Tuple: ("elts",),
        ast.Slice: ("lower", "upper", "step"),
    }
)
"""Where each kind of node holds expressions, in an order that does not matter: visits place
probes, and only the table of sites is numbered by it."""

LEAVES: Final = frozenset({*for_small({ast.Name: 0, ast.Constant: 0}), type(None)})
"""What most parts are; nothing is ever done about them."""

_N = TypeVar("_N", bound=ast.AST)
Visit = Callable[[Any, Any], Any]


class Visitor:
    """Calls `visit_<kind>` for nodes that have one, and goes on inside the others."""

    _kinds: ClassVar[dict[type[ast.AST], Visit]] = {}
    """The class's method for each kind of node that it has one for."""

    def __init_subclass__(cls) -> None:
        names = [name for name in dir(cls) if name.startswith("visit_")]
        kinds = ((getattr(ast, name[len("visit_") :], None), name) for name in names)
        # Some kinds came with a Python newer than the one that runs.
        visits = {kind: getattr(cls, name) for kind, name in kinds if kind is not None}
        cls._kinds = for_small(visits)

    def __init__(self) -> None:
        # Not bound: what refers to itself would wait for the program's garbage collection.
        self._visits = dict(self._kinds)

    def visit(self, node: ast.AST) -> Any:  # noqa: ANN401 - a statement may become several
        """Return what stands for the node from now on."""
        visit = self._visits.get(type(node))
        return self.generic_visit(node) if visit is None else visit(self, node)

    def generic_visit(self, node: _N) -> _N:
        """Visit the expressions inside the node, in place, and return it."""
        for name in _PARTS.get(type(node), ()):
            part = getattr(node, name)
            kind = type(part)
            if kind is list:
                for place, one in enumerate(part):
                    if type(one) not in LEAVES:
                        part[place] = self.visit(one)
            elif kind not in LEAVES:
                visited = self.visit(part)
                if visited is not part:
                    setattr(node, name, visited)
        return node


def nodes_in(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the tree's nodes, level by level.

    Not `ast.walk`: that imports when it is called, and what it imports may be what is rewritten.
    """
    waiting = [tree]
    for node in waiting:
        waiting.extend(ast.iter_child_nodes(node))
        yield node
