"""Which asyncio task runs on a thread, and what the thread is called; neither is made by asking."""

import sys
import threading
from _thread import get_ident


def current_task() -> object | None:
    """Return the asyncio task that runs on this thread, if any; asyncio is never imported."""
    events = sys.modules.get("asyncio.events")
    tasks = sys.modules.get("asyncio.tasks")
    if events is None or tasks is None:
        return None
    try:
        loop = events._get_running_loop()
        return None if loop is None else _task_in(tasks, loop)
    except AttributeError:  # asyncio is being imported just now
        return None


def _task_in(tasks: object, loop: object) -> object | None:
    # The functions that asyncio itself imports from C; the Python ones could be instrumented.
    running = getattr(tasks, "_c_current_task", None)
    if running is not None:
        found: object = running(loop)
        return found
    return tasks._current_tasks.get(loop)  # type: ignore[attr-defined, no-any-return]


def thread_name(greenlet: int) -> str:
    """Return the running thread's name, without making an object for a thread that has none."""
    # `current_thread()` would add a dummy to what the program's `threading.enumerate()` shows.
    active: dict[int, threading.Thread] = threading._active  # type: ignore[attr-defined]
    # Where gevent or eventlet have replaced threads by greenlets, they go by that address.
    thread = active.get(greenlet) or active.get(get_ident())
    name = None if thread is None else object.__getattribute__(thread, "_name")
    return name if type(name) is str else ""
