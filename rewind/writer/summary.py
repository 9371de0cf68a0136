"""What is said of a process at its end, for `<pid>-<start>.done`."""

from rewind.store import (
    SessionFilter,
    Store,
    Totals,
    read_reports,
    read_sessions,
    read_totals,
)
from rewind.writer.process import RecordedProcess


def summary(store: Store, process: RecordedProcess) -> dict[str, object]:
    """Return what was recorded of a process that is over. Raises `StoreError`.

    Sessions that have made room for others, before they were stored or after, are counted. `bytes`
    are those of its chunks, compressed; `last_session` is its newest session without a parent,
    `trigger` what began that one; both are null where it has none.
    """
    row = process.row
    stored, let_go = read_totals(store, row.id), process.let_go
    totals = Totals(*(one + other for one, other in zip(stored, let_go, strict=True)))
    newest = read_sessions(store, SessionFilter(process=row.id, top_level=True), limit=1)
    reports = [r for r in read_reports(store, row.recording_id) if r.process_id == row.id]
    facts: dict[str, object] = {
        "sessions": totals.sessions,
        "events": totals.events,
        "bytes": totals.bytes,
        "dropped": totals.dropped + row.dropped,
        "redacted": totals.redacted,
        "reports": [
            {"what": r.what, "name": r.name, "why": r.why, "line": r.line} for r in reports
        ],
        "last_session": newest[0].id if newest else None,
        "trigger": newest[0].trigger if newest else None,
    }
    if process.damage is not None:
        facts["damage"] = process.damage
    return facts
