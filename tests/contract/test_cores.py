"""Both cores write the same bytes about the same program."""

from pathlib import Path
from textwrap import dedent
from time import monotonic_ns
from typing import Any

import pytest

from rewind.capture import why_not_native
from rewind.model.events import Control
from tests.instrumented import CORES, recording, write
from tests.twins import Written, written
from tests.unit.capture.test_events import CASES
from tests.unit.capture.test_sessions import ALL_KINDS, MANY_WAYS, TASKS


def test_the_native_core_is_here() -> None:
    """Where the rest of this file runs, both are there to be compared."""
    assert why_not_native() is None
    assert CORES == ("python", "native")


def same(folder: Path, source: str, **settings: Any) -> Written:
    """Record a source with both cores and return what both have written."""
    path = write(folder, dedent(source).lstrip("\n"))
    python, in_python = written("python", folder, path, **settings)
    native, in_native = written("native", folder, path, **settings)
    assert native.seen == python.seen
    for number, (ours, theirs) in enumerate(zip(in_native, in_python, strict=False)):
        assert ours == theirs, f"record {number}"
    assert len(in_native) == len(in_python)
    return in_native


@pytest.mark.parametrize("name", CASES)
def test_construct_has_the_same_bytes(name: str, tmp_path: Path) -> None:
    same(tmp_path, CASES[name][0])


@pytest.mark.parametrize("name", CASES)
def test_construct_has_the_same_bytes_by_the_real_clock(name: str, tmp_path: Path) -> None:
    """The short way of the native probes writes what the long one does."""
    same(tmp_path, CASES[name][0], stepped=False)


MORE: dict[str, Any] = {
    "expressions": "all",
    "lines": True,
    "comprehensions": True,
    "lambdas": True,
    "class_bodies": True,
}
"""Everything recorded that can be."""


@pytest.mark.parametrize("name", CASES)
def test_construct_has_the_same_bytes_where_all_is_recorded(name: str, tmp_path: Path) -> None:
    same(tmp_path, CASES[name][0], **MORE)


SECRETS = """
def f(token, plain=1, *, password="p"):
    secret = token + "x"
    if token not in ("a", "b"): plain = 2
    while secret: secret = ""
    for password in (token, 5): pass
    api_key = [token]
    api_key.append(password)
    held = {}
    held["password"] = token
    held["plain"] = token
    held[token] = plain
    class Box: pass
    box = Box()
    box.token = token
    box.token += "y"
    box.secret, box.plain = [1], 2
    box.secret.append(3)
    match token:
        case str() as credentials: pass
    try: raise ValueError(token)
    except ValueError as secret: assert token != "q", password
    with __import__("contextlib").nullcontext(token) as cookie: pass
    if (authorization := token) and password: del held["password"], box.token, secret_of
    return token

secret_of = 1
def generator(token):
    password = yield token
    return password

try: f("t")
except UnboundLocalError: pass
running = generator("t")
next(running)
running.close()
print(sum(1 for token in [1, 2] if token), [token for token in (1, 2) if token])
print((lambda token: token)(1))

def plain(n): return n
def secret(token): return plain(1)
unseen = lambda n: 1 // n
for number in (2, 1, 0):
    secret(number)
    try: unseen(number)
    except ZeroDivisionError: plain(number)
"""
"""Names that withhold, at every kind of event."""


@pytest.mark.parametrize("stepped", [True, False])
@pytest.mark.parametrize("settings", [{}, MORE], ids=["by default", "all"])
def test_what_names_withhold_has_the_same_bytes(
    settings: dict[str, Any], *, stepped: bool, tmp_path: Path
) -> None:
    same(tmp_path, SECRETS, stepped=stepped, **settings)


NAMED_SESSIONS = """
import asyncio, contextvars, rewind, threading
def work(n):
    found = [n]
    rewind.note("found", found)
    rewind.note("password", found)
    rewind.note("x" * 3000, "ghp_" + "a1B2" * 9)
    return n
@rewind.session("job", user="me", token="t", big=1 << 80, many=[1], none=None, half=0.5, yes=True)
def job(n): return work(n)
@rewind.session("counting")
def counting(n):
    for i in range(n): got = yield work(i)
    return got
def delegates(): return (yield from counting(2))
@rewind.session("task")
async def task(n):
    for _ in range(2):
        work(n)
        await asyncio.sleep(0)
    return await leaf(n)
async def leaf(n): return work(n)
@rewind.session("streaming")
async def streaming(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield work(i)
async def consume(n): return [item + work(9) async for item in streaming(n)]
async def main(): return await asyncio.gather(task(1), task(2), consume(2), leaf(3))
rewind.note("before", 1)
work(1)
with rewind.session("outer") as outer:
    work(2)
    with rewind.session("inner"): work(3)
    outer.tag(rows=3, cookie="c")
    y = 5
    rewind.note("y", y)
job(4)
print(list(counting(2)), list(delegates()))
stopped = counting(5)
next(stopped)
work(6)
stopped.close()
try:
    thrown = counting(5)
    next(thrown)
    thrown.throw(KeyError("k"))
except KeyError: pass
try:
    with rewind.session("fails"): work(1 / 0)
except ZeroDivisionError: pass
print(asyncio.run(main()))
exec("async def plain():\\n  with rewind.session('plain'):\\n    await leaf(1)\\n    await leaf(2)")
asyncio.run(plain())
first, second = rewind.session("first"), rewind.session("second")
first.__enter__(); second.__enter__(); work(7); first.__exit__(None, None, None); work(8)
second.__exit__(None, None, None); work(9)
"""
"""Sessions that are begun by name, wherever that may be, and notes."""


@pytest.mark.parametrize("stepped", [True, False])
def test_named_sessions_have_the_same_bytes(tmp_path: Path, *, stepped: bool) -> None:
    told = same(tmp_path, NAMED_SESSIONS, stepped=stepped)
    assert len(told) > 300


OUTPUT = """
import asyncio, io, rewind, sys
out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
plain_streams = sys.stdout, sys.stderr
sys.stdout, sys.stderr = out, err
class Prints:
    def __str__(self):
        print("within", end="")
        return "outer"
class Fails:
    def __str__(self): raise ValueError
def says(*values, **how):
    print(*values, **how)
    return values
def gen():
    print("first")
    yield 1
    sys.stdout.write("second")
async def task(n):
    print("task", n)
    await asyncio.sleep(0)
    print("again", n)
async def main(): await asyncio.gather(task(1), task(2))
says("a", 1), says(), says("open", end=""), says("error", file=err), says("x" * 3000)
says("key", "ghp_" + "a1B2" * 9), says("nested", Prints(), "end"), says(*range(30))
try: says("begun", Fails())
except ValueError: pass
list(gen())
print("by the module")
exec("def plain(): print('by what is not recorded'); says('and by what is')", globals())
plain()
with rewind.session("named"): plain(), print("named")
asyncio.run(main())
sys.stdout, sys.stderr = plain_streams
"""
"""What is printed, wherever it may be."""


@pytest.mark.parametrize("stepped", [True, False])
def test_output_has_the_same_bytes(tmp_path: Path, *, stepped: bool) -> None:
    told = same(tmp_path, OUTPUT, stepped=stepped, max_depth=1)
    assert len(told) > 80


CALLS = """
import asyncio
from rewind import sessions
def calls(n):
    told = {"rows": n, "error": None, "statement": "SELECT " + "x" * n, "more": [n, {"pin": n}]}
    sessions.say("sql", told)
    sessions.say("http", {"url": "http://[redacted]@h/?q=1", "status": 200 + n}, 1)
    return n
async def task(n):
    sessions.say("redis", {"command": "SET", "arguments": [b"k", n]})
    await asyncio.sleep(0)
    calls(n)
    sessions.say("log", {"level": "INFO", "logger": "shop", "message": "ghp_" + "a1B2" * 9})
async def main(): await asyncio.gather(task(1), task(2000))
sessions.say("log", {"level": "INFO", "logger": "shop", "message": "by the module"})
calls(1), calls(1500)
def deep(n): return deep(n - 1) if n else calls(3)
exec("def plain(n): return plain(n - 1) if n else sessions.say('sql', {'rows': 1})", globals())
def over(): plain(50), plain(250)
deep(3), over()
assert sessions.is_recorded()
asyncio.run(main())
exec('''def request():
    begun = sessions.begin("request", "GET /", {"trace_id": "a" * 32}, lambda rate: False)
    calls(4)
    sessions.end(begun, None)''', globals())
request()
"""
"""What is logged and asked of others, wherever it may be."""


@pytest.mark.parametrize("stepped", [True, False])
def test_calls_have_the_same_bytes(tmp_path: Path, *, stepped: bool) -> None:
    told = same(tmp_path, CALLS, stepped=stepped, max_value_bytes=500)
    assert len(told) > 60


PROGRAMS = {
    "tasks": TASKS,
    "many ways to come and go": MANY_WAYS,
    "all kinds": ALL_KINDS,
    "scalars of every size": """
        for power in (0, 6, 7, 8, 15, 16, 29, 30, 31, 32, 59, 60, 61, 62, 63, 64, 65, 90):
            for by in (-1, 0, 1):
                x = 2**power + by
                y = -x
                z = float(x), str(x)
        def f(*values): return values[-1]
        for value in (None, True, False, 0.5, float("nan"), "", "short", "eight888", "nine99999",
                      "ä", "longer than sixteen characters", "x" * 2000, b"raw", 2j, [], {}):
            v = f(value, value)
    """,
    "deep recursion": """
        def plain(n):
            if n: return plain(n - 1)
            return 0
        plain(150)
    """,
    "many arguments": f"""
        def f({", ".join(f"a{number}" for number in range(40))}): return a39
        f({", ".join(map(str, range(40)))})
    """,
    "secrets": """
        def login(user, password, *, token=None):
            session = {"password": password, "user": user}
            session["token"] = token
            holder.secret = password
            return password
        class Holder: pass
        holder = Holder()
        login("me", "hunter2", token="ghp_" + "a1B2" * 9)
        text = "ghp_" + "a1B2" * 9
    """,
    "lambdas that are left by an exception": """
        def swallow(f, *arguments):
            try: return f(*arguments)
            except Exception: return None
        fail = lambda n: 1 / n
        deeper = lambda n: deeper(n - 1) if n else fail(0)
        again = lambda n: next(iter([swallow(again, n - 1), fail(0)])) if n else fail(0)
        for n in range(4):
            swallow(fail, 0), swallow(deeper, n), swallow(again, n)
            fail(2)
        def unrecorded():
            return swallow(fail, 0)
        exec("def plain(f): return f()", globals())
        plain(lambda: swallow(fail, 0))
        def gen():
            yield swallow(lambda: (yield), 1)
            yield sorted([3, 1], key=lambda n: -n)
        list(gen())
    """,
    "values that the source keeps back": """
        def f(x):
            y = x  # rewind: off
            return y  # rewind: off
        def g():
            got = yield 1  # rewind: off
            return got
        f(1)
        for _ in g(): pass
    """,
    "groups that are made anew": """
        def splits(errors):
            try: raise ExceptionGroup("g", errors)
            except* ValueError: raise KeyError("k")
        def passes(function, *arguments):
            try: function(*arguments)
            finally: done = True
        def raises(error): raise error
        try: passes(splits, [ValueError(1), TypeError(2)])
        except* KeyError as kept:
            error = kept
        except* TypeError: pass
        try: passes(raises, error)
        except ExceptionGroup: pass
    """,
    "lines of calls through what is not recorded": """
        def f(x): return x
        def g():
            a = [f(i) for i in range(3)]
            b = list(map(f,
                         a))
            c = sorted(
                b, key=f)
            return max(f(1),
                       f(2))
        g()
        class K:
            def __init__(self): self.x = f(1)
        K()
    """,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_has_the_same_bytes(name: str, tmp_path: Path) -> None:
    # Not deep: an event loop holds file numbers and times, which are others in each run.
    assert len(same(tmp_path, PROGRAMS[name], max_depth=1)) > 5
    assert len(same(tmp_path, PROGRAMS[name], max_depth=1, max_items=1, **MORE)) > 5


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_has_the_same_bytes_by_the_real_clock(name: str, tmp_path: Path) -> None:
    same(tmp_path, PROGRAMS[name], stepped=False, max_depth=1)
    same(tmp_path, PROGRAMS[name], stepped=False, max_depth=1, max_items=1, **MORE)


@pytest.mark.parametrize("core", CORES)
def test_times_are_those_of_the_monotonic_clock(core: str, tmp_path: Path) -> None:
    """The native core counts the processor's ticks between its looks at the clock."""
    with recording(tmp_path, core=core, spool_max_bytes=1 << 30) as made:
        around = []
        for _ in range(3000):
            before = monotonic_ns()
            made.core.open_session("call", "f", "m", "f")
            around.append((before, monotonic_ns()))
            made.core.close_session(None)
        told = [one["monotonic_ns"] for one in made.read().sessions]
    away = [
        max(before - ns, ns - after, 0) for ns, (before, after) in zip(told, around, strict=True)
    ]
    assert max(away) <= 1000


MANY = """
    def f(x):
        y = {"x": x, "text": "t" * (x % 50)}
        return y
    for i in range(400): f(i)
"""


@pytest.mark.parametrize("size", [4096, 4097, 5000, 1 << 16])
def test_segments_are_cut_at_the_same_records(size: int, tmp_path: Path) -> None:
    """Where no value is met twice, which the native core tells in fewer bytes."""
    source = MANY.replace("return y", "return x")
    assert len(same(tmp_path, source, segment_bytes=size)) > 1000


@pytest.mark.parametrize("size", [4096, 4097, 4111, 5000, 1 << 16])
def test_echoes_end_with_their_segment(size: int, tmp_path: Path) -> None:
    """What a value was is told alike, whichever segment it falls into."""
    told = []
    for core in ("native", "python"):
        path = write(tmp_path, dedent(MANY_ECHOES))
        _, records = written(core, tmp_path, path, stepped=False, segment_bytes=size)
        parted = [one[0] for one in records if one[0].startswith("segment")]
        assert len(parted) > 3 or size > 5000
        told.append([one for one in records if one[0] not in parted and one[1] != SWITCH])
    assert told[0] == told[1]


SWITCH = f"{256 + Control.SWITCH:02x}"
MANY_ECHOES = """
    def f(x, known=[{"a": [1, {"b": 2.5}]}, {"t": "t" * 300}]):
        known[0]["a"][1]["b"] = x
        y = [known, known[x % 2], {"x": x}]
        return y
    def g(x, y):
        z = y
        return f(x)
    for i in range(120): g(i, f(i))
"""


def test_record_larger_than_a_segment_has_one_of_its_own(tmp_path: Path) -> None:
    source = "x = 'a' * 20_000\ny = [x] * 9\nz = 1\n"
    same(tmp_path, source, segment_bytes=4096, max_value_bytes=100_000)


def test_full_spool_loses_the_same_events(tmp_path: Path) -> None:
    settings = {"segment_bytes": 1 << 19, "spool_max_bytes": (1 << 20) + (1 << 19)}
    source = "def f(x): return 'x' * 900\nfor i in range(1500): f(i)\n"
    same(tmp_path, source, **settings)


@pytest.mark.parametrize("most", [1, 2, 7, 100])
def test_session_stops_at_the_same_event(most: int, tmp_path: Path) -> None:
    same(tmp_path, MANY_WAYS, max_depth=1, max_events_per_session=most, overflow="stop")


@pytest.mark.parametrize("depth", [1, 2, 50])
def test_tracebacks_are_cut_alike(depth: int, tmp_path: Path) -> None:
    source = """
        def fail(n):
            if n: return fail(n - 1)
            raise LookupError(n)
        try: fail(5)
        except LookupError: pass
    """
    same(tmp_path, source, max_stacktrace_depth=depth)


EXCEPTIONS = """
class Plain(Exception): pass
class Slotted(Exception): __slots__ = ("more",)
class Odd(ValueError):
    def __init__(self, *given): self.args = given + (0,)
def leave(error):
    raise error
def meet(error):
    try: leave(error)
    except BaseException as met: return met
texts = ["", "x" * 8, "x" * 15, "x" * 16, "x" * 31, "x" * 32, "x" * 96, "x" * 97, "x" * 900]
texts += ["\\u00e9", "eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", "Bearer abcdefghijklmn"]
for text in texts:
    for kind in (Plain, KeyError, Slotted, Odd):
        meet(kind(text))
        meet(kind(text, text))
for given in ((), (1,), (1, 2, 3), (2**40, 2**70), (None, True), (0.5, -3), ([1],), (Plain("p"),)):
    meet(Plain(*given))
    meet(OSError(*given))
"""


@pytest.mark.parametrize("stepped", [True, False])
@pytest.mark.parametrize(
    "limits", [{}, {"max_items": 1}, {"max_depth": 1}, {"max_value_bytes": 100}], ids=str
)
def test_exceptions_have_the_same_bytes(
    limits: dict[str, int], tmp_path: Path, *, stepped: bool
) -> None:
    """Those of few words are written in place by the native core."""
    same(tmp_path, EXCEPTIONS, stepped=stepped, **limits)
