"""A session followed while it is recorded: each event that is committed, once and in order.

A reader's only state is its cursor, the number of the last event that it was given, so there may
be any number of readers, and one that was interrupted goes on where it stopped.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from time import sleep
from typing import Final

from rewind.replay.events import Event, EventQuery
from rewind.replay.session import Session
from rewind.store import Watch
from rewind.store.rows import RUNNING

INTERVAL_S: Final = 0.02
"""Between two looks whether something was committed; each takes a tenth of a millisecond."""


def followed(
    session: Callable[[], Session],
    watch: Callable[[], Watch],
    query: EventQuery,
    stopped: Callable[[], bool],
) -> Iterator[Event]:
    """Yield the events asked for as they come, until the session is over or `stopped` says so.

    `session` gives the session as it stands, `watch` what notices commits. Events that gave way to
    newer ones (`overflow`) before they were read are left out.
    """
    cursor = query.first - 1
    with closing(watch()) as commits:
        token: int | None = None
        while not stopped() and (query.last is None or cursor < query.last):
            latest = commits.token()
            if latest == token:
                sleep(INTERVAL_S)
                continue
            token, before, now = latest, cursor, session()
            for event in now.events(replace(query, first=cursor + 1, limit=None)):
                cursor = event.n
                yield event
            if query.is_selective or query.value is not None:
                cursor = max(cursor, now.facts.events)
            if before < cursor < now.facts.events:
                # What was to come next gave way meanwhile.
                token = None
            elif now.facts.status != RUNNING:
                return
