"""A request's trace is passed on by whatever does its work: threads, pools, workers of queues."""

from pathlib import Path

import pytest

from tests.brokers import redis, redis_server
from tests.integration.test_jobs import asked, worker
from tests.integration.test_web_services import RECORDED, Told, folder
from tests.outgoing import answering

__all__ = ["folder", "redis", "redis_server"]

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
WAYS = ("thread", "executor", "processes", "pool", "pool of threads")
WORKERS = {
    "celery": (("celery", "-A", "celery_app", "worker", "-l", "info", "-c", "1"), " ready."),
    "rq": (("rq.cli", "worker", "bills"), "Listening on bills"),
}


@pytest.mark.parametrize("core", ["native", "python"])
@pytest.mark.parametrize("way", WAYS)
def test_work_done_elsewhere_passes_on_the_trace_of_its_request(
    folder: Path, way: str, core: str
) -> None:
    with answering() as (address, came):
        traced = ("traced.py", way, f"{address}/200", TRACEPARENT)
        assert asked(folder, *traced) == "b'done'\n"
        assert not [headers for headers in came if "traceparent" in headers]
        del came[:]
        assert asked(folder, *traced, **RECORDED, REWIND_CORE=core) == "b'done'\n"
    with Told(folder) as told:
        (request,) = told.requests
        assert request.trace_id == TRACE
        assert len(came) == (2 if way == "thread" else 1)
        span = request.id[-16:]
        assert {one["traceparent"] for one in came} == {f"00-{TRACE}-{span}-01"}


@pytest.mark.parametrize("queue", WORKERS)
def test_a_job_is_of_the_trace_of_its_request(folder: Path, redis: str, queue: str) -> None:
    command, ready = WORKERS[queue]
    if queue == "rq":
        command = (*command, f"--url={redis}")
    both = {**RECORDED, "BROKER": redis}
    with answering() as (address, came), worker(folder, *command, ready=ready, **both):
        assert asked(folder, "traced.py", queue, f"{address}/200", TRACEPARENT, **both)
    with Told(folder) as told:
        (request,), (job,) = told.requests, [one for one in told.sessions if one.kind == "job"]
        assert (job.parent_id, job.trace_id, job.parent_span) == (request.id, TRACE, None)
        assert [one["traceparent"] for one in came] == [f"00-{TRACE}-{job.id[-16:]}-01"]


def test_nothing_is_passed_on_where_it_is_not_to_be(folder: Path) -> None:
    with answering() as (address, came):
        off = {**RECORDED, "REWIND_PROPAGATE": "0"}
        asked(folder, "traced.py", "thread", f"{address}/200", TRACEPARENT, **off)
    assert len(came) == 2
    assert not [headers for headers in came if "traceparent" in headers]
