"""The finder: first on `sys.meta_path`, it lets the others find and takes over the loading.

Wraps a loader only where it knows exactly how that loader works; everything else loads as it would
without Rewind, and is reported. importlib itself is left alone.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType

from rewind.hook.instrument import Instrument, Report
from rewind.hook.selection import Selection


class Finder:
    """A meta path finder (importlib.abc.MetaPathFinder). Called by importing threads at once.

    A fork carries it over; `remove` ends it.
    """

    def __init__(self, selection: Selection, instrument: Instrument, report: Report) -> None:
        self._selection = selection
        self._instrument = instrument
        self._report = report
        self.main: str | None = None
        """Dotted name of the module, or of the package, that is about to run as `__main__`."""

    def install(self) -> None:
        """Stand first on `sys.meta_path`."""
        sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """Leave `sys.meta_path`."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec that the other finders give, with our loader where one is due."""
        if self._selection.refuses(fullname):
            return None
        spec = self._ask_others(fullname, path, target)
        if spec is None or spec.origin is None or not spec.has_location:
            return spec
        if self._selection.accepts(fullname, spec.origin):
            self._take_over(spec)
        return spec

    def invalidate_caches(self) -> None:
        """Nothing to forget: the others are asked each time, and told by importlib itself."""

    def _ask_others(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            if finder is not self and find is not None:
                spec: ModuleSpec | None = find(fullname, path, target)
                if spec is not None:
                    return spec
        return None

    def _take_over(self, spec: ModuleSpec) -> None:
        loader = spec.loader
        if type(loader) is not SourceFileLoader:
            why = f"its loader is {type(loader).__module__}.{type(loader).__qualname__}"
            self._report("module-skipped", spec.name, why)
            return
        name = self._running_name(spec)
        # Now and not while loading: an error here leaves no frame of ours in a traceback, as the
        # plain loader is kept and meets the same error by itself.
        try:
            source = loader.get_data(loader.path)
        except OSError:
            return
        code = self._instrument.code(source, loader.path, name)
        if code is not None:
            spec.loader = InstrumentedLoader(spec.name, loader.path, code)

    def _running_name(self, spec: ModuleSpec) -> str:
        """Return what `__name__` will be in the module."""
        if spec.name != self.main:
            return spec.name
        if spec.submodule_search_locations is None:
            return "__main__"
        # What runs of a package is its `__main__`; the package itself is only imported.
        self.main = f"{spec.name}.__main__"
        return spec.name


class InstrumentedLoader(SourceFileLoader):
    """Loads a source file as its base does, but runs the code that was made for it.

    Made for one import and used by the thread that imports.
    """

    def __init__(self, fullname: str, path: str, code: CodeType) -> None:
        super().__init__(fullname, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType | None:  # noqa: ARG002 - importlib's signature
        """Return the instrumented code."""
        return self._code
