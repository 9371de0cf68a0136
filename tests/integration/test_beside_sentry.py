"""Real servers with Sentry: each request is of Sentry's trace, which tells of its session."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from rewind.integrations.tracers import ADDRESS, DASHBOARD, SESSION
from rewind.integrations.traces import Trace
from tests.integration.test_web_services import (
    GUNICORN,
    RECORDED,
    UVICORN,
    Told,
    folder,
    loaded,
    served,
)

__all__ = ["folder"]

SERVERS = {
    "flask": (*GUNICORN, "--threads=4", "sentry_app:wsgi"),
    "fastapi": (*UVICORN, "sentry_app:asgi"),
}
REQUESTS = 100
SHARE = 0.5


@pytest.mark.parametrize("name", SERVERS)
def test_traces_sampling_and_addresses_are_sentrys(folder: Path, name: str) -> None:
    paths = [f"/{('bills', 'fails')[n % 2]}/{n}" for n in range(1, REQUESTS + 1)]
    with served(folder, *SERVERS[name]) as address:
        plain = loaded(address, paths)
    (folder / "sent.jsonl").unlink()
    with served(folder, *SERVERS[name], **RECORDED, REWIND_SAMPLING_RATE=str(SHARE)) as address:
        assert loaded(address, paths) == plain
    events = [json.loads(line) for line in (folder / "sent.jsonl").read_text().splitlines()]
    of_trace = defaultdict(list)
    for event in events:
        of_trace[event["trace"]].append(event["tags"] or {})
    # A transaction of each, and an error of each that fails.
    assert (len(of_trace), len(events)) == (REQUESTS, REQUESTS + REQUESTS // 2)
    with Told(folder) as told:
        recorded = {str(one.trace_id): one.id for one in told.requests}
    assert set(recorded) == {one for one in of_trace if Trace(one, None, 1).sampled(SHARE)}
    assert REQUESTS * 0.2 < len(recorded) < REQUESTS * 0.8
    for trace, tags in of_trace.items():
        told_of = {(one.get(SESSION), one.get(ADDRESS)) for one in tags}
        found = recorded.get(trace)
        assert told_of == {(found, found and f"{DASHBOARD}/sessions/{found}")}
