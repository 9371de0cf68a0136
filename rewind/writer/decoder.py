"""One stream's records, taken apart: events go to their session, the rest to the process.

This is the writer's hot loop: a few hundred nanoseconds an event, so values are skipped over and
copied as they are, never decoded, and everything about a site was prepared before.
"""

# ruff: noqa: PLR2004 - the numbers are msgpack's

import zlib
from collections.abc import Callable
from struct import Struct
from typing import Any, Final

import msgpack
from msgpack import OutOfData, Unpacker

from rewind.errors import FormatError
from rewind.model.events import Control
from rewind.model.sites import PackedSites
from rewind.writer.callstack import FUNCTION, LAST, VARIABLES
from rewind.writer.session import OpenSession
from rewind.writer.sites import Sites

_TIME = Struct(">BI").pack
_LONG_TIME = Struct(">BQ").pack
_UNSIGNED: Final = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}
_WIDTHS: Final = bytes(_UNSIGNED.get(code, 0) for code in range(256))
"""By an unsigned integer's first byte, how many bytes follow it."""
_SIGNED: Final = {0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}
_MOVES: Final = (Control.SUSPEND, Control.REENTER, Control.UNWIND)
_NEGATIVE_FIXINT: Final = 0xE0

Record = tuple[Any, ...]


class Decoder:
    """Where one stream stands: its clock and its current session.

    `control` is given each record that is no event and moves no frame; `learn` is asked to find a
    site that is not known; `lost` is told of events that belong to no session.
    """

    def __init__(
        self,
        sites: Sites,
        control: Callable[["Decoder", Record], None],
        learn: Callable[[int], bool],
        lost: Callable[[], None],
    ) -> None:
        self.session: OpenSession | None = None
        self.clock = 0
        """Monotonic, ns, of the last record with a time."""
        self.taken = 0
        """Events taken in so far."""
        self._sites = sites
        self._control = control
        self._learn = learn
        self._lost = lost
        self._data = b""
        self._at = 0
        self._end = 0
        self._unpacker = Unpacker()

    def begin(self, monotonic_ns: int) -> None:
        """Begin a segment: its clock runs, and there is no session until it names one."""
        self.clock = monotonic_ns
        self.session = None

    def decode(self, data: bytes) -> int:
        """Take in the whole records that `data` begins with; returns how many bytes they are.

        Raises `FormatError` for bytes that are no record; what was before them is taken in.
        """
        self._data, self._at = data, 0
        self._unpacker = Unpacker(max_buffer_size=0)
        self._unpacker.feed(data)
        try:
            self._next()
            while True:
                self._record()
        except OutOfData:
            return self._at
        except (msgpack.UnpackException, ValueError, TypeError, IndexError, KeyError) as error:
            why = str(error) or "not msgpack"
            message = f"no record at byte {self._at} of {len(data)}: {why}"
            raise FormatError(message) from error

    def _next(self) -> None:
        self._unpacker.skip()
        self._end = self._unpacker.tell()

    def _record(self) -> None:
        """Deal with the record that `_next` found; leave the next one found."""
        number, time_at = read_head(self._data, self._at)
        session = self.session
        if number < 0:
            self._tell()
        elif session is None or session.is_stopped or not self._knows(number):
            self.clock += read_unsigned(self._data, time_at)[0]
            self._refuse(session)
        else:
            if session.events == session.boundary:
                session.seal()
            self._events(session)
            return
        self._at = self._end
        self._next()

    def _knows(self, number: int) -> bool:
        return number in self._sites.entries or self._learn(number)

    def _refuse(self, session: OpenSession | None) -> None:
        if session is None:
            self._lost()
        else:
            session.drop(1)

    def _tell(self) -> None:
        raw = self._data[self._at : self._end]
        record = msgpack.unpackb(
            raw, use_list=False, strict_map_key=False, unicode_errors="surrogatepass"
        )
        if record[0] in _MOVES:
            self._move(record, raw)
        else:
            self._control(self, record)

    def _move(self, record: Record, raw: bytes) -> None:
        session = self.session
        if session is None:
            return
        if record[0] == Control.SUSPEND:
            session.suspend(record[1], raw)
        elif record[0] == Control.REENTER:
            session.reenter(record[1], raw)
        else:
            session.unwind(record[1], raw)

    def _events(self, session: OpenSession) -> None:
        """Take events as long as they come and the chunk has room; at least the one found."""
        data, at, end, clock = self._data, self._at, self._end, self.clock
        skip, tell, entry_of = self._unpacker.skip, self._unpacker.tell, self._sites.entries.get
        stack, parts, seen = session.stack, session.parts, session.seen
        frames, origin, n, room = stack.frames, session.origin_ns, session.events, session.boundary
        begun, before, from_bytes = len(parts), len(seen), int.from_bytes
        try:
            while True:
                code = data[at + 1]
                if code < 0x80 and data[at] < 0xA0:
                    number, time_at = code, at + 2
                elif code == 0xCD and data[at] < 0xA0:
                    number, time_at = data[at + 2] << 8 | data[at + 3], at + 4
                else:
                    number, time_at = read_head(data, at)
                entry = entry_of(number)
                if entry is None or n == room:
                    break
                code = data[time_at]
                payload_at = time_at + 1 + _WIDTHS[code]
                clock += code if code < 0x80 else from_bytes(data[time_at + 1 : payload_at])
                payload = data[payload_at:end]
                n += 1
                function, name, fold = entry
                top = frames[-1]
                if top[FUNCTION] is function:
                    top[LAST] = number
                    if name is not None:
                        top[VARIABLES][name] = (n, number, payload)
                    elif fold is not None:
                        fold(stack, n, number, payload)
                elif function is None and fold is not None:
                    fold(stack, n, number, payload)
                parts += (data[at:time_at], pack_time(clock - origin), payload)
                seen.append(number)
                at = end
                skip()
                end = tell()
        finally:
            self._at, self._end, self.clock = at, end, clock
            # An event that could not be folded was counted in `n` only.
            taken = len(seen) - before
            self.taken += taken
            session.events += taken
            session.end_ns = max(0, clock - origin)
            if session.start_ns is None and len(parts) > begun:
                session.start_ns = int.from_bytes(parts[begun + 1][1:])
            session.changed = True


def pack_time(time_ns: int) -> bytes:
    """Return a time since the session's start as msgpack; one that lies before it as 0."""
    if 0 <= time_ns <= 0xFFFF_FFFF:
        return _TIME(0xCE, time_ns)
    return _LONG_TIME(0xCF, max(time_ns, 0))


def read_head(data: bytes, at: int) -> tuple[int, int]:
    """Return a record's first element and where the second begins; raises `ValueError`."""
    header = data[at]
    if 0x90 <= header < 0xA0:
        at += 1
    elif header in (0xDC, 0xDD):
        at += 3 if header == 0xDC else 5
    else:
        message = f"no array begins with {header:#x}"
        raise ValueError(message)
    code = data[at]
    if code >= _NEGATIVE_FIXINT:
        return code - 0x100, at + 1
    if code in _SIGNED:
        end = at + 1 + _SIGNED[code]
        return int.from_bytes(data[at + 1 : end], signed=True), end
    return read_unsigned(data, at)


def read_unsigned(data: bytes, at: int) -> tuple[int, int]:
    """Return an unsigned integer and where what follows begins; raises `ValueError`."""
    code = data[at]
    if code < 0x80:
        return code, at + 1
    size = _UNSIGNED.get(code)
    if size is None:
        message = f"no unsigned integer begins with {code:#x}"
        raise ValueError(message)
    end = at + 1 + size
    return int.from_bytes(data[at + 1 : end]), end


def unpacked(packed: bytes) -> dict[str, Any]:
    """Return what a module's record holds compressed; raises `FormatError` if it is nothing."""
    try:
        described: dict[str, Any] = msgpack.unpackb(
            zlib.decompress(packed), use_list=False, unicode_errors="surrogatepass"
        )
        described["sites"] = PackedSites(*described["sites"][:3]).unpack()
    except (ValueError, zlib.error) as error:
        message = f"a module's sites cannot be read: {error}"
        raise FormatError(message) from error
    return described
