"""What takes a session's events in: in C where that was built, else in Python.

Both do the same, byte for byte (`tests/contract/test_followers.py`). A `Table` knows the sites of a
process, a `Piece` holds bytes of a segment, and a `Follower` takes the events of one session out of
pieces: it keeps the frames as they are at the latest event, and the records of the open chunk.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from rewind.spool.echoes import Bytes
from rewind.store import Session
from rewind.writer import python_follower

try:
    from rewind.writer import _following  # type: ignore[attr-defined]
except ImportError:  # The extension is optional.
    _following = None


Calls = dict[tuple[str, str], int]
"""How often each function was called, by module and qualified name."""


class Table(Protocol):
    """What each site of a process means to the call stack."""

    def function(self, parameters: tuple[str, ...], called: tuple[str, str], /) -> int:
        """Learn a function and what it is called, as in `Calls`; returns its number."""

    def site(self, number: int, step: int, function: int, name: str | None, kind: str, /) -> None:
        """Learn a site: its events, of that kind, take that `Step`, with that variable."""

    def counts(self, sites: Mapping[int, int], /) -> tuple[dict[str, int], Calls]:
        """Return what occurs how often where each site occurs so often: kinds of events, and calls.

        Each is in the order in which the first of its sites comes.
        """

    def __contains__(self, number: int, /) -> bool:
        """Return whether a site is known."""


class Piece(Protocol):
    """Bytes that are being decoded, front to back."""

    def whole(self, at: int, /) -> int:
        """Return where the record ends that begins there; 0: not all of it is there.

        Raises `ValueError` where no record can begin.
        """

    def release(self) -> None:
        """Let go of the bytes."""


class Follower(Protocol):
    """One session. A handle, a count and a record are those of a control record."""

    events: int
    """Number of the last event."""
    boundary: int
    """Number of the last event that the open chunk takes."""

    @property
    def start_ns(self) -> int:
        """Of the open chunk's first event, since the session's start."""

    @property
    def end_ns(self) -> int:
        """Of the session's last event."""

    @property
    def raised(self) -> tuple[int | None, int] | None:
        """The latest exception's identity, and the event at which it was first seen."""

    @property
    def last_site(self) -> int | None:
        """Of the frame on top; None where there is none."""

    def suspend(self, handle: object, record: bytes, /) -> None:
        """Note that a frame, and what lies above it, left the stack unseen; it may come back."""

    def reenter(self, handle: object, record: bytes, /) -> None:
        """Note that a suspended frame is back on top, unseen."""

    def unwind(self, count: int, record: bytes, /) -> None:
        """Note that so many frames left the stack unseen, for good."""

    def keyframe(self) -> bytes:
        """Return the state."""

    def seal(self) -> bytes:
        """Return the state; the next chunk begins."""

    def restore(self, keyframe: bytes, end_ns: int, /) -> None:
        """Go on from a state, at that time; for one that has followed nothing yet."""

    def chunk(self) -> tuple[bytes, dict[int, int]]:
        """Return the open chunk's records, and how often each site occurs among them."""


class Followed(Protocol):
    """A session, as far as it concerns whoever follows its events."""

    changed: bool
    """Set where events were taken in."""

    @property
    def follower(self) -> Follower:
        """Takes its events in."""

    def makes_room(self) -> bool:
        """Begin the next chunk where the open one is full; false if there is to be none."""


class Usual(NamedTuple):
    """What becomes of a process's control records that are as they mostly are."""

    sessions: dict[int, Any]
    """All that are not over, each a `Followed`, by key."""
    blank: Session
    """The row of a session that begins, before anything is known of it."""
    places: bytes
    """`rewind.writer.facts.PLACES`."""
    begins: Callable[[Session], Any]
    """Told of the row of one that begins; returns the session."""
    ends: Callable[[int, int], Any]
    """Told by key of one that ended without an error, and when; returns the session, or None where
    none has that key."""


class Following(NamedTuple):
    """One of the two ways."""

    table: Callable[[], Table]
    piece: Callable[[bytes, Bytes | None, int], Piece]
    """Of bytes that were read from that file at that offset, and may hold echoes of it."""
    follower: Callable[[Table, int], Follower]
    """Of a session whose start is at that time of the monotonic clock."""
    follow: Callable[[Piece, int, int, Any, Usual | None], tuple[int, int, int, str | None, Any]]
    """Takes in what comes as usual: events as long as their sites are known and their session
    makes room, and, where it is told what becomes of them, control records.

    Begins at that byte of the piece, with that clock, in that session or none; returns these as
    they are before the first record that it leaves alone, how many events were taken, and what is
    wrong with that record, if anything is known to be. May leave alone whatever is no event, and
    an event for which its chunk has no room.
    """


PYTHON: Following = Following(
    python_follower.Table,
    python_follower.Piece,
    python_follower.Follower,  # type: ignore[arg-type] # of its own table
    python_follower.follow,  # type: ignore[arg-type] # likewise
)
NATIVE: Following | None = (
    None
    if _following is None
    else Following(_following.Table, _following.Piece, _following.Follower, _following.follow)
)
BEST: Following = NATIVE or PYTHON
