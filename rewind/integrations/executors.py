"""`concurrent.futures`: what a pool runs is a session whose parent is the one that submitted it.

`asyncio.to_thread` and `run_in_executor` submit to such pools as well. Who submits is noted in the
pool's own record of the call; what it is that runs there is seen when a worker takes that record
into its hands, and that it is over when the worker drops it. So no frame of ours lies below the
program's: stacks, tracebacks and the depth of recursion are those of the plain run.
"""

import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, Final, Protocol

_KEY: Final = "rewind"
"""The attribute of a pool's record: who has asked for the call, and later that it runs."""

Error = Callable[[], BaseException | None]


class Runs(Protocol):
    """What a capture core does with the calls that pools run; see `rewind.capture.runs`."""

    def origin(self) -> str | None:
        """Return what stands for the session that asks for a call just here."""

    def begin(self, origin: object, error: Error, /) -> object:
        """Let what this thread does be one session at most, for as long as the answer lives."""


def meet_threads(module: Any, runs: Runs) -> None:  # noqa: ANN401 - the standard library's
    """See the calls of `ThreadPoolExecutor`, unless it is made in another way than the known."""
    item = getattr(module, "_WorkItem", None)
    if isinstance(item, type) and "run" in vars(item):
        _note_origin(item, runs)
        item.run = _Taken(item.run, runs)  # type: ignore[attr-defined]


def meet_processes(module: Any, runs: Runs) -> None:  # noqa: ANN401 - see above
    """See the calls of `ProcessPoolExecutor`, unless it is made in another way than the known."""
    item, call = getattr(module, "_WorkItem", None), getattr(module, "_CallItem", None)
    if isinstance(item, type) and isinstance(call, type):
        _note_origin(item, runs)
        _hand_on_origin(call)
        call.fn = _Function(runs)  # type: ignore[attr-defined]
        call.work_id = _Number()  # type: ignore[attr-defined]


def _note_origin(item: Any, runs: Runs) -> None:  # noqa: ANN401 - see above
    """Note in the record of each call that is submitted by which session that is."""
    theirs = item.__init__

    def begin(self: object, *arguments: object, **keywords: object) -> None:
        theirs(self, *arguments, **keywords)
        origin = runs.origin()
        if origin is not None:
            vars(self)[_KEY] = origin

    item.__init__ = begin


def _hand_on_origin(call: Any) -> None:  # noqa: ANN401 - see above
    """Send the note along to the process that will run the call.

    What is sent is made by the pool's own thread, which has the records of all that wait.
    """
    theirs = call.__init__

    def begin(self: object, work_id: object, *arguments: object, **keywords: object) -> None:
        theirs(self, work_id, *arguments, **keywords)
        waiting = getattr(threading.current_thread(), "pending_work_items", {})
        origin = getattr(waiting.get(work_id), _KEY, None)
        if origin is not None:
            vars(self)[_KEY] = origin

    call.__init__ = begin


class _Taken:
    """In the place of the method by which a worker runs a call: it is asked for, and it begins."""

    def __init__(self, theirs: Any, runs: Runs) -> None:  # noqa: ANN401 - see above
        self._theirs = theirs
        self._runs = runs

    def __get__(self, item: Any, owner: type | None = None) -> Any:  # noqa: ANN401 - see above
        if item is not None:
            names = vars(item)
            error = partial(getattr, names.get("future"), "_exception", None)
            names[_KEY] = self._runs.begin(names.get(_KEY), error)
        return self._theirs.__get__(item, owner)


class _Function:
    """What a process is to call, of a call that was sent to it: it is asked for once, then."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def __get__(self, call: Any, owner: type | None = None) -> Any:  # noqa: ANN401 - see above
        if call is None:
            return self
        names = vars(call)
        raised: list[BaseException] = []
        lease = self._runs.begin(names.get(_KEY), lambda: raised[0] if raised else None)
        names[_KEY] = lease, raised
        return names["fn"]

    def __set__(self, call: object, function: object) -> None:
        vars(call)["fn"] = function


class _Number:
    """A call's number, under which its result or what it has raised is sent back."""

    def __get__(self, call: Any, owner: type | None = None) -> Any:  # noqa: ANN401 - see above
        if call is None:
            return self
        names = vars(call)
        runs, error = names.get(_KEY), sys.exception()
        if type(runs) is tuple and error is not None:
            runs[1].append(error)
        return names["work_id"]

    def __set__(self, call: object, number: object) -> None:
        vars(call)["work_id"] = number
