"""From source to code: parse, rewrite, compile; and site numbers put in when a module loads.

The compiled template is the same whatever was loaded before, so it can be cached. It is marshalled
code that begins with the numbers of all its sites, in places of a fixed size; whatever uses a
number refers to these. So `bind` sets a module's numbers without looking at its code, and what
comes out is code as its compiler made it: `code.replace` would make it anew and forget which names
an inlined comprehension hides (PEP 709), so that a look at a module's `f_locals` took globals of
those names away.
"""

import ast
import gc
import marshal
import sys
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import CodeType
from typing import NamedTuple

from rewind.model.probes import SITE_DIGITS, SITE_MARK, SITE_MARKS
from rewind.model.sites import SiteTable
from rewind.transform.builders import shrink, with_room
from rewind.transform.functions import MODULE, Key, Rewriter, key_of
from rewind.transform.marks import Definition, marks_of
from rewind.transform.narrowing import narrowed
from rewind.transform.options import Options
from rewind.transform.own import Own
from rewind.transform.table import Skipped, Table
from rewind.transform.unwarned import unwarned
from rewind.transform.visitor import nodes_in


class Transformed(NamedTuple):
    """A module, ready to be bound."""

    template: bytes
    table: SiteTable
    skipped: tuple[Skipped, ...]


def transform(source: bytes, path: str, module: str, options: Options) -> Transformed:
    """Return the module's code with probes.

    A function that does not compile with them stays plain, and is told among `skipped`. Raises
    what `ast.parse` and `compile` raise for the source (`SyntaxError`, `ValueError`). What the
    compiler warns of is said once, and not at all of a source that Python refuses.
    """

    def made(faulty: Mapping[Key, str]) -> Transformed:
        tree = ast.parse(source, path)
        # At once, as long as the processor has at hand what was parsed.
        shrink(tree)
        marks = marks_of(source, tree)
        return _compiled(tree, path, Rewriter(module, Table(source), options, marks, faulty))

    def fails(faulty: Mapping[Key, str]) -> str | None:
        try:
            made(faulty)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a function's
            return getattr(error, "msg", None) or str(error)
        return None

    def in_part() -> Transformed:
        with suppress(Exception):
            return made({})
        return made(narrowed(_keys(source, path), fails))

    with collector_at_rest():
        with unwarned() as heard:
            try:
                transformed = made({})
            except Exception:  # noqa: BLE001 - as above, unless Python refuses the source itself
                compile(source, path, "exec", dont_inherit=True)
                transformed = with_room(in_part)
        if heard.any:
            compile(source, path, "exec", dont_inherit=True)
    return transformed


def _keys(source: bytes, path: str) -> list[Key]:
    nodes = nodes_in(ast.parse(source, path))
    return [*sorted(key_of(node) for node in nodes if isinstance(node, Definition)), MODULE]


def transform_rewritten(
    tree: ast.Module, source: bytes, path: str, module: str, options: Options
) -> Transformed:
    """Return code with probes of a tree that somebody else has made of the source.

    What he has put in stays plain: names that the source does not bind, and what stands in place
    of an assertion but for its outcome. Raises what `ast.parse` and `compile` raise, and
    `RecursionError` for a tree nested too deep to be rewritten.
    """
    with collector_at_rest():
        with unwarned():
            written = Own(ast.parse(source, path))
        marks = marks_of(source, tree)
        rewriter = Rewriter(module, Table(source), options, marks, written=written)
        return _compiled(tree, path, rewriter)


@contextmanager
def collector_at_rest() -> Iterator[None]:
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


def _compiled(tree: ast.Module, path: str, rewriter: Rewriter) -> Transformed:
    rewritten = rewriter.module(tree)
    # The module's own `from __future__` stands in the tree; ours must not be inherited.
    template = compile(rewritten, path, "exec", dont_inherit=True)
    sites = rewriter.table.finish()
    return Transformed(_template(template, len(sites.sites)), sites, tuple(rewriter.table.skipped))


# What marshal writes (Python/marshal.c): a type, with a flag where something refers to the object;
# then its length and its content, or the integer itself.
_FLAG = 0x80
_TEXT = ord("z") | _FLAG
_INTEGER = ord("i") | _FLAG
_INTEGER_SIZE = 5
_SMALL_TUPLE = 256


def _template(code: CodeType, count: int) -> bytes:
    """Return the code, marshalled behind as many numbers of sites.

    Raises `ValueError` where marks stand in the code in another way than the numbers are put in.
    """
    due = list(map(SITE_MARKS.__getitem__, range(count)))
    # These very objects are the code's constants as well, so that marshal refers to them.
    stream = marshal.dumps((*due, code))
    start_of_each = chr(_TEXT) + chr(len(SITE_MARK) + SITE_DIGITS)
    head = (start_of_each * bool(due) + start_of_each.join(due)).encode("latin-1")
    start = _start(count)
    end = start + len(head)
    if stream[start:end] != head or stream.find(SITE_MARK.encode(), end) >= 0:
        message = "the interpreter has not written its constants as expected"
        raise ValueError(message)
    return stream[:start] + bytes(count * _INTEGER_SIZE) + stream[end:]


def _start(count: int) -> int:
    # A tuple's length takes one byte or four.
    return 2 if count + 1 < _SMALL_TUPLE else 5


def bind(template: bytes | bytearray | memoryview, count: int, base: int) -> CodeType:
    """Return the code with the numbers of its `count` sites set, `base` being the first.

    A template that can be written to is bound in place and can be bound again.
    """
    stream = bytearray(template) if isinstance(template, bytes) else template
    start = _start(count)
    stream[start : start + count * _INTEGER_SIZE] = _numbers(base, count)
    code: CodeType = marshal.loads(stream)[-1]  # noqa: S302 - our own
    return code


def _numbers(base: int, count: int) -> bytearray:
    """Return marshalled integers; column by column, as a step for each would take far longer."""
    values = array("I", range(base, base + count))
    if sys.byteorder == "big":
        values.byteswap()
    raw = values.tobytes()
    numbers = bytearray(count * _INTEGER_SIZE)
    numbers[::_INTEGER_SIZE] = bytes((_INTEGER,)) * count
    for column in range(_INTEGER_SIZE - 1):
        numbers[column + 1 :: _INTEGER_SIZE] = raw[column :: _INTEGER_SIZE - 1]
    return numbers
