"""Sites: the static facts of each probe, known when a module is transformed.

At run time a site is an integer: the module's base, handed out when it loads, plus the site's
place in the module. The place is stable for the same source and transform settings. A module's
table is written once, in a `Control.MODULE` record, before any of its code runs.
"""

from typing import Final, NamedTuple, NewType

from rewind.model import events

SiteNumber = NewType("SiteNumber", int)
"""A site of a running process: a module's base plus the place in its table."""

PLAIN: Final = 0
GENERATOR: Final = 1
COROUTINE: Final = 2
ASYNC_GENERATOR: Final = 3
"""Values of `Function.flavour`; all but `PLAIN` are resumable and carry a handle."""


COMPREHENSION: Final = "comprehension"
"""Detail of an event by which a comprehension binds a variable of its own, not of the frame."""

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
