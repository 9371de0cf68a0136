"""Which processes are writers at work, told by the lock that each of them holds."""

import re
from pathlib import Path

_FLOCK = re.compile(r"FLOCK\s+ADVISORY\s+WRITE\s+(\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)\s")


def writers_of(folder: Path) -> list[int]:
    """Return the ids of the processes that hold the lock of a recording's folder; one at most."""
    try:
        inode = (folder / "writer.lock").stat().st_ino
    except FileNotFoundError:
        return []
    held = _FLOCK.findall(Path("/proc/locks").read_text())
    return [int(pid) for pid, number in held if int(number) == inode]
