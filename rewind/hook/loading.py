"""Decides over one module that is about to load, and takes over its loading.

Wraps a loader only where it knows exactly how that loader works; everything else loads as it would
without Rewind, and is reported.
"""

import os
from functools import partial
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType
from typing import TypeGuard
from zipimport import zipimporter

from rewind.hook.checkers import CHECKERS, Checked, is_taken
from rewind.hook.instrument import Instrument, Report
from rewind.hook.reasons import NO_SOURCE, why_not
from rewind.hook.selection import Selection


class Loading:
    """What finder and neighbours ask. Called by importing threads at once; nothing to stop."""

    def __init__(self, selection: Selection, instrument: Instrument, report: Report) -> None:
        self.selection = selection
        self.instrument = instrument
        self.report = report
        self.main: str | None = None
        """Dotted name of the module, or of the package, that is about to run as `__main__`."""

    def selects(self, name: str, path: str) -> bool:
        """Return whether the module is to be recorded."""
        return not self.selection.refuses(name) and self.selection.accepts(name, path)

    def take_over(self, spec: ModuleSpec) -> None:
        """Give the spec of a selected module our loader, if that can be done."""
        loader: object = spec.loader
        name = self._running_name(spec)
        # Now and not while loading: an error here leaves no frame of ours in a traceback, as the
        # plain loader is kept and meets the same error by itself.
        try:
            if type(loader) is SourceFileLoader:
                self._take_over_file(spec, loader, name)
            elif type(loader) is zipimporter:
                self._take_over_archived(spec, loader, name)
            elif isinstance(loader, SourceFileLoader) and type(loader).__name__ in CHECKERS:
                if not is_taken(loader):
                    Checked(loader, name, self.instrument).take_over()
            elif _runs_plainly(loader := _wrapped(loader)):
                self._take_over_kept(loader, name)
            elif type(loader) not in _OURS:
                self._leave(spec, why_not(loader))
        except OSError as error:
            self._leave(spec, f"its source cannot be read: {error.strerror or error}")

    def _take_over_file(self, spec: ModuleSpec, loader: SourceFileLoader, name: str) -> None:
        read = partial(loader.get_data, loader.path)
        code = self.instrument.code_of_file(loader.path, name, read)
        if code is not None:
            spec.loader = InstrumentedLoader(spec.name, loader.path, code)

    def _take_over_kept(self, loader: SourceFileLoader, name: str) -> None:
        """Let a loader of somebody's run our code and be itself in all else."""
        code = self.instrument.code_of_file(
            loader.path, name, partial(loader.get_data, loader.path)
        )
        if code is not None:
            loader.get_code = lambda fullname: code  # type: ignore[method-assign] # noqa: ARG005 - importlib's

    def _take_over_archived(self, spec: ModuleSpec, loader: zipimporter, name: str) -> None:
        path = loader.get_filename(spec.name)
        if not path.endswith(".py"):
            self._leave(spec, NO_SOURCE)
            return
        code = self.instrument.code(loader.get_data(path), path, name)
        if code is not None:
            spec.loader = InstrumentedArchive(loader, code)  # type: ignore[assignment] # as importlib does

    def _leave(self, spec: ModuleSpec, why: str) -> None:
        self.instrument.met.add(spec.name)
        self.report("module-skipped", spec.name, why)

    def _running_name(self, spec: ModuleSpec) -> str:
        """Return what `__name__` will be in the module."""
        if spec.name != self.main:
            return spec.name
        if spec.submodule_search_locations is None:
            return "__main__"
        # What runs of a package is its `__main__`; the package itself is only imported.
        self.main = f"{spec.name}.__main__"
        return spec.name


def _wrapped(loader: object) -> object:
    """Return the loader that scikit-build-core's own hands everything on to."""
    return getattr(loader, "__dict__", {}).get("_skbuild_loader", loader)


def _runs_plainly(loader: object) -> TypeGuard[SourceFileLoader]:
    """Return whether a class of somebody's gets and runs code as `SourceFileLoader` does.

    So meson-python's, which keeps no bytecode and finds resources in another way.
    """
    kind = type(loader)
    return (
        isinstance(loader, SourceFileLoader)
        and kind not in _OURS
        and all(getattr(kind, each) is getattr(SourceFileLoader, each) for each in _RUNNING)
    )


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


class InstrumentedArchive(zipimporter):
    """Loads a module from a zip file as its base does, but runs the code that was made for it.

    Made for one import and used by the thread that imports.
    """

    def __init__(self, plain: zipimporter, code: CodeType) -> None:
        super().__init__(os.path.join(plain.archive, plain.prefix))
        self._code = code

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - importlib's signature
        """Return the instrumented code."""
        return self._code


_RUNNING = ("exec_module", "get_code", "source_to_code", "get_data", "get_filename", "path_stats")
_OURS = (InstrumentedLoader, InstrumentedArchive)
