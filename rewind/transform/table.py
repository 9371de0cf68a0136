"""Collects the functions and sites of one module while its tree is rewritten."""

import ast
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from io import BytesIO, IncrementalNewlineDecoder
from itertools import accumulate
from tokenize import detect_encoding
from typing import NamedTuple

from rewind.model.sites import PLAIN, Function, Site, SiteTable

_TEST_LENGTH = 80
_Facts = tuple[str, int, int, int, int, int, str | None, str | None]
"""What a `Site` holds."""


class Scope(NamedTuple):
    """The function (or module body) whose statements are being rewritten."""

    function: int
    """Its index in the table."""
    qualname: str
    flavour: int
    keeps_return: bool = False
    """A `return` may be followed by a `finally` or an `__exit__`: the frame is left after these."""
    globals: frozenset[str] = frozenset()
    """Names that a `global` statement declares."""

    parameters: tuple[str, ...] = ()
    """Names of the arguments."""
    is_class: bool = False
    """A class body, whose names are kept in what its metaclass prepared."""

    @property
    def resumable(self) -> bool:
        """Whether the frame can leave the stack and come back."""
        return self.flavour != PLAIN


class Skipped(NamedTuple):
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
        sites.append((kind, scope.function, line, column, end_line, end_column, name, detail))
        return len(sites) - 1

    def skip(self, construct: str, at: ast.AST, why: str) -> None:
        """Note that a construct stays plain."""
        self.skipped.append(Skipped(construct, at.lineno, why))  # type: ignore[attr-defined]

    def text(self, node: ast.expr) -> str:
        """Return the source that `node` covers on one line, shortened."""
        last = node.end_lineno or node.lineno
        first = node.lineno
        if first == last <= len(self._lines):
            line = self._lines[first - 1][node.col_offset : node.end_col_offset]
            return _shortened(line.strip().decode("utf-8", "replace"))
        rows = self._lines[first - 1 : last]
        if not rows:
            return ""
        rows[-1] = rows[-1][: node.end_col_offset]
        rows[0] = rows[0][node.col_offset :]
        return _shortened(" ".join(row.strip().decode("utf-8", "replace") for row in rows))

    def mentions(self, word: bytes, node: ast.stmt) -> bool:
        """Return whether the word stands anywhere in the lines of a statement."""
        first, last = node.lineno - 1, node.end_lineno or node.lineno
        return self._text.find(word, self._starts[first], self._starts[last]) >= 0

    def lines_with(self, words: tuple[bytes, ...]) -> bytes | None:
        """Return for each line, from number 1, whether one of the words stands anywhere in it.

        None for a source that can spell a name in more than one way.
        """
        return lines_with(self._text, words) if self._text.isascii() else None

    def finish(self) -> SiteTable:
        """Return all that was collected."""
        return SiteTable(tuple(self._functions), tuple(map(_site, self._sites)))


def lines_with(text: bytes, words: tuple[bytes, ...], /) -> bytes:
    """Return a byte for each line, from number 1: whether one of the words stands anywhere in it.

    In C (`native/lines.c`) it takes a fifth of the time, as it looks for all of them at once.
    """
    found = bytearray(text.count(b"\n") + 3)
    for word in words:
        line, counted = 1, 0
        at = text.find(word)
        while at >= 0:
            line += text.count(b"\n", counted, at)
            found[line] = True
            counted = at
            at = text.find(word, at + 1)
    return bytes(found)


def _shortened(text: str) -> str:
    return text if len(text) <= _TEST_LENGTH else text[: _TEST_LENGTH - 1] + "…"


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


with suppress(ImportError):  # The extension is optional.
    from rewind.transform._nodes import lines_with as lines_with  # noqa: PLC0414 - this module's
