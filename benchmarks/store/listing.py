"""The list of many sessions, with filters, as the dashboard has it: a page, and how many match."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from random import Random

from flask import Flask

from rewind.model.identity import new_id
from rewind.replay.archive import Archive
from rewind.store import Batch, FunctionCalls, Process, Recording, Session, append, open_store
from rewind.web.api import api_blueprint
from rewind.web.server import collect_rarely
from store.figures import Figure, figure, timed
from store.questions import Told

LISTING_MS = 100
BATCH = 5_000
START_NS = 1_700_000_000_000_000_000
FILTERS = {
    "no filter": "",
    "by status": "status=error",
    "by kind": "kind=task",
    "by time": "after=2023-11-15T06:00:00&before=2023-11-15T12:00:00",
    "by module, many": "module=shop.part3",
    "by module, none": "module=nothing.*",
    "by function, many": "function=Class7.*",
    "by function, one": "function=needle",
    "by words, many": "search=nightly",
    "by words, few": "search=missing 77",
    "by words, none": "search=nowhere",
    "by status and function": "status=error&function=Class7.method",
    "far down": "offset=20000",
}


def fill(url: str, count: int, tell: Told) -> None:
    """Make a database of so many sessions of four kinds, with six of fifty functions each."""
    dice = Random(count)
    recording = Recording(new_id(), "shop", [], "/", "3", "c", "p", "h", None, None, {}, 1, {})
    runners = [Process(f"{recording.id}-{n}-1", recording.id, n, 1) for n in range(8)]
    with closing(open_store(url, upgrade=True)) as store:
        append(store, Batch(recordings=[recording], processes=runners), "zstd")
        for first in range(0, count, BATCH):
            tell(f"listing: {first:,} of {count:,} sessions stored")
            rows = [_session(dice, runners, n) for n in range(first, min(first + BATCH, count))]
            calls = [call for row in rows for call in _calls(dice, row)]
            append(store, Batch(sessions=rows, functions=calls), "zstd")


def _session(dice: Random, runners: list[Process], n: int) -> Session:
    runner = dice.choice(runners)
    fails = dice.random() < 0.03
    return Session(
        new_id(),
        runner.recording_id,
        runner.id,
        n,
        dice.choice(["GET /orders/<id>", "POST /orders", "job.nightly", "test_shop"]),
        dice.choice(["request", "task", "thread", "script"]),
        "error" if fails else "completed",
        START_NS + n * 10**9,
        0,
        10**6,
        events=dice.randrange(10, 1000),
        error_type="builtins.KeyError" if fails else None,
        error_message=f"missing {n}" if fails else None,
    )


def _calls(dice: Random, row: Session) -> Iterator[FunctionCalls]:
    for number in dice.sample(range(50), 6):
        yield FunctionCalls(row.id, f"shop.part{number % 10}", f"Class{number}.method", 3)
    if row.key == BATCH // 2:
        yield FunctionCalls(row.id, "shop.rare", "needle", 1)


def listed(url: str, count: int, samples: int, tell: Told) -> Iterator[Figure]:
    """Yield what each filter takes."""
    fill(url, count, tell)
    collect_rarely()
    with closing(Archive.open(url)) as archive:
        app = Flask("bench")
        app.register_blueprint(api_blueprint(archive))
        client = app.test_client()
        for name, question in FILTERS.items():
            tell(f"listing {name}")

            def ask(question: str = question) -> None:
                answer = client.get(f"/api/sessions?{question}")
                assert answer.status_code == 200, answer.text

            times = [timed(ask) for _ in range(samples)]
            found = figure(f"list {name}", f"{count:,} sessions", times, LISTING_MS)
            # A server's time on a processor is not this process's.
            yield found if url.startswith("sqlite") else replace(found, processor_p95=None)
