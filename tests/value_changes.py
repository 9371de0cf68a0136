"""Values that change between looks at them, at random but the same for the same seed.

Test support only; it checks nothing by itself.
"""

import enum
import random
import re
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, Protocol


class Looks(Protocol):
    """What is shown the values, each as it is at that moment."""

    def write(self, value: object, /) -> object: ...


class Single:
    """Has few attributes, so that the interpreter keeps them in an array."""


class Pair:
    """A class whose instances may become those of `Single`, and back."""


class Slots:
    """Keeps all attributes in slots, some of which may be empty."""

    __slots__ = ("a", "b", "c", "d", "e")


class OtherSlots:
    """A class whose instances may become those of `Slots`, and back."""

    __slots__ = ("a", "b", "c", "d", "e")


class Mixed:
    """Keeps some attributes in slots, the others in its namespace."""

    __slots__ = ("__dict__", "a", "password")
    password: object


CLASSES: dict[type, type] = {
    Single: Pair,
    Pair: Single,
    Slots: OtherSlots,
    OtherSlots: Slots,
    Mixed: Mixed,
}
"""Which the instances of each may become."""


class Names(dict[Any, Any]):
    """Told by what is of `dict` in it."""


class Row(NamedTuple):
    """Its second field is withheld."""

    number: object
    password: object = None


class Colour(enum.Enum):
    RED = 1
    BLUE = "blue"


def _function() -> None: ...


PATTERNS = [re.compile(text) for text in ("a+", "[0-9]{3}", "x" * 300)]
"""Told by their text."""


SCALARS: list[Callable[[random.Random], object]] = [
    lambda r: r.random(),
    lambda r: r.randrange(-3, 300),
    lambda r: r.randrange(1 << 62, 1 << 66),
    lambda r: r.choice([None, True, False]),
    lambda r: "text" * r.randrange(60),
    lambda r: b"bytes" * r.randrange(40),
    lambda r: f"n{r.randrange(9)}",
    lambda r: "long text " * r.randrange(2000),
    lambda r: "Bearer " + "t" * r.randrange(8, 40),
    lambda r: r.choice(PATTERNS),
    lambda r: r.choice(list(Colour)),
    lambda r: r.choice([len, max, Single, Pair, int, Colour, _function, enum, [].append]),
    lambda r: Decimal(r.randrange(9)) / 4,
    lambda r: date(2026, 1, r.randrange(1, 9)),
    lambda r: datetime(2026, 1, r.randrange(1, 9), tzinfo=r.choice([None, UTC])),
    lambda r: timedelta(r.randrange(9)),
]
KEYS = ["a", "b", "c", 1, 2.5, (1, 2), "password"]


class Changes:
    """A few containers that hold each other. `run` changes them and looks at them, in turn."""

    def __init__(self, seed: int, writer: Looks) -> None:
        self._random = random.Random(seed)  # noqa: S311 - the same again
        self._writer = writer
        self._pool: list[Any] = [self._made() for _ in range(8)]

    def run(self, steps: int) -> None:
        """Change something and look at something, so often."""
        acts = [self._put, self._put, self._take, self._move, self._reclass, self._rename]
        for _ in range(steps):
            place = self._random.randrange(len(self._pool))
            if self._random.random() < 0.2:
                self._pool[place] = None  # What comes in its place often gets its address.
                self._pool[place] = self._made()
            else:
                self._random.choice(acts)(self._pool[place])
            for _ in range(self._random.randrange(3)):
                self._writer.write(self._random.choice(self._pool))

    def _value(self) -> Any:
        if self._random.random() < 0.5 and getattr(self, "_pool", None):
            return self._random.choice(self._pool)
        return self._random.choice(SCALARS)(self._random)

    def _made(self) -> Any:
        some = [self._value() for _ in range(self._random.randrange(5))]
        pairs = dict(zip(KEYS, some, strict=False))
        plain = [one for one in some if isinstance(one, str | int | float | Decimal)]
        makers: list[Callable[[], Any]] = [
            lambda: tuple(some),
            lambda: pairs,
            lambda: self._instance(some),
            lambda: self._instance(some),
            lambda: set(plain),
            lambda: frozenset(plain),
            lambda: some,
            lambda: deque(some),
            lambda: Names(pairs),
            lambda: OrderedDict(pairs),
            lambda: Row(self._value(), self._value()),
        ]
        return self._random.choice(makers)()

    def _instance(self, values: list[Any]) -> Any:
        made = self._random.choice([Single, Single, Slots, Mixed])()
        for name, value in zip("abcde", values, strict=False):
            setattr(made, name, value)
        if type(made) is Mixed and values:
            made.password = values[-1]
        if type(made) is not Slots and self._random.random() < 0.1:
            vars(made)  # From now on it has a dictionary.
        return made

    def _put(self, one: Any) -> None:
        value = self._value()
        if type(one) is list:
            one.insert(self._random.randrange(len(one) + 1), value)
            del one[9:]
        elif isinstance(one, dict):
            one[self._random.choice(KEYS)] = value
        elif type(one) is set:
            one.add(self._random.randrange(9))
        elif type(one) is deque:
            one.appendleft(value)
            one[-1] = value
        elif type(one) in CLASSES:
            setattr(one, self._random.choice("abcde"), value)

    def _take(self, one: Any) -> None:
        if type(one) is set or (isinstance(one, list | dict | deque) and one):
            one.clear() if self._random.random() < 0.2 or type(one) is set else _pop(one)
        elif type(one) in CLASSES and hasattr(one, name := self._random.choice("abcde")):
            delattr(one, name)

    def _move(self, one: Any) -> None:
        """The same in another order."""
        if type(one) is list:
            self._random.shuffle(one)
        elif type(one) is deque:
            one.rotate()
        elif isinstance(one, dict) and one:
            key = next(iter(one))
            one[key] = one.pop(key)

    def _reclass(self, one: Any) -> None:
        if type(one) in CLASSES:
            one.__class__ = CLASSES[type(one)]

    def _rename(self, _: object) -> None:
        name = f"name{self._random.randrange(3)}"
        for one in (_function, Single, Slots, Names, Row):
            if self._random.random() < 0.1:
                setattr(one, self._random.choice(["__qualname__", "__module__"]), name)


def _pop(one: Any) -> None:
    one.popitem() if isinstance(one, dict) else one.pop()
