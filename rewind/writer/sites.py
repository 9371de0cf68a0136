"""What each site of a process means to the call stack, prepared once when its module is announced.

Each event asks one table; everything that can be decided before is decided here.
"""

from bisect import bisect_right
from typing import NamedTuple

from rewind.store import Module
from rewind.writer.following import BEST, Calls, Following
from rewind.writer.steps import Step, step_of


class Place(NamedTuple):
    """Where a site is, for a person."""

    module: str
    function: str
    line: int


class Sites:
    """The sites of one process; `following` is what takes their events in."""

    def __init__(self, following: Following = BEST) -> None:
        self.following = following
        self.table = following.table()
        self._bases: list[int] = []
        self._modules: list[Module] = []

    def add(self, module: Module) -> None:
        """Learn a module's sites."""
        if not module.sites:
            # Its base is the next module's.
            return
        numbers = [
            self.table.function(tuple(one.parameters), (module.name, one.qualname))
            for one in module.functions
        ]
        at = bisect_right(self._bases, module.base)
        self._bases.insert(at, module.base)
        self._modules.insert(at, module)
        for number, site in enumerate(module.sites, module.base):
            step = step_of(site, module.functions[site.function])
            name = site.name if step in (Step.WRITE, Step.DELETE) else None
            self.table.site(number, step, numbers[site.function], name, site.kind)

    def place(self, number: int) -> Place:
        """Return where a known site is."""
        module = self._modules[bisect_right(self._bases, number) - 1]
        site = module.sites[number - module.base]
        return Place(module.name, module.functions[site.function].qualname, site.line)


def added(before: Calls, more: Calls) -> Calls:
    """Return the sums, of those functions that were called more."""
    return {name: before.get(name, 0) + count for name, count in more.items()}
