"""Expressions that make events: conditions, walrus, yields and awaits, calls that change a name.

Every probe takes the value as an argument and gives it back, so nothing is evaluated twice or in
another order.
"""

import ast
from typing import Final

from rewind.model import events, probes, sites
from rewind.transform import builders
from rewind.transform.firsts import in_line, last_bound
from rewind.transform.marks import NONE, Marks
from rewind.transform.options import Options
from rewind.transform.own import Own
from rewind.transform.positions import JUMPS_AT_WHOLE, Whole
from rewind.transform.steps import are_simple
from rewind.transform.table import Scope, Table
from rewind.transform.values import Values, is_super
from rewind.transform.visitor import nodes_in

MUTATORS: Final = frozenset(
    {
        *("append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse"),  # list
        *("add", "discard", "update", "difference_update", "intersection_update"),  # set
        *("symmetric_difference_update", "setdefault", "popitem"),  # set, dict
        *("appendleft", "extendleft", "popleft", "rotate"),  # deque
    }
)
"""Methods by which the builtin containers change; the core checks what the receiver is."""

WORDS: Final = (
    *(b":=", b"else", b"yield", b"await", b"async"),
    *(b"append", b"extend", b"insert", b"remove", b"pop", b"clear", b"sort", b"reverse"),
    *(b"add", b"discard", b"update", b"setdefault", b"rotate"),
)
"""What stands in the source of every expression that is given a probe, or has one inside, if
neither values nor inner scopes are looked into: most statements need no walk."""


class Expressions(Values):
    """Visits what stands in expressions; `scope` is None where nothing is recorded."""

    def __init__(
        self,
        module_name: str,
        table: Table,
        options: Options,
        marks: Marks = NONE,
        written: Own | None = None,
    ) -> None:
        super().__init__(module_name, table, options, marks, written)
        self._lively = None
        """The lines on which some expression may be given a probe; None where all of them are."""
        if written is None and not options.enters_comprehensions and not options.enters_lambdas:
            self._lively = table.lines_with(WORDS)

    def is_dull(self, node: ast.stmt) -> bool:
        """Return whether no expression of a statement that holds no others is given a probe."""
        lively = self._lively
        if lively is None:
            return False
        first, last = node.lineno, node.end_lineno
        if first == last:
            return not lively[first]
        return 1 not in lively[first : (last or first) + 1]

    def back_on_stack(
        self, scope: Scope, at: ast.AST, place: ast.AST | None = None
    ) -> list[ast.stmt]:
        """Return what stands where a resumable frame may go on without a probe having said so."""
        if not scope.resumable:
            return []
        site = self.table.site(events.RESUME, scope, at)
        return [builders.statement(probes.REENTERED, site, place or at)]

    def withheld(self) -> str | None:
        """Return the detail of a site whose value is not to be recorded."""
        return sites.OFF if self.quiet else None

    def bind(self, name: str, value: ast.expr, at: ast.AST, *, soon: bool = False) -> ast.expr:
        """Return `value` with its binding to `name` recorded."""
        if self.scope is None or not self.records_name(name):
            return value
        site = self.table.site(events.VARIABLE, self.scope, at, name)
        probe = probes.VARIABLE_SOON if soon else probes.VARIABLE
        return builders.probe(probe, site, in_line(value, at), value)

    def tells_of(self, target: ast.expr) -> bool:
        """Return whether a probe tells what is bound to the target last."""
        last = last_bound(target)
        return isinstance(last, ast.Name) and self.records_name(last.id)

    def soon(self, *nodes: ast.expr) -> bool:
        """Return whether expressions that a statement begins with follow an event at once.

        A class body's names are kept in what its metaclass prepared, which may take its time.
        """
        return (
            self.follows
            and self.scope is not None
            and not self.scope.is_class
            and are_simple(*nodes)
        )

    def records_name(self, name: str) -> bool:
        """Return whether a binding of the name is recorded."""
        return self.options.wants(events.VARIABLE) and (
            self.written is None or self.written.binds(name)
        )

    def test(
        self, node: ast.expr, construct: str, whole: Whole, probe: str = probes.BRANCH
    ) -> ast.expr:
        """Return the condition of `whole` with its outcome recorded; a constant one has none."""
        constant = is_constant(node)
        rewritten = self.unvalued(node) if constant else self.condition(node, whole)
        if self.scope is None or constant or not self.options.wants(events.BRANCH):
            return rewritten
        name = self.table.text(node)
        site = self.table.site(events.BRANCH, self.scope, node, name, construct)
        outcome = rewritten if _is_boolean(node) else builders.truth(rewritten, whole)
        at = whole if JUMPS_AT_WHOLE and node.lineno != whole.lineno else node
        return builders.probe(probe, site, at, outcome)

    def asserted(self, node: ast.If, assertion: ast.Assert, negated: ast.UnaryOp) -> ast.If:
        """Record the outcome of an assertion that is written out as `if not outcome: raise`.

        What else stands in its place only carries parts of the test from one step to the next,
        but for the message.
        """
        test = assertion.test
        if assertion.msg is not None:
            self._message(node.body, assertion.msg)
        if self.scope is not None and self.options.wants(events.BRANCH):
            name = self.table.text(test)
            site = self.table.site(events.BRANCH, self.scope, test, name, "assert")
            outcome = builders.truth(negated.operand, node)
            negated.operand = builders.probe(probes.BRANCH, site, test, outcome)
        return node

    def _message(self, body: list[ast.stmt], message: ast.expr) -> None:
        """Rewrite the message, which is somewhere among what is put in its assertion's place."""
        for call in (one for part in body for one in nodes_in(part) if isinstance(one, ast.Call)):
            for place, one in enumerate(call.args):
                if _is_copy(one, message):
                    call.args[place] = self.expression(one)
                    # What has been put in there may have the same place.
                    return

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """Record which side a conditional expression takes."""
        whole = self.wholes.pop(node, node)
        node.test = self.test(node.test, "ternary", whole)
        if whole is not node:
            sides = (node.body, node.orelse)
            self.wholes.update((one, whole) for one in sides if isinstance(one, ast.IfExp))
        node.body = self.side(node, node.body)
        node.orelse = self.side(node, node.orelse)
        return self.valued(node, "ternary")

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.NamedExpr:
        """Record the name's new value."""
        node.value = self.bind(node.target.id, self.expression(node.value), node)
        return node

    def visit_Yield(self, node: ast.Yield) -> ast.expr:
        """Record what goes out and what comes back."""
        if self.scope is None:
            return node
        value = builders.constant(None, node) if node.value is None else self.expression(node.value)
        site = self.table.site(events.YIELD, self.scope, node, detail=self.withheld())
        node.value = builders.probe(probes.YIELDING, site, in_line(value, node), value)
        return self.resumed(node, "yield")

    def visit_YieldFrom(self, node: ast.YieldFrom) -> ast.expr:
        """Record the delegation and its result."""
        return self._delegate(node, "yield from")

    def visit_Await(self, node: ast.Await) -> ast.expr:
        """Record that the frame may be left, and that it goes on."""
        return self.valued(node, "await", self._delegate(node, "await"))

    def _delegate(self, node: ast.YieldFrom | ast.Await, construct: str) -> ast.expr:
        if self.scope is None:
            return node
        node.value = self.awaiting(self.expression(node.value), node, construct)
        return self.resumed(node, construct)

    def awaiting(self, value: ast.expr, at: ast.expr, construct: str) -> ast.expr:
        """Return `value` with a probe that says the frame may be left now."""
        assert self.scope is not None
        site = self.table.site(events.AWAIT, self.scope, at, detail=construct)
        return builders.probe(probes.AWAITING, site, in_line(value, at), value)

    def resumed(self, node: ast.expr, construct: str) -> ast.expr:
        """Return `node`, at which the frame may be left, with a probe that says it goes on."""
        assert self.scope is not None
        detail = self.withheld() or construct
        site = self.table.site(events.RESUME, self.scope, node, detail=detail)
        return builders.probe(probes.RESUMED, site, node, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Record the receiver after a call that may have changed it, and what the call gives."""
        node.func = self.callee(node.func)
        node.args = [self.expression(one) for one in node.args]
        for keyword in node.keywords:
            keyword.value = self.expression(keyword.value)
        function = node.func if self.written is None else self.written.carried(node.func)
        if (
            self.scope is not None
            and isinstance(function, ast.Attribute)
            and function.attr in MUTATORS
            and self.options.wants(events.MUTATE)
        ):
            return self.valued(node, "call", self._mutating(node, function))
        return self.valued(node, "call")

    def _is_looked_up(self, name: ast.Name) -> bool:
        """Whether reading the name may run code: a class body's namespace can be of any kind."""
        assert self.scope is not None
        return self.scope.is_class and name.id not in self.own

    def _mutating(self, node: ast.Call, function: ast.Attribute) -> ast.expr:
        """Show a name as it is after the call; hold what any other expression gave, until then."""
        assert self.scope is not None
        receiver = function.value
        if _never_changes(receiver):
            return node
        name = self.table.text(receiver)
        if name in self.own:
            name = f"({name})"  # no variable of the frame, but an expression
        site = self.table.site(events.MUTATE, self.scope, node, name, function.attr)
        here = function is node.func
        if here and isinstance(receiver, ast.Name) and not self._is_looked_up(receiver):
            read = builders.load(receiver.id, receiver)
            return builders.probe(probes.MUTATED, site, node, read, node)
        function.value = builders.probe(probes.HOLD, site, receiver, receiver)
        return builders.probe(probes.MUTATED_HELD, site, node, node)


def _never_changes(receiver: ast.expr) -> bool:
    return is_super(receiver) or isinstance(receiver, (ast.Constant, ast.JoinedStr))


def _is_copy(node: ast.expr, other: ast.expr) -> bool:
    """Whether the nodes are the same place's, in two trees of one source."""
    same = type(node) is type(other)
    return same and (node.lineno, node.col_offset) == (other.lineno, other.col_offset)


def _is_boolean(node: ast.expr) -> bool:
    """Whether the value is True or False whatever is compared, so that its truth is itself."""
    return (
        isinstance(node, ast.Compare)
        and len(node.ops) == 1
        and isinstance(node.ops[0], (ast.Is, ast.IsNot, ast.In, ast.NotIn))
    )


def is_constant(node: ast.expr) -> bool:
    """Whether a condition has an outcome that is no event."""
    # `while True` and `if __debug__` are decided by the compiler, which also warns of
    # `assert (test, "message")`; a probe would keep it from that.
    if isinstance(node, ast.UnaryOp):
        return is_constant(node.operand)
    if isinstance(node, ast.Name):
        return node.id == "__debug__"
    return isinstance(node, (ast.Constant, ast.Tuple))
