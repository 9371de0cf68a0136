"""A hook at work: modules in a folder, imported through the finder, with probes that do nothing."""

import builtins
import sys
from collections.abc import Callable, Iterator
from importlib import invalidate_caches
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from rewind.hook import CodeCache, Finder, Instrument, Selection
from rewind.model.probes import ATTRIBUTE_OF, ITEM_OF, NAMES, PREFIX, TOO_DEEP
from rewind.model.sites import RunTable
from rewind.transform import Options


class Hook:
    """Finder, instrument and what both reported; `include` and the like go to the selection."""

    def __init__(self, folder: Path, selection: Selection) -> None:
        self.folder = folder
        self.modules: list[str] = []
        self.reports: list[tuple[str, str, str]] = []
        options = Options()
        code_cache = CodeCache(folder.parent / "cache", options)
        self.instrument = Instrument(options, code_cache, self._add_module, self._report)
        self.finder = Finder(selection, self.instrument, self._report)

    def _add_module(self, name: str, table: RunTable, record: bytes) -> int:
        assert record.endswith(b"base")
        functions = table.functions()
        assert all(functions.at(place) for place in range(table.size))
        assert table.first is None or table.first == functions.at(0)
        self.modules.append(name)
        return 0

    def _report(self, what: str, name: str, why: str, line: int | None = None) -> None:
        assert (line is not None) == (what == "construct-skipped")
        self.reports.append((what, name, why))

    def write(self, name: str, source: str | bytes) -> Path:
        """Write a file of the folder that modules are imported from."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source if isinstance(source, bytes) else dedent(source).encode())
        invalidate_caches()
        return path


def _last(_: int, *values: Any) -> Any:
    return values[-1] if values else None


def _first(_: int, value: Any, *__: Any) -> Any:
    return value


PASSING = {
    **dict.fromkeys(NAMES, _last),
    **dict.fromkeys((ATTRIBUTE_OF, ITEM_OF), _first),
    TOO_DEEP: RecursionError,
}
"""What each probe does for the program: it gives back what it was given."""


@pytest.fixture(autouse=True)
def writes_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment says of bytecode, these tests are about it."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


@pytest.fixture
def hook(tmp_path: Path) -> Iterator[Callable[..., Hook]]:
    """Return a function that installs a hook; all of it is undone after the test."""
    before = set(sys.modules)
    folder = tmp_path / "modules"
    folder.mkdir()
    sys.path.insert(0, str(folder))
    for name in NAMES:
        setattr(builtins, PREFIX + name, PASSING[name])
    made: list[Hook] = []

    def make(**selection: Any) -> Hook:
        selection.setdefault("include", ("m*",))
        one = Hook(folder, Selection(**selection))
        one.finder.install()
        made.append(one)
        return one

    yield make
    for one in made:
        one.finder.remove()
    for name in NAMES:
        delattr(builtins, PREFIX + name)
    sys.path.remove(str(folder))
    for loaded in set(sys.modules) - before:
        del sys.modules[loaded]
