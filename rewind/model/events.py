"""The kinds of event, and the control records that stand between events in a segment.

A record is one msgpack array. Its first element tells what it is: zero or more is the number of
the site whose probe fired, below zero is a `Control`. `docs/format.md` lists every payload.
"""

from enum import IntEnum
from typing import Final

CALL: Final = "call"
RETURN: Final = "return"
YIELD: Final = "yield"
AWAIT: Final = "await"
RESUME: Final = "resume"
VARIABLE: Final = "variable"
ATTRIBUTE: Final = "attribute"
ITEM: Final = "item"
MUTATE: Final = "mutate"
DELETE: Final = "delete"
BRANCH: Final = "branch"
LOOP: Final = "loop"
EXCEPTION: Final = "exception"
HANDLED: Final = "handled"
VALUE: Final = "value"
LINE: Final = "line"
NOTE: Final = "note"
OUTPUT: Final = "output"
LOG: Final = "log"
SQL: Final = "sql"
HTTP: Final = "http"
REDIS: Final = "redis"

FRAME_KINDS: Final = (CALL, RETURN, YIELD, AWAIT, RESUME, EXCEPTION)
"""Kinds that every recording has: the frame of every other event is known by them."""

DEFAULT_KINDS: Final = (
    *FRAME_KINDS,
    VARIABLE,
    ATTRIBUTE,
    ITEM,
    MUTATE,
    DELETE,
    BRANCH,
    LOOP,
    HANDLED,
)
"""Kinds that are recorded unless `capture_events` says otherwise."""

ASKED_KINDS: Final = (VALUE, LINE)
"""Kinds that are recorded only where a setting of their own asks: `expressions`, `lines`."""

OUTGOING_KINDS: Final = (SQL, HTTP, REDIS)
"""Kinds that tell of a call that left the program, when it has ended."""

SAID_KINDS: Final = (NOTE, OUTPUT, LOG, *OUTGOING_KINDS)
"""Kinds that the program says by itself, wherever it runs: `rewind.note`, what it prints and logs,
and what it asks of others. The event belongs to the frame on top, and tells its line."""

KINDS: Final = (*DEFAULT_KINDS, *ASKED_KINDS, *SAID_KINDS)
"""Every kind of event, the ones that cannot be switched off first."""


class Control(IntEnum):
    """First element of a record that is no event."""

    SESSION = -1
    """`[SESSION, key, facts]`: session `key` begins; following events are its own."""
    SWITCH = -2
    """`[SWITCH, key]`: following events of this stream belong to session `key`."""
    FINISH = -3
    """`[FINISH, dt, key, status, error]`: session `key` is over; `error` is a value or nil."""
    SUSPEND = -4
    """`[SUSPEND, handle]`: a resumable frame was found to have left the stack unseen."""
    DROPPED = -5
    """`[DROPPED, key, count, reason]`: that many events of the session were not recorded."""
    UNWIND = -6
    """`[UNWIND, count]`: that many frames left the top of the stack without an event."""
    REDACTED = -7
    """`[REDACTED, key, count]`: that many more values of the session were redacted."""
    REENTER = -8
    """`[REENTER, handle]`: a suspended frame is back on top, as what it awaits goes on."""
    CLOCK = -9
    """`[CLOCK, ns]`, in chunks alone: the next event's time counts from there."""
    DETAILS = -10
    """`[DETAILS, key, facts]`: what is learned of a session after it began: trigger, tags."""
    PROCESS = -16
    """`[PROCESS, facts]`: a process takes part in the recording; first record of its stream 0."""
    MODULE = -17
    """`[MODULE, facts]`: an instrumented module was loaded, with its sites and its source."""
    REPORT = -18
    """`[REPORT, facts]`: something a person should know: a module left alone, a probe at fault."""
    GOODBYE = -19
    """`[GOODBYE, facts]`: the process ends in an orderly way; its streams are complete."""
