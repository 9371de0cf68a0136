"""What the build does beyond packing `rewind/`: native core, page, migrations, start-up hook.

The rest is declared in pyproject.toml. The page under `rewind/web/static` is built from `webui/`
where that folder is (a checkout) and carried along where it is not (a source distribution), so
that only a checkout needs Node.
"""

import base64
import hashlib
import os
import shutil
import subprocess
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from setuptools import Command, Extension, setup
from setuptools.command.build_py import build_py
from setuptools.command.editable_wheel import editable_wheel
from setuptools.command.sdist import sdist
from setuptools.errors import SetupError

ROOT = Path(__file__).resolve().parent
SOURCES = ROOT / "webui"
PAGE = ROOT / "rewind" / "web" / "static" / "index.html"
HOOKS = (ROOT / "rewind.pth", ROOT / "rewind.start")
NATIVE = Path("rewind", "capture", "native")
SPOOL = Path("rewind", "spool", "native")
STORE = Path("rewind", "store", "native")
TRANSFORM = Path("rewind", "transform", "native")
WRITER = Path("rewind", "writer", "native")
NOT_SOURCES = {"node_modules", "dist", "coverage", "tests", "test-results"}


class BuildPage(Command):
    """Builds the dashboard's page where it is missing or older than its sources."""

    description = "build the dashboard's page with npm"
    user_options: ClassVar[list[tuple[str, str | None, str]]] = []

    def initialize_options(self) -> None:
        pass

    def finalize_options(self) -> None:
        pass

    def run(self) -> None:
        if not _page_is_stale():
            return
        if shutil.which("npm") is not None:
            _build_page()
        elif PAGE.exists():
            self.warn("the page is older than its sources, and there is no npm to build it anew")
        else:
            message = (
                "building Rewind from a checkout needs Node 20 and npm for the dashboard's page; "
                "install them, or install Rewind from a wheel or a source distribution"
            )
            raise SetupError(message)


def _page_is_stale() -> bool:
    if not (SOURCES / "package.json").exists():
        return False
    if not PAGE.exists():
        return True
    built = PAGE.stat().st_mtime
    return any(path.stat().st_mtime > built for path in _page_sources(SOURCES))


def _page_sources(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in NOT_SOURCES:
            continue
        if path.is_dir():
            yield from _page_sources(path)
        else:
            yield path


def _build_page() -> None:
    if not _has_modules():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=SOURCES, check=True)
    subprocess.run(["npm", "run", "build"], cwd=SOURCES, check=True)
    if not PAGE.exists():
        message = f"npm run build did not make {PAGE}"
        raise SetupError(message)
    PAGE.touch()


def _has_modules() -> bool:
    # npm leaves this copy of the lock behind when it is done.
    installed = SOURCES / "node_modules" / ".package-lock.json"
    lock = SOURCES / "package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime


class BuildPython(build_py):
    """Adds to a wheel what lies outside the package."""

    def run(self) -> None:
        # Before the package's data files are looked up: the page is among them.
        self.run_command("build_page")
        super().run()
        if self.editable_mode:
            return
        library = Path(self.build_lib)
        migrations = library / "rewind" / "_migrations"
        shutil.rmtree(migrations, ignore_errors=True)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "migrations", migrations, ignore=ignored)
        for hook in HOOKS:
            shutil.copy(hook, library)


class EditableWheel(editable_wheel):
    """Adds the start-up hooks to the wheel that `pip install -e` unpacks."""

    def run(self) -> None:
        super().run()
        for wheel in Path(self.dist_dir).glob("rewind-*.whl"):
            for hook in HOOKS:
                _add_to_wheel(wheel, hook)


def _add_to_wheel(wheel: Path, file: Path) -> None:
    """Put `file` at the wheel's root and into its RECORD (the binary distribution format)."""
    data = file.read_bytes()
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    with zipfile.ZipFile(wheel) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    (record,) = (name for name in entries if name.endswith(".dist-info/RECORD"))
    entries[record] += f"{file.name},sha256={digest},{len(data)}\n".encode()
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {file.name: data, **entries}.items():
            archive.writestr(name, content)


class SourceDistribution(sdist):
    """Carries the built page instead of its sources: installing from it needs no Node."""

    def run(self) -> None:
        self.run_command("build_page")
        super().run()


def _extension(name: str, sources: list[Path], headers: list[Path]) -> Extension:
    """Return a part in C; an install goes on without it where it cannot be built.

    `REWIND_STRICT_BUILD` in the environment: a warning is an error, and an error ends it.
    """
    strict = "REWIND_STRICT_BUILD" in os.environ
    warnings = ["-Wall", "-Wextra", "-Werror"] if strict else []
    return Extension(
        name,
        [str(path) for path in sorted(sources)],
        depends=[str(path) for path in sorted(headers)],
        include_dirs=[str(SPOOL)],
        extra_compile_args=["-std=c11", "-O2", "-fvisibility=hidden", *warnings],
        optional=not strict,
    )


def _extensions() -> list[Extension]:
    """Return the capture core, and what reader, store, transform and writer have in C.

    None for a free-threaded build: all of it counts on the interpreter's lock, and to import any
    would switch the lock on for the whole program.
    """
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return []
    shared, headers = SPOOL / "expansion.c", list(SPOOL.glob("*.h"))
    capture = [*NATIVE.glob("*.c"), shared]
    transform = list(TRANSFORM.glob("*.c"))
    store, writer = list(STORE.glob("*.c")), list(WRITER.glob("*.c"))
    return [
        _extension("rewind.capture._native", capture, [*NATIVE.glob("*.h"), *headers]),
        _extension("rewind.spool._expansion", list(SPOOL.glob("*.c")), headers),
        _extension("rewind.store._references", store, headers),
        _extension("rewind.transform._nodes", transform, list(TRANSFORM.glob("*.h"))),
        _extension("rewind.writer._following", writer, [*WRITER.glob("*.h"), *headers]),
    ]


setup(
    ext_modules=_extensions(),
    cmdclass={
        "build_page": BuildPage,
        "build_py": BuildPython,
        "editable_wheel": EditableWheel,
        "sdist": SourceDistribution,
    },
)
