"""Statements that make events: branches, loops, exceptions, returns."""

import ast
from collections.abc import Callable
from itertools import islice
from typing import Any, TypeVar

from rewind.model import events, probes
from rewind.transform import builders
from rewind.transform.assignments import Assignments, bound, captured
from rewind.transform.expressions import is_constant
from rewind.transform.firsts import first_in, first_of, in_line
from rewind.transform.marks import Definition
from rewind.transform.positions import (
    decided_last,
    decides_on_lines,
    exits_at,
    left_at,
    raises_at,
)
from rewind.transform.steps import JUMPS
from rewind.transform.survey import jumps_out

_Try = TypeVar("_Try", ast.Try, ast.TryStar)
_With = TypeVar("_With", ast.With, ast.AsyncWith)
_For = TypeVar("_For", ast.For, ast.AsyncFor)
_Body = list[ast.stmt]
_Back = Callable[[ast.stmt, ast.AST], _Body]


_Next = tuple[_Body, int, "_Next | None"]
"""Statements, which of them follows, and what follows the last of them."""

_HOLDING = frozenset(
    {
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If, ast.While, ast.For),
        *(ast.AsyncFor, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match),
    }
)
"""Statements that hold others."""


class Statements(Assignments):
    """Visits the statements of functions and modules; class bodies pass with `scope` None."""

    _next: _Next | None = None

    def block(self, body: _Body, after: _Next | None = None, *, told: bool = False) -> _Body:
        """Rewrite a list of statements; `after` is what follows the last one, if that is known.

        `told` tells whether a probe runs right before; it then holds for what follows the block.
        """
        rewritten: _Body = []
        self.told = told
        outer, off = self._next, self.marks.off and not self.quiet
        plain = self.scope is None and not self.options.enters_lambdas
        for place, node in enumerate(body, 1):
            self._next = body, place, after
            if off and self.marks.is_off(node):
                rewritten += self._off(node)
            elif plain and type(node) not in _HOLDING:
                rewritten.append(node)
            else:
                self._statement(node, rewritten)
        self._next = outer
        return rewritten

    def _statement(self, node: ast.stmt, rewritten: _Body) -> None:
        """Rewrite a statement, and add what becomes of it."""
        line = self._line(node) if self.options.lines else None
        if line:
            rewritten += line
        self.follows, self.tells = self.told or bool(line), False
        kind = type(node)
        dull = kind not in _HOLDING and self.is_dull(node)
        visit = self._visits.get(kind)
        result: Any = node
        if visit is not None:
            self.dull = dull
            result = visit(self, node)
            self.dull = False
        elif not dull:
            result = self.generic_visit(node)
        self.told, self.tells = self.tells, False
        if type(result) is list:
            rewritten += result
        else:
            rewritten.append(result)

    def _off(self, node: ast.stmt) -> _Body:
        """Record of a statement only what keeps the frame true; a definition stays plain."""
        if isinstance(node, Definition):
            return [node]
        outer, self.options, self.quiet = self.options, self.options.quiet, True
        rewritten: _Body = []
        self._statement(node, rewritten)
        self.options, self.quiet = outer, False
        return rewritten

    def _line(self, node: ast.stmt) -> _Body:
        if self.scope is None or isinstance(node, (ast.Global, ast.Nonlocal)):
            return []
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        at = decorators[0] if decorators else node
        site = self.table.site(events.LINE, self.scope, at)
        return [builders.statement(probes.LINE, site, first_in(node))]

    # Branches and loops

    def visit_If(self, node: ast.If) -> ast.If:
        """The outcome of the test; `elif` is an `if` inside the other side."""
        asserted = None if self.written is None else self.written.asserted(node)
        if (
            asserted is not None
            and isinstance(node.test, ast.UnaryOp)
            and isinstance(node.body[-1], ast.Raise)
        ):
            return self.asserted(node, asserted, node.test)
        after = self._next
        probe = probes.BRANCH_SOON if self.soon(node.test) else probes.BRANCH
        told = self._tells_outcome(node.test) and asserted is None
        taken, left = self._outcomes(node, "if", probe) if asserted is None else ([], [])
        node.body = [*taken, *self.block(node.body, after, told=told)]
        tells = self.told or _is_left(node.body)
        node.orelse = [*left, *self.block(node.orelse, after, told=told)]
        self.tells = tells and (self.told or _is_left(node.orelse))
        return node

    def _tells_outcome(self, test: ast.expr) -> bool:
        return (
            self.scope is not None and self.options.wants(events.BRANCH) and not is_constant(test)
        )

    def visit_While(self, node: ast.While) -> ast.While:
        """Each outcome of the test, each iteration."""
        test, told = node.test, self._tells_outcome(node.test)
        both = told and self.options.wants(events.LOOP) and not decides_on_lines(test)
        probe = probes.BRANCH_ROUND if both else probes.BRANCH
        taken, left = self._outcomes(node, "while", probe)
        begins = self._iteration(node, "while", test, soon=told)
        head = [] if both else begins
        node.body = [*taken, *head, *self.block(node.body, told=told or bool(head))]
        node.orelse = [*left, *self.block(node.orelse)]
        return node

    def _outcomes(
        self, node: ast.If | ast.While, construct: str, probe: str
    ) -> tuple[_Body, _Body]:
        """Rewrite the test, and return what is to stand where it has held and has not.

        A test that goes on at several places, on several lines, is followed from each of them by
        another line: there its outcome is told, on that line, and nowhere in between.
        """
        test, branches = node.test, self.options.wants(events.BRANCH)
        if self.scope is None or not branches or not decides_on_lines(test):
            node.test = self.test(test, construct, node, probe)
            return [], []
        site = self.table.site(events.BRANCH, self.scope, test, self.table.text(test), construct)
        held = first_of(node.body) or test
        left = first_of(node.orelse) or _resolved(self._next) or decided_last(test, node)
        node.test = self.condition(test, node)
        return _outcome(site, held, value=True), _outcome(site, left, value=False)

    def visit_For(self, node: ast.For) -> ast.For:
        """Each iteration and what it binds."""
        return self._for(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AsyncFor:
        """As `for`; the frame may have been left while the next item was awaited."""
        return self._for(node)

    def _for(self, node: _For) -> _For:
        node.iter = self.expression(node.iter)
        place: ast.AST = first_of(node.body) or node.target
        back: Callable[[ast.AST], _Body] = _back_for(node, self._back)
        head: _Body = back(place)
        head += self._begun(node, place)
        told: bool = self.options.wants(events.LOOP) or self.tells_of(node.target)
        node.body = [*head, *self.block(node.body, told=told)]
        if node.orelse:
            after: ast.AST = first_of(node.orelse) or node.orelse[0]
            node.orelse = [*back(after), *self.block(node.orelse)]
        return node

    def _begun(self, node: ast.For | ast.AsyncFor, place: ast.AST) -> _Body:
        """Return what tells of a further round and of what it binds; of names, both at once."""
        begins = self._iteration(node, "for", node.target)
        targets = bound(node.target)
        names = [one for one in targets if isinstance(one, ast.Name) and self.records_name(one.id)]
        scope = self.scope
        if not begins or not names or len(names) < len(targets) or scope is None or scope.is_class:
            return [*begins, *self.targets(place, node.target, soon=bool(begins))]
        sites = [self.table.site(events.VARIABLE, scope, one, one.id) for one in names]
        probe = probes.ROUND if len(names) == 1 else probes.ROUND_OF
        values = [builders.load(one.id, place) for one in names]
        return [builders.statement(probe, sites[0] - 1, place, *values)]

    def _iteration(
        self,
        node: ast.While | ast.For | ast.AsyncFor,
        construct: str,
        at: ast.AST,
        *,
        soon: bool = False,
    ) -> _Body:
        if self.scope is None or not self.options.wants(events.LOOP):
            return []
        site = self.table.site(events.LOOP, self.scope, at, None, construct)
        # The compiler copies a test to the end of its loop, and jumps from there into the body.
        probe = probes.LOOP_SOON if soon else probes.LOOP
        return [builders.statement(probe, site, first_of(node.body) or at)]

    def _back(self, node: ast.stmt, place: ast.AST) -> _Body:
        return [] if self.scope is None else self.back_on_stack(self.scope, node, place)

    def visit_Match(self, node: ast.Match) -> ast.Match:
        """The index of the case taken, and what its pattern captured; -1 where none fits."""
        node.subject = self.expression(node.subject)
        irrefutable = any(_always_matches(case) for case in node.cases)
        for index, case in enumerate(node.cases):
            names = captured(case)
            if case.guard is not None:
                case.guard = self.condition(case.guard, case.pattern)
            place = first_of(case.body) or case.pattern
            captures = self.read(names, place)
            taken = self._taken(index, case.pattern, place)
            case.body = [*taken, *captures, *self.block(case.body)]
        nothing = [] if irrefutable else self._taken(-1, node.subject, builders.NOWHERE)
        if nothing:
            wildcard = ast.copy_location(ast.MatchAs(None, None), node.cases[-1].pattern)
            node.cases.append(ast.match_case(wildcard, None, nothing))
        return node

    def _taken(self, index: int, at: ast.AST, place: ast.AST) -> _Body:
        if self.scope is None or not self.options.wants(events.BRANCH):
            return []
        site = self.table.site(events.BRANCH, self.scope, at, None, "match")
        return [builders.statement(probes.BRANCH, site, place, builders.constant(index, place))]

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
        after = first_of(node.finalbody) or node
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
        guarded = self._noticing(inner, node, node, after)
        return ast.copy_location(ast.Try([guarded], [], [], final), node)

    def _handler(self, handler: ast.ExceptHandler) -> None:
        if handler.type is not None:
            handler.type = self.expression(handler.type)
        place = first_of(handler.body) or handler.type or handler.body[0]
        body = self.block(handler.body)
        if self.scope is not None:
            at = handler.type or handler.body[0]
            head = self.back_on_stack(self.scope, at, place)
            # The site before `handled` is the exception's own, for one not noticed earlier.
            site = self.table.site(events.EXCEPTION, self.scope, at)
            name = probes.NOTICED
            if self.options.wants(events.HANDLED):
                site = self.table.site(events.HANDLED, self.scope, at, handler.name)
                name = probes.HANDLED
            head.append(builders.statement(name, site, place))
            if handler.name is not None:
                head += self.read([(handler.name, at)], place)
            body = head + body
        handler.body = body

    def _noticing(self, body: _Body, at: ast.stmt, first: ast.AST, after: ast.AST) -> ast.Try:
        """Return `body` with a probe that sees an exception pass out of it, to `after`."""
        assert self.scope is not None
        observers = self.back_on_stack(self.scope, first, after)
        site = self.table.site(events.EXCEPTION, self.scope, at)
        observers.append(builders.statement(probes.NOTICED, site, after))
        guarded = builders.passing(body, observers, after)
        return builders.located(guarded, first)

    def visit_With(self, node: ast.With) -> ast.With:
        """What `as` binds; what passes out of the body, before `__exit__` runs."""
        return self._with(node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> list[ast.stmt]:
        """As `with`; the frame may be left while it enters and exits, whatever it exits by."""
        jumps = jumps_out(node.body)
        back = self._back(
            node, builders.NOWHERE if jumps else _resolved(self._next) or left_at(node)
        )
        guarded = self._with(node)
        if jumps and back:
            return [builders.located(ast.Try([guarded], [], [], back), node)]
        return [guarded, *back]

    def _with(self, node: _With) -> _With:
        first, after = first_of(node.body) or node, exits_at(node)
        for item in node.items:
            item.context_expr = self.expression(item.context_expr)
        taken = [one.optional_vars for one in node.items if one.optional_vars is not None]
        binds: _Body = self.targets(first, *taken)
        if self.scope is None:
            node.body = self.block(node.body)
            return node
        head: _Body = _back_for(node, self._back)(first)
        node.body = [*head, *binds, self._noticing(self.block(node.body), node, first, after)]
        return node

    def visit_Return(self, node: ast.Return) -> ast.stmt | _Body:
        """The value that goes out."""
        if self.scope is None:
            return node
        soon = self.follows if node.value is None else self.soon(node.value)
        value = builders.constant(None, node) if node.value is None else self.expression(node.value)
        site = self.table.site(events.RETURN, self.scope, node, detail=self.withheld())
        name = probes.RETURN_SOON if soon else probes.RETURN
        if self.scope.keeps_return:
            name = probes.RETURNING
        if node.value is None:
            # Apart from the statement, as an async generator may not return a value.
            return [builders.statement(name, site, node, value), node]
        node.value = builders.probe(name, site, in_line(value, node), value)
        return node


def _is_left(block: _Body) -> bool:
    """Whether the block's end is never reached, as far as its last statement tells."""
    return bool(block) and isinstance(block[-1], JUMPS)


def _outcome(site: int, at: ast.AST, *, value: bool) -> _Body:
    return [builders.statement(probes.BRANCH, site, at, builders.constant(value, at))]


def _resolved(after: _Next | None) -> ast.AST | None:
    """Return what runs first of the statements that follow."""
    while after is not None:
        body, place, outer = after
        found = first_of(islice(body, place, None))
        if found is not None:
            return found
        after = outer
    return None


def _back_for(node: ast.stmt, back: _Back) -> Callable[[ast.AST], _Body]:
    """Return `back` for a statement that awaits by itself, and nothing for the others."""
    awaits = isinstance(node, (ast.AsyncFor, ast.AsyncWith))
    return lambda place: back(node, place) if awaits else []


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
