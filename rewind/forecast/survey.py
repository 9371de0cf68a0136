"""Goes from module to module over what their sources import, and asks the hook about each.

The hook's finder decides as it does in the recorded process, and what it says is collected: the
modules that were given probes, and its reports on all others.
"""

import os
import sysconfig
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from types import CodeType, ModuleType

from rewind.config import Settings
from rewind.forecast.everything import covered
from rewind.forecast.imports import imports_of
from rewind.forecast.said import Unseen
from rewind.forecast.search import Found, Search
from rewind.hook import CodeCache, Finder, Instrument, Selection, options_of
from rewind.hook.missed import missed
from rewind.model.instrumentation import ModuleReport, Said, module_reports
from rewind.model.sites import RunTable

_LIBRARY = tuple(sysconfig.get_paths()[key] + os.sep for key in ("stdlib", "platstdlib"))
_FOREIGN = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


class Survey:
    """One forecast. For one thread of a process of its own; `look_at` tells how far it is."""

    def __init__(
        self,
        settings: Settings,
        selection: Selection,
        path: Iterable[str],
        loaded: dict[str, ModuleType],
        look_at: Callable[[int, str], None],
    ) -> None:
        self.unseen: list[Unseen] = []
        self.main_path: str | None = None
        """Of the module that runs as `__main__`."""
        self._given: set[str] = set()
        self._said: list[Said] = []
        self.selection = selection
        self._own = selection._replace(exclude=())
        options = options_of(settings)
        cache = CodeCache(settings.cache, options)
        self._instrument = Instrument(options, cache, self._add_module, self.say)
        self.finder = Finder(selection, self._instrument, self.say)
        self.search = Search(self.finder, list(path), loaded)
        self._look_at = look_at
        self._seen: set[str] = set()
        for name, why in missed(selection, list(loaded.items())):
            self.say("module-skipped", name, why)

    def say(self, what: str, name: str, why: str, line: int | None = None) -> None:
        """Take a report of the hook's."""
        self._said.append(Said(what, name, why, line))

    def _add_module(self, name: str, _: RunTable, __: bytes) -> int:
        self._given.add(name)
        return 0

    def reports(self) -> tuple[ModuleReport, ...]:
        """Return what was found out, module by module."""
        return module_reports(((name, self._path(name)) for name in self._given), self._said)

    def _path(self, name: str) -> str:
        if name == "__main__" and self.main_path is not None:
            return self.main_path
        found = self.search.find(name)
        return (found.origin if found is not None else None) or ""

    def script(self, source: bytes, path: str, *, taken: bool) -> None:
        """Look at a script, and at all that it leads to."""
        self.main_path = path
        if taken:
            self._code(source, path)
        self._follow(self._imported(source, path, ""))

    def _code(self, source: bytes, path: str) -> CodeType | None:
        return self._instrument.code(source, path, "__main__")

    def modules(self, names: Iterable[str]) -> None:
        """Look at modules, and at all that they lead to."""
        self._follow(names)

    def everything(self) -> None:
        """Look at all modules that the selection covers."""
        for name in covered(self.search, self.selection):
            self._look_at(self.search.looked_at, name)

    def covers(self, pattern: str) -> bool:
        """Return whether any module that can be imported would be recorded by a pattern."""
        if self._covers_recorded(pattern, self._given):
            return True
        names = covered(self.search, self.selection._replace(include=(pattern,)))
        return self._covers_recorded(pattern, filter(self._is_recorded, names))

    def _covers_recorded(self, pattern: str, recorded: Iterable[str]) -> bool:
        narrowed = self.selection._replace(include=(pattern,))
        return any(not narrowed.refuses(name) for name in recorded)

    def _is_recorded(self, name: str) -> bool:
        # Not by name: what runs as `__main__` is recorded under that one.
        self._look_at(self.search.looked_at, name)
        found = self.search.find(name)
        if name in self._given or found is None:
            return found is not None
        return "__main__" in self._given and found.origin == self.main_path

    def _follow(self, names: Iterable[str]) -> None:
        waiting = deque(names)
        while waiting:
            name = waiting.popleft()
            if name in self._seen:
                continue
            self._seen.add(name)
            self._look_at(len(self._seen), name)
            waiting += self._led_to(name)

    def _led_to(self, name: str) -> list[str]:
        """Return the names of the modules that importing a module leads to."""
        names = [name.rpartition(".")[0]] if "." in name else []
        found = self.search.find(name)
        if found is None or found.origin is None or not self._is_followed(found):
            return names
        try:
            source = Path(found.origin).read_bytes()
        except OSError:
            return names
        return names + self._imported(source, found.origin, found.package)

    def _imported(self, source: bytes, path: str, package: str) -> list[str]:
        found = imports_of(source, package)
        self.unseen += [Unseen(path, line) for line in found.unseen]
        names = []
        for each in found.visible:
            names.append(each.name)
            if each.members and self._is_package(each.name):
                names += [f"{each.name}.{member}" for member in each.members]
        return names

    def _is_package(self, name: str) -> bool:
        found = self.search.find(name)
        return found is not None and found.locations is not None

    def _is_followed(self, found: Found) -> bool:
        """Return whether a module may lead to others that are recorded.

        By location that is the user's own code, be it excluded or not. Patterns may name a library,
        which other libraries import; the standard library imports none.
        """
        path = found.origin or ""
        if not path.endswith(".py"):
            return False
        if self._own.include:
            is_library = path.startswith(_LIBRARY) and not any(one in path for one in _FOREIGN)
            return not is_library or not self.selection.refuses(found.name)
        return self._own.accepts(found.name, path)
