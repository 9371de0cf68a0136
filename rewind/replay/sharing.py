"""Which variables several functions of a module write: through `global` and `nonlocal`.

An event names a variable of the frame that it happens in. That this is one of another function's,
only the source says.
"""

import symtable
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from rewind.replay.sites import MODULE_BODY

_COMPREHENSIONS: Final = frozenset(("listcomp", "setcomp", "dictcomp", "genexpr"))
"""What binds in these by `:=` belongs to the function around them."""


class Shared(NamedTuple):
    """A variable that more than one function writes."""

    owner: str
    """Qualified name of the function whose variable it is, or of the module's body."""
    writers: frozenset[str]
    """Qualified names of the functions that write it, the owner among them if it does."""


SharedNames = Mapping[str, Mapping[str, Shared]]
"""By the qualified name of a function that has the variable, and the variable's."""


def shared_names(source: str) -> SharedNames:
    """Return the variables of a source that other functions write than the one they belong to.

    Empty for a source that this Python cannot read.
    """
    # Most sources have neither word.
    if "global" not in source and "nonlocal" not in source:
        return {}
    try:
        top = symtable.symtable(source, MODULE_BODY, "exec")
    except (SyntaxError, ValueError, RecursionError):
        return {}
    writers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for owner, name, writer in _writes(top, MODULE_BODY, ()):
        writers[owner, name].add(writer)
    found: dict[str, dict[str, Shared]] = defaultdict(dict)
    for (owner, name), them in writers.items():
        if them != {owner}:
            shared = Shared(owner, frozenset(them))
            for function in {owner, *them}:
                found[function][name] = shared
    return found


_Around = tuple[tuple[symtable.SymbolTable, str], ...]
"""The scopes around one and their qualified names, the innermost first."""


def _writes(
    table: symtable.SymbolTable, qualname: str, around: _Around
) -> Iterator[tuple[str, str, str]]:
    """Yield owner, name and writer of all that is written in a scope and inside it."""
    for symbol in table.get_symbols():
        owner = _owner(symbol, table, qualname, around) if symbol.is_assigned() else None
        if owner is not None:
            yield owner, symbol.get_name(), qualname
    for child in table.get_children():
        yield from _writes(child, _qualname(child, table, qualname), ((table, qualname), *around))


def _owner(
    symbol: symtable.Symbol, table: symtable.SymbolTable, qualname: str, around: _Around
) -> str | None:
    if table.get_type() == "module" or symbol.is_declared_global():
        return MODULE_BODY
    if symbol.is_nonlocal():
        return next((name for one, name in around if _has_local(one, symbol.get_name())), None)
    return qualname if symbol.is_local() and table.get_name() not in _COMPREHENSIONS else None


def _has_local(table: symtable.SymbolTable, name: str) -> bool:
    if table.get_type() != "function" or table.get_name() in _COMPREHENSIONS:
        return False
    return name in table.get_identifiers() and table.lookup(name).is_local()


def _qualname(child: symtable.SymbolTable, table: symtable.SymbolTable, qualname: str) -> str:
    name = child.get_name()
    if name in _COMPREHENSIONS or child.get_type() not in ("function", "class"):
        return qualname
    if name == "lambda":
        name = "<lambda>"
    elif name in table.get_identifiers() and table.lookup(name).is_declared_global():
        return name
    if qualname == MODULE_BODY:
        return name
    return f"{qualname}.{'<locals>.' if table.get_type() == 'function' else ''}{name}"
