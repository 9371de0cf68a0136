"""The run-time side of sites: what a probe needs to know of the one it stands at.

Grows at the end when a module is about to run, so a number that was handed out never changes its
meaning. A module's sites are taken in all at once and as they are; what the probes of a function
need is made at its first call, as most functions of a program are never called.
"""

from typing import NamedTuple

from rewind.capture.layouts import Layouts, layouts
from rewind.capture.secrets import Secrets
from rewind.model.sites import PLAIN, RunFunction, RunFunctions, RunSite, RunTable
from rewind.model.wire import unsigned


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


Shorts = list[tuple[Code, bytes, Layouts, Layouts] | None]
"""By site: its function, and how its records lie; None where short probes write none of them."""


class _Module:
    """A module's sites; its functions are looked for by those who call them first."""

    def __init__(self, name: str, table: RunTable) -> None:
        self.name = name
        self.base = 0
        self.codes: dict[int, Code] = {}
        """The functions that were called, by the place of their first site."""
        self._table = table
        self._functions: RunFunctions | None = None

    def function_at(self, site: int) -> tuple[RunFunction, tuple[RunSite, ...]]:
        """Return the function that the site stands in, and its sites."""
        place = site - self.base
        first = self._table.first
        # Whoever asks for a function asks at its first site, which is its call.
        if first is not None and place == first[1][0][0]:
            return first
        if self._functions is None:
            self._functions = self._table.functions()
        return self._functions.at(place)


class Registry:
    """Answers by site number. Read by probes of all threads; written by whoever loads a module.

    Nothing is locked: a signal handler that imports a module in the middle of it would wait for
    itself. After a fork the child goes on with its copy. There is nothing to stop.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self.code: list[Code | _Module] = []
        """The function that the site stands in; its module until that is called first."""
        self.name: dict[int, str] = {}
        """An attribute's as its owner has it, which is not the source's where it is private."""
        self.secret = bytearray()
        """Whether the value at the site is withheld because of the site's name."""
        self.off: set[int] = set()
        """Sites whose source says that there is to be no value."""
        self.prefix: list[bytes] = []
        """How a record of the site begins: array header and site number; empty for a silent one."""
        self.short: Shorts = []
        self._has_short = True

    def add(self, module: str, table: RunTable) -> int:
        """Take in a module's sites and return the number of the first."""
        module_sites = _Module(module, table)
        module_sites.base = self._reserve(module_sites, table.size)
        return module_sites.base

    def _reserve(self, module: "_Module", count: int) -> int:
        """Return the first of `count` new numbers, whoever else reserves meanwhile."""
        self.code.extend([module] * count)
        end = len(self.code)
        while count and self.code[end - 1] is not module:
            end -= 1
        # Whoever interrupts this may have made them longer already; no number is lost by that.
        self.secret.extend(bytes(max(0, end - len(self.secret))))
        self.prefix.extend([b""] * (end - len(self.prefix)))
        self.short.extend([None] * (end - len(self.short)))
        return end - count

    def called(self, site: int) -> Code:
        """Return the function of a site, and make its other sites known if this is the first call.

        Threads, and a signal handler within, may do so at once: they find the same.
        """
        module = self.code[site]
        if isinstance(module, Code):
            return module
        function, sites = module.function_at(site)
        code = module.codes.setdefault(sites[0][0], self._code(module.name, function))
        self._learned(code, module.base, sites)
        # Last: another thread takes it to mean that the rest is there.
        for one in sites:
            self.code[module.base + one[0]] = code
        return code

    def _learned(self, code: Code, base: int, sites: tuple[RunSite, ...]) -> None:
        """Keep what is known of a function's sites, where the probes find it."""
        # What short probes tell of a call has no secrets, and nothing but code goes on the stack.
        long_call = base + sites[0][0] if code.leaves_unseen or any(code.secret) else None
        for place, head, name, tells, off in sites:
            site = base + place
            self.name[site] = name
            if off:
                self.off.add(site)
            self.secret[site] = bool(tells) and self._secrets.covers(tells)
            self.prefix[site] = head + unsigned(site)
            if self._has_short and not (off or self.secret[site] or site == long_call):
                self.short[site] = (code, *layouts(self.prefix[site]))

    def _code(self, module: str, function: RunFunction) -> Code:
        qualname, flavour, parameters = function
        secret = tuple(map(self._secrets.covers, parameters))
        unseen = qualname.endswith("<lambda>")
        return Code(module, qualname, flavour != PLAIN, parameters, secret, unseen)

    def qualname(self, site: int) -> str:
        """Return the name of the function that a site of any module stands in."""
        if site >= len(self.code):
            return "?"
        known = self.code[site]
        return known.qualname if isinstance(known, Code) else known.function_at(site)[0][0]

    def silence(self, site: int) -> None:
        """Let nothing more be recorded at a site whose probe failed."""
        self.prefix[site] = b""
        self.short[site] = None

    def go_without_short(self) -> None:
        """Let each event take the long way from now on."""
        self._has_short = False
        self.short[:] = [None] * len(self.short)
