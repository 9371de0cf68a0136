"""A small program with events of every kind, for sweeps that strike it at each of its steps.

Test support only; it checks nothing by itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.instrumented import Recording, recording, run, write
from tests.spool_reading import Event, Spool, tell

SOURCE = """
class Box:
    kind = "box"
    def __init__(self, held): self.held = held
class Guard:
    def __enter__(self): return self
    def __exit__(self, *error): return False
def generator(n):
    try:
        for i in range(n):
            got = yield i
    finally:
        n = -1
def delegating(n):
    yield from generator(n)
    return n
async def leaf(n):
    await Turn()
    return n
async def task(n):
    return await leaf(n) + await leaf(n)
class Turn:
    def __await__(self):
        yield self
def fails(n):
    if n == 0:
        raise KeyError("deep")
    with Guard() as guard:
        return fails(n - 1)
def kept(items):
    try:
        return items.pop()
    finally:
        items.append(1)
def work(text="some"):
    box, items, pairs = Box([1]), [3, 2.5, None], {"k": (1, "two")}
    box.held = items
    box.held += [True]
    items.append(text)
    pairs["new"] = box
    del pairs["k"], box.held
    pairs.update(z=1)
    (a, *rest), b = items[:3], 1
    total = 0
    while total < 3:
        total += 1
    for x in delegating(2):
        total += x if x else 1
    waiting = generator(3)
    next(waiting)
    waiting.send(5)
    waiting.close()
    running = task(total)
    try:
        while True:
            running.send(None)
    except StopIteration as stop:
        total = stop.value
    try:
        fails(2)
    except KeyError as error:
        why = str(error)
    match items:
        case [first, *_] if first == 3: found = first
        case _: found = None
    assert found and (late := kept(items)) is not None
    return total, why, sorted(pairs), late
"""


@contextmanager
def worked(
    folder: Path, source: str = SOURCE, **settings: Any
) -> Iterator[tuple[Recording, Callable[[], object]]]:
    """Give a recording and the program's `work`, which has run once."""
    path = write(folder, source)
    with recording(folder / "spool", **settings) as made:
        outcome = run(made.code(path), path)
        assert outcome.traceback == ""
        work = outcome.namespace["work"]
        work()
        yield made, work


def stories(spool: Spool) -> list[str]:
    """Return what each call of `work` from outside was, one line an event, oldest first."""
    of: dict[int, list[Event]] = {}
    for event in spool.events:
        of.setdefault(event.session, []).append(event)
    keys = [one["key"] for one in spool.sessions if one["trigger"].endswith(".work")]
    return ["\n".join(map(tell, of[key])) for key in keys if key in of]
