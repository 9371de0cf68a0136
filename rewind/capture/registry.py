"""The run-time side of sites: what a probe needs to know of the one it stands at.

Filled once for each module before its code runs; a probe only indexes. Grows at the end, under a
lock, so a number that was handed out never changes its meaning.
"""

from threading import Lock
from typing import NamedTuple

from rewind.capture.secrets import Secrets
from rewind.model import events
from rewind.model.sites import PLAIN, SiteTable
from rewind.model.wire import append_integer, array_header


class Code(NamedTuple):
    """An instrumented function's run-time facts."""

    module: str
    qualname: str
    resumable: bool
    parameters: tuple[str, ...]
    secret: tuple[bool, ...]
    """For each parameter, whether its value is withheld."""
    leaves_unseen: bool
    """Whether an exception leaves its frame without a probe: a lambda's, as it has no `except`."""

    @property
    def code(self) -> "Code":
        """Itself: a plain frame is known by its code alone, so both answer `code`."""
        return self


_ELEMENTS = {
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
}
"""Elements of a payload, by kind; `call` and `delete` depend on the site."""


class Registry:
    """Answers by site number. Read by probes of all threads; written by whoever loads a module.

    After a fork the child goes on with its copy. There is nothing to stop.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._lock = Lock()
        self.code: list[Code] = []
        """The function that the site stands in."""
        self.name: list[str] = []
        self.secret: list[bool] = []
        """Whether the value at the site is withheld because of the site's name."""
        self.prefix: list[bytes] = []
        """How a record of the site begins: array header and site number; empty for a silent one."""

    def add(self, module: str, table: SiteTable) -> int:
        """Take in a module's sites and return the number of the first."""
        codes = [
            Code(
                module,
                function.qualname,
                function.flavour != PLAIN,
                function.parameters,
                tuple(self._secrets.covers(name) for name in function.parameters),
                function.qualname.endswith("<lambda>"),
            )
            for function in table.functions
        ]
        with self._lock:
            base = len(self.prefix)
            for number, site in enumerate(table.sites, base):
                code = codes[site.function]
                name = site.name or ""
                self.code.append(code)
                self.name.append(name)
                self.secret.append(bool(name) and self._secrets.covers(name))
                self.prefix.append(prefix(number, _payload_size(site.kind, code)))
        return base

    def silence(self, site: int) -> None:
        """Let nothing more be recorded at a site whose probe failed."""
        self.prefix[site] = b""


def _payload_size(kind: str, code: Code) -> int:
    if kind == events.CALL:
        return len(code.parameters) + code.resumable + 1
    return _ELEMENTS.get(kind, 0)


def prefix(site: int, payload: int) -> bytes:
    """Return how a record with that many payload elements begins."""
    out = bytearray(array_header(2 + payload))
    append_integer(out, site)
    return bytes(out)
