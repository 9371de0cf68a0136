"""Expressions that make events: conditions, walrus, yields and awaits, calls that change a name.

Every probe takes the value as an argument and gives it back, so nothing is evaluated twice or in
another order. Lambdas and comprehensions are left as they are, but for what runs in the scope
around them: the iterable of a comprehension's first `for`, and what an asynchronous one does to
the frame.
"""

import ast
from typing import Final

from rewind.model import events, probes
from rewind.transform import builders
from rewind.transform.options import Options
from rewind.transform.table import Scope, Table
from rewind.transform.visitor import Visitor

MUTATORS: Final = frozenset(
    {
        *("append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse"),  # list
        *("add", "discard", "update", "difference_update", "intersection_update"),  # set
        *("symmetric_difference_update", "setdefault", "popitem"),  # set, dict
        *("appendleft", "extendleft", "popleft", "rotate"),  # deque
    }
)
"""Methods by which the builtin containers change; the core checks what the receiver is."""


_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Expressions(Visitor):
    """Visits what stands in expressions; `scope` is None where nothing is recorded."""

    def __init__(self, module_name: str, table: Table, options: Options) -> None:
        super().__init__()
        self.module_name = module_name
        self.table = table
        self.options = options
        self.scope: Scope | None = None
        self.prefix = ""
        self.in_protocol = False

    def expression(self, node: ast.expr) -> ast.expr:
        """Rewrite an expression."""
        rewritten: ast.expr = self.visit(node)
        return rewritten

    def back_on_stack(self, scope: Scope, at: ast.AST) -> list[ast.stmt]:
        """Return what stands where a resumable frame may go on without a probe having said so."""
        if not scope.resumable:
            return []
        site = self.table.site(events.RESUME, scope, at)
        return [builders.statement(probes.REENTERED, site, at)]

    def bind(self, name: str, value: ast.expr, at: ast.AST) -> ast.expr:
        """Return `value` with its binding to `name` recorded."""
        if self.scope is None or not self.options.wants(events.VARIABLE):
            return value
        site = self.table.site(events.VARIABLE, self.scope, at, name)
        return builders.probe(probes.VARIABLE, site, value, value)

    def test(self, node: ast.expr, construct: str, whole: ast.stmt | ast.expr) -> ast.expr:
        """Return the condition of `whole` with its outcome recorded; a constant one has none."""
        rewritten = self.expression(node)
        if self.scope is None or _is_constant(node) or not self.options.wants(events.BRANCH):
            return rewritten
        name = self.table.text(node)
        site = self.table.site(events.BRANCH, self.scope, node, name, construct)
        outcome = rewritten if _is_boolean(node) else builders.truth(rewritten, whole)
        return builders.probe(probes.BRANCH, site, node, outcome)

    def visit_IfExp(self, node: ast.IfExp) -> ast.IfExp:
        """Record which side a conditional expression takes."""
        node.test = self.test(node.test, "ternary", node)
        node.body = self.expression(node.body)
        node.orelse = self.expression(node.orelse)
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.NamedExpr:
        """Record the name's new value."""
        node.value = self.bind(node.target.id, self.expression(node.value), node)
        return node

    def visit_Yield(self, node: ast.Yield) -> ast.expr:
        """Record what goes out and what comes back."""
        if self.scope is None:
            return node
        value = builders.constant(None, node) if node.value is None else self.expression(node.value)
        site = self.table.site(events.YIELD, self.scope, node)
        node.value = builders.probe(probes.YIELDING, site, value, value)
        return self._resumed(node, "yield")

    def visit_YieldFrom(self, node: ast.YieldFrom) -> ast.expr:
        """Record the delegation and its result."""
        return self._delegate(node, "yield from")

    def visit_Await(self, node: ast.Await) -> ast.expr:
        """Record that the frame may be left, and that it goes on."""
        return self._delegate(node, "await")

    def _delegate(self, node: ast.YieldFrom | ast.Await, construct: str) -> ast.expr:
        if self.scope is None:
            return node
        node.value = self._awaiting(self.expression(node.value), node, construct)
        return self._resumed(node, construct)

    def _awaiting(self, value: ast.expr, at: ast.expr, construct: str) -> ast.expr:
        assert self.scope is not None
        site = self.table.site(events.AWAIT, self.scope, at, detail=construct)
        return builders.probe(probes.AWAITING, site, value, value)

    def _resumed(self, node: ast.expr, construct: str) -> ast.expr:
        assert self.scope is not None
        site = self.table.site(events.RESUME, self.scope, node, detail=construct)
        return builders.probe(probes.RESUMED, site, node, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Record the receiver after a call that may have changed it."""
        self.generic_visit(node)
        function = node.func
        if (
            self.scope is None
            or not isinstance(function, ast.Attribute)
            or function.attr not in MUTATORS
            or not isinstance(function.value, ast.Name)
            or not self.options.wants(events.MUTATE)
        ):
            return node
        name = function.value
        site = self.table.site(events.MUTATE, self.scope, node, name.id, function.attr)
        return builders.probe(probes.MUTATED, site, node, builders.load(name.id, name), node)

    def _comprehension(self, node: _Comprehension) -> ast.expr:
        first = node.generators[0]
        first.iter = self.expression(first.iter)
        if self.scope is None or isinstance(node, ast.GeneratorExp) or not _may_suspend(node):
            return node
        first.iter = self._awaiting(first.iter, node, "await")
        return self._resumed(node, "await")

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension


def _may_suspend(node: ast.expr) -> bool:
    """Whether the frame may be left while the comprehension runs."""
    return any(
        isinstance(inner, ast.Await) or (isinstance(inner, ast.comprehension) and inner.is_async)
        for inner in ast.walk(node)
    )


def _is_boolean(node: ast.expr) -> bool:
    """Whether the value is True or False whatever is compared, so that its truth is itself."""
    return (
        isinstance(node, ast.Compare)
        and len(node.ops) == 1
        and isinstance(node.ops[0], (ast.Is, ast.IsNot, ast.In, ast.NotIn))
    )


def _is_constant(node: ast.expr) -> bool:
    # `while True` and `if __debug__` are decided by the compiler, which also warns of
    # `assert (test, "message")`; a probe would keep it from that.
    if isinstance(node, ast.UnaryOp):
        return _is_constant(node.operand)
    if isinstance(node, ast.Name):
        return node.id == "__debug__"
    return isinstance(node, (ast.Constant, ast.Tuple))
