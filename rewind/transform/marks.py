"""What the source itself says about what to record.

`# rewind: off` behind code on a line, and the decorators `rewind.skip` and `rewind.only`. They are
known by how they are written: the module's imports tell under which names it has the decorators.
"""

import ast
import re
import tokenize
from io import BytesIO
from typing import Final, NamedTuple

from rewind.transform.visitor import nodes_in

_OFF: Final = re.compile(r"#\s*rewind:\s*off\b")
_SOURCE_OFF: Final = re.compile(rb"rewind:\s*off")

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Marks(NamedTuple):
    """A module's marks."""

    off: frozenset[int] = frozenset()
    """Lines that say `# rewind: off`."""
    skips: frozenset[str] = frozenset()
    """How `rewind.skip` is written here."""
    onlys: frozenset[str] = frozenset()
    """How `rewind.only` is written here."""
    uses_only: bool = False
    """Whether anything is marked with it, so that nothing else is recorded."""

    def is_off(self, node: ast.stmt) -> bool:
        """Return whether a line of the statement, or of its header, says so."""
        return bool(self.off) and any(line in self.off for line in _header(node))

    def skip(self, node: Definition) -> bool:
        """Return whether `rewind.skip` decorates it."""
        return bool(self.skips) and _is_decorated(node, self.skips)

    def only(self, node: Definition) -> bool:
        """Return whether `rewind.only` decorates it."""
        return bool(self.onlys) and _is_decorated(node, self.onlys)


NONE: Final = Marks()


def marks_of(source: bytes, tree: ast.Module) -> Marks:
    """Return what the source says; most modules do not have the word in them."""
    if b"rewind" not in source:
        return NONE
    off = _off_lines(source) if _SOURCE_OFF.search(source) else frozenset()
    skips, onlys = _names(tree, "skip"), _names(tree, "only")
    uses_only = bool(onlys) and any(
        _is_decorated(node, onlys) for node in nodes_in(tree) if isinstance(node, Definition)
    )
    return Marks(off, skips, onlys, uses_only)


def _off_lines(source: bytes) -> frozenset[int]:
    tokens = tokenize.tokenize(BytesIO(source).readline)
    return frozenset(
        token.start[0]
        for token in tokens
        if token.type == tokenize.COMMENT
        and _OFF.search(token.string)
        and token.line[: token.start[1]].strip()
    )


def _names(tree: ast.Module, name: str) -> frozenset[str]:
    """Return every way in which the module's imports let it write `rewind.<name>`."""
    found: set[str] = set()
    for node in nodes_in(tree):
        if isinstance(node, ast.Import):
            modules = (one.asname or one.name for one in node.names if one.name == "rewind")
            found.update(f"{module}.{name}" for module in modules)
        elif isinstance(node, ast.ImportFrom) and node.module == "rewind" and not node.level:
            found.update(one.asname or one.name for one in node.names if one.name == name)
    return frozenset(found)


def _is_decorated(node: Definition, names: frozenset[str]) -> bool:
    return any(
        isinstance(one, (ast.Name, ast.Attribute)) and ast.unparse(one) in names
        for one in node.decorator_list
    )


def _header(node: ast.stmt) -> range:
    """Return the lines of a simple statement, or of what stands before a compound one's body."""
    first = _first_line(node)
    inside: list[ast.stmt] = getattr(node, "body", [])
    if isinstance(node, ast.Match):
        return range(first, max(node.subject.end_lineno or first, first) + 1)
    if not inside:
        return range(first, (node.end_lineno or first) + 1)
    return range(first, max(node.lineno, _first_line(inside[0]) - 1) + 1)


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])
