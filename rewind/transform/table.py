"""Collects the functions and sites of one module while its tree is rewritten."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO, IncrementalNewlineDecoder
from itertools import accumulate
from tokenize import detect_encoding

from rewind.model.sites import PLAIN, Function, Site, SiteTable

_TEST_LENGTH = 80
_Facts = tuple[str, int, int, int, int, int, str | None, str | None]
"""What a `Site` holds."""


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

    parameters: tuple[str, ...] = ()
    """Names of the arguments."""
    is_class: bool = False
    """A class body, whose names are kept in what its metaclass prepared."""

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
        self._text = source if _is_plain(source) else _decoded(source).encode()
        self._lines = self._text.splitlines(keepends=True)
        self._starts = list(accumulate(map(len, self._lines), initial=0))
        self._functions: list[Function] = []
        self._sites: list[_Facts] = []
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
        # Who rewrote the tree before us may have left the end open.
        end_line, end_column = at.end_lineno or line, at.end_col_offset or column  # type: ignore[attr-defined]
        sites = self._sites
        sites.append((kind, scope.index, line, column, end_line, end_column, name, detail))
        return len(sites) - 1

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

    def mentions(self, word: bytes, node: ast.stmt) -> bool:
        """Return whether the word stands anywhere in the lines of a statement."""
        first, last = node.lineno - 1, node.end_lineno or node.lineno
        return self._text.find(word, self._starts[first], self._starts[last]) >= 0

    def finish(self) -> SiteTable:
        """Return all that was collected."""
        return SiteTable(tuple(self._functions), tuple(map(_site, self._sites)))


_site: Callable[[_Facts], Site] = partial(tuple.__new__, Site)
"""As `Site._make`, which would run Python code for each of thousands."""


def _decoded(source: bytes) -> str:
    """Return a source's text, as `importlib.util.decode_source`.

    That one imports `tokenize` when it is called, and may find the program's own of that name.
    """
    encoding, _ = detect_encoding(BytesIO(source).readline)
    return IncrementalNewlineDecoder(None, translate=True).decode(source.decode(encoding))


def _is_plain(source: bytes) -> bool:
    """Whether the source is its own UTF-8, with the line ends that the parser goes by."""
    if not source.isascii() or b"\r" in source:
        return False
    return not any(b"coding" in line for line in source.split(b"\n", 2)[:2])
