"""Projects that are installed editable are recorded, whatever their build backend puts in place.

Each backend has an import hook or a path file of its own; all are built here with pip, which needs
the package index.
"""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.integration.terminal import environment

BACKENDS = {
    "setuptools": (
        'requires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"',
        # Named one by one, so that its import hook is installed and no path.
        """
[tool.setuptools]
packages = ["ed_setuptools"]
package-dir = { ed_setuptools = "src/ed_setuptools" }
""",
    ),
    "hatch": (
        'requires = ["hatchling"]\nbuild-backend = "hatchling.build"',
        '[tool.hatch.build.targets.wheel]\npackages = ["src/ed_hatch"]',
    ),
    "meson": ('requires = ["meson-python"]\nbuild-backend = "mesonpy"', ""),
    "skbuild": (
        'requires = ["scikit-build-core"]\nbuild-backend = "scikit_build_core.build"',
        '[tool.scikit-build]\nwheel.packages = ["src/ed_skbuild"]',
    ),
}
FILES = {
    "meson/meson.build": (
        "project('ed-meson', version: '1')\n"
        "py = import('python').find_installation(pure: true)\n"
        "py.install_sources('src/ed_meson/__init__.py', subdir: 'ed_meson')\n"
    ),
    "skbuild/CMakeLists.txt": (
        "cmake_minimum_required(VERSION 3.15)\nproject(ed_skbuild LANGUAGES NONE)\n"
    ),
}
BUILDS = (
    *("setuptools>=77", "hatchling", "editables"),
    *("meson-python", "scikit-build-core", "cmake", "ninja"),
)
PROGRAM = "".join(
    f"import ed_{name} as each; print(each.f(1), type(each.__loader__), vars(each.__loader__))\n"
    for name in BACKENDS
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the projects and an environment that they are installed in."""
    folder = tmp_path_factory.mktemp("editable")
    for name, (build, rest) in BACKENDS.items():
        source = folder / name / "src" / f"ed_{name}" / "__init__.py"
        source.parent.mkdir(parents=True)
        source.write_text("def f(x):\n    return x + 1\n")
        project = f'[project]\nname = "ed-{name}"\nversion = "1"'
        text = f"[build-system]\n{build}\n{project}\n{rest}\n"
        (folder / name / "pyproject.toml").write_text(text)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    (folder / "app.py").write_text(PROGRAM)
    subprocess.run([sys.executable, "-m", "venv", "venv"], cwd=folder, check=True)
    pip = [str(folder / "venv/bin/python"), "-m", "pip", "install", "--quiet"]
    path = f"{folder / 'venv/bin'}{os.pathsep}{os.environ['PATH']}"
    for words in (BUILDS, ("--no-build-isolation", *(f"-e./{name}" for name in BACKENDS))):
        command = [*pip, "--disable-pip-version-check", *words]
        subprocess.run(command, cwd=folder, check=True, env={**os.environ, "PATH": path})
    # What Rewind itself stands on is this environment's.
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    (site / "of_the_tests.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n")
    return folder


@pytest.mark.timeout(400)
def test_editable_projects_are_recorded(installed: Path) -> None:
    def run(*words: str) -> str:
        python = str(installed / "venv/bin/python")
        done = subprocess.run(
            [python, *words],
            cwd=installed,
            env=environment(installed),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return re.sub(r"0x[0-9a-f]+", "0x", done.stdout)

    plain = run("app.py")
    recorded = run("-m", "rewind", "run", "app.py")
    assert recorded == plain
    shown = run("-m", "rewind", "events", "last")
    for name in BACKENDS:
        assert f"ed_{name}:1" in shown
