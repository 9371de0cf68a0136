"""Compiles without a word: what the compiler warns of is said once, when the program is to hear it.

A source may be compiled several times before it is known what becomes of it, and each time the
compiler would warn again.
"""

import warnings
from _thread import get_ident
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


class Heard:
    """In place of a pattern of modules in a filter for warnings: fits in this thread, for now."""

    def __init__(self) -> None:
        self.thread: int | None = get_ident()
        self.any = False
        """Whether there was a warning that has not been said."""

    def match(self, _: str) -> bool:
        """Return whether a warning is not to be said."""
        here = get_ident() == self.thread
        self.any |= here
        return here


@contextmanager
def unwarned() -> Iterator[Heard]:
    """Let the compiler say nothing in this thread, and tell whether it would have.

    `warnings.catch_warnings` would silence all threads, and have the program's own warnings shown
    a second time.
    """
    heard = Heard()
    silent = ("ignore", None, Warning, heard, 0)
    filters: Any = warnings.filters
    filters.insert(0, silent)
    try:
        yield heard
    finally:
        # Another thread may have taken a copy of the filters for a while, or emptied them.
        heard.thread = None
        with suppress(ValueError):
            filters.remove(silent)
