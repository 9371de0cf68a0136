"""The command line: one file per command, each importing what it needs when it runs.

`main` is where every error of Rewind's own becomes one line and exit code 2.
"""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command that `sys.argv` asks for, and exit; by the signal where that was Ctrl-C."""
    try:
        from rewind.cli.app import run_app

        code = run_app(sys.argv[1:])
    except KeyboardInterrupt:
        # A shell goes on with its loop where a command only exits. The interpreter ends by the
        # signal, once it has shown the exception.
        sys.excepthook = _say_interrupted
        raise
    sys.exit(code)


def _say_interrupted(*_: object) -> None:
    # Anything else has been heard to stop by who has stopped it.
    if sys.argv[1:2] == ["run"]:
        sys.stderr.write("rewind: interrupted before the program began\n")
