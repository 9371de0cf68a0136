"""Where work comes from that is done elsewhere: which session has asked a pool or a queue for it.

That is text, as it may pass to another thread, process or host: the session's id, and what it says
of its trace where it is part of one; or `PASSED_OVER` for one that sampling passed over, so that
what it has asked for is passed over as well.
"""

import re
from collections.abc import Callable
from typing import Final

from rewind.capture.engine import Engine, Recorder, Session
from rewind.model.identity import new_id

PASSED_OVER: Final = "-"
_FORM: Final = re.compile(r"([0-9a-f]{32})(?: (00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}))?")


class Origins:
    """Asked by any thread about itself. A fork carries it over; there is nothing to stop."""

    def __init__(
        self,
        engine: Engine,
        recorder: Callable[[], Recorder | None],
        started_in: Callable[[], Session | None],
    ) -> None:
        """`recorder` gives the running thread's; without one, `started_in` its parent."""
        self._engine = engine
        self._recorder = recorder
        self._started_in = started_in

    def here(self) -> str | None:
        """Return what stands for the session that asks just here; None where there is none.

        Where nothing was recorded so far, that is the one in which it would be.
        """
        recorder = self._recorder()
        if recorder is None:
            session = self._started_in()
        elif recorder.closed:
            return None
        else:
            strand = self._engine.known(recorder)
            session = strand.session or self._engine.creator(recorder, strand)
        if session is None:
            return None
        if not session.recorded:
            return PASSED_OVER
        return f"{session.id} {session.trace}" if session.trace else str(session.id)

    def session(self, origin: object) -> Session | None:
        """Return what stands for it as a parent; None for what no `here` has returned."""
        if type(origin) is not str:
            return None
        if origin == PASSED_OVER:
            return self._engine.stand_in(new_id(), recorded=False)
        found = _FORM.fullmatch(origin)
        if found is None:
            return None
        session = self._engine.stand_in(found[1], recorded=True)
        session.trace = found[2] or ""
        return session
