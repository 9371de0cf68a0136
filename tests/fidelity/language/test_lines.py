"""A tracer sees the lines of the program's frames in their order, each as often as it runs.

What repeats a line all the same is in `docs/differences.md`: exceptions that pass, and a few tests
on several lines. The constructs here have none of these.
"""

import sys

import pytest

from tests.fidelity.language.conftest import Same
from tests.fidelity.language.tracers import traced

STEPPED = '''
class Room:
    def __enter__(self): return self
    def __exit__(self, *what): return True
class O: pass
o = O()
def f(*a, **k): return a[0] if a else None
def loops(n):
    while n:
        n -= 1
    else:
        y = 2
    n = 3
    while n: n -= 1
    n = 3
    while n and n > 0:
        n -= 1
    while n < 6:
        n += 1
        if n == 3:
            continue
        if n == 5:
            break
    while n:
        try:
            n -= 1
        finally:
            pass
    n = 2
    while n:
        for i in range(2):
            pass
        n -= 1
    n = 3
    while (n
           and n > 1):
        n -= 1
    else:
        n = 0
    while True:
        n += 1
        if n > 2: break
    for k, (l, m) in [
        (1, (2, 3)),
        (1, (2, 3))
    ]:
        pass
    for (
        a,
        b
    ) in [(1, 2), (3, 4)]:
        c = a
    for j in range(2): pass
    for o.x in range(2):
        continue
    else:
        y = 3
def values(n):
    x = (
        1,
        f(2)
    )
    x = f(f(
        1
    ), f(
        2
    ))
    x = [
        y
        for y in range(2)
    ]
    x = list(
        y
        for y in range(2)
    )
    x = {
        "a": f(1),
        "b": f(2),
    }
    x = {
        **x,
        "b": f(2),
    }
    x = (
        f(1)
        + f(2)
    )
    x = (
        f(1)
        < f(2)
        < f(3)
    )
    x = (
        n
        or f(2)
    )
    x = (
        f(1)
        if n
        else f(2)
    )
    x = (
        lambda:
        1
    )()
    x = (
        o
        .__class__
        .__name__
        .upper()
    )
    x = [1, 2][
        0
    ]
    x = (
        f"a{n}"
        f"b{f(n)}"
    )
    x = y = (
        not
        n
    )
    (x, y) = \\
        z = 1, 2
    z: int = f(
        1,
        a=f(2),
        **{},
    )
    return (
        n
        and f(2)
    )
def returns(n):
    if n == 0:
        return (
            1
        )
    if n == 1:
        return [
            x
            for x in range(2)
            if x
        ]
    return {
        "a": f(1),
    }
def stores():
    d = {}
    o.x = (
        f(1),
        2
    )
    d["k"] = (
        5
    )
    d[
        "k"
    ] = f(5)
    f(
        o
    ).x = 1
    (o
      .__class__
      .y) = 2
    o.x += f(
        2
    )
    (
        a,
        b
    ) = 1, 2
    (o.x,
     o.y) = f(1), 2
    del (
        d["k"],
        o.y
    )
    s = [1]
    s.append(
        3
    )
    (s
     .append(3))
    x = s.pop(
        0
    )
def branches(n):
    if (
        n == 0
        or f(n) == 1
    ):
        y = 1
    elif (
        n > 5
        and f(n)
    ):
        y = 2
    else:
        y = 3
    if (n
        and f(n)):
        y = 4
    if not (n
            or f(n)):
        y = 5
    if f(
        n
    ):
        y = 1
    if any(
        x for x in range(n)
    ):
        y = 2
    if (
        f(1)
        if n
        else f(0)
    ):
        y = 3
    if n in (
        1,
        f(2)
    ):
        y = 4
    assert n >= 0, "n"
    return 1 if n else 2
def handles(n):
    try:
        {}[n]
    except (
        TypeError,
        KeyError
    ) as e:
        y = 1
    try:
        if n: raise KeyError
    except KeyError:
        y = 2
    else:
        y = 3
    for i in range(3):
        try:
            if i == n: continue
            if n == 2: break
        finally:
            x = 1
    try:
        return f(n)
    finally:
        x = 2
def rooms(n):
    with Room() as a, \\
         Room() as b:
        x = 1
    with (
        Room() as a,
        Room() as b
    ):
        x = 1
        if n == 2:
            return 4
    with Room():
        if n: raise KeyError
        y = 1
    for i in range(3):
        with Room():
            if i == 0: continue
            if i == n: break
    with Room():
        return (
            1,
            f(n)
        )
def matches(v):
    match v:
        case 0:
            x = 1
        case [
            a,
            *b
        ] if a:
            y = 2
        case {"k": k}:
            z = 3
    match v:
        case 1:
            return 1
        case _:
            return 2
def generates(n):
    got = yield n
    for i in range(n):
        yield i
    yield from (
        range(n)
    )
    yield (
        1,
        f(2)
    )
    x = yield f(
        1
    )
    return 5
class ARoom:
    async def __aenter__(self): return self
    async def __aexit__(self, *what): return None
async def helper(n): return n
async def agen(n):
    for i in range(n):
        yield i
async def awaits(n):
    async with ARoom() as a:
        x = await helper(n)
    async for y in agen(n):
        z = y
    async with (
        ARoom() as a,
        ARoom() as b
    ):
        x = await helper(
            n
        )
    return [w async for w in agen(n)]
def drives(coroutine):
    try:
        while True: coroutine.send(None)
    except StopIteration as stop:
        return stop.value
def declares():
    g: int
    def inner(
        a=f(1),
        *,
        b=f(2)
    ):
        nonlocal g
        g = a
    inner()
    @f
    @staticmethod
    def decorated(): pass
    class Local:
        """doc"""
        x = (
            1
        )
    return g
def documented():
    """doc
    more
    """
    x = (
        1,
        f(2)
    )
def everything():
    loops(2); stores(); declares(); documented()
    for n in range(3):
        values(n); returns(n); branches(n); handles(n); rooms(n)
    for v in (0, 1, [1, 2], [0], {"k": 1}): matches(v)
    list(generates(2))
    drives(awaits(2))
'''


def test_a_tracer_sees_each_line_as_often_as_it_runs(same: Same) -> None:
    assert same(traced("stepped"), stepped=STEPPED).stdout.count("line") > 500


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring is new in Python 3.12")
def test_a_monitoring_tool_sees_each_line_as_often_as_it_runs(same: Same) -> None:
    source = """
    import sys, stepped
    monitoring = sys.monitoring
    monitoring.use_tool_id(3, "tool")
    seen = []
    line = lambda code, number: (
        code.co_filename == stepped.__file__ and seen.append((code.co_name, number)))
    monitoring.register_callback(3, monitoring.events.LINE, line)
    monitoring.set_events(3, monitoring.events.LINE)
    stepped.everything()
    monitoring.set_events(3, 0)
    for one in seen: print(*one)
    """
    assert same(source, stepped=STEPPED).stdout.count("\n") > 500


def test_a_debugger_steps_through_the_program_and_nothing_else(same: Same) -> None:
    """Modules of Rewind's are skipped, as its Python core's probes are functions like any other."""
    source = """
    import pdb, stepped
    def work(n):
        x = stepped.values(n)
        while n:
            n -= 1
        return stepped.branches(2)
    pdb.Pdb(skip=["rewind.*", "namedtuple_*"]).runcall(work, 2)
    """
    commands = "s\n" * 8 + "w\nl\nr\n" + "n\np x, n\n" * 6 + "s\n" * 30 + "w\np y\nr\nn\nw\nc\n"
    shown = same(source, stdin=commands, stepped=STEPPED).stdout
    assert "--Return--" in shown
    assert "-> n -= 1" in shown
