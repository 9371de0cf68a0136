"""Follows a session's events in Python: the twin of what stands in `rewind/writer/native`.

Some hundreds of nanoseconds an event, so values are skipped over and copied as they are, never
decoded, and everything about a site was prepared before. An event that is wrong changes nothing.
"""

# ruff: noqa: PLR2004, C901, PLR0912, PLR0915, TRY301 - msgpack's numbers; one loop without calls

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgpack
from msgpack import OutOfData, Unpacker

from rewind.model.elements import MARK, plain_head
from rewind.model.events import CALL
from rewind.spool.echoes import Bytes, expand
from rewind.writer import folds, keyframe
from rewind.writer.callstack import FUNCTION, LAST, VARIABLES, CallStack, FrameFunction, Raised
from rewind.writer.folds import Fold
from rewind.writer.records import (
    HEADERS,
    LATEST,
    NO_HEAD,
    WIDTHS,
    pack_clock,
    pack_unsigned,
    read_head,
)
from rewind.writer.references import References
from rewind.writer.steps import Step

_NO_ARRAY = "an event is no array"
_NO_TIME = 0xC0
_NOT_MSGPACK = "not msgpack"


class Entry(NamedTuple):
    """How one site's events change the state."""

    function: FrameFunction | None
    """Whose frame must be on top for the event to count; None: it brings a frame itself."""
    name: str | None
    """The variable that the payload is the new value of."""
    fold: Fold | None
    """Anything beyond that."""


class Table:
    """What each site of a process means to the call stack."""

    def __init__(self) -> None:
        self.entries: dict[int, Entry] = {}
        self._kinds: dict[int, str] = {}
        """Of each site's events."""
        self.owners: dict[int, FrameFunction] = {}
        """The function that each site is in."""
        self._functions: list[FrameFunction] = []

    def function(self, parameters: tuple[str, ...], called: tuple[str, str]) -> int:
        """Learn a function and what it is called; returns its number."""
        self._functions.append(FrameFunction(parameters, called))
        return len(self._functions) - 1

    def site(self, number: int, step: int, function: int, name: str | None, kind: str) -> None:
        """Learn a site: its events, of that kind, take that step, with that variable."""
        self._kinds[number] = kind
        owner = self.owners[number] = self._functions[function]
        self.entries[number] = Entry(
            None if step >= Step.CALL else owner,
            name if step == Step.WRITE else None,
            folds.fold_of(Step(step), owner, name),
        )

    def counts(self, sites: Mapping[int, int]) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
        """Return how often each kind of event occurs, and each function is called."""
        kinds: dict[str, int] = {}
        calls: dict[tuple[str, str], int] = {}
        for number, count in sites.items():
            kind = self._kinds[number]
            kinds[kind] = kinds.get(kind, 0) + count
            if kind == CALL:
                called = self.owners[number].called
                calls[called] = calls.get(called, 0) + count
        return kinds, calls

    def __contains__(self, number: int) -> bool:
        return number in self.entries


class Piece:
    """Bytes that are being decoded, front to back."""

    def __init__(self, data: bytes, segment: Bytes | None, offset: int) -> None:
        self.data = data
        self.segment = segment
        self.offset = offset
        """Of `data` in the file."""
        self.unpacker = Unpacker(max_buffer_size=0)
        self.unpacker.feed(data)
        self.end = 0
        """Of the records that were found so far."""
        self.is_broken = False
        """Whether nothing behind those can be read."""

    def whole(self, at: int) -> int:
        """Return where the record ends that begins there; 0: not all of it is there."""
        if at < self.end:
            return self.end
        if self.is_broken:
            raise ValueError(_NOT_MSGPACK)
        try:
            self.unpacker.skip()
        except OutOfData:
            return 0
        except (msgpack.UnpackException, ValueError) as error:
            self.is_broken = True
            raise ValueError(_NOT_MSGPACK) from error
        self.end = self.unpacker.tell()
        return self.end

    def broken_by(self, error: Exception) -> str:
        """Note that nothing behind the records found so far can be read; returns why."""
        self.is_broken = True
        return str(error) or _NOT_MSGPACK

    def release(self) -> None:
        """Let go of the bytes."""
        self.segment = None


class Follower:
    """One session."""

    def __init__(self, table: Table, origin_ns: int) -> None:
        self.events = 0
        self.boundary = 0
        self.start_ns = self.end_ns = 0
        self._table = table
        self._origin_ns = origin_ns
        self._stack = CallStack()
        self._parts: list[bytes] = []
        """The chunk's records, in pieces."""
        self._references = References()
        self._seen: list[int] = []
        """Sites of its events, in order."""

    @property
    def raised(self) -> Raised | None:
        """The latest exception, and the event at which it was first seen."""
        return self._stack.raised

    @property
    def last_site(self) -> int | None:
        """Of the frame on top; None where there is none."""
        frames = self._stack.open_frames
        return frames[-1][LAST] if frames else None

    def follow(self, piece: Piece, at: int, clock: int) -> tuple[int, int, int, str | None]:
        """Take events in as long as they come, their sites are known, and the chunk has room."""
        data, skip, tell = piece.data, piece.unpacker.skip, piece.unpacker.tell
        stack, parts, seen = self._stack, self._parts, self._seen
        frames, origin, entry_of = stack.frames, self._origin_ns, self._table.entries.get
        begun, n, room, from_bytes = self.events, self.events, self.boundary, int.from_bytes
        note, wrong = self._references.note, None
        self._references.look_at(piece.segment)
        try:
            end = piece.whole(at)
            while end:
                time_at = at + HEADERS[data[at]]
                if time_at == at:
                    raise ValueError(_NO_ARRAY)
                code = data[time_at]
                if code < 0x80:
                    number, time_at = code, time_at + 1
                elif code == 0xCD:
                    number = data[time_at + 1] << 8 | data[time_at + 2]
                    time_at += 3
                elif WIDTHS[code]:
                    number, time_at = read_head(data, at)
                else:
                    break
                entry = entry_of(number)
                if entry is None or n >= room:
                    break
                code = data[time_at] if time_at < end else _NO_TIME
                payload_at = time_at + 1 + WIDTHS[code]
                if payload_at > end or (code >= 0x80 and payload_at == time_at + 1):
                    raise ValueError(NO_HEAD)
                passed = code if code < 0x80 else from_bytes(data[time_at + 1 : payload_at])
                now = clock + passed if passed <= LATEST - clock else LATEST
                since = now - origin if now > origin else 0
                head, payload, same = data[at:payload_at], data[payload_at:end], at
                written = payload
                if data[at] == MARK or since - self.end_ns != passed:
                    places = (at, time_at, payload_at, end)
                    head, written, payload, same = self._rewritten(piece, places, passed, since)
                (function, name, fold), top = entry, frames[-1]
                if top[FUNCTION] is function:
                    if name is not None:
                        top[VARIABLES][name] = (n + 1, number, payload)
                    elif fold is not None:
                        fold(stack, n + 1, number, payload)
                    top[LAST] = number
                elif function is None and fold is not None:
                    fold(stack, n + 1, number, payload)
                parts += (head, written)
                note(len(head) + len(written), piece.offset + same, end - same)
                self.start_ns = self.start_ns if seen else since
                seen.append(number)
                self.end_ns, n, clock, at, end = since, n + 1, now, end, 0
                skip()
                piece.end = end = tell()
        except OutOfData:
            pass
        except (msgpack.UnpackException, ValueError, TypeError, IndexError, KeyError) as error:
            wrong = piece.broken_by(error)
            self._references.clear()
        self.events = n
        return at, clock, n - begun, wrong

    def _rewritten(
        self, piece: Piece, places: tuple[int, int, int, int], passed: int, since: int
    ) -> tuple[bytes, bytes, bytes, int]:
        """Return an event's head, its payload, and what that stands for, as they go into the chunk.

        And from which place on it is as it was but for echoes. `places` are those of the event, its
        time, its payload, and its end.
        """
        at, time_at, payload_at, end = places
        data, before, same = piece.data, self.end_ns, at
        head, payload = data[at:payload_at], data[payload_at:end]
        if since - before != passed:
            head, same = _timed(data[at:time_at], since, before), payload_at
        if piece.segment is None or data[at] != MARK:
            return head, payload, payload, same
        place = piece.offset + at
        written, is_same = self._references.refer(payload, place, len(head))
        if written == payload:  # It holds no echoes.
            head = _timed(plain_head(data[at:time_at]), since, before)
            return head, payload, payload, payload_at
        whole = expand(payload, piece.segment, place)
        return head, written, whole, same if is_same else end

    def suspend(self, handle: int, record: bytes) -> None:
        """Note that a frame, and what lies above it, left the stack unseen; it may come back."""
        self._stack.suspend(handle)
        self._keep(record)

    def reenter(self, handle: int, record: bytes) -> None:
        """Note that a suspended frame is back on top, unseen."""
        self._stack.bring_back(handle)
        self._keep(record)

    def unwind(self, count: int, record: bytes) -> None:
        """Note that so many frames left the stack unseen, for good."""
        self._stack.unwind(count)
        self._keep(record)

    def _keep(self, record: bytes) -> None:
        self._parts.append(record)
        self._references.note(len(record), 0, 0)

    def keyframe(self) -> bytes:
        """Return the state."""
        return keyframe.encode(self._stack)

    def seal(self) -> bytes:
        """Return the state; the next chunk begins."""
        self._begin_chunk()
        return keyframe.encode(self._stack)

    def restore(self, raw: bytes, end_ns: int) -> None:
        """Go on from a state, at that time; for one that has followed nothing yet."""
        self._stack = keyframe.decode(raw, self._table.owners.__getitem__)
        self.end_ns = end_ns
        self._begin_chunk()

    def _begin_chunk(self) -> None:
        self._parts, self._seen = [], []
        self._references.begin_chunk()
        self._keep(pack_clock(self.end_ns))

    def chunk(self) -> tuple[bytes, dict[int, int]]:
        """Return the open chunk's records, and how often each site occurs among them."""
        data = b"".join(self._parts)
        self._parts = [data]
        return data, dict(Counter(self._seen))


def follow(
    piece: Piece,
    at: int,
    clock: int,
    session: Any,  # noqa: ANN401 - a `rewind.writer.following.Followed`, or None
    usual: object,  # noqa: ARG001 - control records are for others here
) -> tuple[int, int, int, str | None, Any]:
    """Take in the events of that session that come next."""
    if session is None:
        return at, clock, 0, None, None
    at, clock, taken, wrong = session.follower.follow(piece, at, clock)
    session.changed = session.changed or taken > 0
    return at, clock, taken, wrong, session


def _timed(head: bytes, since: int, before: int) -> bytes:
    """Return an event's beginning with its time, counted from that of the event before it."""
    if since < before:
        return pack_clock(since) + head + pack_unsigned(0)
    return head + pack_unsigned(since - before)
