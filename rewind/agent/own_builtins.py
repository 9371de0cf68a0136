"""Gives the recording half builtins of its own, which the program cannot replace.

A program may put another function under `len` or `open` for a while, as tests do. Functions find
their builtins through the module that they belong to; so each module of ours that is imported
while `own_builtins` is on is given a copy, made before the program could change anything.
"""

import builtins
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType


@contextmanager
def own_builtins() -> Iterator[None]:
    """Import what is imported of `rewind` with a copy of the builtins. For the main thread."""
    finder = _Finder(dict(vars(builtins)))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Finder:
    """A meta path finder (importlib.abc.MetaPathFinder) for Rewind's own modules."""

    def __init__(self, names: dict[str, object]) -> None:
        self._names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the module's spec, with our loader, if it is one of ours."""
        if not fullname.startswith("rewind."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _Loader(spec.loader.name, spec.loader.path, self._names)
        return spec


class _Loader(SourceFileLoader):
    """Loads a source file as its base does, into a module that names its builtins."""

    def __init__(self, fullname: str, path: str, names: dict[str, object]) -> None:
        super().__init__(fullname, path)
        self._names = names

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code."""
        module.__dict__["__builtins__"] = self._names
        super().exec_module(module)
