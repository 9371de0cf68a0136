"""Call stacks: one strand of execution for each thread and each asyncio task and greenlet on it.

A strand knows which instrumented frames are open. Plain functions nest, so their `Code` on the
stack is enough; a frame that can leave and come back, or that keeps its return value until its last
`finally` has run, has a `Frame`.
"""

from collections import deque
from typing import TYPE_CHECKING, Final

from rewind.capture.exceptions import NOWHERE, Whereabouts
from rewind.capture.registry import Code
from rewind.model.identity import new_id

if TYPE_CHECKING:
    from rewind.capture.opened import Opened


class Frame:
    """An open frame that needs more than its code to be known by."""

    __slots__ = ("address", "code", "handle", "pending", "session", "stores", "strand", "task")

    def __init__(self, code: Code, handle: int, address: int) -> None:
        self.code = code
        self.handle = handle
        """Number of a resumable frame in the process; 0 for a plain one."""
        self.address = address
        """`id()` of the interpreter's frame object; no reference, so nothing is kept alive."""
        self.strand: Strand | None = None
        """The strand on whose stack the frame is, if it is on one."""
        self.stores: list[tuple[int, object]] = []
        """What its statement keeps, with the site: it goes out and comes back with the frame."""
        self.pending: tuple[int, object] | None = None
        """Site and value of a `return` that is not yet through."""
        self.task = 0
        """`id()` of the asyncio task whose outermost recorded frame this is."""
        self.session: Session | None = None
        """The session that goes on when this frame does, where nothing recorded is around it."""


class Session:
    """A session as the recorded process sees it."""

    __slots__ = ("announcement", "dropped", "events", "id", "key", "recorded", "redacted", "trace")

    def __init__(self, key: int, *, recorded: bool) -> None:
        self.key = key
        self.id = new_id()
        self.announcement = b""
        """The record that says it begins, until that is written."""
        self.recorded = recorded
        """False where sampling passed it over."""
        self.events = 0
        """Where they are limited."""
        self.dropped = 0
        """Events not recorded, since that was last written down."""
        self.redacted = 0
        """Values withheld, since that was last written down."""
        self.trace = ""
        """What requests that it leads to are to say; empty: nothing."""


_UNNOTICED = (0, 0, 0)
_EXITS: Final = 8
"""So deep may what a `finally` or an `except` calls be left by exceptions of its own."""


class Strand:
    """One line of execution with its stack and session."""

    __slots__ = (
        "exits",
        "greenlet",
        "held",
        "noticed",
        "noticed_at",
        "opened",
        "parent",
        "session",
        "settled",
        "stack",
        "stores",
        "task",
        "unwinding",
    )

    def __init__(self, parent: Session | None = None, greenlet: int = 0) -> None:
        self.stack: list[Code | Frame] = []
        """Open frames, outermost first."""
        self.session: Session | None = None
        self.held = False
        """The session goes on when the stack is empty: something else says when it is over."""
        self.parent = parent
        """The session that started this strand."""
        self.opened: Opened | None = None
        """What was begun by name on it last, of all that is on."""
        self.task = 0
        """`id()` of the asyncio task whose strand it is, 0: of none."""
        self.greenlet = greenlet
        """`id()` of the greenlet that it runs in, 0: the thread's main one."""
        self.stores: list[tuple[int, int, object]] = []
        """What the statements of plain frames keep, each with its frame's depth and site."""
        self.noticed = _UNNOTICED
        """Depth, `id()` and line of the exception that was last seen passing."""
        self.noticed_at = 0
        """Site where that was seen."""
        self.exits: deque[tuple[int, Whereabouts]] = deque(maxlen=_EXITS)
        """`id()` of the exceptions by which frames were last left, and where they stood then."""
        self.settled = (0, 0)
        """`id()` of the exception that was last handled, and of its traceback then."""
        self.unwinding = 0
        """Depth of the frame with a pending return that is being left by an exception; 0: none."""

    def notices(self, site: int, error: int, line: int) -> bool:
        """Return whether the exception with this `id()` is news to the running frame.

        It passes each `with` and `finally` of the frame once, from the same line. Seen again at
        one site it is another, which has the address of one that was suppressed.
        """
        here = len(self.stack), error, line
        if self.noticed == here and self.noticed_at != site:
            return False
        self.noticed, self.noticed_at = here, site
        return True

    def is_handled(self, error: int, traceback: int) -> None:
        """The exception that was last seen passing passes no more, unless as it stands."""
        self.noticed = _UNNOTICED
        self.settled = error, traceback

    def left_by(self, error: int, traceback: int) -> frozenset[Whereabouts]:
        """Return where the exception stood when it left frames.

        None where it was handled and is raised anew, which has given it another traceback.
        """
        if self.settled[0] == error and self.settled[1] != traceback:
            return frozenset()
        places = {place for left_by, place in self.exits if left_by == error}
        if places and self.exits[-1] != (error, NOWHERE):
            # Its address alone tells nothing once other frames were left since.
            places.discard(NOWHERE)
        return frozenset(places)

    def hold_store(self, site: int, value: object) -> None:
        """Keep a value for the running frame until the probe of its site takes it."""
        top = self.stack[-1]
        if type(top) is Frame:
            top.stores.append((site, value))
        else:
            self.stores.append((len(self.stack), site, value))

    def take_store(self, site: int) -> tuple[object, ...]:
        """Return what the running frame kept last for the site, in a tuple; empty if nothing."""
        top = self.stack[-1]
        if type(top) is Frame:
            return _taken(top.stores, site)
        stores = self.stores
        for place in range(len(stores) - 1, -1, -1):
            depth, kept_for, value = stores[place]
            if depth != len(self.stack):
                break
            if kept_for == site:
                del stores[place]
                return (value,)
        return ()

    def drop_stores(self, depth: int) -> None:
        """Forget what frames from this depth on have kept: the statement is over."""
        for entry in self.stack[depth - 1 :]:
            if type(entry) is Frame:
                entry.stores.clear()
        stores = self.stores
        while stores and stores[-1][0] >= depth:
            stores.pop()


def _taken(stores: list[tuple[int, object]], site: int) -> tuple[object, ...]:
    for place in range(len(stores) - 1, -1, -1):
        kept_for, value = stores[place]
        if kept_for == site:
            del stores[place]
            return (value,)
    return ()
