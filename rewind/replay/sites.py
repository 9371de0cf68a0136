"""Which module, function and source position a site's number stands for in one process.

Asked by the fold for every event, so what was found once is kept. A process loads modules while it
is recorded: a number that is not known yet makes `Places` read the modules again.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from rewind.errors import FormatError
from rewind.model import events
from rewind.model.sites import PLAIN, Function, Site, SiteNumber

MODULE_BODY: Final = "<module>"
"""Qualified name of the function that a module's own body is."""

PAYLOAD_AT: Final = 2
"""Where an event's payload begins in its record, after site and time."""

VALUE_AT: Final = {
    events.RETURN: PAYLOAD_AT,
    events.YIELD: PAYLOAD_AT,
    events.VARIABLE: PAYLOAD_AT,
    events.MUTATE: PAYLOAD_AT,
    events.HANDLED: PAYLOAD_AT,
    events.BRANCH: PAYLOAD_AT,
    events.VALUE: PAYLOAD_AT,
    events.NOTE: PAYLOAD_AT + 1,
    events.OUTPUT: PAYLOAD_AT,
    events.LOG: PAYLOAD_AT,
    events.SQL: PAYLOAD_AT,
    events.HTTP: PAYLOAD_AT,
    events.REDIS: PAYLOAD_AT,
    events.EXCEPTION: PAYLOAD_AT,
    events.RESUME: PAYLOAD_AT + 1,
    events.ATTRIBUTE: PAYLOAD_AT + 1,
    events.ITEM: PAYLOAD_AT + 2,
}
"""Where the value stands in a record, by kind; others carry none."""


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
    """A site with what it belongs to, and what each of its events is asked for."""

    number: SiteNumber
    scope: Scope
    site: Site
    least: int
    """How many elements a record of it has at least."""
    writes: str | None
    """The variable of the frame whose new value it tells, if it does."""


def place_of(number: int, scope: Scope, site: Site) -> Place:
    """Return a site's place."""
    return Place(SiteNumber(number), scope, site, _least(scope, site.kind), site.writes)


def _least(scope: Scope, kind: str) -> int:
    if kind == events.EXCEPTION:
        return PAYLOAD_AT + 3
    if kind == events.CALL:
        return PAYLOAD_AT + scope.is_resumable
    if kind in events.SAID_KINDS:
        # The line stands behind the value.
        return VALUE_AT[kind] + 2
    return VALUE_AT.get(kind, PAYLOAD_AT - 1) + 1


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

    def scope_of(self, module: str, function: str) -> Scope | None:
        """Return the function of that qualified name, of the module that was loaded last by its."""
        if not self._modules:
            self._reload()
        for loaded in reversed(self._modules):
            if loaded.name == module:
                for place, found in enumerate(loaded.functions):
                    if found.qualname == function:
                        return self._scopes.setdefault((loaded.base, place), Scope(loaded, found))
        return None

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
        return place_of(number, scope, site)

    def _holding(self, number: int) -> Module | None:
        index = bisect_right(self._modules, number, key=lambda module: module.base) - 1
        if index < 0:
            return None
        module = self._modules[index]
        return module if number < module.base + len(module.sites) else None
