"""The command line: one file per command, each importing what it needs when it runs.

`main` is where every error of Rewind's own becomes one line and exit code 2.
"""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command that `sys.argv` asks for, and exit."""
    from rewind.cli.app import run_app

    sys.exit(run_app(sys.argv[1:]))
