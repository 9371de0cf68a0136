"""Turns a source file into code with probes, and makes it known to the core before it runs."""

import hashlib
from collections.abc import Callable
from types import CodeType
from typing import Protocol

from rewind.config import Settings
from rewind.hook.cache import CodeCache, read_stamped, stamp
from rewind.hook.entry import NO_STAMP, Loadable, Stamp, loadable
from rewind.hook.originals import Originals
from rewind.model.sites import RunTable
from rewind.transform import Options, Transformed, transform
from rewind.transform.compiled import collector_at_rest
from rewind.transform.unwarned import unwarned


class Report(Protocol):
    """Tells a person what was not done, and why."""

    def __call__(self, what: str, name: str, why: str, line: int | None = None) -> None:
        """Report `what` (`docs/format.md`, record -18) of the module `name`."""


AddModule = Callable[[str, RunTable, bytes], int | None]
Make = Callable[[bytes, str, str, Options], Transformed]
"""Makes code of a source, its path and its module's name; as `rewind.transform.transform`."""


class Instrument:
    """Makes instrumented code. Called by importing threads at once; keeps the names it met."""

    def __init__(
        self, options: Options, cache: CodeCache, add_module: AddModule, report: Report
    ) -> None:
        self._options = options
        self._cache = cache
        self._add_module = add_module
        self._report = report
        self.met: set[str] = set()
        """Names of the modules that were asked for; a report tells of those that load plain."""
        self.has_given_probes = False
        """Whether any module has them."""
        self.originals = Originals()

    def code(
        self, source: bytes, path: str, module: str, *, warns: bool = False
    ) -> CodeType | None:
        """Return the module's code with probes, or None where it has to load plain.

        Raises nothing: for a source that Python refuses, the plain loader says so itself. With
        `warns` the compiler warns each time, as Python does of a script, and not only when the
        code is made; where its warnings are errors, that raises `SyntaxError`.
        """
        found = self._cache.load(path, module)
        if warns and found is not None and found.source_hash == _hash(source):
            compile(source, path, "exec", dont_inherit=True)
        made = self._made(found, source, NO_STAMP, path, module, transform)
        return self._known(made, path, module)

    def code_of_file(
        self,
        path: str,
        module: str,
        read: Callable[[], bytes],
        make: Make = transform,
        variant: str = "",
    ) -> CodeType | None:
        """Return the code of a file, which is only read where the cache has nothing for it.

        `make` is not the plain transform where somebody else rewrites the module as well; `variant`
        then tells all that his part depends on. Raises what `read` raises.
        """
        found = self._cache.load(path, module + variant)
        if found is None or found.stamp == NO_STAMP or found.stamp != stamp(path):
            source, read_at = read_stamped(path, read)
            found = self._made(found, source, read_at, path, module, make, variant)
        return self._known(found, path, module)

    def _made(  # noqa: PLR0913, PLR0917 - all that decides what is made
        self,
        found: Loadable | None,
        source: bytes,
        read_at: Stamp,
        path: str,
        module: str,
        make: Make,
        variant: str = "",
    ) -> Loadable | None:
        source_hash = _hash(source)
        if found is None or found.source_hash != source_hash:
            found = self._new(source, source_hash, path, module, make)
            if found is None:
                return None
        elif read_at == NO_STAMP:
            return found
        found = found._replace(stamp=read_at)
        self._cache.save(path, module + variant, found)
        return found

    def _new(
        self, source: bytes, source_hash: bytes, path: str, module: str, make: Make
    ) -> Loadable | None:
        try:
            with collector_at_rest():
                result = make(source, path, module, self._options)
                return loadable(result, module, path, source, source_hash)
        except Exception as error:  # noqa: BLE001 - the boundary: the module loads plain
            refused = _refusal(source, path, error)
            if refused is None:
                self._report("module-failed", module, f"{type(error).__name__}: {error}")
            else:
                why = f"Python refuses it: {type(refused).__name__}: {refused}"
                self._report("module-skipped", module, why)
            return None

    def _known(self, made: Loadable | None, path: str, module: str) -> CodeType | None:
        self.met.add(module)
        if made is None:
            return None
        base = self._add_module(module, made.table, made.record)
        if base is None:
            self._report("module-failed", module, "the spool has no room for its sites just now")
            return None
        for one in made.skipped:
            self._report("construct-skipped", module, f"{one.construct}: {one.why}", one.line)
        self.originals.add(path, made)
        self.has_given_probes = True
        return made.code(base)


def _hash(source: bytes) -> bytes:
    return hashlib.sha256(source).digest()


def options_of(settings: Settings) -> Options:
    """Return what the transform is told by the settings."""
    return Options(
        settings.captured_kinds,
        settings.exclude_functions,
        expressions=settings.expressions,
        lines=settings.lines,
        comprehensions=settings.comprehensions,
        lambdas=settings.lambdas,
        class_bodies=settings.class_bodies,
    )


def _refusal(source: bytes, path: str, met: Exception) -> Exception | None:
    """Return what Python itself has against the source; None where only we failed at it.

    That is what we met where warnings are errors. The plain loader meets it again, and says it.
    """
    with unwarned() as heard:
        try:
            compile(source, path, "exec", dont_inherit=True)
        except Exception as error:  # noqa: BLE001 - whatever it is
            return error
    return met if heard.any and isinstance(met, SyntaxError) else None
