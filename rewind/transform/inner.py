"""Scopes within expressions: comprehensions and lambdas, looked into where a setting asks.

A comprehension belongs to the frame of the function around it, whether the interpreter gives it one
of its own or not. Its rounds and targets are told by a further condition, a tuple of probes: that
is always true. A lambda has a frame; `call(...) or returned(body)` is what its body becomes, as
`call` gives None. An exception leaves it unseen, and the core finds that out.
"""

import ast
import sys
from typing import Final, TypeGuard

from rewind.model import events, probes, sites
from rewind.transform import builders
from rewind.transform.expressions import Expressions
from rewind.transform.survey import parameters_of, yields
from rewind.transform.table import Scope
from rewind.transform.visitor import nodes_in

_Eager = ast.ListComp | ast.SetComp | ast.DictComp
_Entered = tuple[Scope | None, str, bool, frozenset[str]]

_CODE_NAMES: Final[dict[type[_Eager], str]] = (
    {}
    if sys.version_info >= (3, 12)
    else {ast.ListComp: "<listcomp>.", ast.SetComp: "<setcomp>.", ast.DictComp: "<dictcomp>."}
)
"""What comprehensions add to the qualified names of lambdas inside them: those that are code of
their own (PEP 709 made them a part of the function around them)."""


class Inner(Expressions):
    """Visits what has a scope of its own inside an expression."""

    def enter(self, scope: Scope | None, prefix: str, *, in_protocol: bool = False) -> _Entered:
        """Go into a scope; `leave` takes what this returns."""
        outer = self.scope, self.prefix, self.in_protocol, self.own
        self.scope, self.prefix, self.in_protocol = scope, prefix, in_protocol
        self.own = frozenset()
        return outer

    def leave(self, outer: _Entered) -> None:
        """Come back from a scope."""
        self.scope, self.prefix, self.in_protocol, self.own = outer

    # Comprehensions

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        """Only the first iterable is evaluated here; the rest runs later, perhaps without us."""
        first = node.generators[0]
        first.iter = self.expression(first.iter)
        if self.scope is not None and self.options.enters_comprehensions:
            self.table.skip("generator expression", node, "its frame may be gone when it runs")
        return node

    def _comprehension(self, node: _Eager) -> ast.expr:
        first = node.generators[0]
        first.iter = self.expression(first.iter)
        outer = self.prefix
        self.prefix += _CODE_NAMES.get(type(node), "")
        made = self._entered(node, first)
        self.prefix = outer
        return self.valued(node, "comprehension", made)

    visit_ListComp = visit_SetComp = visit_DictComp = _comprehension

    def _entered(self, node: _Eager, first: ast.comprehension) -> ast.expr:
        made: ast.expr = node
        if self.scope is not None and _may_suspend(node):
            first.iter = self.awaiting(first.iter, node, "await")
            made = self.resumed(node, "await")
            if self.options.enters_comprehensions:
                self.table.skip("asynchronous comprehension", node, "its frame comes and goes")
        elif self.scope is not None and self.options.enters_comprehensions:
            self._look_into(node)
        elif self.options.enters_lambdas:
            self._pass_through(node)
        return made

    def _look_into(self, node: _Eager) -> None:
        outer = self.own
        targets = [name for one in node.generators for name in _names(one.target)]
        self.own = outer | {name.id for name in targets}
        for place, one in enumerate(node.generators):
            if place:
                one.iter = self.expression(one.iter)
            tests = [self.test(test, "comprehension", node) for test in one.ifs]
            one.ifs = [*self._round(one.target), *tests]
        self._visit_results(node)
        self.own = outer

    def _round(self, target: ast.expr) -> list[ast.expr]:
        """Return the condition that tells of a further round and what it binds."""
        told: list[ast.expr] = []
        assert self.scope is not None
        if self.options.wants(events.LOOP):
            detail = sites.COMPREHENSION
            site = self.table.site(events.LOOP, self.scope, target, None, detail)
            told.append(builders.probe(probes.LOOP, site, target))
        if self.options.wants(events.VARIABLE):
            told += [self._bound(name) for name in _names(target)]
        return [builders.located(ast.Tuple(told, ast.Load()), target)] if told else []

    def _bound(self, name: ast.Name) -> ast.expr:
        assert self.scope is not None
        site = self.table.site(events.VARIABLE, self.scope, name, name.id, sites.COMPREHENSION)
        return builders.probe(probes.VARIABLE, site, name, builders.load(name.id, name))

    def _pass_through(self, node: _Eager) -> None:
        """Visit the lambdas inside, and nothing else."""
        outer, self.scope = self.scope, None
        for place, one in enumerate(node.generators):
            if place:
                one.iter = self.expression(one.iter)
            one.ifs = [self.expression(test) for test in one.ifs]
        self._visit_results(node)
        self.scope = outer

    def _visit_results(self, node: _Eager) -> None:
        if isinstance(node, ast.DictComp):
            node.key, node.value = self.expression(node.key), self.expression(node.value)
        else:
            node.elt = self.expression(node.elt)

    # Lambdas

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        """Give it a frame, if it is to have one; what its definition evaluates stays plain."""
        qualname = f"{self.prefix}<lambda>"
        if not self.options.enters_lambdas or self.options.excludes(self.module_name, qualname):
            return node
        if yields(node.body):
            self.table.skip("lambda", node, "it is a generator")
            return node
        parameters = parameters_of(node.args)
        index = self.table.function(qualname, node.lineno, sites.PLAIN, parameters)
        scope = Scope(index, qualname, sites.PLAIN)
        outer = self.enter(scope, f"{qualname}.<locals>.")
        node.body = self._framed(scope, node, parameters)
        self.leave(outer)
        return node

    def _framed(self, scope: Scope, node: ast.Lambda, parameters: tuple[str, ...]) -> ast.expr:
        body = node.body
        called = self.table.site(events.CALL, scope, node)
        read = (builders.load(one, body) for one in parameters)
        call = builders.probe(probes.CALL, called, body, *read)
        site = self.table.site(events.RETURN, scope, body)
        result = builders.probe(probes.RETURN, site, body, self.expression(body))
        return builders.located(ast.BoolOp(ast.Or(), [call, result]), body)


def _names(target: ast.expr) -> list[ast.Name]:
    return [one for one in nodes_in(target) if _is_bound(one)]


def _is_bound(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _may_suspend(node: ast.expr) -> bool:
    """Whether the frame may be left while the comprehension runs."""
    return any(
        isinstance(inner, ast.Await) or (isinstance(inner, ast.comprehension) and inner.is_async)
        for inner in nodes_in(node)
    )
