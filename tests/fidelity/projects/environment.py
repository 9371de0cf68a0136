"""What a project's suite runs in: its unpacked sources and an environment of its own."""

import hashlib
import shutil
import sys
import tarfile
from pathlib import Path
from typing import Final

from tests.fidelity.projects.table import Project
from tests.fidelity.venvs import Venv, do

_PLUGIN: Final = Path(__file__).parent / "plugin"


class Environment:
    """The files of one project on one Python. Used by one thread."""

    def __init__(self, project: Project, interpreter: str, cache: Path, home: Path) -> None:
        self._project = project
        self._cache = cache
        self.home = home
        """Where outcomes and logs of its runs are put."""
        self.source = home / "source"
        self._venv = Venv(home / "venv", interpreter)

    @property
    def python(self) -> Path:
        """The interpreter that has the project and what its suite needs."""
        return self._venv.python

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables of every run."""
        return {**self._venv.environ, "PYTHONPATH": str(_PLUGIN)}

    def prepare(self) -> None:
        """Fetch, unpack and install. Raises `subprocess.SubprocessError` if a step fails."""
        self.home.mkdir(parents=True, exist_ok=True)
        self._unpack(self._fetched())
        self._install()

    def _fetched(self) -> Path:
        self._cache.mkdir(parents=True, exist_ok=True)
        archive = self._cache / f"{self._project.name}-{self._project.version}.tar.gz"
        if not archive.exists():
            wanted = f"{self._project.name}=={self._project.version}"
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            do([*pip, "--no-binary", ":all:", "--dest", str(self._cache), wanted])
        return archive

    def _unpack(self, archive: Path) -> None:
        """Unpack anew: a run may have left something behind."""
        shutil.rmtree(self.source, ignore_errors=True)
        with tarfile.open(archive) as packed:
            packed.extractall(self.home / "unpacked", filter="data")
        [folder] = (self.home / "unpacked").iterdir()
        folder.rename(self.source)
        (self.home / "unpacked").rmdir()

    def _install(self) -> None:
        mark = self._venv.folder / f"{self._key()}.installed"
        if not mark.exists():
            self._venv.make()
            wanted = (
                f"{self.source}{each[1:]}" if each.startswith(".") else each
                for each in self._project.requirements
            )
            self._venv.install("--constraint", str(self._project.constraints), *wanted)
            mark.touch()
        self._venv.install_rewind()

    def _key(self) -> str:
        pins = self._project.constraints.read_text()
        parts = (self._venv.interpreter, repr(self._project), pins)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
