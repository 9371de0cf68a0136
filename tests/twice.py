"""Runs a program twice, plain and by the bootstrap that `rewind run` turns into.

The writer is left out: its place is taken by one that has ended, which the program's own run must
not notice. Test support only; it checks nothing by itself but what `same` says.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any, Literal

from rewind.config import Settings
from tests.spool_reading import Spool, read

BOOTSTRAP = Path(__file__).parents[1] / "rewind" / "agent" / "bootstrap.py"

Kind = Literal["script", "module"]


@dataclass
class Ended:
    """How a run ended and what it wrote; Rewind's own lines on standard error are left out."""

    code: int
    stdout: str
    stderr: str

    def nameless(self) -> "Ended":
        """Leave out what is another in every run."""
        for pattern, text in (
            (r"0x[0-9a-f]{6,}", "0x"),
            # How often depends on the room that is left below the program.
            (r".*\[Previous line repeated \d+ more times\]\n", ""),
        ):
            self.stdout = re.sub(pattern, text, self.stdout)
            self.stderr = re.sub(pattern, text, self.stderr)
        return self


@dataclass
class Programs:
    """A folder with a program in it, and a spool for each recorded run."""

    folder: Path
    spool: Path
    core: str = "auto"

    def write(self, name: str, source: str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(source).lstrip("\n"), "utf-8")
        return name

    def plain(self, *words: str, kind: Kind = "script", **options: Any) -> Ended:
        first = ["-m"] if kind == "module" else []
        return self._ended([*first, *words], os.environ, **options).nameless()

    def recorded(
        self, *words: str, kind: Kind = "script", flags: tuple[str, ...] = (), **options: Any
    ) -> Ended:
        ended = self._ended([*flags, str(BOOTSTRAP), *words[1:]], self.told(words, kind), **options)
        lines = ended.stderr.splitlines(keepends=True)
        ended.stderr = "".join(line for line in lines if not line.startswith("rewind: "))
        return ended.nameless()

    def told(self, words: tuple[str, ...], kind: Kind) -> dict[str, str]:
        """Return the environment in which the bootstrap finds what it is to run."""
        self.spool.mkdir(exist_ok=True)
        # A lock that nobody holds: the writer has ended, so nothing is waited for.
        (self.spool / "writer.lock").touch()
        settings = Settings(
            cache=self.folder.parent / "cache", spool=self.spool.parent, core=self.core
        )
        target = {"kind": kind, "name": words[0]}
        return {
            **os.environ,
            "REWIND_RUN_FOLDER": str(self.spool),
            "REWIND_RUN_SETTINGS": settings.to_json(),
            "REWIND_RUN_TARGET": json.dumps(target),
        }

    def _ended(
        self,
        words: list[str],
        environ: Mapping[str, str],
        *,
        stdin: str = "",
        flags: tuple[str, ...] = (),
    ) -> Ended:
        done = subprocess.run(
            [sys.executable, *flags, *words],
            cwd=self.folder,
            env=environ,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def same(self, *words: str, kind: Kind = "script", stdin: str = "") -> Ended:
        """Run the program both ways, check that they end the same, and return how."""
        plain = self.plain(*words, kind=kind, stdin=stdin)
        recorded = self.recorded(*words, kind=kind, stdin=stdin)
        assert recorded == plain
        return recorded

    def read(self) -> Spool:
        return read(self.spool)
