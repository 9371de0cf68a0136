"""What an expression is worth where its names have recorded values.

Walks the tree of `expressions`; what each operator means is in `operations`. Nothing is guessed:
what was cut, withheld or never recorded has no value, and the answer says why.
"""

from collections.abc import Callable

from rewind.model.values import Tag
from rewind.replay.expressions import (
    Attribute,
    Binary,
    Comparison,
    Expression,
    Item,
    Junction,
    Length,
    Literal,
    Name,
    Unary,
)
from rewind.replay.operations import (
    Unanswerable,
    calculate,
    compare,
    is_equal,
    is_true,
    length,
    negate,
    number_of,
    plain,
)
from rewind.replay.values import (
    Instance,
    Items,
    Pairs,
    Raised,
    Value,
    display_type,
    type_name,
)

Lookup = Callable[[str], Value]
"""Gives a variable's value, or raises `Unanswerable`."""


def evaluate(tree: Expression, lookup: Lookup) -> Value:
    """Return the expression's value; raises `Unanswerable` where it has none."""
    match tree:
        case Literal(value):
            return value
        case Name(name):
            return lookup(name)
        case Attribute(owner, name):
            return _attribute(evaluate(owner, lookup), name)
        case Item(owner, key):
            return _item(evaluate(owner, lookup), evaluate(key, lookup))
        case _:
            return _operation(tree, lookup)


def _operation(tree: Length | Unary | Binary | Comparison | Junction, lookup: Lookup) -> Value:
    match tree:
        case Length(operand):
            return length(evaluate(operand, lookup))
        case Unary():
            return _unary(tree, lookup)
        case Binary(sign, left, right):
            return calculate(sign, evaluate(left, lookup), evaluate(right, lookup))
        case Comparison():
            return _comparison(tree, lookup)
        case Junction():
            return _junction(tree, lookup)


def _unary(tree: Unary, lookup: Lookup) -> Value:
    operand = evaluate(tree.operand, lookup)
    return not is_true(operand) if tree.operator == "not" else negate(tree.operator, operand)


def _comparison(tree: Comparison, lookup: Lookup) -> Value:
    left = evaluate(tree.first, lookup)
    for sign, operand in tree.rest:
        right = evaluate(operand, lookup)
        if not compare(sign, left, right):
            return False
        left = right
    return True


def _junction(tree: Junction, lookup: Lookup) -> Value:
    left = evaluate(tree.left, lookup)
    if is_true(left) is (tree.operator == "or"):
        return left
    return evaluate(tree.right, lookup)


def _attribute(owner: Value, name: str) -> Value:
    kind = display_type(type_name(owner))
    found = plain(owner)
    if isinstance(found, Instance):
        for attribute, value in found.attributes:
            if attribute == name:
                return value
        if found.rest is not None:
            why = f"not all attributes of this {kind} were kept, {name} is not"
            raise Unanswerable(why)
    if isinstance(found, Raised) and name == "args":
        return Items(Tag.TUPLE, 0, found.size, found.arguments, found.rest)
    why = f"no attribute {name} of this {kind} was recorded"
    raise Unanswerable(why)


def _item(owner: Value, key: Value) -> Value:
    match plain(owner):
        case Pairs() as pairs:
            return _of_key(pairs, key)
        case Items(tag=Tag.LIST | Tag.TUPLE) as items:
            return _at(items.items, items.size, key)
        case str() | bytes() as text:
            return _at(text, len(text), key)
        case _:
            kind = display_type(type_name(owner))
            why = f"items of a {kind} are known to the program alone"
            raise Unanswerable(why)


def _of_key(pairs: Pairs, key: Value) -> Value:
    for other, item in pairs.pairs:
        if is_equal(other, key):
            return item
    if pairs.rest is not None:
        why = "the key is not among those that were kept"
        raise Unanswerable(why)
    why = "there is no such key"
    raise Unanswerable(why)


def _at(items: "tuple[Value, ...] | str | bytes", size: int, key: Value) -> Value:
    index = number_of(key)
    if not isinstance(index, int):
        why = "an index is a whole number"
        raise Unanswerable(why)
    index = index + size if index < 0 else index
    if not 0 <= index < size:
        why = f"there are only {size} items"
        raise Unanswerable(why)
    if index >= len(items):
        why = f"item {index} is not among the {len(items)} that were kept"
        raise Unanswerable(why)
    return items[index]
