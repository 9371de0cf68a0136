"""Operators on recorded values, by rules of our own: no method of a recorded object is run.

What Python would answer by a class's `__eq__`, `__len__` or `__bool__` has no answer here, and
neither has what was cut, withheld or left out: `Unanswerable` says why.
"""

import operator
from collections.abc import Callable, Iterable
from decimal import Decimal, DecimalException
from typing import Any, Final

from rewind.model.values import Tag
from rewind.replay.values import (
    Instance,
    Integer,
    Items,
    Known,
    Named,
    Omitted,
    Opaque,
    Pairs,
    Prefix,
    Raised,
    Redacted,
    Seen,
    Subclass,
    Value,
    display_type,
    type_name,
)

MAX_BITS: Final = 4096
"""Integers that arithmetic makes have no more."""
MAX_TEXT: Final = 100_000
"""Characters of a text or bytes that arithmetic makes."""

Number = int | float | complex | Decimal


class Unanswerable(Exception):  # noqa: N818 - an answer, not a fault
    """An expression has no value at some moment; the message says why."""


def length(value: Value) -> int:
    """Return what `len` would say of a builtin."""
    match plain(value):
        case str() | bytes() as whole:
            return len(whole)
        case Items() | Pairs() | Prefix() as part:
            return part.size
        case other:
            why = f"len() of {_described(other)} is known to the program alone"
            raise Unanswerable(why)


def is_true(value: Value) -> bool:
    """Return what `bool` would say of a builtin."""
    match plain(value):
        case None:
            return False
        case bool() | int() | float() | complex() | str() | bytes() as scalar:
            return bool(scalar)
        case Integer() | Named():
            return True
        case Items() | Pairs() | Prefix() as part:
            return part.size > 0
        case other:
            found = number_of(other)
            if found is None:
                why = f"whether {_described(other)} is true is known to the program alone"
                raise Unanswerable(why)
            return bool(found)


def number_of(value: Value) -> Number | None:
    """Return a number's own value, None for anything else."""
    match plain(value):
        case bool() | int() | float() | complex() as number:
            return number
        case Integer(digits=digits) if digits:
            return int(digits, 16)
        case Known(type="decimal.Decimal", text=text):
            return _decimal(text)
        case _:
            return None


def plain(value: Value) -> Value:
    """Return the builtin half of a subclass's instance; raise where there is no value to ask."""
    while isinstance(value, Subclass):
        value = value.value
    match value:
        case Redacted():
            why = "it was withheld from the recording"
            raise Unanswerable(why)
        case Omitted():
            why = "it was left out of the recording"
            raise Unanswerable(why)
        case Seen():
            why = "it lies in itself"
            raise Unanswerable(why)
        case _:
            return value


def is_same(left: Value, right: Value) -> bool:
    """Return whether `left is right`, as far as recorded identities tell."""
    left, right = plain(left), plain(right)
    for constant in (None, True, False):
        if left is constant or right is constant:
            return left is right
    if isinstance(left, _WITH_ID) and isinstance(right, _WITH_ID):
        return left.id == right.id
    why = "`is` is known of objects that can change, and of None, True and False"
    raise Unanswerable(why)


def is_equal(left: Value, right: Value) -> bool:
    """Return whether `left == right`, for builtins all through."""
    left, right = plain(left), plain(right)
    first, second = number_of(left), number_of(right)
    if first is not None and second is not None:
        return bool(first == second)
    match left, right:
        case (Items(), Items()):
            return _are_items_equal(left, right)
        case (Pairs(), Pairs()):
            return _are_pairs_equal(left, right)
        case (Named() | Known(), Named() | Known()):
            return _named(left) == _named(right)
        case (Prefix(), _) | (_, Prefix()):
            why = "a text that was cut cannot be compared"
            raise Unanswerable(why)
        case (Instance() | Opaque() | Raised(), _) | (_, Instance() | Opaque() | Raised()):
            return _are_objects_equal(left, right)
        case _:
            return type(left) is type(right) and left == right


def compare(sign: str, left: Value, right: Value) -> bool:
    """Return the outcome of a comparison by that operator."""
    told = _COMPARISONS.get(sign)
    return _is_ordered(sign, plain(left), plain(right)) if told is None else told(left, right)


def contains(container: Value, wanted: Value) -> bool:
    """Return whether `wanted in container`."""
    match plain(container):
        case str() as text:
            part = plain(wanted)
            if not isinstance(part, str):
                why = f"a text holds texts, not {_described(part)}"
                raise Unanswerable(why)
            return part in text
        case Items(items=items) as held:
            return _is_among(wanted, items, whole=held.rest is None)
        case Pairs(pairs=pairs) as held:
            return _is_among(wanted, (key for key, _ in pairs), whole=held.rest is None)
        case other:
            why = f"what {_described(other)} holds is known to the program alone"
            raise Unanswerable(why)


def calculate(sign: str, left: Value, right: Value) -> Value:
    """Return the outcome of arithmetic by that operator, on numbers; `+` and `*` on text too."""
    first, second = number_of(left), number_of(right)
    if first is None or second is None:
        return _joined(sign, plain(left), plain(right))
    if isinstance(first, Decimal) != isinstance(second, Decimal):
        first, second = _alike(first, second)
    _check_size(sign, first, second)
    try:
        return _shown(_ARITHMETIC[sign](first, second))
    except (ArithmeticError, DecimalException, TypeError, ValueError) as error:
        large = isinstance(error, OverflowError)
        why = "the outcome is too large" if large else str(error) or type(error).__name__
        raise Unanswerable(why) from error


def negate(sign: str, operand: Value) -> Value:
    """Return the operand with that sign before it."""
    found = number_of(operand)
    if found is None:
        why = f"{_described(plain(operand))} is no number"
        raise Unanswerable(why)
    return _shown(-found if sign == "-" else +found)


_PLAIN_BITS: Final = 64
_WITH_ID: Final = (Items, Pairs, Instance, Raised, Opaque, Named, Known)
_ARITHMETIC: Final[dict[str, Callable[[Number, Number], Number]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
_ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


_COMPARISONS: Final[dict[str, Callable[[Value, Value], bool]]] = {
    "==": is_equal,
    "!=": lambda left, right: not is_equal(left, right),
    "is": is_same,
    "is not": lambda left, right: not is_same(left, right),
    "in": lambda left, right: contains(right, left),
    "not in": lambda left, right: not contains(right, left),
}


def _described(value: Value) -> str:
    return f"a value of type {display_type(type_name(value))}"


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text.removeprefix("Decimal('").removesuffix("')"))
    except DecimalException:
        return None


def _alike(first: Number, second: Number) -> tuple[Number, Number]:
    """Return an integer as the decimal that the other one is."""
    if isinstance(first, int):
        return Decimal(first), second
    if isinstance(second, int):
        return first, Decimal(second)
    why = "a decimal and a float do not mix"
    raise Unanswerable(why)


def _check_size(sign: str, first: Number, second: Number) -> None:
    if isinstance(first, int) and isinstance(second, int):
        bits = first.bit_length() + second.bit_length()
        if sign == "**":
            bits = max(1, first.bit_length()) * abs(second)
        if sign in ("*", "**") and bits > MAX_BITS:
            why = f"the outcome has more than {MAX_BITS} bits"
            raise Unanswerable(why)
    elif sign == "**" and isinstance(first, Decimal):
        why = "a power of decimals is not worked out"
        raise Unanswerable(why)


def _shown(number: Number) -> Value:
    if isinstance(number, Decimal):
        return Known(0, "decimal.Decimal", f"Decimal('{number}')")
    if (
        isinstance(number, int)
        and not isinstance(number, bool)
        and number.bit_length() > _PLAIN_BITS
    ):
        return Integer(number.bit_length(), hex(number))
    return number


def _joined(sign: str, left: Value, right: Value) -> Value:
    joins = sign == "+" and isinstance(left, str) and isinstance(right, str)
    repeats = sign == "*" and isinstance(left, str) and isinstance(right, int)
    if not (isinstance(left, str) and isinstance(right, (str, int)) and (joins or repeats)):
        why = f"{sign} of {_described(left)} and {_described(right)} is known to the program alone"
        raise Unanswerable(why)
    size = len(left) * right if isinstance(right, int) else len(left) + len(right)
    if size > MAX_TEXT:
        why = f"the outcome has more than {MAX_TEXT} characters"
        raise Unanswerable(why)
    return left * right if isinstance(right, int) else left + right


def _is_ordered(sign: str, left: Value, right: Value) -> bool:
    first, second = number_of(left), number_of(right)
    texts = (isinstance(left, str) and isinstance(right, str)) or (
        isinstance(left, bytes) and isinstance(right, bytes)
    )
    pair = (left, right) if texts else (first, second)
    if None in pair or complex in map(type, pair):
        why = f"{sign} of {_described(left)} and {_described(right)} is not worked out"
        raise Unanswerable(why)
    return _ORDER[sign](*pair)


def _are_items_equal(left: Items, right: Items) -> bool:
    kinds = {left.tag, right.tag}
    sets = kinds <= {Tag.SET, Tag.FROZENSET}
    if (left.tag != right.tag and not sets) or left.size != right.size:
        return False
    if left.rest is not None or right.rest is not None:
        why = "a container that was cut cannot be compared"
        raise Unanswerable(why)
    if sets:
        return all(_is_among(item, right.items, whole=True) for item in left.items)
    return all(map(is_equal, left.items, right.items))


def _are_pairs_equal(left: Pairs, right: Pairs) -> bool:
    if left.size != right.size:
        return False
    if left.rest is not None or right.rest is not None:
        why = "a dictionary that was cut cannot be compared"
        raise Unanswerable(why)
    return all(
        any(is_equal(key, other) and is_equal(item, theirs) for other, theirs in right.pairs)
        for key, item in left.pairs
    )


def _are_objects_equal(left: Value, right: Value) -> bool:
    if left is None or right is None:
        # Only a class that goes out of its way is equal to None.
        return False
    objects = (Instance, Opaque, Raised)
    if isinstance(left, objects) and isinstance(right, objects) and left.id == right.id:
        return True
    why = "whether two objects are equal is known to the program alone; `is` is known"
    raise Unanswerable(why)


def _named(value: Named | Known) -> tuple[str, str]:
    return (value.name, "") if isinstance(value, Named) else (value.type, value.text)


def _is_among(wanted: Value, items: Iterable[Value], *, whole: bool) -> bool:
    if any(is_equal(item, wanted) for item in items):
        return True
    if not whole:
        why = "not among what was kept of a container that was cut"
        raise Unanswerable(why)
    return False
