"""Running `rewind` as a person does: in a folder of its own, by its command line."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ORDERS = ROOT / "examples" / "orders" / "orders.py"

Done = subprocess.CompletedProcess[str]


def rewind(folder: Path, *arguments: object, stdin: str = "", **environ: str) -> Done:
    """Run a `rewind` command in `folder` and return what it printed."""
    return run(folder, sys.executable, "-m", "rewind", *arguments, stdin=stdin, **environ)


def python(folder: Path, *arguments: object, stdin: str = "", **environ: str) -> Done:
    """Run plain Python in `folder`."""
    return run(folder, sys.executable, *arguments, stdin=stdin, **environ)


def run(folder: Path, *command: object, stdin: str = "", **environ: str) -> Done:
    return subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=environment(folder, **environ),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def environment(folder: Path, **more: str) -> Mapping[str, str]:
    """Return an environment in which `rewind` is this checkout and leaves nothing behind."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "REWIND_CACHE": str(folder / "cache"), **more}


def answers(folder: Path, *arguments: object) -> list[dict[str, Any]]:
    """Return what a command prints with `--json`, one object a line."""
    done = rewind(folder, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def summary_of(done: Done) -> list[str]:
    """Return Rewind's own lines of standard error."""
    return [line for line in done.stderr.splitlines() if line.startswith("rewind: ")]


def errors_of(done: Done) -> str:
    """Return standard error without Rewind's own lines."""
    lines = done.stderr.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("rewind: "))
