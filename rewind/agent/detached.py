"""Starting a process that is nobody's child.

The program that `rewind run` turns into may wait for all its children, count them, or signal its
process group: what Rewind started must not be among them. So it is a grandchild in a session of
its own, with nothing of the program's open.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

_FAILED = 70  # EX_SOFTWARE of sysexits.h


def start_detached(work: Callable[[], object], log: Path) -> None:
    """Run `work` in a process of its own, its output appended to `log`. Returns at once.

    Call it from the only thread of the process.
    """
    # What is buffered here would otherwise be written by both.
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    _run_as_grandchild(work, log)


def _run_as_grandchild(work: Callable[[], object], log: Path) -> None:
    code = _FAILED
    try:
        os.setsid()
        if os.fork():
            code = 0
            return
        _let_go(log)
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - the last frame of this process; the log tells
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _let_go(log: Path) -> None:
    """Close every file of the program: a pipe that stays open here would never end over there."""
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    nothing = os.open(os.devnull, os.O_RDWR)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(nothing)
    os.close(output)
