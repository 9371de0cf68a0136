"""A Celery application, whose broker the environment names."""

import os
from typing import Any

import bills
from celery import Celery, Task

app = Celery("shop", broker=os.environ["BROKER"], backend=os.environ["BROKER"])
app.conf.update(
    task_default_queue="bills",
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
)


@app.task
def bill(number: int) -> int:
    return int(bills.bill(number))


@app.task
def fail(number: int) -> int:
    return int(bills.fail(number))


@app.task(bind=True, max_retries=2, default_retry_delay=0)
def retried(self: "Task[..., Any]", number: int) -> tuple[int, int]:
    if self.request.retries < 2:
        try:
            bills.fail(number)
        except ZeroDivisionError as error:
            raise self.retry(exc=error) from None
    return bills.bill(number), self.request.retries


@app.task(bind=True)
def seen(self: "Task[..., Any]", number: int) -> list[str]:
    """Return what a task can see of its message."""
    bills.bill(number)
    return sorted(vars(self.request)) + sorted(self.request.headers or {})


@app.task
def outer(number: int) -> str:
    return str(bill.delay(number).id)


@app.task
def ask(address: str) -> int:
    return int(bills.ask(address))


@app.task
def die(number: int) -> None:
    bills.die(number)
