"""What a module's source says that it imports; pure.

Imports inside functions count: they may happen. Those under `if TYPE_CHECKING` do not: they never
do. What is imported by a name that is made at run time cannot be seen, and is pointed at.
"""

import ast
from typing import NamedTuple

_BY_NAME = frozenset({"import_module", "__import__", "load_module", "exec_module"})


class Imported(NamedTuple):
    """One import statement's module."""

    name: str
    members: tuple[str, ...] = ()
    """What is taken from it; each may be a module of its own."""


class Imports(NamedTuple):
    """All that one source imports."""

    visible: tuple[Imported, ...]
    unseen: tuple[int, ...]
    """Lines that import by a name made at run time."""


def imports_of(source: bytes, package: str) -> Imports:
    """Return what a source imports whose `__package__` is `package`.

    A source that Python refuses imports nothing.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Imports((), ())
    visible: list[Imported] = []
    unseen: list[int] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            visible += [Imported(alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            visible += _from(node, package)
        elif isinstance(node, ast.Call) and _called(node.func) in _BY_NAME:
            unseen.append(node.lineno)
        waiting += reversed(_inside(node))
    return Imports(tuple(visible), tuple(unseen))


def _inside(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.If) and _called(node.test) == "TYPE_CHECKING":
        return list(node.orelse)
    return list(ast.iter_child_nodes(node))


def _called(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _from(node: ast.ImportFrom, package: str) -> list[Imported]:
    base = node.module or ""
    if node.level:
        parts = package.split(".") if package else []
        kept = len(parts) - node.level + 1
        if kept < 1:
            # Beyond the top, or in a module of no package: Python refuses it.
            return []
        base = ".".join([*parts[:kept], *([node.module] if node.module else [])])
    return [Imported(base, tuple(alias.name for alias in node.names if alias.name != "*"))]
