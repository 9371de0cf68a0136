"""Turns a source file into code with probes, and makes it known to the core before it runs."""

import hashlib
from collections.abc import Callable
from types import CodeType
from typing import Protocol

from rewind.config import Settings
from rewind.hook.cache import CodeCache
from rewind.model.sites import SiteTable
from rewind.transform import Options, Transformed, bind, transform


class Report(Protocol):
    """Tells a person what was not done, and why."""

    def __call__(self, what: str, name: str, why: str, line: int | None = None) -> None:
        """Report `what` (`docs/format.md`, record -18) of the module `name`."""


AddModule = Callable[[dict[str, object], SiteTable], int | None]


class Instrument:
    """Makes instrumented code. Called by importing threads at once; keeps nothing."""

    def __init__(
        self, options: Options, cache: CodeCache, add_module: AddModule, report: Report
    ) -> None:
        self._options = options
        self._cache = cache
        self._add_module = add_module
        self._report = report

    def code(
        self, source: bytes, path: str, module: str, *, warns: bool = False
    ) -> CodeType | None:
        """Return the module's code with probes, or None where it has to load plain.

        Raises nothing: for a source that Python refuses, the plain loader says so itself. With
        `warns` the compiler warns each time, as Python does of a script, and not only when the
        code is made; where its warnings are errors, that raises `SyntaxError`.
        """
        source_hash = hashlib.sha256(source).hexdigest()
        result = self._cache.load(source_hash, path, module)
        if result is None:
            result = self._transform(source, path, module)
            if result is None:
                return None
            self._cache.save(source_hash, path, module, result)
        elif warns:
            compile(source, path, "exec", dont_inherit=True)
        return self._known(result, source, path, module, source_hash)

    def _transform(self, source: bytes, path: str, module: str) -> Transformed | None:
        try:
            return transform(source, path, module, self._options)
        except Exception as error:  # noqa: BLE001 - the boundary: the module loads plain
            if not _is_refused(source, path):
                self._report("module-failed", module, f"{type(error).__name__}: {error}")
            return None

    def _known(
        self, result: Transformed, source: bytes, path: str, module: str, source_hash: str
    ) -> CodeType | None:
        facts: dict[str, object] = {
            "name": module,
            "path": path,
            "hash": source_hash,
            "source": source,
        }
        base = self._add_module(facts, result.table)
        if base is None:
            self._report("module-failed", module, "the spool has no room for its sites")
            return None
        for one in result.skipped:
            self._report("construct-skipped", module, f"{one.construct}: {one.why}", one.line)
        return bind(result.template, base)


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


def _is_refused(source: bytes, path: str) -> bool:
    """Whether Python itself refuses the source, so that there was nothing for us to fail at."""
    try:
        compile(source, path, "exec", dont_inherit=True)
    except Exception:  # noqa: BLE001 - the plain loader meets it again, and says it
        return True
    return False
