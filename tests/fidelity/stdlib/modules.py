"""Which of CPython's test modules are run, and which differences are explained."""

import tomllib
from pathlib import Path
from typing import Any, Final, NamedTuple

HERE: Final = Path(__file__).parent


class TestModule(NamedTuple):
    """One of CPython's test modules."""

    name: str
    tested: list[str]
    """The modules that it tests."""
    is_recorded: bool
    """Whether it is recorded itself; what it tests is, in any case."""

    @property
    def include(self) -> tuple[str, ...]:
        """What Rewind is told to record."""
        return (*((f"test.{self.name}",) if self.is_recorded else ()), *self.tested)


class Explained(NamedTuple):
    """What is known to differ on one Python with one core: the reason, by the test's name."""

    differing: dict[str, str]
    left_out: dict[str, str]
    """Tests that are not run at all, plain or recorded."""


def test_modules() -> dict[str, TestModule]:
    """Return the test modules, by name."""
    told = tomllib.loads((HERE / "modules.toml").read_text())
    plain = told["plain"]
    return {
        name: TestModule(name, tested, name not in plain) for name, tested in told["tests"].items()
    }


def explained(version: str, core: str = "") -> Explained:
    """Return the entries of `explained.toml` that hold for a Python and, where known, a core."""
    told = tomllib.loads((HERE / "explained.toml").read_text())
    return Explained(
        _reasons(told.get("difference", []), version, core),
        _reasons(told.get("left_out", []), version, core),
    )


def _reasons(entries: list[dict[str, Any]], version: str, core: str) -> dict[str, str]:
    return {
        test: entry["reason"]
        for entry in entries
        if version in entry.get("pythons", [version]) and core in (entry.get("core", core), "")
        for test in entry["tests"]
    }
