"""The finder: first on `sys.meta_path`, it lets the others find and takes over the loading.

importlib itself is left alone.
"""

import sys
from _thread import get_ident
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

from rewind.hook.instrument import Instrument, Report
from rewind.hook.loading import Loading
from rewind.hook.neighbours import Neighbours
from rewind.hook.selection import Selection


class Finder:
    """A meta path finder (importlib.abc.MetaPathFinder). Called by importing threads at once.

    A fork carries it over; `remove` ends it.
    """

    def __init__(self, selection: Selection, instrument: Instrument, report: Report) -> None:
        self._selection = selection
        self.loading = Loading(selection, instrument, report)
        self._neighbours = Neighbours(self.loading)
        self._at_work: set[int] = set()
        """Threads that make code now: what our own work imports on the way gets no probes."""

    def install(self) -> None:
        """Stand first on `sys.meta_path`, and where modules load past it."""
        sys.meta_path.insert(0, self)
        self._neighbours.install()

    def remove(self) -> None:
        """Leave `sys.meta_path` and all other places."""
        self._neighbours.remove()
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec that the other finders give, with our loader where one is due."""
        if self._neighbours.is_one(fullname):
            return self._expected(fullname, path, target)
        if self._selection.refuses(fullname):
            return self._leave_out(fullname, path, target)
        if get_ident() in self._at_work:
            return None
        spec = self._ask_others(fullname, path, target)
        if spec is None or spec.origin is None or not spec.has_location:
            return spec
        if self._selection.accepts(fullname, spec.origin):
            self._take_over(spec)
        return spec

    def _take_over(self, spec: ModuleSpec) -> None:
        thread, reloads = get_ident(), spec.name in sys.modules
        self._at_work.add(thread)
        try:
            self.loading.take_over(spec)
        finally:
            self._at_work.discard(thread)
            # Our work may have imported this very module; importlib would load it by that spec.
            if not reloads:
                sys.modules.pop(spec.name, None)

    def _expected(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        spec = self._ask_others(fullname, path, target)
        if spec is not None:
            self._neighbours.expect(spec)
        return spec

    def invalidate_caches(self) -> None:
        """Nothing to forget: the others are asked each time, and told by importlib itself."""

    def _leave_out(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        pattern = self._selection.excluded_by(fullname)
        if pattern is None:
            return None
        spec = self._ask_others(fullname, path, target)
        if spec is not None and spec.origin is not None and spec.has_location:
            # Where place decides, a pattern keeps out only what lies there.
            self._report_excluded(fullname, spec.origin, pattern)
        return spec

    def _report_excluded(self, name: str, path: str, pattern: str) -> None:
        if self._selection.accepts(name, path):
            self.loading.report("module-skipped", name, f"excluded by the pattern {pattern!r}")

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
