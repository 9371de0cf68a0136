"""Decides over one module that is about to load, and takes over its loading.

A loader is made use of only where it is known exactly how it works; everything else loads as it
would without Rewind, and is reported. A loader that is run a second time by hand runs plain.
"""

import os
import sys
from functools import partial
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType
from typing import TypeGuard
from weakref import ref
from zipimport import zipimporter

from rewind.hook.cache import state
from rewind.hook.checkers import CHECKERS, Checked, is_taken
from rewind.hook.entry import Stamp
from rewind.hook.handover import Handover, is_handing
from rewind.hook.instrument import Instrument, Report
from rewind.hook.reasons import COMPILED, why_not
from rewind.hook.selection import Selection


class Loading:
    """What finder and neighbours ask. Called by importing threads at once; nothing to stop."""

    def __init__(self, selection: Selection, instrument: Instrument, report: Report) -> None:
        self.selection = selection
        self.instrument = instrument
        self.report = report
        self.runs_as: dict[str, str] = {}
        """What `__name__` will be in modules that are about to run under another one."""

    def selects(self, name: str, path: str) -> bool:
        """Return whether the module is to be recorded."""
        return not self.selection.refuses(name) and self.selection.accepts(name, path)

    def take_over(self, spec: ModuleSpec) -> None:
        """Let the loader of a selected module run our code, if that can be done."""
        loader = _wrapped(spec.loader)
        name = self._running_name(spec)
        # Now and not while loading: an error here leaves no frame of ours in a traceback, as the
        # plain loader meets the same error by itself.
        try:
            if is_handing(loader) or is_taken(loader):
                return
            if type(loader) is zipimporter:
                self._take_over_archived(spec, loader, name)
            elif isinstance(loader, SourceFileLoader) and type(loader).__name__ in CHECKERS:
                Checked(loader, name, self.instrument).take_over()
            elif _runs_plainly(loader):
                self._take_over_file(loader, name)
            else:
                self._leave(spec, why_not(loader))
        except OSError as error:
            self._leave(spec, f"its source cannot be read: {error.strerror or error}")
        except Exception as error:  # noqa: BLE001 - the boundary: the module loads plain
            self._leave(spec, f"{type(error).__name__}: {error}", "module-failed")

    def _take_over_file(self, loader: SourceFileLoader, name: str) -> None:
        before = state(loader.path)
        code = self._code(loader, name)
        if code is None:
            return
        # No reference to the loader itself: one that is never used goes without the collector.
        plain = object.__new__(type(loader))
        vars(plain).update(vars(loader))
        Handover(loader, plain, loader.name, partial(self._due, plain, name, code, before))

    def _code(self, loader: SourceFileLoader, name: str) -> CodeType | None:
        read = partial(loader.get_data, loader.path)
        return self.instrument.code_of_file(loader.path, name, read)

    def _due(
        self, loader: SourceFileLoader, name: str, code: CodeType, before: Stamp | None
    ) -> CodeType | None:
        """Return the code of what the file holds by now: a spec may wait long for its use."""
        if state(loader.path) == before:
            return code
        try:
            return self._code(loader, name)
        except OSError:
            return None

    def _take_over_archived(self, spec: ModuleSpec, loader: zipimporter, name: str) -> None:
        path = loader.get_filename(spec.name)
        if not path.endswith(".py"):
            self._leave(spec, COMPILED)
            return
        code = self.instrument.code(loader.get_data(path), path, name)
        if code is None:
            return
        # All modules of the archive share the loader: until the code is used, another stands in.
        stand_in = zipimporter(os.path.join(loader.archive, loader.prefix))
        Handover(stand_in, loader, spec.name, partial(_put_back, ref(spec), loader, code))
        spec.loader = stand_in  # type: ignore[assignment] # as importlib does

    def _leave(self, spec: ModuleSpec, why: str, what: str = "module-skipped") -> None:
        self.instrument.met.add(spec.name)
        self.report(what, spec.name, why)

    def _running_name(self, spec: ModuleSpec) -> str:
        """Return what `__name__` will be in the module."""
        if spec.submodule_search_locations is not None:
            # What runs of a package is its `__main__`; the package itself is only imported.
            return spec.name
        return self.runs_as.get(spec.name, spec.name)


def _wrapped(loader: object) -> object:
    """Return the loader that scikit-build-core's own hands everything on to."""
    return getattr(loader, "__dict__", {}).get("_skbuild_loader", loader)


def _runs_plainly(loader: object) -> TypeGuard[SourceFileLoader]:
    """Return whether a loader gets and runs code as `SourceFileLoader` does.

    So that one itself, and meson-python's, which keeps no bytecode and finds resources in another
    way.
    """
    if not isinstance(loader, SourceFileLoader) or not _RUNNING.isdisjoint(vars(loader)):
        return False
    kind = type(loader)
    return kind is SourceFileLoader or all(
        getattr(kind, each) is getattr(SourceFileLoader, each) for each in _RUNNING
    )


def _put_back(spec: "ref[ModuleSpec]", loader: zipimporter, code: CodeType) -> CodeType:
    """Give spec and module the loader that they have without Rewind, and return the code."""
    found = spec()
    if found is not None:
        found.loader = loader  # type: ignore[assignment] # as importlib does
        module = sys.modules.get(found.name)
        if type(module) is ModuleType and module.__spec__ is found:
            module.__loader__ = loader
    return code


_RUNNING = frozenset(
    ("exec_module", "get_code", "source_to_code", "get_data", "get_filename", "path_stats")
)
