"""Which core captures: the native one where it was built, and what is said where it was not."""

import sys
from pathlib import Path

import pytest

from rewind.capture import core_name, create_core, why_not_native
from rewind.config import Settings
from rewind.errors import ConfigError
from tests.spool_reading import read

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


@pytest.mark.usefixtures("without_extension")
def test_who_asks_for_the_python_core_is_told_nothing(tmp_path: Path) -> None:
    assert made(tmp_path, "python") == "python"
    assert read(tmp_path).reports == []


@pytest.mark.usefixtures("without_extension")
def test_a_native_core_that_is_asked_for_and_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"core = native: .*; use core = auto"):
        create_core(tmp_path, Settings(core="native"), FACTS)
    assert list(tmp_path.iterdir()) == []
