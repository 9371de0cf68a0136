"""Virtual environments with Rewind of this checkout in them; made by uv where that is installed."""

import os
import shutil
import subprocess
from pathlib import Path
from threading import Lock
from typing import Final

from tests.fidelity.processes import bare_environ

ROOT: Final = Path(__file__).parents[2]
# Not in the checkout: pytest looks for its settings in the folders above a project's.
CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "rewind-fidelity"
_LIMIT_S: Final = 900
# Rewind is built in its checkout, one build at a time.
_building: Final = Lock()


class Venv:
    """One virtual environment. Each step raises `subprocess.SubprocessError` if it fails."""

    def __init__(self, folder: Path, interpreter: str) -> None:
        self.folder = folder
        self.interpreter = interpreter
        self.python = folder / "bin" / "python"

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables of what runs in it."""
        return {
            **bare_environ(),
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        }

    def make(self) -> None:
        """Make it anew, empty."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        if shutil.which("uv"):
            command = ["uv", "venv", "--quiet", "--seed", "-p", self.interpreter]
        else:
            command = [self.interpreter, "-m", "venv"]
        do([*command, str(self.folder)])

    def install(self, *arguments: str) -> None:
        """Install into it, as `pip install` with those arguments does."""
        if shutil.which("uv"):
            pip = ["uv", "pip", "install", "--quiet", "--python", str(self.python)]
        else:
            pip = [str(self.python), "-m", "pip", "install", "--quiet"]
        do([*pip, *arguments])

    def install_rewind(self) -> None:
        """Install this checkout: the recorded process needs nothing besides."""
        with _building:
            self.install("--no-deps", "--editable", str(ROOT))


def do(command: list[str]) -> None:
    """Run a step; raises `subprocess.SubprocessError` if it fails or takes too long."""
    subprocess.run(command, check=True, timeout=_LIMIT_S, env=bare_environ())
