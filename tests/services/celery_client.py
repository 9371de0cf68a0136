"""Sends tasks and prints what becomes of them, each kind within a session of its own."""

import sys

import celery_app
from billiard.exceptions import WorkerLostError

import rewind

KINDS = ("bill", "fail", "retried", "seen")

for number in range(int(sys.argv[1])):
    kind = KINDS[number % len(KINDS)]
    with rewind.session(f"sends {number}"):
        result = getattr(celery_app, kind).delay(number)
    try:
        print(number, kind, result.get(timeout=60))
    except ZeroDivisionError:
        print(number, kind, result.traceback)
if "nested" in sys.argv:
    with rewind.session("sends nested"):
        inner = celery_app.outer.delay(77).get(timeout=60)
    print(celery_app.app.AsyncResult(inner).get(timeout=60))
if "eager" in sys.argv:
    celery_app.app.conf.task_always_eager = True
    with rewind.session("sends eagerly"):
        print(celery_app.bill.delay(88).get(), repr(celery_app.fail.delay(99).result))
if "die" in sys.argv:
    with rewind.session("sends death"):
        dead = celery_app.die.delay(66)
    try:
        dead.get(timeout=60)
    except WorkerLostError as error:
        print(type(error).__name__)
