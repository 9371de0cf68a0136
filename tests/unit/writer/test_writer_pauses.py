"""How long the writer leaves between two flushes."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rewind.writer import drain
from rewind.writer.drain import Drain
from rewind.writer.settings import WriterSettings


class Clock:
    """Stands in for the monotonic clock."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(drain, "monotonic", clock)
    return clock


def drain_of(sessions: int, clock: Clock, flush_s: float = 0.0, size: int = 0) -> tuple[Drain, Any]:
    """A drain of one process, in which so many sessions wait; a flush takes so long."""
    unused: Any = SimpleNamespace(write_progress=lambda *_: None, path=Path("/nowhere"))
    process = SimpleNamespace(
        waiting_sessions=sessions, waiting_bytes=size, taken_bytes=0, events=0
    )
    made = Drain(unused, unused, WriterSettings("x"), unused, lambda: False)

    def flush(_: object) -> None:
        clock.now += flush_s

    made._processes = {(1, 2): process}  # type: ignore[dict-item]
    made._flush = flush  # type: ignore[method-assign,assignment]
    return made, process


def pause(made: Drain, clock: Clock, *, busy: bool = False) -> float:
    """Return after how many seconds the next flush is due."""
    began = clock.now
    while not made._is_due(busy=busy):
        clock.now += 0.05
    passed, clock.now = clock.now - began, began
    return passed


def test_few_sessions_are_stored_soon(clock: Clock) -> None:
    made, _ = drain_of(3, clock)
    assert pause(made, clock) == pytest.approx(0.3, abs=0.06)


def test_many_sessions_wait_longer_at_once_and_never_longer_than_two_seconds(clock: Clock) -> None:
    """Most of them may have made room for others by then, whether the writer is behind or not."""
    assert pause(drain_of(2000, clock)[0], clock) == pytest.approx(0.8, abs=0.06)
    assert pause(drain_of(90_000, clock)[0], clock) == pytest.approx(2.0, abs=0.06)


def test_what_many_sessions_took_says_how_long_as_many_wait(clock: Clock) -> None:
    made, process = drain_of(1000, clock, flush_s=0.2)
    made._flush_all()
    assert pause(made, clock) == pytest.approx(0.8, abs=0.06)
    process.waiting_sessions = 500
    assert pause(made, clock) == pytest.approx(0.4, abs=0.06)
    assert pause(made, clock, busy=True) == pytest.approx(0.8, abs=0.06)


def test_what_a_flush_of_few_took_says_nothing_of_many(clock: Clock) -> None:
    made, process = drain_of(1, clock, flush_s=0.2)
    made._flush_all()
    process.waiting_sessions = 1000
    assert pause(made, clock) == pytest.approx(0.4, abs=0.06)


def test_what_is_much_is_stored_at_once(clock: Clock) -> None:
    made, _ = drain_of(90_000, clock, size=1 << 30)
    assert pause(made, clock) == 0
