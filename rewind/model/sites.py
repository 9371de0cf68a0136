"""Sites: the static facts of each probe, known when a module is transformed.

At run time a site is an integer: the module's base, handed out when it loads, plus the site's
place in the module. The place is stable for the same source and transform settings. A module's
table is written once, in a `Control.MODULE` record, before any of its code runs.
"""

import marshal
import struct
from array import array
from itertools import chain
from typing import Final, NamedTuple, NewType

from rewind.model import events
from rewind.model.wire import array_header

SiteNumber = NewType("SiteNumber", int)
"""A site of a running process: a module's base plus the place in its table."""

PLAIN: Final = 0
GENERATOR: Final = 1
COROUTINE: Final = 2
ASYNC_GENERATOR: Final = 3
"""Values of `Function.flavour`; all but `PLAIN` are resumable and carry a handle."""


COMPREHENSION: Final = "comprehension"
"""Detail of an event by which a comprehension binds a variable of its own, not of the frame."""

OFF: Final = "off"
"""Detail of a `return`, `yield` or resumption whose source says `# rewind: off`: no value."""

_WRITING: Final = frozenset((events.VARIABLE, events.MUTATE, events.HANDLED))


class Function(NamedTuple):
    """A function (or module body) that holds probes."""

    qualname: str
    """As `__qualname__` says it; `<module>` for the module's own body."""
    line: int
    """Of its `def`, counted from 1; of a module body, 1."""
    flavour: int
    parameters: tuple[str, ...]
    """Names in the order in which a call's payload carries their values, without stars."""


class Site(NamedTuple):
    """One probe's static facts. Columns are UTF-8 byte offsets, as `ast` counts them."""

    kind: str
    """One of `rewind.model.events.KINDS`."""
    function: int
    """Index into the module's functions."""
    line: int
    column: int
    end_line: int
    end_column: int
    name: str | None = None
    """Variable, attribute or receiver; the test's source for a branch, as far as 80 characters."""
    detail: str | None = None
    """The construct (`if`, `while`, `for`, `match`, ...) or the mutating method's name; for an
    exception `"exit"` where it leaves the frame."""

    @property
    def writes(self) -> str | None:
        """The variable of the frame that the event tells the new value of, if it does."""
        name = self.name
        if name is None or self.kind not in _WRITING or not name.isidentifier():
            return None
        return None if self.detail == COMPREHENSION else name


class SiteTable(NamedTuple):
    """All that a transform has to say about one module, in the order of site numbers."""

    functions: tuple[Function, ...]
    sites: tuple[Site, ...]


_TEXTS: Final = tuple(map(Site._fields.index, ("kind", "name", "detail")))


class PackedSites(NamedTuple):
    """Sites as they are written, so that packing takes no step of Python's for each."""

    size: int
    texts: tuple[str | None, ...]
    """Each kind, name and detail, once."""
    columns: bytes
    """The parts of `Site` one after the other, of each part that of all sites: signed integers of
    32 bits, little endian. In place of a text stands its index in `texts`."""

    def unpack(self) -> tuple[Site, ...]:
        """Return the sites; raises `ValueError` where they are not whole."""
        try:
            flat = _integers(self.size * len(Site._fields)).unpack_from(self.columns)
            each = [flat[at : at + self.size] for at in range(0, len(flat), self.size or 1)]
            for place in _TEXTS if each else ():
                each[place] = tuple(map(self.texts.__getitem__, each[place]))
        except (struct.error, IndexError) as error:
            raise ValueError(str(error)) from error
        return tuple(map(Site._make, zip(*each, strict=True)))


def _integers(count: int) -> struct.Struct:
    return struct.Struct(f"<{count}i")


class _Indexes(dict[str | None, int]):
    """Numbers texts in the order in which they are asked for."""

    def __missing__(self, text: str | None) -> int:
        index = self[text] = len(self)
        return index


def packed_sites(sites: tuple[Site, ...]) -> PackedSites:
    """Return the sites as they are written."""
    indexes = _Indexes()
    columns = list(zip(*sites, strict=True))
    for place in _TEXTS if columns else ():
        columns[place] = tuple(map(indexes.__getitem__, columns[place]))
    numbers = _integers(len(sites) * len(columns))
    return PackedSites(len(sites), tuple(indexes), numbers.pack(*chain.from_iterable(columns)))


_ELEMENTS: Final = {
    events.RETURN: 1,
    events.EXCEPTION: 4,
    events.HANDLED: 1,
    events.YIELD: 1,
    events.AWAIT: 0,
    events.RESUME: 3,
    events.VARIABLE: 1,
    events.ATTRIBUTE: 2,
    events.ITEM: 3,
    events.MUTATE: 1,
    events.BRANCH: 1,
    events.LOOP: 0,
    events.VALUE: 1,
    events.LINE: 0,
    events.NOTE: 3,
    events.OUTPUT: 2,
    events.LOG: 2,
    events.SQL: 2,
    events.HTTP: 2,
    events.REDIS: 2,
}
"""Elements of a payload, by kind; `call` depends on the function, and all others have none."""
_HEADS: Final = {kind: array_header(2 + _ELEMENTS.get(kind, 0)) for kind in events.KINDS}
"""How a record of each kind begins."""

RunSite = tuple[int, bytes, str, str, bool]
"""What a probe needs of its site: place in the module, how its records begin (an array's header,
before the site's number), name (empty for none; an attribute's as its owner has it), which name may
tell that the value is secret, and whether the value is withheld as the source says so."""
RunFunction = tuple[str, int, tuple[str, ...]]
"""Qualified name, flavour, and parameters."""


class RunTable(NamedTuple):
    """A module's sites as the recorded process needs them, without positions.

    Taking it in costs nothing for each site: most functions of a program are never called. Only
    the first function, the module's own body, lies open, as it runs at once.
    """

    size: int
    """How many sites there are."""
    first: tuple[RunFunction, tuple[RunSite, ...]] | None
    """The first function and its sites; None for a module without any."""
    rest: bytes
    """The owner of each site as an array of C `unsigned int`, and all functions, each marshalled by
    itself; marshalled. Not compressed: that would cost more than the few kilobytes are worth."""

    def functions(self) -> "RunFunctions":
        """Return all functions."""
        return RunFunctions(*marshal.loads(self.rest))  # noqa: S302 - our own


class RunFunctions(NamedTuple):
    """The functions of a module, unpacked one by one."""

    owners: bytes
    each: tuple[bytes, ...]

    def at(self, place: int) -> tuple[RunFunction, tuple[RunSite, ...]]:
        """Return the function that a site stands in, and its sites."""
        owner = memoryview(self.owners).cast("I")[place]
        found: tuple[RunFunction, tuple[RunSite, ...]]
        found = marshal.loads(self.each[owner])  # noqa: S302 - our own
        return found


def _private(name: str, qualname: str) -> str:
    """Return what the compiler makes of an attribute's name within the function of that name."""
    if name.endswith("__"):
        return name
    for scope in reversed(qualname.split(".<locals>.")):
        outer, _, _ = scope.rpartition(".")
        of_class = outer.rpartition(".")[2].lstrip("_")
        if outer:
            return f"_{of_class}{name}" if of_class else name
    return name


def run_table(table: SiteTable) -> RunTable:
    """Return what of the table is needed at run time."""
    sites: list[list[RunSite]] = [[] for _ in table.functions]
    calls = [
        array_header(3 + len(one.parameters) + (one.flavour != PLAIN)) for one in table.functions
    ]
    for place, (kind, function, _, _, _, _, name, detail) in enumerate(table.sites):
        head = calls[function] if kind == events.CALL else _HEADS[kind]
        # A branch is named by its whole test, and only tells which way it went.
        tells = "" if name is None or kind == events.BRANCH else name
        known = name or ""
        if kind == events.ATTRIBUTE and known.startswith("__"):
            known = _private(known, table.functions[function].qualname)
        sites[function].append((place, head, known, tells, detail == OFF))
    functions = [
        ((one.qualname, one.flavour, one.parameters), tuple(own))
        for one, own in zip(table.functions, sites, strict=True)
    ]
    owners = array("I", [site.function for site in table.sites]).tobytes()
    rest = marshal.dumps((owners, tuple(map(marshal.dumps, functions))))
    first = functions[0] if functions else None
    return RunTable(len(table.sites), first, rest)
