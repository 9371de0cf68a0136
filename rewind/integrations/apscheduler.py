"""APScheduler 3: each run of a job is a session, in whichever executor.

Its parent is the session that has added the job, where that was in the same process and the job is
in memory; or else the one in which the scheduler was started.
"""

import weakref
from functools import wraps
from typing import Any, Final

from rewind import sessions
from rewind.integrations.jobs import Job

_MISSED: Final = 2**14
"""`apscheduler.events.EVENT_JOB_MISSED`."""

_origins: dict[int, tuple[object, str]] = {}
"""By `id()` of the job, which has no place for more, with what takes the entry out again."""


def meet_jobs(module: Any) -> None:  # noqa: ANN401 - APScheduler's
    """Note which session adds a job."""
    theirs = module.Job.__init__

    @wraps(theirs)
    def begin(self: object, *arguments: object, **keywords: object) -> None:
        theirs(self, *arguments, **keywords)
        origin = sessions.origin()
        if origin is not None:
            key = id(self)
            _origins[key] = weakref.ref(self, lambda _: _origins.pop(key, None)), origin

    module.Job.__init__ = begin


def meet_runs(module: Any) -> None:  # noqa: ANN401 - APScheduler's
    """Wrap what runs a job, once or more often, and tells what has become of it."""
    for name, wrap in (("run_job", _plain), ("run_coroutine_job", _coroutine)):
        theirs = getattr(module, name, None)
        if theirs is not None and theirs.__module__ == module.__name__:
            setattr(module, name, wrap(theirs))


def _plain(theirs: Any) -> Any:  # noqa: ANN401 - APScheduler's
    @wraps(theirs)
    def run_job(job: Any, store: object, times: Any, *rest: Any) -> list[Any]:  # noqa: ANN401 - see above
        events: list[Any] = []
        for time in times:
            run = _begun(job)
            try:
                events += _told(run, theirs(job, store, [time], *rest))
            finally:
                run.end()
        return events

    return run_job


def _coroutine(theirs: Any) -> Any:  # noqa: ANN401 - APScheduler's
    @wraps(theirs)
    async def run_coroutine_job(job: Any, store: object, times: Any, *rest: Any) -> list[Any]:  # noqa: ANN401 - see above
        events: list[Any] = []
        for time in times:
            run = _begun(job)
            try:
                events += _told(run, await theirs(job, store, [time], *rest))
            finally:
                run.end()
        return events

    return run_coroutine_job


def _begun(job: Any) -> Job:  # noqa: ANN401 - see above
    reference = job.func_ref
    name = reference.replace(":", ".") if type(reference) is str else job.name
    _, origin = _origins.get(id(job), (None, None))
    return Job(str(name), {"id": job.id, "queue": job.executor}, origin)


def _told(run: Job, events: list[Any]) -> list[Any]:
    for event in events:
        run.error = getattr(event, "exception", None)
        if event.code == _MISSED:
            run.tag(missed=True)
    return events
