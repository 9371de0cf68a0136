"""One stream's records, taken apart: events go to their session, the rest to the process.

Events come by the million, so their session's follower takes as many at once as there are; what is
here is done once for each control record.
"""

import zlib
from collections.abc import Callable
from typing import Any, Final

import msgpack

from rewind.errors import FormatError
from rewind.model.events import Control
from rewind.model.sites import PackedSites
from rewind.spool.echoes import Bytes
from rewind.writer.following import Piece, Usual
from rewind.writer.records import LATEST, NO_HEAD, read_head, read_unsigned
from rewind.writer.session import OpenSession
from rewind.writer.sites import Sites

_MOVES: Final = frozenset(map(int, (Control.SUSPEND, Control.REENTER, Control.UNWIND)))
_NO_MOVE: Final = "a frame moves by no number"
_NO_TIME: Final = "a time is no number from 0 on"

Record = tuple[Any, ...]


class Decoder:
    """Where one stream stands: its clock and its current session.

    `control` is given each record that is no event and moves no frame, but for those of which
    `usual` says what becomes of them; `learn` is asked to find a site that is not known; `lost` is
    told of events that belong to no session.
    """

    def __init__(
        self,
        sites: Sites,
        control: Callable[["Decoder", Record], None],
        learn: Callable[[int], bool],
        lost: Callable[[], None],
        usual: Usual | None = None,
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
        self._usual = usual
        self._data = b""
        self._at = 0

    def begin(self, monotonic_ns: int) -> None:
        """Begin a segment: its clock runs, and there is no session until it names one."""
        self.clock = min(monotonic_ns, LATEST)
        self.session = None

    def pass_time(self, passed: object) -> None:
        """Let the clock run on, as a record says; raises `ValueError` where that is no time."""
        if type(passed) is not int or passed < 0:
            raise ValueError(_NO_TIME)
        self.clock = min(self.clock + passed, LATEST)

    def decode(self, data: bytes, segment: Bytes | None = None, offset: int = 0) -> int:
        """Take in the whole records that `data` begins with; returns how many bytes they are.

        `segment` is the file that `data` was read from, at `offset`: what echoes stand for. Without
        it there are none, as in a chunk. Raises `FormatError` for bytes that are no record; what
        was before them is taken in.
        """
        self._data, self._at = data, 0
        piece = self._sites.following.piece(data, segment, offset)
        try:
            self._follow(piece)
            while end := piece.whole(self._at):
                self._record(piece, end)
                self._follow(piece)
        except (
            msgpack.UnpackException,
            ValueError,
            TypeError,
            LookupError,
            OverflowError,
            RecursionError,  # of a value that is nested deep, on its way into a message
        ) as error:
            why = str(error) or "not msgpack"
            message = f"no record at byte {self._at} of {len(data)}: {why}"
            raise FormatError(message) from error
        finally:
            piece.release()
        return self._at

    def _record(self, piece: Piece, end: int) -> None:
        """Deal with the record that ends there; if its site is known, with those behind it too."""
        number, time_at = read_head(self._data, self._at)
        if time_at > end:
            raise ValueError(NO_HEAD)
        session = self.session
        if number < 0:
            self._tell(self._data[self._at : end])
        elif session is None or not self._knows(number) or not session.makes_room():
            self._refuse(session, time_at, end)
        else:
            self._follow(piece)
            if self._at < end:
                raise ValueError(NO_HEAD)
            return
        self._at = end

    def _follow(self, piece: Piece) -> None:
        """Take in what comes as usual; raises `ValueError` where it knows what is wrong then."""
        follow = self._sites.following.follow
        followed = follow(piece, self._at, self.clock, self.session, self._usual)
        self._at, self.clock, taken, wrong, self.session = followed
        self.taken += taken
        if wrong is not None:
            raise ValueError(wrong)

    def _knows(self, number: int) -> bool:
        return number in self._sites.table or self._learn(number)

    def _refuse(self, session: OpenSession | None, time_at: int, end: int) -> None:
        passed, payload_at = read_unsigned(self._data, time_at)
        if payload_at > end:
            raise ValueError(NO_HEAD)
        self.pass_time(passed)
        if session is None:
            self._lost()
        else:
            session.drop(1)

    def _tell(self, raw: bytes) -> None:
        record = msgpack.unpackb(
            raw, use_list=False, strict_map_key=False, unicode_errors="surrogatepass"
        )
        if record[0] in _MOVES:
            self._move(record, raw)
        else:
            self._control(self, record)

    def _move(self, record: Record, raw: bytes) -> None:
        if type(record[1]) is not int:
            raise ValueError(_NO_MOVE)
        if self.session is None:
            return
        follower = self.session.follower
        if record[0] == Control.SUSPEND:
            follower.suspend(record[1], raw)
        elif record[0] == Control.REENTER:
            follower.reenter(record[1], raw)
        else:
            follower.unwind(record[1], raw)


def unpacked(packed: bytes) -> dict[str, Any]:
    """Return what a module's record holds compressed; raises `FormatError` if it is nothing."""
    try:
        described: dict[str, Any] = msgpack.unpackb(
            zlib.decompress(packed), use_list=False, unicode_errors="surrogatepass"
        )
        described["sites"] = PackedSites(*described["sites"][:3]).unpack()
    except (ValueError, AttributeError, zlib.error) as error:
        message = f"a module's sites cannot be read: {error}"
        raise FormatError(message) from error
    return described
