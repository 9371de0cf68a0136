"""Types whose nodes stand for those of `ast`, where some of the rewriting is done in C.

They derive from these, so that only what asks for an exact type has to know them.
"""

import ast
from collections.abc import Mapping
from typing import TypeVar

_T = TypeVar("_T")
SMALL: Mapping[type[ast.AST], type[ast.AST]]
"""By the type that each stands for."""

try:
    from rewind.transform._nodes import SMALL as SMALL  # noqa: PLC0414 - this module's
except ImportError:  # The extension is optional.
    SMALL = {}


def for_small(table: Mapping[type[ast.AST], _T]) -> dict[type[ast.AST], _T]:
    """Return a table of types, in which they are found as well."""
    return {**table, **{SMALL[kind]: table[kind] for kind in table if kind in SMALL}}
