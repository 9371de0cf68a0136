"""What is known of the exception that passes a probe, read without running its code."""

import sys
from types import TracebackType

_traceback_of = BaseException.__dict__["__traceback__"].__get__


def exception_of() -> BaseException | None:
    """Return the exception that the caller's `except` is handling."""
    return sys.exception()


def line_of(error: BaseException | None) -> int:
    """Return the line where the exception came up in the frame that handles it; 0 if unknown."""
    traceback: TracebackType | None = None if error is None else _traceback_of(error)
    return 0 if traceback is None else traceback.tb_lineno or 0


def came_out_of(error: BaseException | None, qualname: str) -> bool:
    """Return whether the exception has passed a frame of that function on its way here.

    An address alone does not tell: the next exception often gets the one of the last.
    """
    traceback: TracebackType | None = None if error is None else _traceback_of(error)
    while traceback is not None:
        traceback = traceback.tb_next
        if traceback is not None and traceback.tb_frame.f_code.co_qualname == qualname:
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
