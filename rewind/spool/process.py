"""Telling one process from a later one with the same number, and whether it still lives."""

import os
from pathlib import Path


def start_ticks(pid: int) -> int:
    """Return when the process started, in clock ticks since boot; 0 where the system cannot say.

    Linux: field 22 of `/proc/<pid>/stat` (proc_pid_stat(5)).
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return 0
    # The command's name, field 2, may hold spaces and parentheses; the rest begins after its last.
    fields = stat.rpartition(b")")[2].split()
    return int(fields[19])


def is_alive(pid: int, ticks: int) -> bool:
    """Return whether the process that had this number and start time still runs.

    A zombie has ended: it will publish nothing more.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return start_ticks(pid) == ticks and not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
    return stat.rpartition(b")")[2].split()[0] in (b"Z", b"X")
