"""Walks the expressions of a tree and puts in what the visits return.

`ast.NodeTransformer` asks each node for its fields and looks its method up by name; a module's
expressions are most of its nodes, so both are decided here once. A node of a kind that is not
listed (a newer Python's) is left as it is, with all inside it.
"""

import ast
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final, TypeVar

_PARTS: Final[dict[type[ast.AST], tuple[str, ...]]] = {
    ast.Expr: ("value",),
    ast.Raise: ("exc", "cause"),
    ast.BoolOp: ("values",),
    ast.BinOp: ("left", "right"),
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
"""Where each kind of node holds expressions, in an order that does not matter: visits place
probes, and only the table of sites is numbered by it."""

_LEAVES: Final = frozenset({ast.Name, ast.Constant, type(None)})
"""What most parts are; nothing is ever done about them."""

_N = TypeVar("_N", bound=ast.AST)
Visit = Callable[[Any], Any]


class Visitor:
    """Calls `visit_<kind>` for nodes that have one, and goes on inside the others."""

    _kinds: ClassVar[tuple[tuple[type[ast.AST], str], ...]] = ()
    """The kinds of node that the class has a method for, and its name."""

    def __init_subclass__(cls) -> None:
        names = [name for name in dir(cls) if name.startswith("visit_")]
        kinds = ((getattr(ast, name[len("visit_") :], None), name) for name in names)
        # Some kinds came with a Python newer than the one that runs.
        cls._kinds = tuple((kind, name) for kind, name in kinds if kind is not None)

    def __init__(self) -> None:
        self._visits: dict[type[ast.AST], Visit] = {
            kind: getattr(self, name) for kind, name in self._kinds
        }

    def visit(self, node: ast.AST) -> Any:  # noqa: ANN401 - a statement may become several
        """Return what stands for the node from now on."""
        visit = self._visits.get(type(node))
        return self.generic_visit(node) if visit is None else visit(node)

    def generic_visit(self, node: _N) -> _N:
        """Visit the expressions inside the node, in place, and return it."""
        for name in _PARTS.get(type(node), ()):
            part = getattr(node, name)
            if type(part) is list:
                for place, one in enumerate(part):
                    if type(one) not in _LEAVES:
                        part[place] = self.visit(one)
            elif type(part) not in _LEAVES:
                setattr(node, name, self.visit(part))
        return node


def nodes_in(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the tree's nodes, level by level.

    Not `ast.walk`: that imports when it is called, and what it imports may be what is rewritten.
    """
    waiting = [tree]
    for node in waiting:
        waiting.extend(ast.iter_child_nodes(node))
        yield node
