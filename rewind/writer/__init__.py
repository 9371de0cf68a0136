"""The writer: a process of its own that brings what was captured from the spool to the database.

It tails the segments of one recording, splits them into sessions, cuts these into chunks that each
can be read alone, and removes a segment only after everything in it was committed. The recorded
program never waits for it, and loses nothing when it dies: another one goes on at the same place.
"""

from rewind.writer.running import run
from rewind.writer.settings import WriterSettings

__all__ = ["WriterSettings", "run"]
