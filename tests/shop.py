"""A small program and its run, told to a spool event by event.

`SHOP` has calls, variables, loops, a generator, a branch and an exception that is handled; `shop`
leaves a whole recording of it. Test support only; it checks nothing by itself.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from rewind.model.sites import GENERATOR, PLAIN, Function, Site, SiteTable
from rewind.model.values import Tag
from tests.spooled import (
    SEGMENT_SIZE,
    Raw,
    Spooled,
    SpooledProcess,
    dead_process,
    items,
    key_error,
    record,
)

SHOP = """\
PRICES = {"tea": 4, "cake": 6}

def total(items, code=None):
    amount = 0
    for name in items:
        amount += PRICES[name]
    if code == "SPRING":
        amount = discount(amount)
    return amount

def discount(amount):
    return amount // 2

def numbered(items):
    for n, name in enumerate(items):
        yield n, name

def main():
    lines = []
    for n, name in numbered(["tea", "cake"]):
        lines.append(name)
    paid = total(lines, "SPRING")
    try:
        total(["gold"])
    except KeyError as error:
        paid = 0
    return paid

main()
"""

_FUNCTIONS = (
    Function("<module>", 1, PLAIN, ()),
    Function("total", 3, PLAIN, ("items", "code")),
    Function("discount", 11, PLAIN, ("amount",)),
    Function("numbered", 14, GENERATOR, ("items",)),
    Function("main", 18, PLAIN, ()),
)
_MODULE, _TOTAL, _DISCOUNT, _NUMBERED, _MAIN = range(5)

_SITES: tuple[tuple[str, int, int, str | None, str | None], ...] = (
    ("call", _MODULE, 1, None, None),
    ("variable", _MODULE, 1, "PRICES", None),
    ("return", _MODULE, 28, None, None),
    ("call", _TOTAL, 3, None, None),
    ("variable", _TOTAL, 4, "amount", None),
    ("loop", _TOTAL, 5, None, "for"),
    ("variable", _TOTAL, 5, "name", "for"),
    ("variable", _TOTAL, 6, "amount", "+="),
    ("branch", _TOTAL, 7, 'code == "SPRING"', "if"),
    ("variable", _TOTAL, 8, "amount", None),
    ("return", _TOTAL, 9, None, None),
    ("exception", _TOTAL, 3, None, "exit"),
    ("call", _DISCOUNT, 11, None, None),
    ("return", _DISCOUNT, 12, None, None),
    ("call", _NUMBERED, 14, None, None),
    ("loop", _NUMBERED, 15, None, "for"),
    ("variable", _NUMBERED, 15, "n", "for"),
    ("variable", _NUMBERED, 15, "name", "for"),
    ("yield", _NUMBERED, 16, None, None),
    ("resume", _NUMBERED, 16, None, None),
    ("return", _NUMBERED, 14, None, None),
    ("call", _MAIN, 18, None, None),
    ("variable", _MAIN, 19, "lines", None),
    ("loop", _MAIN, 20, None, "for"),
    ("variable", _MAIN, 20, "n", "for"),
    ("variable", _MAIN, 20, "name", "for"),
    ("mutate", _MAIN, 21, "lines", "append"),
    ("variable", _MAIN, 22, "paid", None),
    ("handled", _MAIN, 25, "error", "except"),
    ("variable", _MAIN, 26, "paid", None),
    ("delete", _MAIN, 25, "error", "except"),
    ("return", _MAIN, 27, None, None),
    ("exception", _MAIN, 18, None, "exit"),
    ("exception", _MODULE, 1, None, "exit"),
)


def shop_table() -> SiteTable:
    """Return the sites of `SHOP`, each as wide as its line."""
    lines = SHOP.splitlines()
    sites = []
    for kind, function, line, name, detail in _SITES:
        text = lines[line - 1]
        column = len(text) - len(text.lstrip())
        sites.append(Site(kind, function, line, column, line, len(text), name, detail))
    return SiteTable(_FUNCTIONS, tuple(sites))


Step = tuple[str, int, int, str | None, tuple[object, ...]]
"""One event: its site's kind, function, line and name, and its payload."""


def step(kind: str, function: int, line: int, *payload: object, name: str | None = None) -> Step:
    """Return an event of the site that has these facts."""
    return kind, function, line, name, payload


class Shop:
    """`SHOP` as it runs in one thread: `run` is one session of `EVENTS` events."""

    EVENTS = 48

    def __init__(self, process: SpooledProcess) -> None:
        table = shop_table()
        self.process = process
        self.base = process.module("__main__", "/srv/shop/shop.py", SHOP, table)
        self.thread = process.thread()
        self._places = {(s.kind, s.function, s.line, s.name): n for n, s in enumerate(table.sites)}
        self._rest: Iterator[Step] = iter(())

    def run(self, trigger: str = "shop.py", **facts: object) -> str:
        """Run the whole program as one session; returns its id."""
        session = self.thread.session(trigger, **facts)
        self._rest = _program()
        self.proceed()
        return session

    def begin(self, events: int = 5) -> str:
        """Run the program's first events; returns the session's id."""
        session = self.thread.session()
        self._rest = _program()
        for one in islice(self._rest, events):
            self._publish(one)
        return session

    def proceed(self) -> None:
        """Run the rest of what was begun."""
        for one in self._rest:
            self._publish(one)
        self.thread.finish()

    def stepwise(self) -> Iterator[str]:
        """Run the program, with a pause after each event; yields the session's id."""
        session = self.thread.session()
        for one in _program():
            self._publish(one)
            yield session
        self.thread.finish()
        yield session

    def crash(self) -> str:
        """Run a session that a `KeyError` ends; returns its id."""
        session = self.thread.session()
        for one in _failing_program():
            self._publish(one)
        self.thread.finish("error", key_error("gold"))
        return session

    def event(
        self, kind: str, function: int, line: int, *payload: object, name: str | None = None
    ) -> None:
        """Publish an event of the site that has these facts."""
        self._publish(step(kind, function, line, *payload, name=name))

    def _publish(self, one: Step) -> None:
        kind, function, line, name, payload = one
        self.thread.event(self.base + self._places[kind, function, line, name], *payload)


def _program() -> Iterator[Step]:
    yield from _start()
    yield step("variable", _MAIN, 19, items(200), name="lines")
    yield from _gather()
    yield from _pay()
    yield from _fail()
    yield step("return", _MAIN, 27, 0)
    yield step("return", _MODULE, 28, None)


def _start() -> Iterator[Step]:
    yield step("call", _MODULE, 1)
    prices = Raw(record(Tag.DICT, 100, 2, "tea", 4, "cake", 6))
    yield step("variable", _MODULE, 1, prices, name="PRICES")
    yield step("call", _MAIN, 18)


def _gather(handle: int = 1) -> Iterator[Step]:
    taken: list[str] = []
    for n, name in enumerate(("tea", "cake")):
        if n:
            yield step("resume", _NUMBERED, 16, handle, None)
        else:
            yield step("call", _NUMBERED, 14, handle, items(300, "tea", "cake"))
        yield step("loop", _NUMBERED, 15)
        yield step("variable", _NUMBERED, 15, n, name="n")
        yield step("variable", _NUMBERED, 15, name, name="name")
        yield step("yield", _NUMBERED, 16, Raw(record(Tag.TUPLE, 301 + n, 2, n, name)))
        yield step("loop", _MAIN, 20)
        yield step("variable", _MAIN, 20, n, name="n")
        yield step("variable", _MAIN, 20, name, name="name")
        taken.append(name)
        yield step("mutate", _MAIN, 21, items(200, *taken), name="lines")
    yield step("resume", _NUMBERED, 16, handle, None)
    yield step("return", _NUMBERED, 14, None)


def _pay() -> Iterator[Step]:
    yield step("call", _TOTAL, 3, items(200, "tea", "cake"), "SPRING")
    yield step("variable", _TOTAL, 4, 0, name="amount")
    for name, amount in (("tea", 4), ("cake", 10)):
        yield step("loop", _TOTAL, 5)
        yield step("variable", _TOTAL, 5, name, name="name")
        yield step("variable", _TOTAL, 6, amount, name="amount")
    yield step("branch", _TOTAL, 7, True, name='code == "SPRING"')
    yield step("call", _DISCOUNT, 11, 10)
    yield step("return", _DISCOUNT, 12, 5)
    yield step("variable", _TOTAL, 8, 5, name="amount")
    yield step("return", _TOTAL, 9, 5)
    yield step("variable", _MAIN, 22, 5, name="paid")


def _fail() -> Iterator[Step]:
    yield step("call", _TOTAL, 3, items(400, "gold"), None)
    yield step("variable", _TOTAL, 4, 0, name="amount")
    yield step("loop", _TOTAL, 5)
    yield step("variable", _TOTAL, 5, "gold", name="name")
    yield step("exception", _TOTAL, 3, key_error("gold"), 6, False)
    yield step("handled", _MAIN, 25, key_error("gold"), name="error")
    yield step("variable", _MAIN, 26, 0, name="paid")
    yield step("delete", _MAIN, 25, name="error")


def _failing_program() -> Iterator[Step]:
    yield from _start()
    yield step("call", _TOTAL, 3, items(400, "gold"), None)
    yield step("variable", _TOTAL, 4, 0, name="amount")
    yield step("exception", _TOTAL, 3, key_error("gold"), 6, False)
    yield step("exception", _MAIN, 18, key_error("gold"), 24, True)
    yield step("exception", _MODULE, 1, key_error("gold"), 29, True)


def shop(
    spool: Path,
    sessions: int = 1,
    settings: Mapping[str, object] | None = None,
    segment_size: int = SEGMENT_SIZE,
) -> tuple[Spooled, list[str]]:
    """Return the folder of a whole recording of `SHOP`, run that often, and its session ids."""
    spooled = Spooled(spool, settings=settings, segment_size=segment_size, launcher=dead_process())
    process = spooled.process()
    program = Shop(process)
    ids = [program.run() for _ in range(sessions)]
    program.thread.close()
    process.goodbye()
    return spooled, ids
