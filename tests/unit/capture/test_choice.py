"""Which core captures: the native one where it was built, and what is said where it was not."""

import runpy
import sys
import sysconfig
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rewind.capture import core_name, create_core, why_not_native
from rewind.config import Settings
from rewind.errors import ConfigError
from tests.spool_reading import read

ROOT = Path(__file__).parents[3]
FACTS: dict[str, object] = {"argv": [], "wall_ns": 0, "monotonic_ns": 0}


@pytest.fixture
def without_extension(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extension was not built."""
    monkeypatch.delitem(sys.modules, "rewind.capture.native_engine", raising=False)
    monkeypatch.setitem(sys.modules, "rewind.capture._native", None)


def made(folder: Path, core: str) -> str:
    """Make a core and return what its recording says of it."""
    one = create_core(folder, Settings(core=core), FACTS)
    one.close(dict(FACTS))
    assert one.name == core_name(Settings(core=core))
    told: str = read(folder).process["core"]
    return told


def test_the_native_core_is_taken_where_it_is(tmp_path: Path) -> None:
    assert why_not_native() is None
    assert made(tmp_path, "auto") == "native"
    assert read(tmp_path).reports == []


@pytest.mark.parametrize("core", ["python", "native"])
def test_a_core_that_is_asked_for_is_taken(core: str, tmp_path: Path) -> None:
    assert made(tmp_path, core) == core


@pytest.mark.usefixtures("without_extension")
def test_a_missing_native_core_is_said_once_with_the_reason(tmp_path: Path) -> None:
    assert made(tmp_path, "auto") == "python"
    (report,) = read(tmp_path).reports
    assert report["what"] == "core-missing"
    assert "_native" in report["why"]


@pytest.fixture
def free_threaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the interpreter was built without its lock."""
    real = sysconfig.get_config_var
    monkeypatch.setattr(
        sysconfig, "get_config_var", lambda name: 1 if name == "Py_GIL_DISABLED" else real(name)
    )


@pytest.mark.usefixtures("free_threaded")
def test_a_free_threaded_build_gets_the_python_core_and_is_told_why(tmp_path: Path) -> None:
    assert made(tmp_path, "auto") == "python"
    (report,) = read(tmp_path).reports
    assert report["what"] == "core-missing"
    assert "this is a free-threaded build" in report["why"]
    with pytest.raises(ConfigError, match="this is a free-threaded build"):
        create_core(tmp_path, Settings(core="native"), FACTS)


@pytest.mark.usefixtures("free_threaded")
def test_nothing_in_c_is_built_for_a_free_threaded_build(monkeypatch: pytest.MonkeyPatch) -> None:
    setuptools = pytest.importorskip("setuptools", reason="it builds, and Python need not have it")
    given: dict[str, Any] = {}
    monkeypatch.setattr(setuptools, "setup", lambda **facts: given.update(facts))
    runpy.run_path(str(ROOT / "setup.py"))
    assert given["ext_modules"] == []
    monkeypatch.undo()
    monkeypatch.setattr(setuptools, "setup", lambda **facts: given.update(facts))
    runpy.run_path(str(ROOT / "setup.py"))
    assert len(given["ext_modules"]) == 5


def test_another_interpreter_than_cpython_gets_the_python_core(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "implementation", SimpleNamespace(name="pypy"))
    assert made(tmp_path, "auto") == "python"
    (report,) = read(tmp_path).reports
    assert "this is pypy" in report["why"]


@pytest.mark.usefixtures("without_extension")
def test_who_asks_for_the_python_core_is_told_nothing(tmp_path: Path) -> None:
    assert made(tmp_path, "python") == "python"
    assert read(tmp_path).reports == []


@pytest.mark.usefixtures("without_extension")
def test_a_native_core_that_is_asked_for_and_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"core = native: .*; use core = auto"):
        create_core(tmp_path, Settings(core="native"), FACTS)
    assert list(tmp_path.iterdir()) == []
