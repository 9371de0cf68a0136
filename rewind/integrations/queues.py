"""The queues, schedules and pools whose jobs are sessions by themselves, by their modules."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from rewind.integrations.late import late

if TYPE_CHECKING:
    from rewind.integrations.executors import Runs


def queues(runs: "Runs") -> Mapping[str, Callable[[Any], None]]:
    """Return what to do with modules as soon as they are there, by their names."""
    return {
        "apscheduler.job": late("apscheduler.meet_jobs"),
        # Both have functions that run jobs; in 3.10 the second has that for coroutines.
        "apscheduler.executors.base": late("apscheduler.meet_runs"),
        "apscheduler.executors.base_py3": late("apscheduler.meet_runs"),
        "celery.app.amqp": late("celery.meet_messages"),
        "celery.app.trace": late("celery.meet_tracing"),
        "concurrent.futures.process": late("executors.meet_processes", runs),
        "concurrent.futures.thread": late("executors.meet_threads", runs),
        "rq.job": late("rq.meet_jobs"),
        "rq.worker": late("rq.meet_workers"),
        "rq.worker.base": late("rq.meet_workers"),
    }
