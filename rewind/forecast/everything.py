"""All modules that can be imported and that patterns, or the rule by location, may cover."""

import os
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from rewind.forecast.search import Found, Search
from rewind.hook import Selection

_WILD = "*?["


def covered(search: Search, selection: Selection) -> Iterator[str]:
    """Yield the dotted names; each module that is yielded can be found."""
    may_be = _by_pattern(selection) if selection.include else _by_place(selection)
    for name in _tops(search.path, selection):
        yield from _below(search, name, may_be)


def _tops(path: Sequence[str], selection: Selection) -> Iterable[str]:
    heads = [pattern.partition(".")[0] for pattern in selection.include]
    names = {head for head in heads if not _is_wild(head)}
    wild = [head for head in heads if _is_wild(head)]
    if wild or not selection.include:
        found = {each.name for each in pkgutil.iter_modules([p or os.getcwd() for p in path])}
        names |= {name for name in found if not heads or any(fnmatchcase(name, h) for h in wild)}
    return sorted(names)


def _below(search: Search, name: str, may_be: Callable[[Found], bool]) -> Iterator[str]:
    found = search.find(name)
    if found is None:
        return
    yield name
    if found.locations is None or not may_be(found):
        return
    for inner in sorted(_names_in(found.locations)):
        yield from _below(search, f"{name}.{inner}", may_be)


def _names_in(folders: Sequence[str]) -> set[str]:
    names = {each.name for each in pkgutil.iter_modules(list(folders))}
    # A folder without `__init__` is a package as well (PEP 420).
    for folder in folders:
        try:
            with os.scandir(folder) as entries:
                names |= {each.name for each in entries if each.is_dir() and _may_hold(each.name)}
        except OSError:
            continue
    return names


def _may_hold(folder: str) -> bool:
    return folder.isidentifier() and folder != "__pycache__"


def _by_place(selection: Selection) -> Callable[[Found], bool]:
    placed = selection._replace(exclude=())
    return lambda found: any(
        placed.accepts(found.name, os.path.join(place, "__init__.py"))
        for place in found.locations or ()
    )


def _by_pattern(selection: Selection) -> Callable[[Found], bool]:
    literals = [_literal(pattern) for pattern in selection.include]

    def may_be(found: Found) -> bool:
        below = f"{found.name}."
        return any(each.startswith(below) or below.startswith(each) for each in literals)

    return may_be


def _literal(pattern: str) -> str:
    wild = min((pattern.find(each) for each in _WILD if each in pattern), default=len(pattern))
    return pattern[:wild]


def _is_wild(text: str) -> bool:
    return any(each in text for each in _WILD)
