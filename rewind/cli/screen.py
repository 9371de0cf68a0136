"""Lines of styled pieces for people: colours on a terminal, plain text everywhere else.

On a terminal a line is cut at the right edge; into a file or pipe it goes whole. NO_COLOR is
honoured. Whatever was recorded is inert here: a control character in it cannot reach the terminal.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from typing import NamedTuple

KIND_STYLES = {
    "call": "bold blue",
    "return": "cyan",
    "yield": "cyan",
    "await": "dim",
    "resume": "blue",
    "variable": "green",
    "attribute": "green",
    "item": "green",
    "mutate": "yellow",
    "delete": "yellow",
    "branch": "magenta",
    "loop": "dim",
    "exception": "bold red",
    "handled": "red",
    "value": "green",
    "line": "dim",
    "note": "bold",
    "output": "bold",
    "log": "bold",
    "sql": "cyan",
    "http": "cyan",
    "redis": "cyan",
}
STATUS_STYLES = {
    "running": "bold blue",
    "completed": "green",
    "error": "bold red",
    "crashed": "bold magenta",
}


class Piece(NamedTuple):
    """Text and how it looks, in rich's terms."""

    text: str
    style: str = ""


class Column(NamedTuple):
    """A heading, and whether the cells below it stand at the right (numbers do)."""

    heading: str
    is_number: bool = False


class Screen:
    """Standard output, as one command writes it. Used by the main thread only."""

    def __init__(self) -> None:
        self._output = sys.stdout
        self._console = None
        if self._output.isatty() and os.environ.get("TERM") != "dumb":
            # Only here: a tenth of a second that a pipe need not pay.
            from rich.console import Console

            self._console = Console(highlight=False, markup=False)

    def line(self, *pieces: Piece | str) -> None:
        """Write one line."""
        styled = [_inert(piece) for piece in pieces]
        if self._console is None:
            self._output.write("".join(piece.text for piece in styled).rstrip() + "\n")
            return
        from rich.text import Text

        text = Text.assemble(*styled, no_wrap=True, end="")
        text.rstrip()
        text.truncate(self._console.width, overflow="ellipsis")
        self._console.print(text, crop=True)

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[Piece | str]]) -> None:
        """Write rows below headings, each column as wide as its widest cell."""
        cells = [[_inert(cell) for cell in row] for row in rows]
        headings = [Piece(column.heading, "dim") for column in columns]
        widths = [max(len(row[i].text) for row in (headings, *cells)) for i in range(len(columns))]
        for row in (headings, *cells):
            self.line(*_aligned(row, columns, widths))


def _aligned(
    row: Sequence[Piece], columns: Sequence[Column], widths: Sequence[int]
) -> Iterable[Piece]:
    for index, (piece, column, width) in enumerate(zip(row, columns, widths, strict=True)):
        if index:
            yield Piece("  ")
        room = " " * (width - len(piece.text))
        text = room + piece.text if column.is_number else piece.text + room
        yield Piece(text, piece.style)


def _inert(piece: Piece | str) -> Piece:
    text, style = piece if isinstance(piece, Piece) else (piece, "")
    return Piece(text if text.isprintable() else inert(text.expandtabs(4)), style)


def inert(text: str, kept: str = "") -> str:
    """Return a text with its control characters as escapes, but for those in `kept`."""
    return "".join(c if c.isprintable() or c in kept else repr(c)[1:-1] for c in text)
