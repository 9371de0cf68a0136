"""Tracers, profilers and debuggers see the program's own frames as they are."""

import sys

import pytest

from rewind.capture import why_not_native
from tests.fidelity.language.conftest import Same
from tests.fidelity.language.tracers import traced

TRACED = '''
import contextlib
class Room:
    def __enter__(self):
        return self
    def __exit__(self, *what):
        return True
class O: pass
o = O()
def assigns(a,
            b=1):
    """doc"""
    x = a
    y = z = (
        b,
        x
    )
    o.x = 1
    o.x += 1
    d = {}
    d["k"] = (
        5
    )
    d["k"] += 1
    (p, q), *r = (1, 2), 3
    n: int = 4
    m: int
    del d["k"], o.x, p
    s = [1]
    s.append(2)
    s.append(
        3
    )
    s[0:1] += [
        4
    ]
    s[
        :0
    ], y = [5], 6
    return x
def declares():
    global g
    g = 1
    def inner():
        nonlocal_ = 1
        return nonlocal_
    return inner()
def branches(n):
    if n == 0:
        x = 1
    elif n == 1:
        x = 2
    else:
        x = 3
    if n and (
        n > 1
        or n < 0
    ):
        y = 1
    if n:
        pass
    if not n: return 1
    z = 1 if n else 2
    assert n, "n"
    return z
def loops(n):
    for i in range(n):
        if i == 1:
            continue
        if i == 3:
            break
    else:
        x = 1
    while n:
        n -= 1
    else:
        y = 2
    for j in range(2): pass
    while True:
        break
    for k, (l, m) in [
        (1, (2, 3))
    ]:
        pass
def handles(n):
    try:
        if n == 1:
            raise KeyError
        elif n == 2:
            return {}[0]
        elif n == 3:
            return 3
        x = 1
    except KeyError as error:
        y = 2
        if n == 2:
            return 2
    except (TypeError,
            ValueError):
        pass
    else:
        z = 3
    finally:
        w = 4
    try:
        try:
            1 / n
        finally:
            v = 5
    except ZeroDivisionError:
        u = 6
    return 7
def rooms(n):
    with Room() as a:
        x = 1
    with Room(), \\
         Room() as b:
        if n == 0:
            raise KeyError
        if n == 1:
            return 5
        y = 2
    with Room() as c, contextlib.nullcontext() as d:
        z = 3
def matches(v):
    match v:
        case 0:
            x = 1
        case [a, *b] if a:
            y = 2
        case {"k": k}:
            z = 3
        case str() | bytes():
            pass
    match v:
        case 1:
            return 1
        case _:
            return 2
def generates(n):
    got = yield n
    for i in range(n):
        yield i
    try:
        yield from (
            range(n)
        )
    finally:
        x = 1
    return 5
async def awaits(n):
    async with ARoom() as a:
        x = await helper(n)
    async for y in agen(n):
        z = y
    return [w async for w in agen(n)]
class ARoom:
    async def __aenter__(self):
        return self
    async def __aexit__(self, *what):
        return None
async def helper(n):
    return n
async def agen(n):
    for i in range(n):
        yield i
def comprehends(n):
    return [
        x
        for x in range(n)
        if x
    ], {
        y: y for y in range(n)
    }, sum(
        z for z in range(n)
    ), (lambda a: a)(1)
def defines():
    @staticmethod
    def decorated(
        a=1
    ): pass
    class Local:
        x = 1
        def method(self):
            pass
    return Local().method()
def empty():
    pass
def docs():
    """only doc"""
def ellipsis(): ...
def raises():
    x = 1
    raise ValueError(
        x
    )
def deep(n):
    if n:
        return deep(n - 1)
    return n
def drives(coroutine):
    try:
        while True: coroutine.send(None)
    except StopIteration as stop:
        return stop.value
def one_line(): x = 1; y = 2; return x
def everything():
    assigns(1); declares()
    for n in range(3): branches(n); matches([0, [1], {"k": 1}, "s"][n])
    for n in (0, 2, 5): loops(n)
    for n in range(4): handles(n)
    for n in range(3): rooms(n)
    matches("s"); matches(None)
    it = generates(2)
    list(it)
    it = generates(3)
    for n in range(6): next(it)
    it.close()
    drives(awaits(2))
    comprehends(2); defines(); empty(); docs(); ellipsis(); deep(3); one_line()
    try: raises()
    except ValueError: pass
'''

ENDS = """
import contextlib
async def agen(n):
    for i in range(n): yield i
def nested(n):
    try:
        try:
            pass
        except KeyError as error:
            pass
    except KeyError:
        pass
def nested_raises(n):
    try:
        try:
            [][n]
        except IndexError as error:
            pass
    except KeyError:
        pass
def as_in_try(n):
    try:
        try:
            [][n]
        except IndexError as error:
            x = error
    except KeyError as error:
        pass
def in_else(n):
    try:
        x = 1
    except KeyError:
        pass
    else:
        try:
            pass
        except KeyError:
            pass
def with_in_try(n):
    try:
        with contextlib.nullcontext():
            x = 1
    except KeyError:
        pass
def try_in_with(n):
    with contextlib.nullcontext():
        try:
            x = 1
        except KeyError:
            pass
def try_in_for(n):
    for i in range(n):
        try:
            x = 1
        except KeyError:
            pass
def try_in_for_else(n):
    for i in range(n):
        pass
    else:
        try:
            x = 1
        except KeyError:
            pass
def try_in_while(n):
    while n:
        n -= 1
        try:
            x = [][n]
        except IndexError:
            pass
def match_in_try(n):
    try:
        match n:
            case 1:
                pass
            case _:
                with contextlib.suppress(KeyError):
                    x = 1
    except KeyError:
        pass
def if_in_try(n):
    try:
        if n:
            try:
                x = 1
            except KeyError:
                pass
    except KeyError:
        pass
def in_final(n):
    try:
        x = 1
    finally:
        try:
            y = 1
        except KeyError:
            pass
def try_in_finally(n):
    try:
        try:
            x = 1
        except KeyError as error:
            y = 1
    finally:
        pass
def try_finally_in_try(n):
    try:
        try:
            x = 1
        finally:
            y = 1
    except KeyError as error:
        pass
def with_return_in_try(n):
    try:
        with contextlib.nullcontext():
            if n: return 1
            try:
                x = 1
            except KeyError as error:
                y = 1
    except KeyError as error:
        pass
def return_in_try(n):
    try:
        if n:
            return 1
    except KeyError:
        pass
def for_in_try(n):
    try:
        for i in range(n):
            pass
    except KeyError:
        pass
def for_break_in_try(n):
    try:
        for i in range(n):
            if i == 1: break
    except KeyError:
        pass
def while_in_try(n):
    try:
        while n:
            n -= 1
            if n == 1: break
    except KeyError:
        pass
def raises_in_try(n):
    try:
        raise KeyError
    except KeyError:
        try:
            pass
        except ValueError:
            pass
def group(n):
    try:
        x = 1
    except* KeyError:
        pass
def group_nested(n):
    try:
        try:
            raise ExceptionGroup("", [KeyError()])
        except* KeyError:
            pass
    except KeyError:
        pass
def group_two(n):
    try:
        raise ExceptionGroup("", [KeyError()])
    except* ValueError:
        pass
    except* KeyError:
        x = 1
def group_else(n):
    try:
        pass
    except* KeyError:
        x = 1
    else:
        y = 1
def if_in_if(n):
    if n:
        if n == 1:
            if n: pass
            else: pass
    else: pass
def if_in_elif(n):
    if n == 1:
        pass
    elif n == 2:
        if n == 1: pass
    else:
        pass
def for_in_if(n):
    if n:
        for i in range(n):
            if i: break
    else:
        x = 1
def while_in_if(n):
    if n:
        while n:
            n -= 1
    else:
        x = 1
def if_in_match(n):
    match n:
        case 2:
            if n == 1: pass
        case _:
            for i in range(n): pass
def match_in_if(n):
    if n:
        match n:
            case 1: pass
            case 2: x = 1
    else:
        x = 1
def generates(n):
    try:
        yield 1
    except KeyError:
        pass
def generates_nested(n):
    try:
        try:
            yield 1
        except IndexError:
            pass
    except KeyError:
        pass
async def afor(n):
    async for i in agen(n):
        if i > 100:
            break
async def afor_else(n):
    async for i in agen(n):
        pass
    else:
        x = 1
async def afor_else_try(n):
    async for i in agen(n):
        pass
    else:
        try:
            x = 1
        except KeyError:
            pass
async def afor_in_try(n):
    try:
        async for i in agen(n):
            pass
    except KeyError:
        pass
def drive(coroutine):
    try:
        while True: coroutine.send(None)
    except StopIteration as stop:
        return stop.value
PLAIN = [
    if_in_if, if_in_elif, for_in_if, while_in_if, if_in_match, match_in_if,
    nested, nested_raises, as_in_try, in_else, with_in_try, try_in_with, try_in_for,
    try_in_for_else, try_in_while, match_in_try, if_in_try, in_final, try_in_finally,
    try_finally_in_try, with_return_in_try, return_in_try, for_in_try, for_break_in_try,
    while_in_try, raises_in_try, group, group_nested, group_two, group_else,
]
def everything():
    for n in 0, 2:
        for one in PLAIN: one(n)
        for one in generates, generates_nested: list(one(n))
        for one in afor, afor_else, afor_else_try, afor_in_try: drive(one(n))
"""


# What watches is a lambda, which is not recorded itself: otherwise that would take long.


def test_a_tracer_sees_the_same_calls_returns_and_exceptions(same: Same) -> None:
    see = """event != "line" and seen.append((
        frame.f_code.co_name, event,
        None if event == "return" else frame.f_lineno,
        repr(argument[1]) if event == "exception" else type(argument).__name__))"""
    same(traced("traced", see), traced=TRACED)


def test_a_tracer_sees_every_line_that_ran_and_no_other(same: Same) -> None:
    source = """
    import sys, traced
    lines = set()
    trace = lambda frame, event, argument: (
        (lines.add((frame.f_lineno, frame.f_code.co_qualname)), trace)[1]
        if frame.f_code.co_filename == traced.__file__ else None)
    sys.settrace(trace)
    traced.everything()
    sys.settrace(None)
    for one in sorted(lines): print(*one)
    """
    same(source, traced=TRACED)


def test_a_tracer_sees_each_function_end_where_it_does(same: Same) -> None:
    """Whatever its last statement is; and no line on the way there that did not run."""
    same(traced("ended"), ended=ENDS)


def test_a_profiler_sees_the_same_calls_and_returns(same: Same) -> None:
    source = """
    import cProfile, io, pstats, sys, traced
    seen = []
    sys.setprofile(lambda frame, event, argument:
        frame.f_code.co_filename == traced.__file__ and not event.startswith("c_") and
        seen.append((frame.f_code.co_name, event, type(argument).__name__)))
    traced.everything()
    sys.setprofile(None)
    for one in seen: print(*one)
    profiler = cProfile.Profile()
    profiler.runcall(traced.everything)
    stats = pstats.Stats(profiler, stream=io.StringIO())
    print(sorted((name[1:], calls[:2]) for name, calls in stats.stats.items()
                 if name[0] == traced.__file__))
    """
    same(source, traced=TRACED)


@pytest.mark.skipif(why_not_native() is not None, reason="the Python core has frames")
@pytest.mark.parametrize("set_one", ["settrace", "setprofile"])
def test_no_frame_of_the_native_core_is_seen(same: Same, set_one: str) -> None:
    """Not even when the core meets a function, a thread or a well-known type for the first time."""
    source = f"""
    import decimal, sys, threading, traced
    seen = []
    see = lambda frame, event, argument: seen.append((event, frame.f_code.co_filename))
    threading.{set_one}(see)
    thread = threading.Thread(target=lambda: (traced.deep(2), sys.{set_one}(None)))
    thread.start()
    thread.join()
    sys.{set_one}(see)
    traced.everything()
    traced.assigns(decimal.Decimal(1))
    sys.{set_one}(None)
    files = {{file for event, file in seen if event == "call"}}
    print(*sorted(files), len(seen) > 50)
    """
    same(source, traced=TRACED)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring is new in Python 3.12")
def test_a_monitoring_tool_sees_the_same_starts_and_returns(same: Same) -> None:
    source = """
    import sys, traced
    seen = []
    monitoring = sys.monitoring
    callback_of = lambda name: lambda code, *more: (
        code.co_filename == traced.__file__ and
        seen.append((code.co_qualname, name, type(more[-1]).__name__ if len(more) > 1 else "")))
    monitoring.use_tool_id(3, "tool")
    chosen = 0
    for name in ("PY_START", "PY_RETURN", "PY_YIELD", "PY_RESUME", "PY_THROW", "PY_UNWIND"):
        event = getattr(monitoring.events, name)
        monitoring.register_callback(3, event, callback_of(name))
        chosen |= event
    monitoring.set_events(3, chosen)
    traced.everything()
    monitoring.set_events(3, 0)
    for one in seen: print(*one)
    """
    same(source, traced=TRACED)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring is new in Python 3.12")
def test_a_monitoring_tool_sees_every_line_that_ran_and_no_other(same: Same) -> None:
    source = """
    import sys, traced
    monitoring = sys.monitoring
    monitoring.use_tool_id(3, "tool")
    lines = set()
    line = lambda code, number: (
        code.co_filename == traced.__file__ and lines.add((number, code.co_qualname)))
    monitoring.register_callback(3, monitoring.events.LINE, line)
    monitoring.set_events(3, monitoring.events.LINE)
    traced.everything()
    monitoring.set_events(3, 0)
    for one in sorted(lines): print(*one)
    """
    same(source, traced=TRACED)


def test_a_tracer_that_is_recorded_itself_comes_to_its_end(same: Same) -> None:
    source = """
    import sys, threading, traced
    calls = 0
    def trace(frame, event, argument):
        global calls
        calls += frame.f_code.co_filename == traced.__file__ and event == "call"
        return trace
    def work(): traced.deep(3)
    for set_one in (sys.settrace, sys.setprofile):
        set_one(trace)
        work()
        set_one(None)
    threading.settrace(trace)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    print(calls)
    """
    same(source, traced=TRACED)


def test_a_breakpoint_stops_where_it_stands(same: Same) -> None:
    """The debugger's commands that do not step give the same."""
    source = """
    def inner(a, b=2):
        c = a
        breakpoint()
        return c + b
    def outer():
        with open(__file__) as f:
            for i in range(2):
                x = inner(i)
        return x
    print(outer())
    """
    commands = "l\np a, b, c\nargs\nu\np i\nl\nd\nwhatis c\n!c = 5\ncontinue\n"
    shown = same(source, stdin=commands + "p c\nsource inner\nll\nc\n").stdout
    assert "-> x = inner(i)" in shown


def test_breakpoint_asks_who_is_to_be_called(same: Same, monkeypatch: pytest.MonkeyPatch) -> None:
    source = """
    import sys
    def chosen(*a, **k):
        frame = sys._getframe(1)
        print("stopped", a, k, frame.f_code.co_name, frame.f_lineno, sorted(frame.f_locals))
        return "result"
    def work(n):
        x = n
        y = breakpoint(1, k=2)
        return y
    """
    for asked in ("program_hook.chosen", "0"):
        monkeypatch.setenv("PYTHONBREAKPOINT", asked)
        same(
            "import program_hook\nprint(program_hook.work(1))\n",
            program_hook=source,
        )
    monkeypatch.delenv("PYTHONBREAKPOINT")
    same(
        "import sys, program_hook\nsys.breakpointhook = program_hook.chosen\n"
        "print(program_hook.work(1))\n",
        program_hook=source,
    )


def test_a_debugger_after_the_end_sees_the_frames_and_their_names(same: Same) -> None:
    source = """
    import pdb, sys
    def inner(a):
        for i in range(2): b = i
        return {}[a]
    def outer():
        try: inner("lost")
        finally: done = True
    try: outer()
    except KeyError:
        pdb.post_mortem(sys.exc_info()[2])
    """
    shown = same(source, stdin="w\np a, b\nu\np done\nd\nargs\nq\n").stdout
    assert "('lost', 1)" in shown
