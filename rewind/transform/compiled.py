"""From source to code: parse, rewrite, compile; and site numbers put in when a module loads.

The compiled template is the same whatever was loaded before, so it can be cached. `bind` puts
`base` plus the site's place where a placeholder stands among the constants.

The template is code as marshal writes it, and the numbers are put in there: `code.replace` would
make the code anew and forget which names an inlined comprehension hides (PEP 709), so that a look
at a module's `f_locals` took globals of those names away.
"""

import ast
import gc
import marshal
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType

from rewind.model.probes import SITE_DIGITS, SITE_MARK
from rewind.model.sites import SiteTable
from rewind.transform.functions import Rewriter
from rewind.transform.options import Options
from rewind.transform.table import Skipped, Table


@dataclass(frozen=True, slots=True)
class Transformed:
    """A module, ready to be bound."""

    template: bytes
    table: SiteTable
    skipped: tuple[Skipped, ...]


def transform(source: bytes, path: str, module: str, options: Options) -> Transformed:
    """Return the module's code with probes.

    Raises what `ast.parse` and `compile` raise for the source (`SyntaxError`, `ValueError`), and
    `RecursionError` for a tree nested too deep to be rewritten.
    """
    table = Table(source)
    with _collector_at_rest():
        rewritten = Rewriter(module, table, options).module(ast.parse(source, path))
        # The module's own `from __future__` stands in the tree; ours must not be inherited.
        template = compile(rewritten, path, "exec", dont_inherit=True)
        del rewritten
    return Transformed(marshal.dumps(template), table.finish(), tuple(table.skipped))


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Let no garbage collection happen for our sake.

    A tree's many nodes would make it run, over all that the program holds: a fifth of the time,
    and at a moment at which the program without us would not have seen it.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


# A short ASCII text (Python/marshal.c): its type, with a flag where something refers to it; its
# length; its characters.
_PLACEHOLDER = re.compile(
    rb"([zZ\xfa\xda])%c%s(\d{%d})"
    % (len(SITE_MARK) + SITE_DIGITS, SITE_MARK.encode(), SITE_DIGITS),
    re.DOTALL,
)
_FLAG = 0x80
_INTEGER = ord("i")


def bind(template: bytes, base: int) -> CodeType:
    """Return the code with its site numbers set, `base` being the module's first."""

    def number(found: re.Match[bytes]) -> bytes:
        site = base + int(found[2])
        return bytes((_INTEGER | found[1][0] & _FLAG,)) + site.to_bytes(4, "little")

    code: CodeType = marshal.loads(_PLACEHOLDER.sub(number, template))  # noqa: S302 - our own
    return code
