"""Grows random programs as source text, from what hypothesis draws.

A program holds every kind of statement, nested, raising and yielding. It ends: loops and calls burn
fuel, and no sequence grows while it is walked. It prints what it does as it does it, by `say`; that
and all that its statements work on is in `surroundings.txt`, with which it begins.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.property.expressions import (
    COROUTINE,
    GENERATOR,
    PLAIN,
    STREAM,
    Draw,
    Expressions,
    Place,
)

SURROUNDINGS = (Path(__file__).parent / "surroundings.txt").read_text("utf-8")

_PARAMETERS = (
    "a, b=1, c=2",
    "a=3, /, b=4, *, c=5",
    "a, b=1, *rest, c=2, **more",
    "a: int = 1, *, b: 'int' = 2, c: int = 3",
)
_BINDINGS = (
    "{name} = {}",
    "{name} = {other} = {}",
    "{name}, {other} = {}, {}",
    "{name}, *xs = [{}, {}, {}]",
    "[{name}, ({other}, it.x)] = {}, ({}, {})",
    "it.x = {}",
    "it.x, xs[0] = {name}, it.y = {}, {}",
    "xs[{}] = {}",
    "xs[{}:{}] = [{}, 4]",
    "table[{}] = {}",
    "it[{}] = xs[-1] = {}",
    "it[{}:2] = {}",
    "it.prop = {}",
    "it.y: int = {}",
    "table[{}]: 'note' = {}",
    "{name} += {}",
    "{name} -= num({})",
    "xs[{}] += {}",
    "it.x -= {}",
    "it[{}] //= {}",
    "table[{}] |= {}",
    "xs[1:2] += [{}]",
    "it += {}",
)
_ACTS = (
    "{}",
    "say({}, {})",
    "xs.append({})",
    "xs.sort()",
    "xs.pop({})",
    "table.update({{{}: {}}})",
    "table.clear()",
    "table.setdefault({}, []).append({})",
    "[xs, table][{} % 2].pop({})",
    "it.__dict__.setdefault('held', [1]).append({})",
    "type(xs).insert(xs, 0, {})",
    "del xs[{}]",
    "del xs[{}:{}]",
    "del table[{}]",
    "del it[{}], it[0]",
    "it.gone = {}\ndel it.gone",
    "del it.gone",
    "{name} = 5\ndel {name}\n{name} = 6",
    "assert {}, say('asserted', {})",
    "assert {}",
    "pass",
    "import math as m, string",
    "from os import path as p",
)
_CLAUSES = (
    "except Odd as error:",
    "except (Odd, ZeroDivisionError) as a:",
    "except LookupError:",
    "except (TypeError, AttributeError) as error:",
    "except Exception as error:",
)
_PATTERNS = (
    "0 | 1",
    "int(n) if {}",
    "[m, *others]",
    "[1, _] as w",
    "{{'k': k, **rest}}",
    "Thing(x=q)",
    "Thing(x=2 | 4 as q, y=_) if q",
    "[int() | str() as u, Thing()]",
    "None",
    "-1",
)
_SUBJECTS = ("{}", "[{}, {}]", "({}, it)", "{{'k': {}, 'l': {}}}", "it", "xs")
_ROOMS = ("Room({})", "Room({}, True)", "Door({})", "room({})", "contextlib.suppress(Odd)")
_ASYNC_ROOMS = ("Room({})", "Room({}, True)", "Door({})", "Door({})")
_DRIVES = (
    "say(next({name}, None))",
    "say({name}.send({}))",
    "say({name}.send(None))",
    "say({name}.throw(Odd({})))",
    "{name}.close()",
    "say([*{name}])",
)


class Program(Expressions):
    """Writes one program.

    It notes something of itself behind every other statement if `noting` says how, and is one of a
    crowd of coroutines that run by turns if that is asked for.
    """

    def __init__(self, draw: Draw, *, crowd: bool, noting: str) -> None:
        super().__init__(draw)
        self._crowd = crowd
        self._noting = noting
        self._lines: list[str] = []
        self._simple = (
            lambda: self._fill(_BINDINGS, 2),
            lambda: self._fill(_ACTS, 2),
            self._called,
            self._jump,
            self._raise,
        )
        self._nesting = (
            self._if,
            self._while,
            self._for,
            self._match,
            self._try,
            self._try_star,
            self._with,
            self._nested_function,
            self._class,
            self._drive,
            self._drive,
            self._gather,
            self._gather,
            *[self._leave] * (4 if crowd else 0),
        )

    def text(self) -> str:
        """Return the source of a whole program."""
        kinds = [self._of(PLAIN, GENERATOR, COROUTINE, STREAM) for _ in range(self._upto(1, 5))]
        if self._crowd:
            kinds = [*kinds[:3], COROUTINE, COROUTINE]
        for number, kind in enumerate(kinds):
            self._functions[kind].append(f"{kind}{number}")
        for number, kind in enumerate(kinds):
            self._function(kind, f"{kind}{number}")
        if self._crowd:
            runs = [f"{self._of(*self._functions[COROUTINE])}({n})" for n in range(4)]
            self._write(f"fuel = 200\nsay(asyncio.run(together({', '.join(runs)})))")
        for _ in range(self._upto(1, 5)):
            self._block("try:", 3)
            self._write("except Exception:\n    print(traceback.format_exc())")
        self._body(2)
        return f"{SURROUNDINGS}\n" + "\n".join(self._lines) + "\n"

    def _fill(self, forms: tuple[str, ...], depth: int) -> str:
        form: str = self._of(*forms)
        if "{name}" in form:
            form = form.replace("{name}", self._name()).replace("{other}", self._name())
        return super()._fill((form,), depth)

    # Lines

    def _write(self, text: str) -> None:
        # What breaks a line by itself stands between brackets.
        self._lines += ["    " * self._place.indent + line for line in text.split("\n")]

    def _block(self, head: str, most: int = 2, **place: Any) -> None:
        self._write(head)
        outer = self._place
        self._place = replace(outer.inner, **place)
        self._body(most)
        self._place = outer

    def _body(self, most: int) -> None:
        for _ in range(self._upto(1, most)):
            forms = self._simple if self._place.depth <= 0 else self._simple + self._nesting
            text = self._of(*forms)()
            if text:
                off = "\n" not in text and self._chance(15)
                self._write(f"{text}  # rewind: off" if off else text)
            if self._noting and self._chance(2):
                self._write(self._noting)

    # Simple statements

    def _called(self) -> str:
        return f"say({self._call(1)})"

    def _jump(self) -> str:
        if self._place.loops and self._chance(2):
            return str(self._of("break", "continue"))
        if self._place.kind and self._place.jumps and self._chance(2):
            return "return" if self._place.kind == STREAM else f"return {self._e()}"
        return f"say({self._leaving(1)})"

    def _raise(self) -> str:
        forms = ["raise Odd({})", "raise Odd({}) from KeyError({})", "boom({})", "{} / 0"]
        forms += [
            "raise KeyError({}) from None",
            "raise ExceptionGroup('them', [Odd({}), KeyError({})])",
        ]
        if self._place.handles:
            forms += ["raise", "raise ValueError({})"]
        # Not always, or little else would run.
        return f"if num({self._e(1)}) % 3 == 1: {self._fill(tuple(forms), 1)}"

    # Statements with blocks

    def _if(self) -> None:
        self._block(f"if {self._e()}:")
        if self._chance(2):
            self._block(f"elif {self._e()}:")
        if self._chance(2):
            self._block("else:")

    def _while(self) -> None:
        self._block(
            self._of("while burn() and {}:", "while {} and burn():").format(self._e()), loops=True
        )
        if self._chance(3):
            self._block("else:")

    def _for(self) -> None:
        target = self._of("a", "i", "it.x", "xs[0]", "it[1]", "(b, *c)", "d, it.x")
        single = target in ("a", "i", "it.x", "xs[0]", "it[1]")
        sources = ["xs[:3]", f"range(num({self._e(1)}) % 4)", "[1, 2, 3]", *self._calls(GENERATOR)]
        source = self._of(*sources) if single else "[(1, 2), (3, 4)]"
        if self._place.kind in (COROUTINE, STREAM) and self._chance(2):
            stream = self._of(f"ticks({self._upto(0, 3)})", *self._calls(STREAM))
            self._write(f"async with contextlib.aclosing({stream}) as them:")
            self._place = replace(self._place, indent=self._place.indent + 1)
            self._block(f"async for {target if single else 'i'} in them:", loops=True)
            self._place = replace(self._place, indent=self._place.indent - 1)
            return
        self._block(f"for {target} in {source}:", loops=True)
        if self._chance(3):
            self._block("else:")

    def _calls(self, kind: str) -> list[str]:
        return [f"{name}({self._arguments(1)})" for name in self._functions[kind]]

    def _match(self) -> None:
        self._write(f"match {self._fill(_SUBJECTS, 1)}:")
        self._place = replace(self._place, indent=self._place.indent + 1)
        for _ in range(self._upto(1, 3)):
            self._block(f"case {self._fill(_PATTERNS, 1)}:", 1)
        if self._chance(2):
            self._block(f"case {self._of('_', 'a')}:", 1)
        self._place = replace(self._place, indent=self._place.indent - 1)

    def _try(self) -> None:
        self._block("try:")
        clauses = self._upto(0, 2)
        for _ in range(clauses):
            self._block(self._of(*_CLAUSES), handles=True)
        if clauses and self._chance(3):
            self._block("except:", handles=True)
        if clauses and self._chance(3):
            self._block("else:")
        if not clauses or self._chance(2):
            self._block("finally:")

    def _try_star(self) -> None:
        self._block("try:")
        clause = self._of("except* Odd as group:", "except* (LookupError, TypeError):")
        self._block(clause, handles=True, loops=False, jumps=False)
        if self._chance(3):
            self._block("finally:")

    def _with(self) -> None:
        waits = self._awaits and self._chance(2)
        choices = _ASYNC_ROOMS if waits else _ROOMS
        rooms = [self._fill(choices, 1) for _ in range(self._upto(1, 2))]
        targets = [self._of("", " as a", " as it.x", " as xs[0]", " as (b)") for _ in rooms]
        head = "async with" if waits else "with"
        self._block(f"{head} {', '.join(map(str.__add__, rooms, targets))}:")

    def _leave(self) -> None:
        """Jump out of what waits at its exit, where it does."""
        outer = self._place
        jumps = ["return"] if outer.kind and outer.jumps else []
        self._write("for i in range(2):\n    where = here()")
        self._place = replace(outer.inner, loops=True)
        head = "async with" if self._awaits else "with"
        self._block(f"{head} Door({self._e(1)}):", 1)
        self._write(f"    if num({self._e(1)}) % 3: {self._of('break', 'continue', *jumps)}")
        self._write("where = here()")
        self._place = outer

    # Functions and classes

    def _function(
        self, kind: str, name: str, *, first: str = "", heads: tuple[str, ...] = ()
    ) -> None:
        if self._chance(3):
            self._write(f"@marked({self._e(1)})")
        word = "async def" if kind in (COROUTINE, STREAM) else "def"
        outer = self._place
        self._write(f"{word} {name}({first}{self._of(*_PARAMETERS)}):")
        owns_d = not heads and self._chance(2)
        self._place = Place(outer.indent + 1, min(outer.depth, 2), kind, owns_d=owns_d)
        own = ["d = 9"] if owns_d else list(heads) or ["global d"]
        own += self._of(["global xs, it"], ["xs, it = [4, 5, 6], Thing(1)"])
        self._write("\n".join(own))
        if kind in (GENERATOR, STREAM):
            self._write("yield 0")
        self._write("if not burn(): return" + ("" if kind == STREAM else " 0"))
        self._body(3)
        self._place = outer

    def _nested_function(self) -> None:
        self._said += 1
        name = f"inner_{self._said}"
        kind = self._of(PLAIN, GENERATOR)
        heads = ("nonlocal d",) if self._place.owns_d and self._chance(2) else ()
        self._function(kind, name, heads=heads)
        call = f"{name}({self._arguments(1)})"
        self._write(f"say({call if kind == PLAIN else f'[*{call}]'})")

    def _class(self) -> None:
        self._said += 1
        name = f"Kind_{self._said}"
        self._write(f"class {name}(Thing):")
        self._place, outer = (
            replace(self._place.inner, kind="", loops=False, owns_d=False),
            self._place,
        )
        self._pure += 1
        self._write(f"kept = {self._e()}\nmade = [i for i in range(3) if i]")
        self._pure -= 1
        self._function(PLAIN, "method", first="self, ")
        self._write("    return super().method(a, b)")
        self._write(f"@{self._of('staticmethod', 'classmethod', 'property')}")
        self._write("def other(*those): return say(len(those), __class__.__name__)")
        self._place = outer
        self._write(f"it = {name}(1)\nsay(it.method({self._arguments(1)}), {name}.kept)")
        self._write("say(it.other if type(it.other) is int else it.other())")

    def _gather(self) -> None:
        """Run coroutines together, where no loop runs yet; await them where one does."""
        calls = [*self._calls(COROUTINE), *self._calls(COROUTINE), "asyncio.sleep(0, 5)"]
        them = f"together({', '.join(calls[: self._upto(1, 3)])})"
        if self._awaits:
            self._write(f"say(await {them})")
        elif not self._place.kind and not self._pure:
            self._write(f"say(asyncio.run({self._of(them, *calls[:1])}))")
        else:
            self._write(f"say({self._e()})")

    def _drive(self) -> None:
        """Write out what a caller does to one generator, step by step."""
        self._said += 1
        name = f"kept_{self._said}"
        started = self._of("map(boom, xs[:2])", *self._calls(GENERATOR))
        self._write(f"{name} = {started}")
        for _ in range(self._upto(1, 4)):
            self._write(Expressions._fill(self, (self._of(*_DRIVES).replace("{name}", name),), 1))


_MORE = {
    "expressions": st.sampled_from(["calls", "all"]),
    **dict.fromkeys(("lines", "comprehensions", "lambdas", "class_bodies"), st.just(True)),
}


def choices() -> st.SearchStrategy[dict[str, Any]]:
    """Settings by which more is recorded."""
    return st.fixed_dictionaries({}, optional=_MORE)


@st.composite
def programs(draw: Draw, *, crowd: bool = False, noting: str = "") -> str:
    """Sources of programs; `noting` is a statement, which many others are followed by."""
    return Program(draw, crowd=crowd, noting=noting).text()
