"""Statements that bind and delete: names, attributes, items, slices, unpacking.

A binding of one name is recorded as its value passes by; where a statement binds by itself (a loop,
an unpacking, a pattern), or binds a name only when something else has gone well, the names are read
right after it. An attribute or item is recorded as its owner passes by, so that no target is
evaluated twice.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from rewind.model import events, probes
from rewind.transform import builders
from rewind.transform.firsts import first_in, in_line, last_bound
from rewind.transform.inner import Inner
from rewind.transform.steps import is_quick, parts_of
from rewind.transform.visitor import nodes_in

_Body = list[ast.stmt]
_INNER: Final = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
"""What is evaluated elsewhere, or any number of times."""


class Assignments(Inner):
    """Visits what binds and unbinds; `scope` is None where nothing is recorded."""

    def visit_Assign(self, node: ast.Assign) -> _Body:
        """`a = b.c = d[k] = value`, and unpacking."""
        if self.written is not None:
            self.written.carry(node)
        soon = self.soon(*parts_of(node.value, node.targets[0]))
        node.value = self.expression(node.value)
        if self.scope is None:
            return [node]
        alone = len(node.targets) == 1
        self.tells = alone and self.tells_of(node.targets[0])
        certain, stored, later = self._in_order(node.targets)
        for name in certain:
            node.value = self.bind(name.id, node.value, name, soon=soon)
            soon = soon or self.tells_of(name)
        keeps = not _binds_self(node.targets)
        for target in stored:
            known = alone or self._way_of(target, keeps=keeps) is ast.Attribute
            node.value = self._store(node.value, target, known=known)
        place = last_bound(node.targets[-1])
        return [node, *self.targets(place, *later, soon=soon and alone)]

    def _in_order(
        self, targets: Sequence[ast.expr]
    ) -> tuple[list[ast.Name], list[ast.Attribute | ast.Subscript], list[ast.expr]]:
        """Part what is told as the value passes by, names and others, from what is told afterwards.

        A name comes later where another target may raise before it is bound, but for a class's
        body, where it cannot be looked at afterwards. So does an attribute of `self` behind
        anything but names and others of these: it would be told with the value, before that.
        """
        assert self.scope is not None
        certain: list[ast.Name] = []
        stored: list[ast.Attribute | ast.Subscript] = []
        later: list[ast.expr] = []
        keeps, others = not _binds_self(targets), False
        for target in targets:
            way = self._way_of(target, keeps=keeps)
            if isinstance(target, ast.Name) and (self.scope.is_class or not (stored or later)):
                certain.append(target)
            elif isinstance(target, (ast.Attribute, ast.Subscript)) and not (others and way):
                stored.append(target)
            else:
                later.append(target)
            others = others or way is None
        return certain, stored, later

    def visit_AnnAssign(self, node: ast.AnnAssign) -> _Body:
        """`name: T = value`; the annotation stays as it is."""
        soon = node.value is not None and self.soon(node.value)
        if node.value is not None:
            node.value = self.expression(node.value)
        if self.scope is None or node.value is None:
            return [node]
        self.tells = self.tells_of(node.target)
        if isinstance(node.target, ast.Name):
            node.value = self.bind(node.target.id, node.value, node.target, soon=soon)
        else:
            node.value = self._store(node.value, node.target, known=True)
        return [node]

    def visit_AugAssign(self, node: ast.AugAssign) -> _Body:
        """`name += value`: the result is read after it, as only the statement makes it."""
        soon = self.soon(node.target, node.value) and is_quick(node.op)
        node.value = self.expression(node.value)
        self.tells = self.tells_of(node.target)
        return [node, *self.targets(node.target, node.target, soon=soon)]

    def _records(self, target: ast.Attribute | ast.Subscript) -> bool:
        return self.options.wants(_kind_of(target))

    def _store(
        self, value: ast.expr, target: ast.Attribute | ast.Subscript, *, known: bool
    ) -> ast.expr:
        """Return `value`, kept in mind until the target's owner passes by.

        Where a name is the owner of the only target, or nothing else can be bound to it meanwhile,
        it is read along with the value: Python evaluates the value first, then owner and key, and
        so does the probe's call.
        """
        assert self.scope is not None
        target.value = self.expression(target.value)
        if isinstance(target, ast.Subscript):
            target.slice = self.expression(target.slice)
        if not self._records(target):
            return value
        if known and _is_plain(target) and not self.scope.is_class:
            return self._store_of(value, target)
        if isinstance(target, ast.Attribute):
            site = self.table.site(events.ATTRIBUTE, self.scope, target, target.attr)
            target.value = builders.probe(probes.ATTRIBUTE, site, target.value, target.value)
        else:
            site = self._own_item(target)
        return builders.probe(probes.STORE, site, in_line(value, first_in(target)), value)

    def _store_of(self, value: ast.expr, target: ast.Attribute | ast.Subscript) -> ast.expr:
        assert self.scope is not None
        owner = target.value
        assert isinstance(owner, ast.Name)
        read = builders.load(owner.id, owner)
        if isinstance(target, ast.Attribute):
            site = self.table.site(events.ATTRIBUTE, self.scope, target, target.attr)
            return builders.probe(probes.ATTRIBUTE_OF, site, in_line(value, owner), value, read)
        key = target.slice
        assert isinstance(key, (ast.Name, ast.Constant))
        site = self.table.site(events.ITEM, self.scope, target, owner.id)
        again = builders.again(key)
        return builders.probe(probes.ITEM_OF, site, in_line(value, owner), value, read, again)

    def _own_item(self, target: ast.Subscript) -> int:
        assert self.scope is not None
        site = self.table.site(events.ITEM, self.scope, target, self.table.text(target.value))
        if _is_slice(target.slice):
            target.value = builders.probe(probes.ITEM_SLICE, site, target.value, target.value)
        else:
            target.value = builders.probe(probes.ITEM_OWNER, site, target.value, target.value)
            target.slice = builders.probe(probes.ITEM_KEY, site, target.slice, target.slice)
        return site

    def targets(self, place: ast.AST, *targets: ast.expr, soon: bool = False) -> _Body:
        """Return the probes, at `place`, after a statement that has bound `targets` by itself.

        `soon` tells whether the first of them follows the event before at once.
        """
        if self.scope is None:
            return []
        found: _Body = []
        keeps = not _binds_self(targets)
        for kind, run in groupby(bound(*targets), lambda one: self._way_of(one, keeps=keeps)):
            if kind is ast.Name:
                names = [(one.id, one) for one in run if isinstance(one, ast.Name)]
                read = self.read(names, place, soon=soon)
                soon = soon or bool(read)
            elif kind is ast.Attribute:
                read = self._reread(list(run), place)
            else:
                read = [probe for one in run for probe in self._peek(one, place)]
            soon = soon and not (read and kind is not ast.Name)
            found += read
        return found

    def _way_of(self, target: ast.expr, *, keeps: bool) -> type[ast.expr] | None:
        """Return by what a target is told: a name, an attribute of `self`, or otherwise.

        `keeps` tells whether `self` is the same after the statement.
        """
        if isinstance(target, ast.Name):
            return ast.Name
        is_own = keeps and isinstance(target, ast.Attribute) and self._is_self(target.value)
        return ast.Attribute if is_own and self.options.wants(events.ATTRIBUTE) else None

    def read(
        self, names: Sequence[tuple[str, ast.AST]], place: ast.AST, *, soon: bool = False
    ) -> _Body:
        """Return what tells, at `place`, of names that a statement has bound by itself."""
        recorded = [(name, at) for name, at in names if self.records_name(name)]
        if self.scope is None or not recorded:
            return []
        if self.scope.is_class:
            for name, at in recorded:
                why = f"{name}: a class body's names cannot be looked at"
                self.table.skip("name", at, why)
            return []
        sites = [self.table.site(events.VARIABLE, self.scope, at, name) for name, at in recorded]
        values = [builders.load(name, place) for name, _ in recorded]
        probe = probes.VARIABLE if len(sites) == 1 else probes.VARIABLES
        return [builders.statement(probe + probes.SOON * soon, sites[0], place, *values)]

    def _reread(self, targets: Sequence[ast.expr], place: ast.AST) -> _Body:
        """Look what attributes of `self` hold after the statement that has set them."""
        assert self.scope is not None
        sites = [
            self.table.site(events.ATTRIBUTE, self.scope, one, one.attr)
            for one in targets
            if isinstance(one, ast.Attribute)
        ]
        several = len(sites) > 1
        probe = probes.STORED_ATTRIBUTES_OF if several else probes.STORED_ATTRIBUTE_OF
        owners = [builders.load("self", place) for _ in sites]
        return [builders.statement(probe, sites[0], place, *owners)]

    def _peek(self, target: ast.expr, place: ast.AST) -> _Body:
        """Hold the owner, to look what it holds after the statement."""
        assert self.scope is not None
        assert isinstance(target, (ast.Attribute, ast.Subscript))
        target.value = self.expression(target.value)
        if isinstance(target, ast.Subscript):
            target.slice = self.expression(target.slice)
        if isinstance(target, ast.Subscript) and _is_slice(target.slice):
            return self._peek_whole(target, place)
        if not self._records(target):
            return []
        name = target.attr if isinstance(target, ast.Attribute) else self.table.text(target.value)
        site = self.table.site(_kind_of(target), self.scope, target, name)
        target.value = builders.probe(probes.HOLD, site, target.value, target.value)
        if isinstance(target, ast.Subscript):
            target.slice = builders.probe(probes.HOLD_KEY, site, target.slice, target.slice)
        attribute = isinstance(target, ast.Attribute)
        stored = probes.STORED_ATTRIBUTE if attribute else probes.STORED_ITEM
        return [builders.statement(stored, site, place)]

    def _peek_whole(self, target: ast.Subscript, place: ast.AST) -> _Body:
        """Tell what the owner has become: its slice cannot be read again, as it may have moved."""
        assert self.scope is not None
        if not self.options.wants(events.MUTATE):
            return []
        name = self.table.text(target.value)
        site = self.table.site(events.MUTATE, self.scope, target, name, "__setitem__")
        target.value = builders.probe(probes.HOLD, site, target.value, target.value)
        nothing = builders.constant(None, place)
        return [builders.statement(probes.MUTATED_HELD, site, place, nothing)]

    def _is_self(self, owner: ast.expr) -> bool:
        """Whether the compiler notes what is bound of this owner, in `__static_attributes__`.

        It knows it by its name, which must stay in its place: it is read again afterwards.
        """
        assert self.scope is not None
        if not isinstance(owner, ast.Name) or owner.id != "self":
            return False
        return "self" in self.scope.parameters

    def visit_Delete(self, node: ast.Delete) -> _Body:
        """`del name`, `del owner.attribute`, `del owner[key]`."""
        if self.scope is None or not self.options.wants(events.DELETE):
            return [node]
        after: _Body = []
        for target in leaves(*node.targets):
            if isinstance(target, ast.Name):
                site = self.table.site(events.DELETE, self.scope, target, target.id)
                after.append(builders.statement(probes.DELETED, site, target))
            elif isinstance(target, ast.Attribute):
                target.value = self.expression(target.value)
                site = self.table.site(events.DELETE, self.scope, target, target.attr)
                target.value = builders.probe(
                    probes.DELETED_ATTRIBUTE, site, target.value, target.value
                )
            elif isinstance(target, ast.Subscript):
                self._delete_item(target)
        return [node, *after]

    def _delete_item(self, target: ast.Subscript) -> None:
        assert self.scope is not None
        target.value = self.expression(target.value)
        target.slice = self.expression(target.slice)
        site = self.table.site(events.DELETE, self.scope, target, self.table.text(target.value))
        if _is_slice(target.slice):
            name = probes.DELETED_ATTRIBUTE
            target.value = builders.probe(name, site, target.value, target.value)
        else:
            target.value = builders.probe(probes.HOLD, site, target.value, target.value)
            target.slice = builders.probe(probes.DELETED_ITEM, site, target.slice, target.slice)


def _is_plain(target: ast.Attribute | ast.Subscript) -> bool:
    """Whether reading owner and key once more does and costs nothing."""
    if not isinstance(target.value, ast.Name):
        return False
    if isinstance(target, ast.Attribute):
        return True
    key = target.slice
    # On two lines, a tracer would see both of them again.
    return isinstance(key, (ast.Name, ast.Constant)) and key.lineno == target.value.lineno


def _binds_self(targets: Iterable[ast.expr]) -> bool:
    """Whether one of the targets gives the name `self` to something else."""
    return any(isinstance(one, ast.Name) and one.id == "self" for one in leaves(*targets))


def _kind_of(target: ast.Attribute | ast.Subscript) -> str:
    return events.ATTRIBUTE if isinstance(target, ast.Attribute) else events.ITEM


def _is_slice(node: ast.expr) -> bool:
    """Whether the subscript is, or holds, a slice: those exist only between brackets."""
    if isinstance(node, ast.Tuple):
        return any(isinstance(one, (ast.Slice, ast.Starred)) for one in node.elts)
    return isinstance(node, ast.Slice)


def bound(*targets: ast.expr) -> list[ast.expr]:
    """Return what the targets bind, each name once: of `_, _ = pair` the last value is left."""
    found = list(leaves(*targets))
    last = {one.id: one for one in found if isinstance(one, ast.Name)}
    return [one for one in found if not isinstance(one, ast.Name) or last[one.id] is one]


def leaves(*targets: ast.expr) -> Iterator[ast.expr]:
    """Yield what the targets bind, one after the other, without what unpacks."""
    for target in targets:
        if isinstance(target, (ast.Tuple, ast.List)):
            yield from leaves(*target.elts)
        elif isinstance(target, ast.Starred):
            yield from leaves(target.value)
        else:
            yield target


def captured(case: ast.match_case) -> list[tuple[str, ast.AST]]:
    """Return the names that a pattern binds, but for those that its guard gives another value."""
    anew = set() if case.guard is None else set(_given_by(case.guard))
    return [(name, node) for name, node in _captures(case.pattern) if name not in anew]


def _given_by(guard: ast.expr) -> Iterator[str]:
    """Yield the names to which a guard that holds has given a value and has told so, for sure."""
    waiting: list[tuple[ast.AST, bool]] = [(guard, True)]
    for node, holds in waiting:
        if isinstance(node, ast.NamedExpr):
            yield node.target.id
        both = holds and isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And)
        waiting += [(part, both) for part in _evaluated(node, whole=both)]


def _evaluated(node: ast.AST, *, whole: bool) -> Iterable[ast.AST]:
    """Return the parts of an expression that are evaluated whatever comes of the others."""
    if isinstance(node, ast.BoolOp):
        return node.values if whole else node.values[:1]
    if isinstance(node, ast.IfExp):
        return [node.test]
    if isinstance(node, ast.Compare):
        return [node.left, node.comparators[0]]
    return () if isinstance(node, _INNER) else ast.iter_child_nodes(node)


def _captures(pattern: ast.pattern) -> Iterator[tuple[str, ast.AST]]:
    """Yield the names that a pattern binds; they are text in the tree, no `Name` nodes."""
    for node in nodes_in(pattern):
        if isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name is not None:
            yield node.name, node
        elif isinstance(node, ast.MatchMapping) and node.rest is not None:
            yield node.rest, node
