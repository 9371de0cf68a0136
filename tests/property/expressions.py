"""Grows random expressions; see `tests.property.programs`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]

PLAIN, GENERATOR, COROUTINE, STREAM = "f", "g", "c", "s"
"""What the names of functions begin with, by their kind; a stream is an async generator."""


@dataclass(frozen=True)
class Place:
    """Where a statement is to stand."""

    indent: int = 0
    depth: int = 3
    """How many blocks may still be nested in it."""
    kind: str = ""
    """Of the function around it; empty in the module's body."""
    loops: bool = False
    """Whether `break` and `continue` may stand here."""
    jumps: bool = True
    """Whether `return` may: not so in an `except*`."""
    handles: bool = False
    """Whether an exception is being handled."""
    owns_d: bool = False
    """Whether `d` is a local of the function around it."""

    @property
    def inner(self) -> "Place":
        """A block in a statement that stands here."""
        return replace(self, indent=self.indent + 1, depth=self.depth - 1)


_ARITHMETIC = (
    "(num({}) + num({}))",
    "({} - {})",
    "({} // {})",
    "(num({}) % 5 * 2 | {})",
    "(-{} + {})",
    "(\n{}\n- {}\n)",
    "len(f'{{a}} {{b!r:>3}} {{num(it.x):{{c}}}}')",
)
_TRUTH = (
    "({} and {} or {})",
    "({} if {} else {})",
    "({} < {} <= {})",
    "(not {} or it and {} and {})",
    "({} in [{}, {}])",
    "((it or {}) and {} != {})",
)
_ACCESS = (
    "xs[{}]",
    "xs[-1]",
    "table[{}]",
    "table.get({}, {})",
    "it[{}]",
    "len(xs[{}:{}])",
    "it.prop",
    "it.method({}, {})",
    "it.method(*xs)",
    "it[{}:{}]",
    "it.missing",
)
_COMPREHENSIONS = (
    "sum([num({}) for i in range(3)])",
    "sum(num({}) for i in (1, 2) if {})",
    "len({{i: {} for i in [1, 2] for j in [i, 3] if i}})",
    "max({{num({}) for a in xs[:2]}})",
    "len([*(lambda q=1: (q, {}))()])",
    "(lambda *r, k=1: {})({})",
    "len([{} for b, *c in ['ab', 'cd'] if {}])",
    "len([r.append({}) for r in [[1], [2]] if {} and {}])",
    "max(map(lambda q, *r: {}, xs[:2]), default=1, key=lambda v: num(v))",
    "num(calls(lambda q: {}, {}))",
    "num(hasattr(it, 'gone') or (lambda: {} and {})())",
    "getattr(Shy(lambda: boom({})), 'away', {})",
)
_ARGUMENTS = ("{}", "{}, {}", "*xs[:2]", "{}, c={}", "1, **{{'c': {}}}", "", "b=2")
_DRAINS = (
    "sum(map(num, {}))",
    "next({}, 5)",
    "len([*{}])",
    "max(map(num, {}))",
    "next(through({}), 5)",
    "len([*through({})])",
)


class Expressions:
    """Chooses, and writes expressions."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._place = Place()
        self._functions: dict[str, list[str]] = {
            kind: [] for kind in (PLAIN, GENERATOR, COROUTINE, STREAM)
        }
        self._pure = 0
        """Above zero, no expression may bind, yield or await."""
        self._said = 0
        self._forms = (
            lambda d: self._fill(_ARITHMETIC, d),
            lambda d: self._fill(_TRUTH, d),
            lambda d: self._fill(_ACCESS, d),
            self._saying,
            self._walrus,
            self._scope,
            self._call,
            self._leaving,
        )

    def _upto(self, least: int, most: int) -> int:
        number: int = self._draw(st.integers(least, most))
        return number

    def _of(self, *choices: Any) -> Any:
        return choices[self._upto(0, len(choices) - 1)]

    def _chance(self, one_in: int) -> bool:
        return self._upto(1, one_in) == one_in

    def _name(self) -> str:
        return str(self._of("a", "b", "c", "d"))

    def _e(self, depth: int = 2) -> str:
        """Return an expression, of an integer in most cases."""
        if depth == 0 or self._chance(4):
            return str(self._of("a", "b", "c", "d", "0", "1", "2", "7", "it.x", "xs[0]"))
        return str(self._of(*self._forms)(depth - 1))

    def _fill(self, forms: tuple[str, ...], depth: int) -> str:
        form: str = self._of(*forms)
        return form.format(*(self._e(depth) for _ in range(form.count("{}"))))

    def _saying(self, depth: int) -> str:
        self._said += 1
        head = self._of("boom(", f"say({self._said}, ", f"say({self._said}, ")
        return f"{head}{self._e(depth)})"

    def _walrus(self, depth: int) -> str:
        return self._e(depth) if self._pure else f"({self._name()} := {self._e(depth)})"

    def _scope(self, depth: int) -> str:
        """Return an expression with a scope of its own."""
        self._pure += 1
        text = self._fill(_COMPREHENSIONS, depth)
        self._pure -= 1
        return text

    def _arguments(self, depth: int) -> str:
        return self._fill(_ARGUMENTS, depth)

    def _call(self, depth: int) -> str:
        kinds = [kind for kind in (PLAIN, GENERATOR) if self._functions[kind]]
        if self._functions[COROUTINE] and self._awaits:
            kinds.append(COROUTINE)
        if not kinds:
            return f"boom({self._e(depth)})"
        kind = self._of(*kinds)
        call = f"{self._of(*self._functions[kind])}({self._arguments(depth)})"
        if kind == GENERATOR:
            return str(self._of(*_DRAINS).format(call))
        return f"num(await {call})" if kind == COROUTINE else call

    @property
    def _awaits(self) -> bool:
        return self._place.kind in (COROUTINE, STREAM) and not self._pure

    def _leaving(self, depth: int) -> str:
        """Return an expression at which the frame goes out and comes back, where it can."""
        value = self._e(depth)
        if self._pure or self._place.kind in ("", PLAIN):
            return value
        if self._place.kind == COROUTINE or (self._place.kind == STREAM and self._chance(3)):
            waits = [f"asyncio.sleep(0, {value})", *(f"{c}(2)" for c in self._functions[COROUTINE])]
            return f"num(await {self._of(waits[0], *(f'led({one})' for one in waits))})"
        if self._place.kind == GENERATOR and self._chance(3):
            calls = (f"{name}(2)" for name in self._functions[GENERATOR])
            source = self._of("xs[:2]", *calls)
            return f"num((yield from {self._of(source, f'through({source})')}))"
        return f"num((yield {value}))"
