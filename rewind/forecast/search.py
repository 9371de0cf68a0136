"""Finds modules as an import would, and executes none: the hook's finder is asked for each.

An import runs a package before it looks inside; here packages are found and entered by their
folders alone.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import NamedTuple

from rewind.hook import Finder


class Found(NamedTuple):
    """A module that an import would find."""

    name: str
    origin: str | None
    """Of its file; None for a namespace package and for what is built in."""
    locations: tuple[str, ...] | None
    """Where its submodules are; None if it is no package."""

    @property
    def package(self) -> str:
        """What `__package__` is in it."""
        return self.name if self.locations is not None else self.name.rpartition(".")[0]


class Search:
    """Finds by dotted name, each name once. For one thread of a process of its own.

    `path` is what `sys.path` will be, `loaded` what `sys.modules` will hold.
    """

    def __init__(
        self, finder: Finder, path: Sequence[str], loaded: Mapping[str, ModuleType]
    ) -> None:
        self._finder = finder
        self._path = list(path)
        self._loaded = loaded
        self._found: dict[str, Found | None] = {}

    @property
    def path(self) -> Sequence[str]:
        """Where modules of no package are searched."""
        return self._path

    @property
    def looked_at(self) -> int:
        """How many names it was asked for."""
        return len(self._found)

    def find(self, name: str) -> Found | None:
        """Return the module, or None where an import would not find it."""
        if name not in self._found:
            module = self._loaded.get(name)
            self._found[name] = self._look(name) if module is None else _as_loaded(name, module)
        return self._found[name]

    def _look(self, name: str) -> Found | None:
        above = None
        parent = name.rpartition(".")[0]
        if parent:
            above = self.find(parent)
            if above is None or above.locations is None:
                return None
        with self._where_it_would_be(above):
            try:
                spec = self._spec(name, None if above is None else above.locations)
            except Exception:  # noqa: BLE001 - a finder of somebody else's: the import fails too
                return None
            if spec is None:
                return None
            places = spec.submodule_search_locations
            return Found(name, _file(spec.origin), None if places is None else tuple(places))

    def _spec(self, name: str, places: Sequence[str] | None) -> ModuleSpec | None:
        # As importlib does: a name that our finder is not asked to record is left to the others.
        for finder in (self._finder, *sys.meta_path):
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None else find(name, places, None)
            if spec is not None:
                return spec
        return None

    @contextmanager
    def _where_it_would_be(self, above: Found | None) -> Iterator[None]:
        """Let finders see the program's search path, and the parent as if it were imported.

        A namespace package asks `sys.modules` for its parent's folders.
        """
        path, sys.path = sys.path, self._path
        hidden = None
        if above is not None:
            standing_in = ModuleType(above.name)
            standing_in.__path__ = list(above.locations or ())
            hidden = sys.modules.get(above.name)
            sys.modules[above.name] = standing_in
        try:
            yield
        finally:
            sys.path = path
            if above is not None:
                del sys.modules[above.name]
                if hidden is not None:
                    sys.modules[above.name] = hidden


def _as_loaded(name: str, module: ModuleType) -> Found:
    places = getattr(module, "__path__", None)
    file = getattr(module, "__file__", None)
    return Found(name, _file(file), None if places is None else tuple(places))


def _file(origin: str | None) -> str | None:
    return None if origin in {None, "built-in", "frozen", "namespace"} else origin
