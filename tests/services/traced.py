"""Answers one request of a trace by asking another service, in the way that it is told."""

import os
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.pool import Pool, ThreadPool
from typing import Any

import bills

import rewind

WAY, ADDRESS, TRACEPARENT = sys.argv[1:]


def by_thread() -> None:
    # Twice: a thread of a thread's.
    for _ in range(2):
        thread = threading.Thread(target=bills.ask, args=(ADDRESS,))
        thread.start()
        thread.join()


def by_executor(kind: Any) -> Callable[[], None]:
    def asks() -> None:
        with kind(1) as pool:
            pool.submit(bills.ask, ADDRESS).result()

    return asks


def by_pool(kind: Any) -> Callable[[], None]:
    def asks() -> None:
        with kind(1) as pool:
            pool.apply(bills.ask, (ADDRESS,))

    return asks


def by_celery() -> None:
    import celery_app

    celery_app.ask.delay(ADDRESS).get(timeout=60)


def by_rq() -> None:
    from redis import Redis
    from rq import Queue

    queue = Queue("bills", connection=Redis.from_url(os.environ["BROKER"]))
    assert queue.enqueue(bills.ask, ADDRESS).latest_result(timeout=60)


WAYS: dict[str, Callable[[], None]] = {
    "thread": by_thread,
    "executor": by_executor(ThreadPoolExecutor),
    "processes": by_executor(ProcessPoolExecutor),
    "pool": by_pool(Pool),
    "pool of threads": by_pool(ThreadPool),
    "celery": by_celery,
    "rq": by_rq,
}


def application(_: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    WAYS[WAY]()
    start_response("200 OK", [])
    return [b"done"]


environ = {"REQUEST_METHOD": "GET", "PATH_INFO": f"/{WAY}", "HTTP_TRACEPARENT": TRACEPARENT}
print(*rewind.wsgi(application)(environ, lambda *_: None))
