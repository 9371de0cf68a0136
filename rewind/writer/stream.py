"""One stream of a process, followed and decoded."""

import logging

from rewind.errors import FormatError, SpoolError
from rewind.spool.segment import HEADER_SIZE
from rewind.store import StreamPosition
from rewind.writer.decoder import Decoder
from rewind.writer.tail import AMID, Tail

_log = logging.getLogger(__name__)


class Stream:
    """A tail and its decoder. Used by the writer's one thread; `tail.close` releases the file."""

    def __init__(self, tail: Tail, decoder: Decoder) -> None:
        self.tail = tail
        self.decoder = decoder
        self.damage: str | None = None
        """The first thing in it that could not be read."""
        self.taken_bytes = 0
        self._told: StreamPosition | None = None

    def read_on(self) -> bool:
        """Take in what is new, up to about a megabyte; returns whether there was anything.

        A segment that cannot be read is given up, with what is behind the damage; the stream goes
        on with the next one.
        """
        try:
            found = self.tail.read()
            if found is None:
                return False
            header, data = found
            if self.tail.offset == HEADER_SIZE:
                self.decoder.begin(header.monotonic_ns)
            taken = self.decoder.decode(data, self.tail.segment(), self.tail.offset)
        except (FormatError, SpoolError, OSError) as error:
            self._give_up(str(error))
            return True
        self.tail.take_in(taken)
        self.taken_bytes += taken
        return True

    def end(self) -> None:
        """Say that nothing more comes: a record that has only begun is damage."""
        if self.tail.is_amid:
            self._give_up(AMID)

    def _give_up(self, why: str) -> None:
        self.damage = self.damage or why
        _log.error("segment %d of %s: %s", self.tail.sequence, self.tail.name, why)
        self.tail.give_up()

    def new_position(self, process_id: str, number: int) -> StreamPosition | None:
        """Return where the stream stands, if that was not told before."""
        session = self.decoder.session
        position = StreamPosition(
            process_id,
            number,
            self.tail.sequence,
            self.tail.offset,
            self.decoder.clock,
            None if session is None else session.row.key,
        )
        if position == self._told:
            return None
        self._told = position
        return position
