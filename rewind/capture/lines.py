"""At which line a recorded frame is while something runs that it has led to."""

from types import FrameType
from typing import Final

from rewind.capture.registry import Code
from rewind.capture.strands import Frame

_NEAR: Final = 6
"""Frames to look through for what calls, unrecorded ones between the two among them."""
_FAR: Final = 200
"""The same for what is said below libraries."""


def line_in(caller: FrameType | None, entry: Code | Frame | None) -> int:
    """Return the line at which the frame of `entry` calls what `caller` called; 0 if it does not.

    Between the two may lie frames that are not recorded, such as a comprehension's.
    """
    if entry is None:
        return 0
    qualname = entry.code.qualname
    for _ in range(_NEAR):
        if caller is None:
            break
        if caller.f_code.co_qualname == qualname:
            return caller.f_lineno or 0
        caller = caller.f_back
    return 0


def line_below(running: FrameType | None, entry: Code | Frame | None) -> int:
    """Return the line that the frame of `entry` is at while `running` runs, however deep that is.

    0 if it has not led there.
    """
    if entry is None:
        return 0
    module, qualname = entry.code.module, entry.code.qualname
    for _ in range(_FAR):
        if running is None:
            break
        if running.f_code.co_qualname == qualname and running.f_globals.get("__name__") == module:
            return running.f_lineno or 0
        running = running.f_back
    return 0
