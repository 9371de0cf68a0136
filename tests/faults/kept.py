"""What is in the database after a round of deaths, held against what its processes have told."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

import msgpack

from rewind.store import (
    Process,
    Session,
    SessionFilter,
    Store,
    read_chunks,
    read_modules,
    read_processes,
    read_recording,
    read_sessions,
)

Place = tuple[str, str, str | None]
"""A site's kind, function and name."""
Event = tuple[Place, list[object]]
"""Where it is, and its payload."""


class LostError(AssertionError):
    """Something that was published is not there, or not as it was."""


def check(store: Store, recording_id: str, told: Mapping[int, int]) -> int:
    """Hold a recording against the steps that each process id has told of; returns its events.

    Raises `LostError`. `told` has only processes that were killed at work.
    """
    _must(read_recording(store, recording_id) is not None, "the recording is not there")
    processes = {process.pid: process for process in read_processes(store, recording_id)}
    events = 0
    for pid, process in processes.items():
        events += _check_process(store, process, told.get(pid, 0))
    silent = {pid for pid, steps in told.items() if steps and pid not in processes}
    _must(not silent, f"processes {sorted(silent)} are not there")
    return events


def _check_process(store: Store, process: Process, told: int) -> int:
    _must(process.status == "died", f"process {process.pid} has status {process.status}")
    sites: dict[int, Place] = {}
    for module in read_modules(store, process.id):
        for number, site in enumerate(module.sites, module.base):
            sites[number] = site.kind, module.functions[site.function].qualname, site.name
    total, steps = 0, 0
    for session in read_sessions(store, SessionFilter(process=process.id)):
        found = list(_events(store, session, sites))
        _must(len(found) == session.events, f"{len(found)} events of {session.events}")
        _must(session.dropped == 0, "events were dropped")
        _must(session.status != "running", f"session {session.id} still runs")
        total += len(found)
        steps += _steps(found)
    _must(steps >= told, f"process {process.pid} told of {told} steps, and {steps} are there")
    _must(process.events == total, f"process {process.pid}: {total} of {process.events} events")
    return total


def _events(store: Store, session: Session, sites: Mapping[int, Place]) -> Iterator[Event]:
    expected = 1
    for chunk in read_chunks(store, session.id):
        _must(chunk.first == expected, f"a chunk begins with {chunk.first}, not {expected}")
        unpacker = msgpack.Unpacker(raw=False, strict_map_key=False)
        unpacker.feed(chunk.data)
        counted: dict[int, int] = {}
        for site, _, *payload in unpacker:
            if site >= 0:
                counted[site] = counted.get(site, 0) + 1
                yield sites[site], payload
        msgpack.unpackb(chunk.keyframe, strict_map_key=False)
        kept = sum(counted.values())
        expected += kept
        _must(chunk.last == expected - 1, f"a chunk has {kept} events and ends with {chunk.last}")
        _must(counted == dict(chunk.sites), "a chunk's counts of sites are wrong")


def _steps(events: list[Event]) -> int:
    """Return how many steps have ended, after a check that each is there once and in order."""
    begun = [payload[0] for place, payload in events if place[:2] == ("call", "step")]
    ended = [payload[0] for place, payload in events if place[:2] == ("return", "step")]
    _must_count(begun, "begin")
    _must_count(ended, "end")
    _must(0 <= len(begun) - len(ended) <= 1, f"{len(begun)} steps begin, {len(ended)} end")
    _check_rounds([place for place, _ in events if place[1] in ("work", "step")])
    return len(ended)


def _check_rounds(places: list[Place]) -> None:
    """Check that every round of the loop has the same events as the first, and the last a part."""
    starts = [at for at, place in enumerate(places) if place[0] == "loop"]
    rounds = [places[a:b] for a, b in pairwise([*starts, len(places)])]
    for one in rounds[:-1]:
        _must(one == rounds[0], f"a round of {one} among such of {rounds[0]}")
    if len(rounds) > 1:
        _must(rounds[-1] == rounds[0][: len(rounds[-1])], f"the last round is {rounds[-1]}")


def _must_count(numbers: list[object], what: str) -> None:
    for place, number in enumerate(numbers):
        _must(number == place, f"steps {what} with {number!r} in place of {place}")


def _must(holds: bool, what: str) -> None:
    if not holds:
        raise LostError(what)
