"""The queues and schedules whose jobs are sessions by themselves, by the modules that run them."""

from collections.abc import Callable, Mapping
from typing import Any

from rewind.integrations import apscheduler, celery, rq


def queues() -> Mapping[str, Callable[[Any], None]]:
    """Return what to do with modules as soon as they are there, by their names."""
    return {
        celery.MESSAGES: celery.meet_messages,
        celery.TRACING: celery.meet_tracing,
        rq.JOBS: rq.meet_jobs,
        **dict.fromkeys(rq.WORKERS, rq.meet_workers),
        apscheduler.JOBS: apscheduler.meet_jobs,
        **dict.fromkeys(apscheduler.RUNS, apscheduler.meet_runs),
    }
