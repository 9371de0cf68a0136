"""Sub-expressions: where a setting asks, each value is recorded as it passes by.

What a condition asks only the truth of is not given a probe of its own where that would ask for
the truth once more: `and`, `or`, `not`, `x if c else y` and chained comparisons in a condition,
or as an operand of `and` and `or`, jump to where the whole of it is decided.
"""

import ast
import sys

from rewind.model import events, probes
from rewind.transform import builders
from rewind.transform.marks import NONE, Marks
from rewind.transform.options import Options
from rewind.transform.own import Own
from rewind.transform.positions import Whole
from rewind.transform.small import for_small
from rewind.transform.table import Scope, Table
from rewind.transform.visitor import LEAVES, Visitor

_MISUSED = (ast.Set, ast.SetComp, ast.Tuple, ast.List, ast.ListComp, ast.JoinedStr)
"""Literals of which the compiler warns that they cannot be subscripted so."""

_VALUED = for_small(
    dict.fromkeys(
        (
            *(ast.BoolOp, ast.UnaryOp, ast.Compare, ast.Attribute, ast.Subscript),
            *(ast.List, ast.Tuple, ast.Set, ast.Dict, ast.JoinedStr, ast.FormattedValue),
        )
    )
)
"""Kinds of node that are visited for their value alone."""


class Values(Visitor):
    """Visits operations, accesses and displays; `scope` is None where nothing is recorded."""

    def __init__(
        self,
        module_name: str,
        table: Table,
        options: Options,
        marks: Marks = NONE,
        written: Own | None = None,
    ) -> None:
        super().__init__()
        if not options.values:
            for kind in _VALUED:
                del self._visits[kind]
        self.module_name = module_name
        self.table = table
        self.written = written
        """What is the program's, where the tree was rewritten before; else all of it is."""
        self.options = self.asked = options
        """What holds for the statement being rewritten; what holds where nothing else is said."""
        self.marks = marks
        self.quiet = False
        """Whether the statement around is off: what it returns and yields is withheld."""
        self.scope: Scope | None = None
        self.prefix = ""
        self.in_protocol = False
        self.own: frozenset[str] = frozenset()
        """Names that the comprehensions around bind for themselves."""
        self.wholes: dict[ast.IfExp, Whole] = {}
        """What jumps where these conditional expressions decide, which stand in its condition."""
        self._unvalued: ast.expr | None = None
        self.told = False
        """Whether a probe has run just before, and nothing but the simplest steps since."""
        self.follows = False
        """The same, at the beginning of the statement being visited."""
        self.tells = False
        """Whether a probe is the last that the statement being visited runs."""
        self.dull = False
        """Whether no expression of the statement being visited is given a probe of its own."""

    def expression(self, node: ast.expr) -> ast.expr:
        """Rewrite an expression."""
        if type(node) in LEAVES:
            return node
        if self.dull:
            return node
        visit = self._visits.get(type(node))
        rewritten: ast.expr = self.generic_visit(node) if visit is None else visit(self, node)
        return rewritten

    def unvalued(self, node: ast.expr) -> ast.expr:
        """Rewrite an expression whose own value is not recorded."""
        if type(node) in LEAVES:
            return node
        outer, self._unvalued = self._unvalued, node
        rewritten = self.expression(node)
        self._unvalued = outer
        return rewritten

    def valued(self, node: ast.expr, construct: str, value: ast.expr | None = None) -> ast.expr:
        """Return `value`, to which `node` was rewritten, with a probe if its value is wanted."""
        rewritten = node if value is None else value
        if (
            self.scope is None
            or node is self._unvalued
            or not self.options.wants_value(construct)
            or _is_fixed(node)
        ):
            return rewritten
        site = self.table.site(events.VALUE, self.scope, node, self.table.text(node), construct)
        return builders.probe(probes.VALUE, site, node, rewritten)

    def condition(self, node: ast.expr, whole: Whole) -> ast.expr:
        """Rewrite what is asked for its truth alone, where a jump of `whole` depends on it."""
        if isinstance(node, ast.BoolOp):
            node.values = [self.condition(one, whole) for one in node.values]
            return node
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node.operand = self.condition(node.operand, whole)
            return node
        if isinstance(node, ast.IfExp):
            self.wholes[node] = whole
        # Python 3.11 gives the jump the place of the comparison, which a probe would hide.
        if isinstance(node, ast.Compare) and sys.version_info < (3, 12):
            return self.unvalued(node)
        return self._operand(node)

    def _operand(self, node: ast.expr) -> ast.expr:
        chained = isinstance(node, ast.Compare) and len(node.ops) > 1
        if chained or isinstance(node, (ast.BoolOp, ast.IfExp)):
            return self.unvalued(node)
        return self.expression(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """What `and` and `or` come to, and those of their operands that are evaluated."""
        node.values = [self._operand(one) for one in node.values]
        return self.valued(node, "boolean")

    def side(self, whole: ast.IfExp, node: ast.expr) -> ast.expr:
        """Rewrite a side of a conditional expression."""
        return self._operand(node) if whole is self._unvalued else self.expression(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """What an operation on one value gives."""
        self.generic_visit(node)
        return self.valued(node, "operation")

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """What an operation on two values gives; a sum of many terms, by a loop and not deeper."""
        chain = [node]
        while isinstance(chain[-1].left, ast.BinOp):
            chain.append(chain[-1].left)
        left = self.expression(chain[-1].left)
        for each in reversed(chain):
            each.left = left
            # The compiler makes an f-string of `"%s" % (a, b)`.
            formats = isinstance(left, ast.Constant) and isinstance(each.right, ast.Tuple)
            each.right = (self.unvalued if formats else self.expression)(each.right)
            left = self.valued(each, "operation")
        return left

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """What a comparison, chained or not, comes to."""
        self.generic_visit(node)
        return self.valued(node, "comparison")

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """What an attribute holds."""
        node.value = self.owner(node.value)
        return self.valued(node, "attribute") if isinstance(node.ctx, ast.Load) else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """What an item or slice is."""
        misused = isinstance(node.value, _MISUSED)
        node.value = (self.unvalued if misused else self.expression)(node.value)
        node.slice = self.expression(node.slice)
        return self.valued(node, "item") if isinstance(node.ctx, ast.Load) else node

    def owner(self, node: ast.expr) -> ast.expr:
        """Rewrite what an attribute is asked of."""
        return self.unvalued(node) if is_super(node) else self.expression(node)

    def callee(self, node: ast.expr) -> ast.expr:
        """Rewrite what is called; of a method only what it belongs to has a value."""
        if isinstance(node, (ast.Call, ast.Await)):
            return self.expression(node)
        return self.unvalued(node)

    def _display(self, node: ast.expr) -> ast.expr:
        self.generic_visit(node)
        stores = isinstance(getattr(node, "ctx", None), ast.Store)
        return node if stores or _holds_slice(node) else self.valued(node, "display")

    visit_List = visit_Tuple = visit_Set = visit_Dict = _display

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        """What is interpolated, and the text that it makes."""
        self.generic_visit(node)
        return self.valued(node, "f-string")

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.FormattedValue:
        """Rewrite what is interpolated; its format is no text by itself."""
        node.value = self.expression(node.value)
        if node.format_spec is not None:
            node.format_spec = self.unvalued(node.format_spec)
        return node


def is_super(node: ast.expr) -> bool:
    """Return whether this is a call of `super`, which the compiler has an instruction for."""
    if not isinstance(node, ast.Call):
        return False
    return isinstance(node.func, ast.Name) and node.func.id == "super"


def _is_fixed(node: ast.expr) -> bool:
    """Whether the value is known before the program runs."""
    if isinstance(node, ast.UnaryOp):
        return _is_fixed(node.operand)
    if isinstance(node, ast.BinOp):
        return _is_fixed(node.left) and _is_fixed(node.right)
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return all(_is_fixed(one) for one in node.elts)
    if isinstance(node, ast.Dict):
        keys = [one for one in node.keys if one is not None]
        return len(keys) == len(node.keys) and all(map(_is_fixed, [*keys, *node.values]))
    return isinstance(node, ast.Constant)


def _holds_slice(node: ast.expr) -> bool:
    return isinstance(node, ast.Tuple) and any(isinstance(one, ast.Slice) for one in node.elts)
