"""What each site of a process means to the call stack, prepared once when its module is announced.

Each event asks one table; everything that can be decided before is decided here.
"""

from bisect import bisect_right
from collections.abc import Mapping
from typing import NamedTuple

from rewind.model.events import CALL
from rewind.store import Module
from rewind.writer.following import BEST, Following
from rewind.writer.steps import Step, step_of

Calls = dict[tuple[str, str], int]
"""How often each function was called, by module and qualified name."""

_MOST_COUNTS = 256
"""That are remembered at once."""


class Place(NamedTuple):
    """Where a site is, for a person."""

    module: str
    function: str
    line: int


class Counts(NamedTuple):
    """What occurs how often where each site occurs so often. Shared, and never changed."""

    kinds: Mapping[str, int]
    calls: Calls


class Sites:
    """The sites of one process; `following` is what takes their events in."""

    def __init__(self, following: Following = BEST) -> None:
        self.following = following
        self.table = following.table()
        self._facts: dict[int, tuple[str, tuple[str, str] | None]] = {}
        """The kind of a site's events, and what it calls, by module and qualified name, if it
        does."""
        self._bases: list[int] = []
        self._modules: list[Module] = []
        self._counts: dict[tuple[tuple[int, int], ...], Counts] = {}
        """By sites: short sessions are much the same."""

    def add(self, module: Module) -> None:
        """Learn a module's sites."""
        if not module.sites:
            # Its base is the next module's.
            return
        numbers = [self.table.function(tuple(one.parameters)) for one in module.functions]
        at = bisect_right(self._bases, module.base)
        self._bases.insert(at, module.base)
        self._modules.insert(at, module)
        for number, site in enumerate(module.sites, module.base):
            step = step_of(site, module.functions[site.function])
            name = site.name if step in (Step.WRITE, Step.DELETE) else None
            self.table.site(number, step, numbers[site.function], name)
            called = module.name, module.functions[site.function].qualname
            self._facts[number] = site.kind, called if site.kind == CALL else None

    def place(self, number: int) -> Place:
        """Return where a known site is."""
        module = self._modules[bisect_right(self._bases, number) - 1]
        site = module.sites[number - module.base]
        return Place(module.name, module.functions[site.function].qualname, site.line)

    def counts(self, sites: Mapping[int, int], *, may_recur: bool = True) -> Counts:
        """Return what occurs how often where each site occurs so often.

        `may_recur`: whether another chunk may well have the same, as those of short sessions have.
        """
        if not may_recur:
            return self._counted(sites)
        key = tuple(sites.items())
        found = self._counts.get(key)
        if found is None:
            if len(self._counts) == _MOST_COUNTS:
                self._counts.clear()
            found = self._counts[key] = self._counted(sites)
        return found

    def _counted(self, sites: Mapping[int, int]) -> Counts:
        kinds: dict[str, int] = {}
        calls: Calls = {}
        for number, count in sites.items():
            kind, called = self._facts[number]
            kinds[kind] = kinds.get(kind, 0) + count
            if called is not None:
                calls[called] = calls.get(called, 0) + count
        return Counts(kinds, calls)


def added(before: Calls, more: Calls) -> Calls:
    """Return the sums, of those functions that were called more."""
    return {name: before.get(name, 0) + count for name, count in more.items()}
