"""What an event of a site does to its session's frames, beside being its frame's latest.

Decided once for each site when its module is announced; `rewind/writer/native/table.h` has the same
numbers.
"""

from enum import IntEnum

from rewind.model.events import CALL, DELETE, EXCEPTION, RESUME, RETURN, YIELD
from rewind.model.sites import PLAIN, Function, Site


class Step(IntEnum):
    """The ones from `CALL` on bring a frame; the others count only where theirs is on top."""

    NOTHING = 0
    WRITE = 1
    DELETE = 2
    LEAVE = 3
    SUSPEND = 4
    NOTE = 5
    FAIL = 6
    CALL = 7
    CALL_RESUMABLE = 8
    RESUME = 9


_BY_KIND = {RESUME: Step.RESUME, RETURN: Step.LEAVE, YIELD: Step.SUSPEND}


def step_of(site: Site, function: Function) -> Step:
    """Return what events of that site, which is in that function, do."""
    if site.kind == CALL:
        return Step.CALL if function.flavour == PLAIN else Step.CALL_RESUMABLE
    if site.writes is not None:
        return Step.WRITE
    if site.kind == DELETE and site.name is not None:
        return Step.DELETE
    if site.kind == EXCEPTION:
        return Step.FAIL if site.detail == "exit" else Step.NOTE
    return _BY_KIND.get(site.kind, Step.NOTHING)
