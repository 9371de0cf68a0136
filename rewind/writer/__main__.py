"""`python -m rewind.writer FOLDER`: drain one recording's folder.

The database's URL comes from the environment variable REWIND_DATABASE, because it can hold a
password: command lines and the spool can be read by others. The rest stands in `recording.json`.
"""

import os
import sys
from pathlib import Path

from rewind.errors import RewindError
from rewind.writer.folder import RecordingFolder
from rewind.writer.leftovers import finish_aside
from rewind.writer.running import run
from rewind.writer.settings import WriterSettings

_USAGE = "usage: REWIND_DATABASE=URL python -m rewind.writer FOLDER"
_BAD_USE = 2


def main(arguments: list[str]) -> int:
    """Run the writer; returns the process's exit code."""
    database = os.environ.get("REWIND_DATABASE")
    if len(arguments) != 1 or not database:
        sys.stderr.write(f"{_USAGE}\n")
        return _BAD_USE
    folder = Path(arguments[0])
    try:
        settings = RecordingFolder(folder).recording.settings
        finish_aside(folder.parent, database)
        return run(folder, WriterSettings.from_recording(database, settings))
    except RewindError as error:
        sys.stderr.write(f"rewind: {error}\n")
        return _BAD_USE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
