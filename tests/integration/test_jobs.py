"""Real workers and schedulers: each job is one session, of the session that has asked for it."""

import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from rewind.store.rows import Session
from tests.brokers import redis, redis_server
from tests.integration.services import working
from tests.integration.terminal import environment
from tests.integration.test_web_services import RECORDED, Told, folder

__all__ = ["folder", "redis", "redis_server"]


def worker(
    folder: Path, *command: str, ready: str, **environ: str
) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Have a worker that has said it is ready."""
    log = folder / "worker.log"
    return working(log, *command, is_ready=lambda: ready in log.read_text(), **environ)


def asked(folder: Path, *command: str, **environ: str) -> str:
    """Run a client; return what it prints."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment(folder, **environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class Jobs:
    """What was recorded of jobs, by what has asked for them."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self.all = [one for one in told.sessions if one.kind == "job"]
        self._by_id = {one.id: one for one in told.sessions}

    def parent(self, one: Session) -> str | None:
        found = self._by_id.get(one.parent_id or "")
        return None if found is None else found.trigger

    def of(self, trigger: str) -> list[Session]:
        found = [one for one in self.all if self.parent(one) == trigger]
        return sorted(found, key=lambda one: one.id)

    def check(self, trigger: str, expected: str, lines: list[int], **tags: object) -> Session:
        (one,) = self.of(trigger)
        assert f"{one.trigger} {one.status}" == expected
        assert self._told.lines(one.id) == lines
        assert {name: one.tags.get(name) for name in tags} == tags
        return one


SENT = 12
POOLS = {"prefork": "--concurrency=2", "solo": "--concurrency=1", "threads": "--concurrency=2"}


@pytest.mark.parametrize("pool", POOLS)
def test_each_task_of_celery_is_a_session_of_who_has_sent_it(
    folder: Path, redis: str, pool: str
) -> None:
    command = ("celery", "-A", "celery_app", "worker", "-l", "info", "-P", pool, POOLS[pool])
    client = ("celery_client.py", str(SENT), "nested", "eager")
    with worker(folder, *command, ready=" ready.", BROKER=redis):
        plain = asked(folder, *client, BROKER=redis)
    both = {**RECORDED, "BROKER": redis}
    with worker(folder, *command, ready=" ready.", **both):
        assert asked(folder, *client, **both) == plain
    with Told(folder) as told:
        jobs = Jobs(told)
        assert {one.status for one in told.sessions} <= {"completed", "error"}
        for number in range(SENT):
            check(jobs, number)
        jobs.check("sends nested", "task celery_app.outer completed", [77] * 3)
        jobs.check("task celery_app.outer", "task celery_app.bill completed", [77] * 3)
        done, failed = jobs.of("sends eagerly")
        assert (done.trigger, told.lines(done.id)) == ("task celery_app.bill", [88] * 3)
        assert (failed.status, failed.error_type) == ("error", "builtins.ZeroDivisionError")
        assert len(jobs.all) == SENT + SENT // 2 + 4


def check(jobs: Jobs, number: int) -> None:
    kind, trigger = ("bill", "fail", "retried", "seen")[number % 4], f"sends {number}"
    if kind == "fail":
        failed = jobs.check(trigger, "task celery_app.fail error", [number], state="FAILURE")
        assert failed.error_type == "builtins.ZeroDivisionError"
    elif kind == "retried":
        (first,) = jobs.of(trigger)
        assert (first.status, first.tags["state"], first.tags["retries"]) == ("error", "RETRY", 0)
    else:
        name = f"task celery_app.{kind} completed"
        tags: dict[str, Any] = {"queue": "bills", "retries": 0}
        assert jobs.check(trigger, name, [number] * 3, **tags).tags["id"]


def test_a_worker_of_celery_that_is_killed_leaves_a_crashed_session(
    folder: Path, redis: str
) -> None:
    both = {**RECORDED, "BROKER": redis}
    command = ("celery", "-A", "celery_app", "worker", "-l", "info", "-c", "1")
    with worker(folder, *command, ready=" ready.", **both):
        assert asked(folder, "celery_client.py", "4", "die", **both).endswith("WorkerLostError\n")
    with Told(folder) as told:
        jobs = Jobs(told)
        (dead,) = jobs.of("sends death")
        assert (dead.trigger, dead.status) == ("task celery_app.die", "crashed")
        assert told.lines(dead.id) == [66]
        assert {one.status for one in jobs.all if one is not dead} == {"completed", "error"}


@pytest.mark.parametrize("kind", ["rq.worker.Worker", "rq.worker.SimpleWorker"])
def test_each_job_of_rq_is_a_session_of_who_has_enqueued_it(
    folder: Path, redis: str, kind: str
) -> None:
    command = ("rq.cli", "worker", "bills", f"--url={redis}", f"--worker-class={kind}")
    with worker(folder, *command, ready="Listening on bills"):
        plain = asked(folder, "rq_client.py", str(SENT), BROKER=redis)
    both = {**RECORDED, "BROKER": redis}
    with worker(folder, *command, ready="Listening on bills", **both):
        assert asked(folder, "rq_client.py", str(SENT), **both) == plain
    with Told(folder) as told:
        jobs = Jobs(told)
        assert {one.status for one in told.sessions} <= {"completed", "error"}
        assert len(jobs.all) == SENT
        for number in range(SENT):
            if number % 2:
                failed = jobs.check(f"sends {number}", "task bills.fail error", [number])
                assert failed.error_type == "builtins.ZeroDivisionError"
            else:
                lines = [number] * 3
                jobs.check(f"sends {number}", "task bills.bill completed", lines, queue="bills")


def test_a_work_horse_of_rq_that_is_killed_leaves_a_crashed_session(
    folder: Path, redis: str
) -> None:
    both = {**RECORDED, "BROKER": redis}
    command = ("rq.cli", "worker", "bills", f"--url={redis}")
    with worker(folder, *command, ready="Listening on bills", **both):
        assert "Work-horse terminated" in asked(folder, "rq_client.py", "0", "die", **both)
    with Told(folder) as told:
        (dead,) = Jobs(told).of("sends death")
        assert (dead.trigger, dead.status) == ("task bills.die", "crashed")
        assert told.lines(dead.id) == [66]


def test_each_run_of_apscheduler_is_a_session_of_who_has_added_the_job(folder: Path) -> None:
    plain = asked(folder, "schedule.py")
    assert asked(folder, "schedule.py", **RECORDED) == plain
    with Told(folder) as told:
        jobs = Jobs(told)
        for executor in ("threads", "processes", "asyncio"):
            trigger = f"adds to {executor}"
            if executor == "processes":
                # Another process: the scheduler that hands it on is known, not who has added it.
                done = [one for one in jobs.all if one.tags["queue"] == "processes"]
            else:
                done = jobs.of(trigger)
            by_name = {one.trigger: one for one in done}
            assert len(by_name) == len(done) == 2
            fine = by_name["task bills.bill_slowly" if executor == "asyncio" else "task bills.bill"]
            assert (fine.status, told.lines(fine.id)) == ("completed", [7] * 3)
            failed = by_name["task bills.fail"]
            assert (failed.status, failed.error_type) == ("error", "builtins.ZeroDivisionError")
