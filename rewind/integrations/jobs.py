"""A job of a queue or schedule as a session: what the file of each such library shares.

Its parent is the session that has asked for it, in whichever process and at whatever time: what
stands for that one travels under `KEY` with what the library itself sends.
"""

from contextvars import ContextVar
from typing import Final

from rewind import sessions
from rewind.integrations.traces import trace_of

JOB: Final = "job"
"""The kind of these sessions."""
KEY: Final = "rewind"

_current: ContextVar["Job | None"] = ContextVar("rewind_job", default=None)


class Job:
    """One run of a job. Used in one place at a time, by whoever runs it."""

    def __init__(self, name: str, tags: dict[str, object], origin: object) -> None:
        told = {key: value for key, value in tags.items() if value is not None}
        self.error: BaseException | None = None
        """What a library has taken from the job."""
        self._session = sessions.begin(JOB, f"task {name}", told, origin)
        self._token = _current.set(self)
        self._join()

    def _join(self) -> None:
        """Be part of the trace that it is asked for in, and pass that on."""
        trace = None if self._session is None else trace_of(sessions.trace())
        if self._session is not None and trace is not None:
            sessions.tag(self._session, {"trace_id": trace.trace_id})
            sessions.carry(self._session, trace.onward(str(self._session[1].id)))

    def tag(self, **tags: object) -> None:
        """Add tags to it."""
        sessions.tag(self._session, tags)

    def end(self) -> None:
        """Nothing more happens for it."""
        _current.reset(self._token)
        error, self.error = self.error, None
        sessions.end(self._session, error)


def failed(error: BaseException) -> None:
    """Take note that a library has taken an exception from the job at work."""
    job = _current.get()
    if job is not None:
        job.error = error
