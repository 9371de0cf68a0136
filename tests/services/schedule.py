"""Runs jobs by APScheduler in executors of three kinds, and prints what its listeners are told."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import bills
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED
from apscheduler.executors.pool import ProcessPoolExecutor, ThreadPoolExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.schedulers.background import BackgroundScheduler

import rewind

told: list[str] = []
enough = threading.Semaphore(0)


def tell(event: Any) -> None:
    told.append(f"{event.job_id} {event.retval!r} {event.exception!r} {event.traceback}")
    enough.release()


def add(scheduler: Any, executor: str, work: Callable[[int], object]) -> None:
    with rewind.session(f"adds to {executor}"):
        # However late a busy machine comes to them.
        how: dict[str, Any] = {"args": [7], "executor": executor, "misfire_grace_time": None}
        scheduler.add_job(work, id=f"{executor} bill", **how)
        scheduler.add_job(bills.fail, id=f"{executor} fail", **how)


def in_pools() -> None:
    pools = {"threads": ThreadPoolExecutor(2), "processes": ProcessPoolExecutor(1)}
    scheduler = BackgroundScheduler(executors=pools)
    scheduler.add_listener(tell, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
    scheduler.start()
    for executor in pools:
        add(scheduler, executor, bills.bill)
    for _ in range(4):
        assert enough.acquire(timeout=60)
    scheduler.shutdown()


async def in_a_loop() -> None:
    scheduler = AsyncIOScheduler(executors={"asyncio": {"type": "asyncio"}})
    scheduler.add_listener(tell, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
    scheduler.start()
    add(scheduler, "asyncio", bills.bill_slowly)
    for _ in range(2):
        assert await asyncio.to_thread(enough.acquire, timeout=60)
    scheduler.shutdown()


if __name__ == "__main__":
    in_pools()
    asyncio.run(in_a_loop())
    print(*sorted(told), sep="\n")
