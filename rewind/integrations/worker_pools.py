"""`multiprocessing.Pool` and `ThreadPool`: what a pool runs is a session of who has asked for it.

A pool numbers what it is asked for. The number goes to the worker, ahead of the call, and comes
back with the answer. So it says who has asked, and in the hands of the worker that the call has
begun; and as it is sent back the call is over: right after that, the worker may be killed. No frame
of ours lies below the program's. A chunk, as `map` makes them, is one call.
"""

import threading
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, Self

from rewind.integrations.executors import Runs

_TAKEN: Final = (
    "getattr(__import__('sys').modules.get({module!r}), 'taken', lambda number, _: number)"
    "({number}, {origin!r})"
)
"""What a process makes of a number that has come. One that knows nothing of us is to be able to."""

_runs: Runs | None = None


class _Working(threading.local):
    """What this thread is at, while that lives."""

    work: Callable[[], "_Work | None"] = staticmethod(lambda: None)


_working = _Working()


def meet(module: Any, runs: Runs) -> None:  # noqa: ANN401 - the standard library's
    """Let numbers say who has asked, and workers tell of what has left a call."""
    global _runs  # noqa: PLW0603 - a process has one
    _runs = runs
    module.job_counter = _Numbers(module.job_counter, runs)
    _see_errors(module.ExceptionWithTraceback)
    _see_threads(module.ThreadPool)


class _Numbers:
    """Gives the numbers of theirs. Asked by any thread, as it asks a pool for something."""

    def __init__(self, theirs: Iterator[int], runs: Runs) -> None:
        self._theirs = theirs
        self._runs = runs

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> int:
        number, origin = next(self._theirs), self._runs.origin()
        return number if origin is None else _Number(number, origin)


class _Number(int):
    """A call's number, and which session has asked for it."""

    origin: str

    def __new__(cls, number: int, origin: str) -> Self:
        """Return the number."""
        self = super().__new__(cls, number)
        self.origin = origin
        return self

    def __reduce__(self) -> Any:  # noqa: ANN401 - what pickle takes
        source = _TAKEN.format(module=__name__, number=int(self), origin=self.origin)
        return eval, (source, {})


class _Work:
    """What a worker is at."""

    __slots__ = ("__weakref__", "lease", "raised")

    def __init__(self, runs: Runs, origin: str) -> None:
        self.raised: list[BaseException] = []
        """The exception that has left the call."""
        self.lease = runs.begin(origin, partial(_first, self.raised))


class _Taken(int):
    """A call's number in the hands of its worker; it is sent back as what it was."""

    work: _Work | None

    def given_back(self) -> int:
        """Return what it was. The call is over."""
        self.work = None
        return int(self)

    def __reduce__(self) -> Any:  # noqa: ANN401 - what pickle takes
        return int, (self.given_back(),)


def _first(raised: list[BaseException]) -> BaseException | None:
    return raised[0] if raised else None


def taken(number: int, origin: str) -> int:
    """Let what this thread does be one session at most, until the number is given back or gone."""
    if _runs is None:
        return number
    mine = _Taken(number)
    mine.work = _Work(_runs, origin)
    _working.work = weakref.ref(mine.work)
    return mine


def _note(error: BaseException) -> None:
    work = _working.work()
    if work is not None:
        work.raised.append(error)


def _see_errors(kind: Any) -> None:  # noqa: ANN401 - the standard library's
    """Note the exception that a process wraps up to send it back."""
    theirs = kind.__init__

    def begin(self: object, exc: BaseException, tb: object) -> None:
        _note(exc)
        theirs(self, exc, tb)

    kind.__init__ = begin


def _see_threads(pool: Any) -> None:  # noqa: ANN401 - the standard library's
    """Let threads take calls and give answers through queues that see them."""
    theirs = pool._setup_queues  # noqa: SLF001 - nothing else has both

    def setup_queues(self: Any) -> None:  # noqa: ANN401 - a pool
        theirs(self)
        kind = type(self._inqueue)
        if kind is type(self._outqueue):
            self._inqueue, self._outqueue = _calls(kind)(), _answers(kind)()
            self._quick_put, self._quick_get = self._inqueue.put, self._outqueue.get

    pool._setup_queues = setup_queues  # noqa: SLF001 - see above


def _calls(kind: Any) -> Any:  # noqa: ANN401 - the type of a queue
    class Calls(kind):  # type: ignore[misc]
        """Gives a worker its calls."""

        __slots__ = ()

        def get(self, *how: object, **named: object) -> Any:  # noqa: ANN401 - a pool's own
            call = super().get(*how, **named)
            # Who asks in another way empties the queue.
            if how or named or call is None or type(call[0]) is not _Number:
                return call
            return (taken(int(call[0]), call[0].origin), *call[1:])

    return Calls


def _answers(kind: Any) -> Any:  # noqa: ANN401 - see above
    class Answers(kind):  # type: ignore[misc]
        """Takes a worker's answers."""

        __slots__ = ()

        def put(self, answer: Any, *how: object, **named: object) -> None:  # noqa: ANN401 - a pool's own
            if answer is not None and type(answer[0]) is _Taken:
                number, place, (is_result, value) = answer
                if not is_result:
                    _note(value)
                answer = (number.given_back(), place, (is_result, value))
            super().put(answer, *how, **named)

    return Answers
