"""Frames: what goes around the body of a function or a module.

    call(...)                    the frame is there
    <body, each return probed>
    returned(None)               where the end can be reached
    except: raised(); raise      the frame is left by an exception

Where a `return` stands inside `with` or `try ... finally`, the frame is not left there: the value
is kept (`returning`), and a `finally` of ours reports it when the last code of the frame has run.
"""

import ast
import sys
from collections.abc import Mapping
from itertools import repeat
from types import MappingProxyType
from typing import Final, TypeVar

from rewind.model import events, probes, sites
from rewind.transform import builders, endings
from rewind.transform.firsts import first_of
from rewind.transform.marks import NONE, Definition, Marks
from rewind.transform.options import Options
from rewind.transform.own import Own
from rewind.transform.statements import Statements
from rewind.transform.survey import flavour_of, keeps_return, parameters_of
from rewind.transform.table import Scope, Table
from rewind.transform.visitor import nodes_in

_Definition = ast.FunctionDef | ast.AsyncFunctionDef
_D = TypeVar("_D", ast.FunctionDef, ast.AsyncFunctionDef)
_ENDS = (ast.Return, ast.Raise)
Key = tuple[int, int]
MODULE: Final[Key] = (0, 0)
"""Stands for the module's own body."""
CONDITIONAL_ANNOTATIONS = sys.version_info >= (3, 14)
_HARMLESS = frozenset({"staticmethod", "classmethod", "property", "setter", "getter", "deleter"})


class Rewriter(Statements):
    """Rewrites one module's tree in place; `Table` collects what it placed."""

    def __init__(
        self,
        module_name: str,
        table: Table,
        options: Options,
        marks: Marks = NONE,
        faulty: Mapping[Key, str] = MappingProxyType({}),
        written: Own | None = None,
    ) -> None:
        super().__init__(module_name, table, options, marks, written)
        self._faulty = faulty
        self._unmarked = False
        """Whether nothing is recorded until something is decorated with `rewind.only`."""

    def module(self, tree: ast.Module) -> ast.Module:
        """Rewrite the whole module and return it; an empty one stays as it is."""
        head, body = _split_head(tree.body, futures=True)
        self._unmarked = self.marks.uses_only
        if self._unmarked or (body and self._is_faulty(MODULE, "<module>", body[0])):
            self.options = self.asked.quiet
            tree.body = self.block(tree.body)
        elif body:
            index = self.table.function("<module>", 1, sites.PLAIN, ())
            scope = Scope(index, "<module>", sites.PLAIN)
            tree.body = [*head, *self._frame(scope, body[0], body, ())]
        return tree

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Rewrite the function's body; what its definition evaluates stays plain."""
        return self._define(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        """Rewrite as a function's."""
        return self._define(node)

    def _define(self, node: _D) -> _D:
        qualname = self._qualname(node.name)
        if self._stays_plain(node, qualname) or _must_stay_empty(node, self):
            return node
        prefix = f"{qualname}.<locals>."
        if self._unmarked and not self.marks.only(node):
            outer = self.enter(None, prefix)
            node.body = self.block(node.body)
            self.leave(outer)
        else:
            outside = self._record()
            self._rewrite_function(node, qualname, prefix)
            self.options, self._unmarked = outside
        return node

    def _rewrite_function(self, node: _Definition, qualname: str, prefix: str) -> None:
        head, body = _split_head(node.body, futures=False)
        flavour = flavour_of(node, self.table)
        parameters = parameters_of(node.args)
        index = self.table.function(qualname, node.lineno, flavour, parameters)
        kept, declared = self._keeps_return(node, body), _globals_of(node)
        scope = Scope(index, qualname, flavour, kept, declared, parameters)
        # A docstring alone is the whole body: it stays, and `pass` stands for the rest.
        inside = body or [_returns_at_once(node)]
        outer = self.enter(scope, prefix)
        node.body = [*head, *self._frame(scope, node, inside, parameters)]
        self.leave(outer)

    def _keeps_return(self, node: _Definition, body: list[ast.stmt]) -> bool:
        # Keywords cannot be spelled in another way: most functions need no walk.
        mentions = self.table.mentions
        followed = mentions(b"with", node) or mentions(b"finally", node)
        return (followed or self.written is not None) and keeps_return(body)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        """Rewrite the functions inside; the body itself is data, and plain unless asked for."""
        qualname = self._qualname(node.name)
        if self.quiet or self.marks.skip(node):
            return node
        if not self._unmarked or self.marks.only(node):
            outside = self._record()
            self._rewrite_class(node, qualname)
            self.options, self._unmarked = outside
        else:
            self._rewrite_class(node, qualname)
        return node

    def _rewrite_class(self, node: ast.ClassDef, qualname: str) -> None:
        framed = self.options.class_bodies and not self._stays_plain(node, qualname)
        outer = self.enter(None, f"{qualname}.", in_protocol=_is_protocol(node))
        node.body = self._class_body(node, qualname) if framed else self.block(node.body)
        self.leave(outer)

    def _class_body(self, node: ast.ClassDef, qualname: str) -> list[ast.stmt]:
        """Return the body with a frame of its own; its namespace is never asked for a probe."""
        head, body = _split_head(node.body, futures=False)
        index = self.table.function(qualname, node.lineno, sites.PLAIN, ())
        scope = Scope(index, qualname, sites.PLAIN, is_class=True, globals=_globals_of(node))
        inside = body or [ast.copy_location(ast.Pass(), head[0])]
        framed = self._frame(scope, node, inside, ())
        # What a metaclass prepared may count, refuse or invent names that are looked up in it.
        return [*head, builders.located(ast.Global(_probes_in(framed)), inside[0]), *framed]

    def _stays_plain(self, node: Definition, qualname: str) -> bool:
        return (
            self.quiet
            or self.marks.skip(node)
            or self.options.excludes(self.module_name, qualname)
            or self._is_faulty(key_of(node), qualname, node)
        )

    def _is_faulty(self, key: Key, qualname: str, node: ast.AST) -> bool:
        why = self._faulty.get(key)
        if why:
            self.table.skip(qualname, node, why)
        return why is not None

    def _record(self) -> tuple[Options, bool]:
        """Record what is inside as it was asked for; return what holds around it."""
        outside = self.options, self._unmarked
        self.options, self._unmarked = self.asked, False
        return outside

    def _qualname(self, name: str) -> str:
        if self.scope is not None and name in self.scope.globals:
            return name
        return self.prefix + name

    def _frame(
        self, scope: Scope, definition: ast.stmt, body: list[ast.stmt], parameters: tuple[str, ...]
    ) -> list[ast.stmt]:
        outer, self.scope = self.scope, scope
        first, last = first_of(body) or body[0], body[-1]
        frame: list[ast.stmt] = []
        inside = [self._call(scope, definition, first, parameters)]
        for part in _parts(scope, body):
            rewritten = self.block(part, told=True)
            if part is body or not _is_annotated(part[0]):
                inside += rewritten
                continue
            if inside:
                frame.append(self._guard(scope, inside, first, last))
                inside = []
            frame += rewritten
        if not isinstance(last, _ENDS):
            inside += self._end(scope, last, inside)
        if inside:
            frame.append(self._guard(scope, inside, first, last))
        self.scope = outer
        return frame

    def _call(
        self, scope: Scope, definition: ast.stmt, at: ast.AST, parameters: tuple[str, ...]
    ) -> ast.stmt:
        name = probes.CALL
        if scope.resumable:
            name = probes.CALL_RESUMABLE
        elif scope.keeps_return:
            name = probes.CALL_KEPT
        site = self.table.site(events.CALL, scope, definition)
        return builders.statement(name, site, at, *map(builders.load, parameters, repeat(at)))

    def _end(self, scope: Scope, last: ast.stmt, inside: list[ast.stmt]) -> list[ast.stmt]:
        """Return the probe for the end of the body `inside`, where `None` is returned.

        A function returns there and then: with nothing between, the compiler does with it as with
        the end of an untouched function, and copies it to each line that leads there.
        """
        name = probes.RETURNING if scope.keeps_return else probes.RETURN
        site = self.table.site(events.RETURN, scope, last)
        returns = not scope.is_class and scope.qualname != "<module>"

        def end(at: ast.stmt | None) -> list[ast.stmt]:
            place = at or builders.NOWHERE
            probe = builders.statement(name, site, place, builders.constant(None, place))
            return [probe, *([builders.located(ast.Return(None), place)] if returns else [])]

        if endings.APART and returns:
            endings.close(inside, end)
            return [] if isinstance(inside[-1], ast.Return) else end(None)
        return end(None)

    def _guard(
        self, scope: Scope, inside: list[ast.stmt], first: ast.AST, last: ast.stmt
    ) -> ast.Try:
        observers = self.back_on_stack(scope, first)
        site = self.table.site(events.EXCEPTION, scope, last, detail="exit")
        name = probes.RAISED_KEPT if scope.keeps_return else probes.RAISED
        observers.append(builders.statement(name, site, first))
        guarded = builders.passing(inside, observers, first)
        if scope.keeps_return:
            left = self.table.site(events.RETURN, scope, last)
            guarded.finalbody = [builders.statement(probes.LEFT, left, builders.NOWHERE)]
        return guarded


def _returns_at_once(node: _Definition) -> ast.Pass:
    """Return a `pass` where a function that has only a docstring does what it does."""
    line = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    return ast.Pass(lineno=line, end_lineno=line, col_offset=0, end_col_offset=0)


def _split_head(body: list[ast.stmt], *, futures: bool) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Part what must stand first (a docstring, `from __future__`) from the rest."""
    count = 0
    if body and _is_docstring(body[0]):
        count = 1
    while futures and count < len(body) and _is_future(body[count]):
        count += 1
    return body[:count], body[count:]


def _parts(scope: Scope, body: list[ast.stmt]) -> list[list[ast.stmt]]:
    """Return what is guarded together.

    From Python 3.14 on, an annotated name within `try` has its annotation only if it was reached,
    and the module or class keeps account of that: there it stands between the guarded parts.
    """
    annotated = scope.is_class or scope.qualname == "<module>"
    if CONDITIONAL_ANNOTATIONS and annotated and any(map(_is_annotated, body)):
        return [[node] for node in body]
    return [body]


def _is_annotated(node: ast.stmt) -> bool:
    return isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)


def key_of(node: Definition) -> Key:
    """Return what a definition is known by in its module."""
    return node.lineno, node.col_offset


def _globals_of(node: _Definition | ast.ClassDef) -> frozenset[str]:
    return frozenset(name for one in node.body if type(one) is ast.Global for name in one.names)


def _probes_in(frame: list[ast.stmt]) -> list[str]:
    nodes = (one for part in frame for one in nodes_in(part))
    names = {one.id for one in nodes if isinstance(one, ast.Name)}
    return sorted(name for name in names if name.startswith(probes.PREFIX))


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _must_stay_empty(node: _Definition, rewriter: Statements) -> bool:
    """Whether something may look into the body and require that it does nothing.

    State machines and RPC stubs are declared by decorated functions without a body, protocols by
    methods without one; nothing is lost by leaving these plain.
    """
    # The last one mostly decides: a docstring stands first.
    if not (_does_nothing(node.body[-1]) and all(map(_does_nothing, node.body))):
        return False
    return rewriter.in_protocol or any(
        _name_of(one) not in _HARMLESS for one in node.decorator_list
    )


def _does_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Pass):
        return True
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_protocol(node: ast.ClassDef) -> bool:
    bases = (base.value if isinstance(base, ast.Subscript) else base for base in node.bases)
    return any(_name_of(base) == "Protocol" for base in bases)
