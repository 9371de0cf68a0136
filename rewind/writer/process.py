"""One recorded process: its streams, its sites, its sessions, and what it says of itself.

Records come from the decoders; rows go out as one batch at each flush.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from rewind.model.events import Control
from rewind.model.sites import Function
from rewind.spool.reader import segment_names
from rewind.spool.segment import SegmentName
from rewind.store import Batch, File, Module, Process, Recording, Session, Totals
from rewind.store.rows import COMPLETED, DIED, ENDED, RUNNING
from rewind.writer import endings, facts
from rewind.writer.decoder import Decoder, Record, unpacked
from rewind.writer.following import Usual
from rewind.writer.keeping import Keeping
from rewind.writer.session import Ending, OpenSession
from rewind.writer.settings import WriterSettings
from rewind.writer.sites import Sites
from rewind.writer.stream import Stream
from rewind.writer.tail import Tail
from rewind.writer.waiting import Waiting

_SESSION_BYTES = 4096
"""What a short session takes, about, until it is stored."""
_OWN_STREAM = 0


class Outgoing(NamedTuple):
    """What one flush takes along."""

    batch: Batch
    spent: list[Path]
    """Segments to remove once the batch is committed."""
    damaged: list[Path]
    """Segments to set aside then."""


class RecordedProcess:
    """Builds the rows of one process. Used by the writer's one thread; `close` releases files."""

    def __init__(
        self, folder: Path, row: Process, recording: Recording, settings: WriterSettings
    ) -> None:
        self.row = row
        self.sites = Sites()
        self.sessions: dict[int, OpenSession] = {}
        """The ones that are not over, by key."""
        self.streams: dict[int, Stream] = {}
        self.reports = 0
        """How many it has made."""
        self.said_goodbye = False
        self._folder = folder
        self._settings = settings
        self._events_before = row.events
        blank = facts.blank_session(row)
        self._usual = Usual(self.sessions, blank, facts.PLACES, self._begin, self._end)
        self._over = Waiting(settings.bounds)
        self._removed = Totals(0, 0, 0, 0, 0)
        self._keeping = Keeping(settings.keep)
        self._batch = Batch(recordings=[recording], processes=[row])
        self._unknown: set[int] = set()
        self._controls: Mapping[int, Callable[[Decoder, Record], None]] = {
            Control.SESSION: self._session_begins,
            Control.SWITCH: self._session_switches,
            Control.FINISH: self._session_ends,
            Control.DETAILS: self._learns_of_session,
            Control.DROPPED: self._events_dropped,
            Control.REDACTED: self._values_redacted,
            Control.PROCESS: self._describes_itself,
            Control.MODULE: self._loads_module,
            Control.REPORT: self._reports,
            Control.GOODBYE: self._says_goodbye,
        }

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.row.status != RUNNING

    @property
    def events(self) -> int:
        """How many events it has recorded."""
        taken = sum(stream.decoder.taken for stream in self.streams.values())
        return self._events_before + taken

    @property
    def taken_bytes(self) -> int:
        """How many bytes of its segments were taken in."""
        return sum(stream.taken_bytes for stream in self.streams.values())

    @property
    def waiting_bytes(self) -> int:
        """About how many bytes wait for a flush: full chunks, and sessions that are over."""
        sealed = sum(one.sealed_bytes for one in chain(self._over, self.sessions.values()))
        return sealed + len(self._over) * _SESSION_BYTES

    @property
    def waiting_sessions(self) -> int:
        """How many sessions a flush would store."""
        return len(self._over) + sum(one.changed for one in self.sessions.values())

    @property
    def let_go(self) -> Totals:
        """What was in sessions that are over and are not kept: stored or not, newer ones are."""
        return _sum(self._over.let_go, self._removed)

    def made_room(self, before: Totals, after: Totals) -> None:
        """Say what was stored of it before older sessions were removed, and is after that."""
        gone = Totals(*(one - other for one, other in zip(before, after, strict=True)))
        self._removed = _sum(self._removed, gone)

    @property
    def damage(self) -> str | None:
        """What in its segments could not be read, or None."""
        return next((s.damage for s in self.streams.values() if s.damage is not None), None)

    def offer(self, found: Mapping[int, Sequence[int]]) -> None:
        """Say which segments each of its streams has."""
        for number, sequences in found.items():
            self.stream(number).tail.offer(sequences)

    def stream(self, number: int) -> Stream:
        """Return its stream of that number."""
        known = self.streams.get(number)
        if known is None:
            name = SegmentName(self.row.pid, self.row.start_ticks, number, 0)
            decoder = Decoder(self.sites, self._control, self._learn, self._lose, self._usual)
            known = self.streams[number] = Stream(Tail(self._folder, name), decoder)
        return known

    def read_on(self) -> bool:
        """Take in what its streams have, its own first; returns whether there was anything."""
        found = [self.streams[number].read_on() for number in sorted(self.streams)]
        return any(found)

    def end(self) -> None:
        """Close what it left open: it said goodbye, or it is dead; all it published was read."""
        for stream in self.streams.values():
            stream.end()
        for session in self.sessions.values():
            session.end(
                endings.left_open(session)
                if self.said_goodbye
                else endings.cut_off(session, self.sites)
            )
        self._change(status=ENDED if self.said_goodbye else DIED)

    def collect(self) -> Outgoing:
        """Return what is to be stored now."""
        if self.row.events != self.events:
            self._change(events=self.events)
        batch, self._batch = self._batch, Batch()
        for session in chain(self._over.take(), self.sessions.values()):
            if session.changed:
                rows = session.take()
                batch.sessions.append(rows.session)
                batch.chunks += rows.chunks
                batch.functions += rows.functions
        for number, stream in self.streams.items():
            position = stream.new_position(self.row.id, number)
            batch.positions += [] if position is None else [position]
        return Outgoing(batch, *self._read_segments())

    def _read_segments(self) -> tuple[list[Path], list[Path]]:
        spent, damaged = [], []
        for stream in self.streams.values():
            tail = stream.tail
            spent += tail.spent
            damaged += tail.damaged
            tail.spent, tail.damaged = [], []
        return spent, damaged

    def close(self) -> None:
        """Release all files."""
        for stream in self.streams.values():
            stream.tail.close()

    def _change(self, **columns: Any) -> None:  # noqa: ANN401 - the row's own types
        self._become(self.row._replace(**columns))

    def _become(self, row: Process) -> None:
        self.row = row
        self._batch.processes = [row]

    def _learn(self, site: int) -> bool:
        """Read its own stream again: a module is announced before any of its events."""
        if site in self._unknown:
            return False
        own = self.stream(_OWN_STREAM)
        name = (self.row.pid, self.row.start_ticks, _OWN_STREAM)
        own.tail.offer(found.sequence for found in segment_names(self._folder) if found[:3] == name)
        while site not in self.sites.table and own.read_on():
            pass
        if site not in self.sites.table:
            self._unknown.add(site)
        return site not in self._unknown

    def _lose(self) -> None:
        self._change(dropped=self.row.dropped + 1)

    def _control(self, decoder: Decoder, record: Record) -> None:
        react = self._controls.get(record[0])
        if react is not None:
            react(decoder, record)

    def _session_begins(self, decoder: Decoder, record: Record) -> None:
        decoder.session = self._begin(facts.session_of(self.row, record[1], record[2]))

    def _begin(self, row: Session) -> OpenSession:
        known = self.sessions.get(row.key)
        if known is not None and known.row.id == row.id:
            return known
        if known is not None:
            # One of the two keys is damaged.
            self._be_over(known, endings.left_open(known))
        self._keeping.begins(row)
        session = self.sessions[row.key] = OpenSession(row, self.sites, self._settings)
        return session

    def _session_switches(self, decoder: Decoder, record: Record) -> None:
        decoder.session = self.sessions.get(record[1])

    def _session_ends(self, decoder: Decoder, record: Record) -> None:
        _, dt, key, status, error = record[:5]
        status = facts.ending(status)
        decoder.pass_time(dt)
        if self._end(key, decoder.clock, status, error) is decoder.session:
            decoder.session = None

    def _end(
        self, key: int, clock: int, status: str = COMPLETED, error: object = None
    ) -> OpenSession | None:
        """Let a session be over; returns it, or None where none of that key runs."""
        session = self.sessions.get(key)
        if session is not None:
            # What the error says may be damaged: the session then runs on.
            took = clock - session.origin_ns
            self._be_over(session, endings.finished(session, status, error, took))
        return session

    def _be_over(self, session: OpenSession, ending: Ending) -> None:
        session.end(ending)
        del self.sessions[session.row.key]
        self._over.add(session)
        if self._keeping.chooses:
            self._discard(self._keeping.ends(session.current()))

    def _discard(self, ids: set[str]) -> None:
        """Let go of sessions that proved dull, those that run when they are over."""
        if not ids:
            return
        running = {one.row.id for one in self.sessions.values()} & ids
        self._keeping.run_on(running)
        for each in sorted(ids - running):
            if self._over.discard(each):
                self._batch.discarded.append(each)

    def _learns_of_session(self, _: Decoder, record: Record) -> None:
        session = self.sessions.get(record[1])
        if session is not None:
            session.row = facts.with_details(session.row, record[2])
            session.changed = True

    def _events_dropped(self, _: Decoder, record: Record) -> None:
        session, count = self.sessions.get(record[1]), facts.count(record[2])
        if session is None:
            self._change(dropped=self.row.dropped + count)
        else:
            session.drop(count)

    def _values_redacted(self, _: Decoder, record: Record) -> None:
        session = self.sessions.get(record[1])
        if session is not None:
            session.redact(facts.count(record[2]))

    def _describes_itself(self, _: Decoder, record: Record) -> None:
        self._become(facts.described(self.row, record[1]))

    def _loads_module(self, _: Decoder, record: Record) -> None:
        said = record[1]
        described = unpacked(said["packed"])
        module = Module(
            self.row.id,
            facts.number(said["base"]),
            facts.text(said, "name"),
            facts.text(said, "path"),
            facts.key_text(said, "hash", facts.LONGEST_HASH),
            tuple(Function(*function[:4]) for function in described["functions"]),
            described["sites"],
        )
        self.sites.add(module)
        self._unknown.clear()
        self._batch.files.append(File(module.file_hash, described["source"]))
        self._batch.modules.append(module)

    def _reports(self, _: Decoder, record: Record) -> None:
        self._batch.reports.append(facts.report_of(self.row, self.reports, record[1]))
        self.reports += 1

    def _says_goodbye(self, _: Decoder, record: Record) -> None:
        self._become(facts.parted(self.row, record[1]))
        self.said_goodbye = True


def _sum(some: Totals, others: Totals) -> Totals:
    return Totals(*map(int.__add__, some, others))
