"""Which sessions prove dull when they end, and are discarded: the setting `keep`.

A session that another one has begun goes the way of the outermost: a request is kept with its
threads and tasks, or not at all. What has an error anywhere in it is an error as a whole. A writer
that takes over from one that died knows nothing of what was before, and keeps more.
"""

from collections import defaultdict

from rewind.config import slower_than
from rewind.store import Session
from rewind.store.rows import COMPLETED

_SERVER_ERROR = 500
"""The first HTTP status that tells of an error of the server's (RFC 9110, section 15.6)."""


class Keeping:
    """Follows the sessions of one process. Used by the writer's one thread."""

    def __init__(self, keep: tuple[str, ...]) -> None:
        self._slow_ns = min((found for word in keep if (found := slower_than(word))), default=None)
        self._errors = "errors" in keep
        self.chooses = bool(keep) and "all" not in keep
        """Whether there is anything that it does not keep."""
        self._outermost: dict[str, str] = {}
        """By session, while that or its outermost one runs."""
        self._families: dict[str, set[str]] = defaultdict(set)
        """Those within, by an outermost one that runs."""
        self._kept: set[str] = set()
        """Outermost ones that run, of which something proved worth keeping."""
        self._dull: set[str] = set()
        """Sessions that run on, whose outermost one was dull."""

    def begins(self, row: Session) -> None:
        """Take note of a session."""
        if not self.chooses:
            return
        outermost = self._outermost.get(row.parent_id or "", row.id)
        self._outermost[row.id] = outermost
        self._families[outermost].add(row.id)

    def ends(self, row: Session) -> set[str]:
        """Return the ids of those sessions that are over now and to be discarded."""
        if not self.chooses:
            return set()
        if row.id in self._dull:
            self._dull.discard(row.id)
            return {row.id}
        outermost = self._outermost.get(row.id)
        if outermost is None:
            # It outlives one that was kept, or began before this writer.
            return set()
        if self._is_worth_keeping(row, is_outermost=outermost == row.id):
            self._kept.add(outermost)
        return self._family_over(row.id) if outermost == row.id else set()

    def _is_worth_keeping(self, row: Session, *, is_outermost: bool) -> bool:
        status = row.tags.get("status")
        failed = row.status != COMPLETED or (type(status) is int and status >= _SERVER_ERROR)
        if self._errors and failed:
            return True
        took = row.duration_ns or 0
        return is_outermost and self._slow_ns is not None and took > self._slow_ns

    def _family_over(self, outermost: str) -> set[str]:
        family = self._families.pop(outermost, {outermost})
        for each in family:
            self._outermost.pop(each, None)
        if outermost in self._kept:
            self._kept.discard(outermost)
            return set()
        return family

    def run_on(self, ids: set[str]) -> None:
        """Discard those sessions when they are over."""
        self._dull |= ids
