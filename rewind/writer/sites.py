"""What each site of a process means to the call stack, prepared once when its module is announced.

The decoder asks one dictionary per event; everything that can be decided before is decided here.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from rewind.model.events import (
    CALL,
    DELETE,
    EXCEPTION,
    RESUME,
    RETURN,
    YIELD,
)
from rewind.model.sites import PLAIN, Function, Site
from rewind.store import Module
from rewind.writer import folds
from rewind.writer.callstack import FrameFunction
from rewind.writer.folds import Fold

_Key = TypeVar("_Key")


class Entry(NamedTuple):
    """How one site's events change the state."""

    function: FrameFunction | None
    """Whose frame must be on top for the event to count; None: it brings a frame itself."""
    name: str | None
    """The variable that the payload is the new value of."""
    fold: Fold | None
    """Anything beyond that."""


class Place(NamedTuple):
    """Where a site is, for a person."""

    module: str
    function: str
    line: int


class Sites:
    """The sites of one process."""

    def __init__(self) -> None:
        self.entries: dict[int, Entry] = {}
        self.kinds: dict[int, str] = {}
        self._bases: list[int] = []
        self._modules: list[tuple[Module, tuple[FrameFunction, ...]]] = []

    def add(self, module: Module) -> None:
        """Learn a module's sites."""
        if not module.sites:
            # Its base is the next module's.
            return
        functions = tuple(
            FrameFunction(module.name, function.qualname, function.parameters)
            for function in module.functions
        )
        at = bisect_right(self._bases, module.base)
        self._bases.insert(at, module.base)
        self._modules.insert(at, (module, functions))
        for number, site in enumerate(module.sites, module.base):
            declared = module.functions[site.function]
            self.entries[number] = _entry(site, functions[site.function], declared)
            self.kinds[number] = site.kind

    def function(self, number: int) -> FrameFunction:
        """Return the function that a known site is in."""
        module, functions = self._module_of(number)
        return functions[module.sites[number - module.base].function]

    def place(self, number: int) -> Place:
        """Return where a known site is."""
        module, functions = self._module_of(number)
        site = module.sites[number - module.base]
        return Place(module.name, functions[site.function].qualname, site.line)

    def kind_counts(self, sites: Mapping[int, int]) -> dict[str, int]:
        """Return how often each kind occurs where each site occurs that often."""
        return _summed((self.kinds[number], count) for number, count in sites.items())

    def call_counts(self, sites: Mapping[int, int]) -> dict[tuple[str, str], int]:
        """Return how often each function, by module and qualified name, was called."""
        calls = [(n, count) for n, count in sites.items() if self.kinds[n] == CALL]
        return _summed((self._called(number), count) for number, count in calls)

    def _called(self, number: int) -> tuple[str, str]:
        function = self.function(number)
        return function.module, function.qualname

    def _module_of(self, number: int) -> tuple[Module, tuple[FrameFunction, ...]]:
        return self._modules[bisect_right(self._bases, number) - 1]


def _summed(pairs: Iterable[tuple[_Key, int]]) -> dict[_Key, int]:
    totals: dict[_Key, int] = {}
    for key, count in pairs:
        totals[key] = totals.get(key, 0) + count
    return totals


def _entry(site: Site, function: FrameFunction, declared: Function) -> Entry:
    if site.kind == CALL:
        opens = folds.call if declared.flavour == PLAIN else folds.call_resumable
        return Entry(None, None, opens(function))
    if site.kind == RESUME:
        return Entry(None, None, folds.resume(function))
    if site.writes is not None:
        return Entry(function, site.writes, None)
    if site.kind == DELETE and site.name is not None:
        return Entry(function, None, folds.delete(site.name))
    if site.kind == EXCEPTION:
        return Entry(function, None, folds.fail if site.detail == "exit" else folds.note)
    return Entry(function, None, _LEAVING.get(site.kind))


_LEAVING: Mapping[str, Fold] = {RETURN: folds.leave, YIELD: folds.suspend_top}
