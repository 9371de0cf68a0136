"""A virtual environment for each Python, with Rewind from this checkout and the pinned tools."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from peers.workloads import Workload

BENCHMARKS = Path(__file__).resolve().parents[1]
ROOT = BENCHMARKS.parent
HOMES = ROOT / ".venv" / "peers"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
INSTALL_SECONDS = 600
DRAIN_SECONDS = 300


class MissingPythonError(Exception):
    """There is no such Python on this machine."""

    def __init__(self, version: str) -> None:
        super().__init__(f"Python {version} is not on this machine")


class ChildError(Exception):
    """A measured process failed, or took too long."""


def find_python(version: str) -> str:
    """Return the path of a Python by its version, `3.12`: from the PATH, or from pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for candidate in (shutil.which(f"python{version}"), *pyenv.glob(f"{version}.*/bin/python")):
        if candidate is None:
            continue
        asked = [str(candidate), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        # A shim on the PATH may have no Python behind it.
        told = subprocess.run(asked, capture_output=True, text=True, check=False)
        if told.stdout.strip() == version:
            return str(candidate)
    raise MissingPythonError(version)


class Environment:
    """One Python with everything in it; runs what is measured, one process at a time."""

    def __init__(self, version: str) -> None:
        self.version = version
        self._home = HOMES / version
        self._python = str(self._home / "bin" / "python")

    def install(self) -> None:
        """Make the environment, or bring it up to date."""
        if not Path(self._python).exists():
            _quiet([find_python(self.version), "-m", "venv", str(self._home)])
        mark, wanted = self._home / "installed", _sources_hash()
        if mark.exists() and mark.read_text() == wanted:
            return
        pip = [self._python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _quiet([*pip, "--requirement", str(REQUIREMENTS), "--editable", str(ROOT)])
        mark.write_text(wanted)

    def run(
        self, tool: str, workload: Workload, size: int, folder: Path, limit: float
    ) -> dict[str, Any]:
        """Run a workload under a tool that writes to `folder`; return what the child measured.

        Raises `ChildError` where it fails or takes more than `limit` seconds.
        """
        arguments = _child(tool, workload, size, folder)
        variables = _variables(tool, workload.module, folder, self._home)
        told = self._json(arguments, folder, variables, limit)
        if tool.startswith("rewind"):
            _settle(folder)
        return told

    def captured(self, tool: str, program: str, folder: Path) -> dict[str, Any]:
        """Count what a tool wrote to `folder`."""
        arguments = ["-m", "peers.captured", tool, program, str(folder)]
        return self._json(arguments, folder, {}, DRAIN_SECONDS)

    def instructions(
        self, tool: str, workload: Workload, size: int, folder: Path, limit: float
    ) -> int:
        """Run a workload under callgrind; return the instructions of its process."""
        valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out.%p"]
        child = [self._python, *_child(tool, workload, size, folder)]
        variables = _clean() | _variables(tool, workload.module, folder, self._home)
        process = subprocess.Popen(
            [*valgrind, *child],
            cwd=folder,
            env=variables,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        try:
            process.communicate(timeout=limit)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.communicate()
            message = f"{tool}: still running under valgrind after {limit:.0f} s"
            raise ChildError(message) from error
        if tool.startswith("rewind"):
            _settle(folder)
        for line in (folder / f"out.{process.pid}").read_text().splitlines():
            if line.startswith("totals:"):
                return int(line.split()[1])
        message = f"{tool}: callgrind gave no total"
        raise ChildError(message)

    def _json(
        self, arguments: list[str], folder: Path, variables: dict[str, str], limit: float
    ) -> dict[str, Any]:
        command = [self._python, *arguments]
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=_clean() | variables,
                capture_output=True,
                text=True,
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            message = f"still running after {limit:.0f} s"
            raise ChildError(message) from error
        if done.returncode != 0 or not done.stdout:
            last = (done.stderr.strip().splitlines() or ["no output"])[-1]
            message = f"exit code {done.returncode}: {last}"
            raise ChildError(message)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for one run."""
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        yield Path(folder)


def _sources_hash() -> str:
    """A digest of all that an installation is made from; Rewind's Python is used where it is."""
    sources = [REQUIREMENTS, ROOT / "pyproject.toml", ROOT / "setup.py"]
    sources += sorted((ROOT / "rewind").rglob("*.[ch]"))
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _clean() -> dict[str, str]:
    """The environment, without what switches any of the tools on."""
    unwanted = ("REWIND", "KOLO", "PYTHONHUNTER", "SNOOP", "PYSNOOPER", "PYTHON")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(unwanted)}
    return kept | {"PYTHONPATH": str(BENCHMARKS), "PYTHONHASHSEED": "0"}


def _child(tool: str, workload: Workload, size: int, folder: Path) -> list[str]:
    driver = workload.driver or workload.module
    return ["-m", "peers.child", tool, workload.module, driver, str(size), str(folder)]


def _variables(tool: str, program: str, folder: Path, home: Path) -> dict[str, str]:
    """What the environment tells a tool."""
    if tool.startswith("kolo"):
        return {"KOLO_PATH": str(folder)}
    if not tool.startswith("rewind"):
        return {}
    return {
        "REWIND_ENABLED": "1",
        "REWIND_INCLUDE": program,
        "REWIND_DATABASE": f"sqlite:///{folder}/rewind.db",
        "REWIND_SPOOL": str(folder / "spool"),
        "REWIND_CACHE": str(home / "rewind-cache"),
        "REWIND_CORE": "python" if tool == "rewind-python" else "auto",
    }


def _settle(folder: Path) -> None:
    """Wait until Rewind's writer has stored everything: it must not run beside the next tool."""
    until = time.monotonic() + DRAIN_SECONDS
    while any((folder / "spool").glob("*/recording.json")):
        if time.monotonic() > until:
            message = f"Rewind's writer was still at work after {DRAIN_SECONDS} s"
            raise ChildError(message)
        time.sleep(0.02)


def _quiet(command: list[str]) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
    )
    if done.returncode != 0:
        sys.stderr.write(done.stdout + done.stderr)
        message = f"{' '.join(command)} failed"
        raise ChildError(message)
