"""Collects the functions and sites of one module while its tree is rewritten."""

import ast
from dataclasses import dataclass, field
from importlib.util import decode_source

from rewind.model.sites import (
    ASYNC_GENERATOR,
    COROUTINE,
    GENERATOR,
    PLAIN,
    Function,
    Site,
    SiteTable,
)

_TEST_LENGTH = 80


@dataclass(slots=True)
class Scope:
    """The function (or module body) whose statements are being rewritten."""

    index: int
    qualname: str
    flavour: int
    keeps_return: bool = False
    """A `return` may be followed by a `finally` or an `__exit__`: the frame is left after these."""
    globals: set[str] = field(default_factory=set)
    """Names that a `global` statement declares."""

    @property
    def resumable(self) -> bool:
        """Whether the frame can leave the stack and come back."""
        return self.flavour != PLAIN


@dataclass(slots=True)
class Skipped:
    """A construct that stays plain, and why."""

    construct: str
    line: int
    why: str


class Table:
    """Hands out site places in the order of the source. One for each transform of a module."""

    def __init__(self, source: bytes) -> None:
        # As `ast` counts columns: in UTF-8, whatever the file is encoded in.
        self._lines = decode_source(source).encode().splitlines()
        self._functions: list[Function] = []
        self._sites: list[Site] = []
        self.skipped: list[Skipped] = []

    def function(self, qualname: str, line: int, flavour: int, parameters: tuple[str, ...]) -> int:
        """Add a function and return its index."""
        self._functions.append(Function(qualname, line, flavour, parameters))
        return len(self._functions) - 1

    def site(
        self,
        kind: str,
        scope: Scope,
        at: ast.AST,
        name: str | None = None,
        detail: str | None = None,
    ) -> int:
        """Add a site for the source that `at` covers and return its place."""
        line, column = at.lineno, at.col_offset  # type: ignore[attr-defined]
        end_line, end_column = at.end_lineno, at.end_col_offset  # type: ignore[attr-defined]
        self._sites.append(
            Site(kind, scope.index, line, column, end_line, end_column, name, detail)
        )
        return len(self._sites) - 1

    def skip(self, construct: str, at: ast.AST, why: str) -> None:
        """Note that a construct stays plain."""
        self.skipped.append(Skipped(construct, at.lineno, why))  # type: ignore[attr-defined]

    def text(self, node: ast.expr) -> str:
        """Return the source that `node` covers on one line, shortened."""
        last = node.end_lineno or node.lineno
        rows = self._lines[node.lineno - 1 : last]
        if not rows:
            return ""
        rows[-1] = rows[-1][: node.end_col_offset]
        rows[0] = rows[0][node.col_offset :]
        text = " ".join(row.strip().decode("utf-8", "replace") for row in rows)
        return text if len(text) <= _TEST_LENGTH else text[: _TEST_LENGTH - 1] + "…"

    def finish(self) -> SiteTable:
        """Return all that was collected."""
        return SiteTable(tuple(self._functions), tuple(self._sites))


def flavour_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return whether calling the function runs it, or makes a generator or coroutine."""
    yields = any(isinstance(inner, (ast.Yield, ast.YieldFrom)) for inner in own_nodes(node.body))
    if isinstance(node, ast.AsyncFunctionDef):
        return ASYNC_GENERATOR if yields else COROUTINE
    return GENERATOR if yields else PLAIN


_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def own_nodes(body: list[ast.stmt]) -> list[ast.AST]:
    """Return the nodes that run in the scope of `body` itself.

    What a nested function or class evaluates outside its body (decorators, defaults, bases)
    belongs to the scope; what comprehensions evaluate is counted in, as they hold no `return`
    and no `yield`.
    """
    found: list[ast.AST] = []
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        found.append(node)
        if isinstance(node, _SCOPES):
            waiting.extend(_outer_parts(node))
        else:
            waiting.extend(ast.iter_child_nodes(node))
    return found


def _outer_parts(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    arguments: ast.arguments = node.args  # type: ignore[attr-defined]
    defaults = [*arguments.defaults, *(one for one in arguments.kw_defaults if one is not None)]
    return [*getattr(node, "decorator_list", ()), *defaults]


def keeps_return(body: list[ast.stmt]) -> bool:
    """Return whether some `return` of this scope stands where code of the frame follows it."""
    return any(_returns_inside(node) for node in own_nodes(body))


def _returns_inside(node: ast.AST) -> bool:
    if isinstance(node, (ast.With, ast.AsyncWith)):
        inside = node.body
    elif isinstance(node, (ast.Try, ast.TryStar)) and node.finalbody:
        inside = [node]
    else:
        return False
    nodes = own_nodes(inside)
    return any(isinstance(inner, ast.Return) for inner in nodes)


def parameters_of(arguments: ast.arguments) -> tuple[str, ...]:
    """Return the parameters' names in the order in which a call's payload carries them."""
    names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    if arguments.vararg is not None:
        names.append(arguments.vararg.arg)
    names.extend(one.arg for one in arguments.kwonlyargs)
    if arguments.kwarg is not None:
        names.append(arguments.kwarg.arg)
    return tuple(names)
