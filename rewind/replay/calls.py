"""Where one call stands among all calls of its function, in a session of any length."""

from rewind.model.events import CALL
from rewind.replay.prints import Hits, Line, hits_around
from rewind.replay.session import Session


def calls_around(session: Session, frame: int) -> Hits | None:
    """Return where the call that opened a frame stands among those of its function.

    None for a frame that was opened by no call: a generator's or coroutine's that came from
    elsewhere. Raises `NoSuchEventError`.
    """
    opened = session.event(frame)
    if opened.kind != CALL:
        return None
    number = opened.place.number
    times = session.counts()[number]
    line = Line(opened.place.scope.module, opened.line, frozenset((number,)), times)
    return hits_around(session, line, frame)
