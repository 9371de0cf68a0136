"""Which module, function and source position a site's number stands for in one process.

Asked by the fold for every event, so what was found once is kept. A process loads modules while it
is recorded: a number that is not known yet makes `Places` read the modules again.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from rewind.errors import FormatError
from rewind.model.sites import PLAIN, Function, Site, SiteNumber


@dataclass(frozen=True, slots=True)
class Module:
    """A module as it was loaded in a process."""

    name: str
    """Dotted; `__main__` for a script."""
    path: str
    file_hash: str
    """Of the source as it was, SHA-256 in hexadecimal."""
    base: int
    """The number of its first site."""
    functions: tuple[Function, ...]
    sites: tuple[Site, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """A function of a module; one object each, so that frames compare by identity."""

    module: Module
    function: Function

    @property
    def is_resumable(self) -> bool:
        """Whether its calls carry a handle: generators and coroutines."""
        return self.function.flavour != PLAIN


class Place(NamedTuple):
    """A site with what it belongs to."""

    number: SiteNumber
    scope: Scope
    site: Site


class Places:
    """The places of one process, by site number.

    Called from any thread: two that miss at once both read the modules, and agree on the scopes.
    Holds nothing that needs an end.
    """

    def __init__(self, load: Callable[[], Iterable[Module]]) -> None:
        self._load = load
        self._modules: tuple[Module, ...] = ()
        self._found: dict[int, Place] = {}
        self._scopes: dict[tuple[int, int], Scope] = {}

    def __getitem__(self, number: int) -> Place:
        """Return the site's place; raises `FormatError` where no recorded module has it."""
        place = self._found.get(number)
        if place is None:
            place = self._found[number] = self._locate(number)
        return place

    def module_of(self, path: str) -> Module | None:
        """Return the module last loaded from that path, or None."""
        if self._loaded_from(path) is None:
            self._reload()
        return self._loaded_from(path)

    def _loaded_from(self, path: str) -> Module | None:
        return next((m for m in reversed(self._modules) if m.path == path), None)

    def _reload(self) -> None:
        # Modules without sites have the base of the next one, which must stand behind them.
        loaded = sorted(self._load(), key=lambda module: (module.base, len(module.sites)))
        self._modules = tuple(loaded)

    def _locate(self, number: int) -> Place:
        if self._holding(number) is None:
            self._reload()
        module = self._holding(number)
        if module is None:
            message = f"site {number} is in no recorded module of its process"
            raise FormatError(message)
        site = module.sites[number - module.base]
        if not 0 <= site.function < len(module.functions):
            message = f"site {number} names a function that {module.name} does not have"
            raise FormatError(message)
        fresh = Scope(module, module.functions[site.function])
        scope = self._scopes.setdefault((module.base, site.function), fresh)
        return Place(SiteNumber(number), scope, site)

    def _holding(self, number: int) -> Module | None:
        index = bisect_right(self._modules, number, key=lambda module: module.base) - 1
        if index < 0:
            return None
        module = self._modules[index]
        return module if number < module.base + len(module.sites) else None
