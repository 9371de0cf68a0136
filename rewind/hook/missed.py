"""Modules that are asked for and were loaded before anything could give them probes."""

from collections.abc import Iterable, Iterator
from types import ModuleType

from rewind.hook.selection import Selection


def missed(
    selection: Selection, loaded: Iterable[tuple[str, ModuleType]]
) -> Iterator[tuple[str, str]]:
    """Yield the name of each such module, and why it is not recorded."""
    for name, module in sorted(loaded, key=lambda each: each[0]):
        path = getattr(module, "__file__", None)
        if name == "__main__" or type(path) is not str or not selection.accepts(name, path):
            continue
        pattern = selection.excluded_by(name)
        if pattern is not None:
            yield name, f"excluded by the pattern {pattern!r}"
        elif not selection.refuses(name):
            yield name, "it was imported before Rewind started"
