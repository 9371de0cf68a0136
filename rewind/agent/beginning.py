"""Where a program begins: what is recorded of it, and which modules give way to its own.

Asked by the agent when a program starts, and by `rewind doctor` for one that does not.
"""

import os
import sys
from collections.abc import Collection, Iterator
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder

from rewind.config import Settings
from rewind.hook import Selection
from rewind.hook.instrument import Report
from rewind.hook.reasons import COMPILED


def selection_for(settings: Settings, place: str, own: tuple[str, ...] = ()) -> Selection:
    """Return what is recorded of a program whose folder is `place`; `own`: the package it is."""
    roots = tuple(dict.fromkeys((os.getcwd(), os.path.abspath(place))))
    return Selection(settings.include, settings.exclude, own, roots)


def selection_of(settings: Settings) -> Selection:
    """Return what is recorded of a process that is no program of ours."""
    try:
        roots: tuple[str, ...] = (os.getcwd(),)
    except OSError:  # the folder is gone: no module lies under it
        roots = ()
    return Selection(settings.include, settings.exclude, (), roots)


def takes_main(selection: Selection, path: str, report: Report) -> bool:
    """Return whether a script is recorded; say so where it would be but for a reason."""
    pattern = selection.excluded_by("__main__")
    if pattern is not None:
        report("module-skipped", "__main__", f"excluded by the pattern {pattern!r}")
    # The script is named by the user, wherever it lies.
    if selection.refuses("__main__"):
        return False
    if is_compiled(path):
        report("module-skipped", "__main__", COMPILED)
    return not is_compiled(path)


def is_compiled(path: str) -> bool:
    """Return whether Python takes a script for compiled code, by its name as Python does."""
    return path.endswith(".pyc")


def shadowed(place: str, ours: Collection[str]) -> Iterator[str]:
    """Yield those of `ours`, the modules loaded since the start, that must give way.

    A module in the program's folder may have the name of one of the library's that we have
    loaded: without us the search would ask the folder first.
    """
    for name in sys.stdlib_module_names & set(ours):
        built_in = BuiltinImporter.find_spec(name) or FrozenImporter.find_spec(name)
        if built_in is None and PathFinder.find_spec(name, [place]) is not None:
            yield from (each for each in ours if f"{each}.".startswith(f"{name}."))
