"""Gives the recording half builtins of its own, which the program cannot replace.

A program may put another function under `len` or `open` for a while, as tests do. Functions find
their builtins through the module that they belong to; so each module of ours that is imported
while `own_builtins` is on is given a copy, made before the program could change anything. This is
the first of them.
"""

import builtins
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

_names = dict(vars(builtins))


@contextmanager
def own_builtins() -> Iterator[None]:
    """Import what is imported of `rewind` with the copy of the builtins."""
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        with suppress(ValueError):  # the program may have a list of its own by now
            sys.meta_path.remove(finder)


class _Finder:
    """A meta path finder (importlib.abc.MetaPathFinder) for Rewind's own modules."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the module's spec, with our loader, if it is one of ours."""
        if not fullname.startswith("rewind."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    """Loads a source file as its base does, into a module that names its builtins."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code."""
        module.__dict__["__builtins__"] = _names
        super().exec_module(module)
