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
            (node.lineno, node.col_offset): node.test
            for node in nodes_in(tree)
            if isinstance(node, ast.Assert)
        }

    def binds(self, name: str) -> bool:
        """Return whether the name is one of the source."""
        return name in self._names

    def asserted(self, node: ast.If) -> ast.expr | None:
        """Return the test of the assertion that `node` is a part of, if it is."""
        return self._assertions.get((node.lineno, node.col_offset))
