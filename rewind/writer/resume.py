"""Going on where an earlier writer stopped, or beginning.

What is stored and where each stream stands were committed together, so the rows say exactly which
bytes of the spool are new. The state of an unfinished session is rebuilt from its last chunk: the
keyframe, and the chunk's events once more.
"""

from dataclasses import replace
from pathlib import Path

from rewind.model.events import Control
from rewind.store import (
    Bounds,
    Process,
    Recording,
    Session,
    SessionFilter,
    Store,
    may_remove,
    read_function_calls,
    read_last_chunk,
    read_modules,
    read_outlines,
    read_positions,
    read_process,
    read_reports,
    read_sessions,
)
from rewind.store.rows import RUNNING
from rewind.writer.decoder import Decoder, Record
from rewind.writer.process import RecordedProcess
from rewind.writer.records import clock_of, counted_from_the_last
from rewind.writer.session import OpenSession
from rewind.writer.settings import WriterSettings
from rewind.writer.sites import Sites


def resume_process(
    store: Store,
    folder: Path,
    recording: Recording,
    place: tuple[int, int],
    settings: WriterSettings,
) -> RecordedProcess:
    """Return the process of that id and start as far as it is stored. Raises `StoreError`."""
    pid, start_ticks = place
    if not may_remove(store):
        settings = replace(settings, bounds=Bounds())
    process_id = f"{recording.id}-{pid}-{start_ticks}"
    row = read_process(store, process_id)
    if row is None:
        row = Process(process_id, recording.id, pid, start_ticks)
        return RecordedProcess(folder, row, recording, settings)
    process = RecordedProcess(folder, row, recording, settings)
    process.said_goodbye = row.ended_ns is not None
    if not process.is_over:
        _restore(store, process, settings)
    return process


def _restore(store: Store, process: RecordedProcess, settings: WriterSettings) -> None:
    row = process.row
    reports = read_reports(store, row.recording_id)
    process.reports = sum(report.process_id == row.id for report in reports)
    for module in read_modules(store, row.id):
        process.sites.add(module)
    for session in read_sessions(store, SessionFilter(process=row.id, status=RUNNING)):
        process.sessions[session.key] = _session(store, session, process.sites, settings)
    for position in read_positions(store, row.id):
        stream = process.stream(position.stream)
        stream.tail.resume(position.sequence, position.offset)
        stream.decoder.clock = position.clock_ns
        if position.session_key is not None:
            stream.decoder.session = process.sessions.get(position.session_key)


def _session(store: Store, row: Session, sites: Sites, settings: WriterSettings) -> OpenSession:
    session = OpenSession(row, sites, settings)
    chunk = read_last_chunk(store, row.id)
    if chunk is None:
        return session
    if clock_of(chunk.data) is None:
        chunk = chunk._replace(data=counted_from_the_last(chunk.data))
    firsts = [outline.first for outline in read_outlines(store, row.id)]
    session.reopen(chunk, firsts, read_function_calls(store, row.id))
    decoder = Decoder(sites, control=_set_clock, learn=_unknown, lost=_nothing)
    decoder.session = session
    decoder.decode(chunk.data)
    if not chunk.growing:
        session.leave()
    session.changed = False
    return session


def _set_clock(decoder: Decoder, record: Record) -> None:
    """Meet a control record that the decoder does not know: the clock, or a later version's."""
    if record[0] == Control.CLOCK and decoder.session is not None:
        decoder.clock = decoder.session.origin_ns + record[1]


def _unknown(site: int) -> bool:  # noqa: ARG001
    return False


def _nothing() -> None:
    """Never called: every event of a chunk has its session."""
