"""The finder: first on `sys.meta_path`, it lets the others find and takes over the loading.

importlib itself is left alone.
"""

import sys
from _thread import get_ident
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

from rewind.hook.handover import leave_traceback
from rewind.hook.instrument import Instrument, Report
from rewind.hook.loading import Loading
from rewind.hook.neighbours import Meet, Neighbours
from rewind.hook.selection import Selection


class Finder:
    """A meta path finder (importlib.abc.MetaPathFinder). Called by importing threads at once.

    A fork carries it over; `remove` ends it.
    """

    def __init__(self, selection: Selection, instrument: Instrument, report: Report) -> None:
        self._selection = selection
        self.loading = Loading(selection, instrument, report)
        self._neighbours = Neighbours(self.loading)
        self._at_work: dict[int, set[str]] = {}
        """Threads that make code now, each with the modules that this has asked for on the way.

        They get no probes."""

    def install(self) -> None:
        """Stand first on `sys.meta_path`, and where modules load past it."""
        sys.meta_path.insert(0, self)
        self._neighbours.install()

    def meet(self, name: str, meet: Meet) -> None:
        """Show a module to `meet` as soon as it has run; on `install` if it has already.

        `name` is whole, or the last part of one behind `*.`: copies of a library lie in many
        packages. Only for modules whose loader reads a file or that are frozen.
        """
        self._neighbours.add(name, meet)

    def remove(self) -> None:
        """Leave `sys.meta_path` and all other places."""
        self._neighbours.remove()
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec that the other finders give, with our loader where one is due."""
        try:
            if self._neighbours.is_one(fullname):
                return self._expected(fullname, path, target)
            return self._found(fullname, path, target)
        except BaseException as error:
            # Another finder's: a package in a zip file that Python refuses, say.
            leave_traceback(error, __file__)
            raise

    def _found(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        if self._selection.refuses(fullname):
            return self._leave_out(fullname, path, target)
        on_the_way = self._at_work.get(get_ident())
        if on_the_way is not None:
            on_the_way.add(fullname)
            return None
        spec = self._ask_others(fullname, path, target)
        if spec is None or spec.origin is None or not spec.has_location:
            return spec
        if self._selection.accepts(fullname, spec.origin):
            self._take_over(spec)
        return spec

    def _take_over(self, spec: ModuleSpec) -> None:
        thread, reloads = get_ident(), spec.name in sys.modules
        on_the_way = self._at_work[thread] = set()
        try:
            self.loading.take_over(spec)
        finally:
            del self._at_work[thread]
            # Our work may have imported this very module; importlib would load it by that spec.
            # Where another thread has, it is the program's: `importlib.util.find_spec` has no lock.
            if spec.name in on_the_way and not reloads:
                sys.modules.pop(spec.name, None)

    def _expected(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        spec = self._found(fullname, path, target) or self._ask_others(fullname, path, target)
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
