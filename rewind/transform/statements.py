"""Statements that make events: branches, loops, exceptions, returns."""

import ast
from collections.abc import Callable, Iterator
from typing import TypeVar

from rewind.model import events, probes
from rewind.transform import builders
from rewind.transform.assignments import Assignments
from rewind.transform.marks import Definition
from rewind.transform.positions import raises_at
from rewind.transform.visitor import nodes_in

_Try = TypeVar("_Try", ast.Try, ast.TryStar)
_With = TypeVar("_With", ast.With, ast.AsyncWith)
_For = TypeVar("_For", ast.For, ast.AsyncFor)
_Body = list[ast.stmt]


_HOLDING = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If, ast.While, ast.For),
    *(ast.AsyncFor, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match),
)
"""Statements that hold others."""


class Statements(Assignments):
    """Visits the statements of functions and modules; class bodies pass with `scope` None."""

    def block(self, body: _Body) -> _Body:
        """Rewrite a list of statements."""
        rewritten: _Body = []
        plain = self.scope is None and not self.options.enters_lambdas
        for node in body:
            if self.marks.off and not self.quiet and self.marks.is_off(node):
                rewritten += self._off(node)
            elif plain and not isinstance(node, _HOLDING):
                rewritten.append(node)
            else:
                rewritten += self._statement(node)
        return rewritten

    def _statement(self, node: ast.stmt) -> _Body:
        line = self._line(node) if self.options.lines else []
        result = self.visit(node)
        return line + (result if isinstance(result, list) else [result])

    def _off(self, node: ast.stmt) -> _Body:
        """Record of a statement only what keeps the frame true; a definition stays plain."""
        if isinstance(node, Definition):
            return [node]
        outer, self.options, self.quiet = self.options, self.options.quiet, True
        rewritten = self._statement(node)
        self.options, self.quiet = outer, False
        return rewritten

    def _line(self, node: ast.stmt) -> _Body:
        if self.scope is None or isinstance(node, (ast.Global, ast.Nonlocal)):
            return []
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        at = decorators[0] if decorators else node
        return [builders.statement(probes.LINE, self.table.site(events.LINE, self.scope, at), at)]

    # Branches and loops

    def visit_If(self, node: ast.If) -> ast.If:
        """The outcome of the test; `elif` is an `if` inside the other side."""
        asserted = None if self.written is None else self.written.asserted(node)
        if asserted is not None:
            return self.asserted(node, asserted)
        node.test = self.test(node.test, "if", node)
        node.body = self.block(node.body)
        node.orelse = self.block(node.orelse)
        return node

    def visit_While(self, node: ast.While) -> ast.While:
        """Each outcome of the test, each iteration."""
        head = self._iteration(node, "while")
        node.test = self.test(node.test, "while", node)
        node.body = [*head, *self.block(node.body)]
        node.orelse = self.block(node.orelse)
        return node

    def visit_For(self, node: ast.For) -> ast.For:
        """Each iteration and what it binds."""
        return self._for(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AsyncFor:
        """As `for`; the frame may have been left while the next item was awaited."""
        return self._for(node)

    def _for(self, node: _For) -> _For:
        node.iter = self.expression(node.iter)
        back: Callable[[], _Body] = _back_for(node, self._back)
        head: _Body = [*back(), *self._iteration(node, "for"), *self.targets(node.target)]
        node.body = [*head, *self.block(node.body)]
        if node.orelse:
            node.orelse = [*back(), *self.block(node.orelse)]
        return node

    def _iteration(self, node: ast.While | _For, construct: str) -> _Body:
        if self.scope is None or not self.options.wants(events.LOOP):
            return []
        at = node.target if isinstance(node, (ast.For, ast.AsyncFor)) else node.test
        site = self.table.site(events.LOOP, self.scope, at, None, construct)
        return [builders.statement(probes.LOOP, site, at)]

    def _back(self, node: ast.stmt) -> _Body:
        return [] if self.scope is None else self.back_on_stack(self.scope, node)

    def visit_Match(self, node: ast.Match) -> ast.Match:
        """The index of the case taken, and what its pattern captured; -1 where none fits."""
        node.subject = self.expression(node.subject)
        irrefutable = any(_always_matches(case) for case in node.cases)
        for index, case in enumerate(node.cases):
            if case.guard is not None:
                case.guard = self.condition(case.guard)
            captures = [
                probe for name, at in _captures(case.pattern) for probe in self._read(name, at)
            ]
            taken = self._taken(index, case.pattern)
            case.body = [*taken, *captures, *self.block(case.body)]
        nothing = [] if irrefutable else self._taken(-1, node.subject)
        if nothing:
            wildcard = ast.copy_location(ast.MatchAs(None, None), node.cases[-1].pattern)
            ending = [builders.nowhere(one) for one in nothing]
            node.cases.append(ast.match_case(wildcard, None, ending))
        return node

    def _taken(self, index: int, at: ast.AST) -> _Body:
        if self.scope is None or not self.options.wants(events.BRANCH):
            return []
        site = self.table.site(events.BRANCH, self.scope, at, None, "match")
        return [builders.statement(probes.BRANCH, site, at, builders.constant(index, at))]

    def visit_Assert(self, node: ast.Assert) -> ast.Assert:
        """The outcome of the test; the statement itself stays, for whoever rewrites it later."""
        place = raises_at(node)
        node.test = self.test(node.test, "assert", node)
        if node.msg is not None:
            node.msg = self.expression(node.msg)
        return ast.copy_location(node, place)

    # Exceptions

    def visit_Try(self, node: ast.Try) -> ast.Try:
        """What is handled; and what passes a `finally`, before the `finally` runs."""
        return self._try(node)

    def visit_TryStar(self, node: ast.TryStar) -> ast.Try | ast.TryStar:
        """As `try`."""
        return self._try(node)

    def _try(self, node: _Try) -> _Try | ast.Try:
        node.body = self.block(node.body)
        for handler in node.handlers:
            self._handler(handler)
        node.orelse = self.block(node.orelse)
        final = self.block(node.finalbody)
        if not final or self.scope is None:
            node.finalbody = final
            return node
        inner: _Body = node.body
        if node.handlers:
            node.finalbody = []
            inner = [node]
        guarded = self._noticing(inner, node)
        return ast.copy_location(ast.Try([guarded], [], [], final), node)

    def _handler(self, handler: ast.ExceptHandler) -> None:
        if handler.type is not None:
            handler.type = self.expression(handler.type)
        body = self.block(handler.body)
        if self.scope is not None:
            at = handler.type or body[0]
            head = self.back_on_stack(self.scope, at)
            # The site before `handled` is the exception's own, for one not noticed earlier.
            site = self.table.site(events.EXCEPTION, self.scope, at)
            name = probes.NOTICED
            if self.options.wants(events.HANDLED):
                site = self.table.site(events.HANDLED, self.scope, at, handler.name)
                name = probes.HANDLED
            head.append(builders.statement(name, site, at))
            if handler.name is not None:
                head += self._read(handler.name, at)
            body = head + body
        handler.body = body

    def _noticing(self, body: _Body, at: ast.stmt) -> ast.Try:
        """Return `body` with a probe that sees an exception pass out of it."""
        assert self.scope is not None
        first = body[0]
        observers = self.back_on_stack(self.scope, first)
        site = self.table.site(events.EXCEPTION, self.scope, at)
        observers.append(builders.statement(probes.NOTICED, site, first))
        return builders.passing(body, observers, first)

    def visit_With(self, node: ast.With) -> ast.With:
        """What `as` binds; what passes out of the body, before `__exit__` runs."""
        return self._with(node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> list[ast.stmt]:
        """As `with`; the frame may be left while it enters and exits."""
        return [self._with(node), *self._back(node)]

    def _with(self, node: _With) -> _With:
        bound: _Body = []
        for item in node.items:
            item.context_expr = self.expression(item.context_expr)
            if item.optional_vars is not None:
                bound += self.targets(item.optional_vars)
        if self.scope is None:
            node.body = self.block(node.body)
            return node
        head: _Body = _back_for(node, self._back)()
        node.body = [*head, *bound, self._noticing(self.block(node.body), node)]
        return node

    def visit_Return(self, node: ast.Return) -> ast.stmt | _Body:
        """The value that goes out."""
        if self.scope is None:
            return node
        value = builders.constant(None, node) if node.value is None else self.expression(node.value)
        site = self.table.site(events.RETURN, self.scope, node, detail=self.withheld())
        name = probes.RETURNING if self.scope.keeps_return else probes.RETURN
        if node.value is None:
            # Apart from the statement, as an async generator may not return a value.
            return [builders.statement(name, site, node, value), node]
        node.value = builders.probe(name, site, value, value)
        return node


def _back_for(node: ast.stmt, back: Callable[[ast.stmt], _Body]) -> Callable[[], _Body]:
    """Return `back` for a statement that awaits by itself, and nothing for the others."""
    awaits = isinstance(node, (ast.AsyncFor, ast.AsyncWith))
    return lambda: back(node) if awaits else []


def _captures(pattern: ast.pattern) -> Iterator[tuple[str, ast.AST]]:
    """Yield the names that a pattern binds; they are text in the tree, no `Name` nodes."""
    for node in nodes_in(pattern):
        if isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name is not None:
            yield node.name, node
        elif isinstance(node, ast.MatchMapping) and node.rest is not None:
            yield node.rest, node


def _always_matches(case: ast.match_case) -> bool:
    # The compiler refuses a further case after one of these.
    pattern = case.pattern
    if case.guard is not None:
        return False
    if isinstance(pattern, ast.MatchOr):
        return any(_is_wild(one) for one in pattern.patterns)
    return _is_wild(pattern)


def _is_wild(pattern: ast.pattern) -> bool:
    while isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
        pattern = pattern.pattern
    return isinstance(pattern, ast.MatchAs)
