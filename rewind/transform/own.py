"""What of a tree is the program's own, where somebody else has rewritten it before us.

pytest puts several statements in the place of an assertion, typeguard keeps what it needs in a
variable: none of that happened in the program that its author wrote.
"""

import ast
from typing import Final

from rewind.transform.visitor import nodes_in

_NAMING: Final = ("id", "name", "rest")
"""Where the nodes that bind keep the name: in `Name`, in `except` and patterns, in a mapping."""


class Own:
    """The names and assertions of a source, from a tree that nobody has touched."""

    def __init__(self, tree: ast.Module) -> None:
        found = (getattr(node, field, None) for node in nodes_in(tree) for field in _NAMING)
        self._names = {name for name in found if type(name) is str}
        self._assertions = {
            (node.lineno, node.col_offset): node
            for node in nodes_in(tree)
            if isinstance(node, ast.Assert)
        }
        self._carried: dict[str, ast.expr] = {}

    def binds(self, name: str) -> bool:
        """Return whether the name is one of the source."""
        return name in self._names

    def asserted(self, node: ast.If) -> ast.Assert | None:
        """Return the assertion that `node` is a part of, if it is."""
        return self._assertions.get((node.lineno, node.col_offset))

    def carry(self, node: ast.Assign) -> None:
        """Note what names hold from now on."""
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._carried[target.id] = node.value

    def carried(self, function: ast.expr) -> ast.expr:
        """Return the attribute that is called by a name which only carries it; else `function`."""
        if not isinstance(function, ast.Name) or self.binds(function.id):
            return function
        found = self._carried.pop(function.id, None)
        return found if isinstance(found, ast.Attribute) else function
