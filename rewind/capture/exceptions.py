"""What is known of the exception that passes a probe, read without running its code."""

import sys
from collections.abc import Collection
from types import TracebackType
from typing import NamedTuple

_traceback_of = BaseException.__dict__["__traceback__"].__get__


def exception_of() -> BaseException | None:
    """Return the exception that the caller's `except` is handling."""
    return sys.exception()


def line_of(error: BaseException | None) -> int:
    """Return the line where the exception came up in the frame that handles it; 0 if unknown."""
    traceback: TracebackType | None = None if error is None else _traceback_of(error)
    return 0 if traceback is None else traceback.tb_lineno or 0


class Whereabouts(NamedTuple):
    """Where an exception stands; zeroes if it has no traceback. To compare, nothing is kept alive.

    All of it, as the next exception and its traceback often get the addresses of the last ones.
    """

    traceback: int
    """`id()` of its traceback."""
    code: int
    """`id()` of the code of the frame that it is passing now."""
    instruction: int
    """The instruction of that code at which it came up there."""


NOWHERE = Whereabouts(0, 0, 0)


def whereabouts(error: BaseException | None) -> Whereabouts:
    """Return where the exception stands."""
    traceback: TracebackType | None = None if error is None else _traceback_of(error)
    return NOWHERE if traceback is None else _whereabouts(traceback)


def _whereabouts(traceback: TracebackType) -> Whereabouts:
    return Whereabouts(id(traceback), id(traceback.tb_frame.f_code), traceback.tb_lasti)


def came_by(error: BaseException | None, places: Collection[Whereabouts]) -> bool:
    """Return whether the exception has passed one of these places on its way here.

    A group that `except*` has made leaves its frame without an entry of that in its traceback.
    """
    traceback: TracebackType | None = None if error is None else _traceback_of(error)
    if traceback is not None and NOWHERE in places:
        return True
    while traceback is not None and places:
        traceback = traceback.tb_next
        if traceback is not None and _whereabouts(traceback) in places:
            return True
    return False


def trace_of(error: BaseException | None, depth: int) -> list[object]:
    """Return `[file, line, function]` of the innermost `depth` frames, the outermost first."""
    traceback: TracebackType | None = None if error is None else _traceback_of(error)
    frames: list[object] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append([code.co_filename, traceback.tb_lineno or 0, code.co_qualname])
        traceback = traceback.tb_next
    return frames[-depth:]
