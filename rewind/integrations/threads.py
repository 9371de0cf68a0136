"""Threads know the session that started them.

A new thread inherits nothing by which its creator could be told, so the creator is noted where
`threading` hands the thread over to the system. The function underneath is patched and not
`Thread.start`: subclasses override that one, and a frame of ours would show in its tracebacks.
By hand and not by wrapt, which takes longer to import than all of the recording half.
"""

import threading
from collections.abc import Callable
from typing import Any


def patch(thread_starts: Callable[[object], None]) -> None:
    """Call `thread_starts(thread)` in the starting thread, before each thread starts."""
    # 3.13 starts threads that can be joined by another function than its forerunners.
    joinable = hasattr(threading, "_start_joinable_thread")
    name = "_start_joinable_thread" if joinable else "_start_new_thread"
    start: Callable[..., Any] = getattr(threading, name)

    def starting(function: Callable[..., Any], *arguments: object, **keywords: object) -> object:
        thread_starts(getattr(function, "__self__", None))
        return start(function, *arguments, **keywords)

    setattr(threading, name, starting)
