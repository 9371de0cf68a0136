"""Enqueues jobs and prints what becomes of them, each within a session of its own."""

import os
import sys
import time

import bills
from redis import Redis
from rq import Queue
from rq.job import Job

import rewind

connection = Redis.from_url(os.environ["BROKER"])
queue = Queue("bills", connection=connection)


def end_of(job: Job) -> Job:
    until = time.monotonic() + 60
    while job.get_status(refresh=True) not in ("finished", "failed"):
        assert time.monotonic() < until
        time.sleep(0.02)
    return Job.fetch(job.id, connection=connection)


jobs = []
for number in range(int(sys.argv[1])):
    with rewind.session(f"sends {number}"):
        work = bills.fail if number % 2 else bills.bill
        jobs.append(queue.enqueue(work, number, meta={"number": number}))
for number, job in enumerate(jobs):
    done = end_of(job)
    latest = done.latest_result()
    print(number, done.meta, done.return_value(), latest.exc_string if latest else None)
if "die" in sys.argv:
    with rewind.session("sends death"):
        dead = queue.enqueue(bills.die, 66)
    latest = end_of(dead).latest_result()
    print(latest.exc_string if latest else None)
