"""From source to code: parse, rewrite, compile; and site numbers put in when a module loads.

The compiled template is the same whatever was loaded before, so it can be cached. `bind` replaces
each placeholder among the constants by `base` plus the site's place.
"""

import ast
from dataclasses import dataclass
from types import CodeType

from rewind.model.probes import SITE_MARK
from rewind.model.sites import SiteTable
from rewind.transform.functions import Rewriter
from rewind.transform.options import Options
from rewind.transform.table import Skipped, Table


@dataclass(frozen=True, slots=True)
class Transformed:
    """A module, ready to be bound."""

    template: CodeType
    table: SiteTable
    skipped: tuple[Skipped, ...]


def transform(source: bytes, path: str, module: str, options: Options) -> Transformed:
    """Return the module's code with probes.

    Raises what `ast.parse` and `compile` raise for the source (`SyntaxError`, `ValueError`), and
    `RecursionError` for a tree nested too deep to be rewritten.
    """
    tree = ast.parse(source, path)
    table = Table(source)
    rewritten = Rewriter(module, table, options).module(tree)
    # The module's own `from __future__` stands in the tree; ours must not be inherited.
    template = compile(rewritten, path, "exec", dont_inherit=True)
    return Transformed(template, table.finish(), tuple(table.skipped))


def bind(template: CodeType, base: int) -> CodeType:
    """Return the code with its site numbers set, `base` being the module's first."""
    constants = tuple(_bound(constant, base) for constant in template.co_consts)
    return template.replace(co_consts=constants)


def _bound(constant: object, base: int) -> object:
    if type(constant) is str and constant.startswith(SITE_MARK):
        return base + int(constant[len(SITE_MARK) :])
    if type(constant) is CodeType:
        return bind(constant, base)
    return constant
