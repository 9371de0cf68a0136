"""Trying again while the database is away. The spool waits meanwhile, and nothing is lost."""

import logging
from collections.abc import Callable
from time import monotonic, sleep
from typing import TypeVar

from rewind.errors import ForeignDatabaseError, NewDatabaseError, OldDatabaseError, StoreError
from rewind.writer.settings import WriterSettings

_log = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")

_REFUSALS = (ForeignDatabaseError, NewDatabaseError, OldDatabaseError)
"""A database that is not this version's, which waiting does not change."""

_STEP = 0.1
"""Seconds between two looks at whether the writer was told to stop."""


class GaveUpError(Exception):
    """The database stayed away until there was reason to stop; the spool is kept."""


class Retry:
    """Runs operations on the database until they succeed. For the writer's one thread.

    `stopped` tells that the writer was asked to end; `alone` that nobody records any more, which
    is from when on its patience is counted.
    """

    def __init__(
        self, settings: WriterSettings, stopped: Callable[[], bool], alone: Callable[[], bool]
    ) -> None:
        self._settings = settings
        self._stopped = stopped
        self._alone = alone

    def __call__(
        self, operation: Callable[[], _Answer], *, passing: type[StoreError] = StoreError
    ) -> _Answer:
        """Return what the operation returns, after errors of the `passing` kind were waited out.

        Raises `GaveUpError`, or at once the operation's own error of another kind, and the refusal
        of a database that is not this version's.
        """
        wait, alone_since, failed = self._settings.retry_first, None, False
        while True:
            try:
                answer = operation()
            except _REFUSALS:
                raise
            except passing as error:
                if not failed:
                    _log.warning("waiting for the database: %s", error)
                failed = True
                alone_since = alone_since or (monotonic() if self._alone() else None)
                self._wait(wait, alone_since, error)
                wait = min(wait * 2, self._settings.retry_longest)
            else:
                if failed:
                    _log.warning("the database is back")
                return answer

    def _wait(self, seconds: float, alone_since: float | None, error: StoreError) -> None:
        end = monotonic() + seconds
        while monotonic() < end:
            late = alone_since is not None and monotonic() - alone_since > self._settings.patience
            if late or self._stopped():
                raise GaveUpError(str(error)) from error
            sleep(min(_STEP, seconds))
