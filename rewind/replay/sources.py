"""Source text as it was recorded, in lines as Python counts them."""

import re
from io import BytesIO
from tokenize import detect_encoding
from typing import Final

# Not `splitlines`: it also breaks at characters that are no line ends to Python.
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


def source_lines(raw: bytes) -> tuple[str, ...]:
    """Return the lines of a source file, decoded as its encoding declaration says.

    A byte that does not decode is shown as U+FFFD: a reader wants the rest.
    """
    lines = _LINE_END.split(_decoded(raw))
    if lines[-1] == "":
        lines.pop()
    return tuple(lines)


def _decoded(raw: bytes) -> str:
    try:
        encoding, _ = detect_encoding(BytesIO(raw).readline)
        return raw.decode(encoding, "replace")
    except (SyntaxError, LookupError):
        return raw.decode("utf-8", "replace")


def line_text(lines: tuple[str, ...], line: int) -> str:
    """Return one line, counted from 1, without indentation; empty where there is no such."""
    return lines[line - 1].strip() if 1 <= line <= len(lines) else ""
