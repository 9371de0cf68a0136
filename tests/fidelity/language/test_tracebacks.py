"""Tracebacks: text with carets, lengths, lines, and what the exception carries."""

import warnings
from itertools import product
from textwrap import indent

import pytest

from tests.fidelity.language.conftest import Same

RAISING = (
    "missing",
    "d['k']['x']",
    "xs[1:2][5]",
    "o.attribute.more",
    "f(1, *xs, key=2, **d)",
    "f(\n    fails(),\n)",
    "o.method(\n    1)(2)",
    "xs.append(fails())",
    "xs.append(1, 2)",
    "1 + (2 *\n    (3 / 0))",
    "-(1 / 0)",
    "not hostile",
    "hostile and 1",
    "0 or hostile and 2",
    "1 < 'x' < 3",
    "1 in 2",
    "(1 if ok else 2) + (1 / 0 if ok else 3)",
    "(1 if hostile else 2)",
    "(w := fails())",
    "(w := 1) / 0",
    "[1 / x for x in (1, 0)]",
    "{x for x in None}",
    "{x: 1 / x for x in (1, 0)}",
    "list(1 / x for x in (1, 0))",
    "[x for x in xs if hostile]",
    "(lambda x: x / 0)(1)",
    "{'a': 1, **None}",
    "[*None]",
    "{[]: 1}",
    "{[]}",
    "f'{1 / 0:>5} {missing!r}'",
    "f'{1:{missing}}'",
    "'%s %s' % (1,)",
    "(1, fails(), 2)",
    "xs[fails()]",
    "xs['é', fails()]",
    "o @ o",
    "1 .__add__(*[1, 2])",
    "f(missing)(1)(2)",
    "xs[missing](1)",
)
PLACES = (
    "{e}",
    "a = {e}",
    "a = b = {e}",
    "a, b = {e}",
    "a: int = {e}",
    "a = 1\na += {e}",
    "o.x = {e}",
    "o.x = o.y = {e}",
    "xs[0] = {e}",
    "xs[0], o.x = 1, {e}",
    "({e}).x = 1",
    "({e})[0] = 1",
    "xs[{e}] = 1",
    "xs[{e}] += 1",
    "({e}).x += 1",
    "xs[0:{e}] = []",
    "o.x += {e}",
    "del xs[{e}]",
    "del ({e}).x",
    "return {e}",
    "try:\n    return {e}\nfinally:\n    a = 1",
    "with o:\n    return {e}",
    "with ({e}) as a:\n    pass",
    "with o as ({e}).x:\n    pass",
    "if {e}:\n    pass",
    "if ok:\n    a = {e}",
    "if not ok:\n    pass\nelif {e}:\n    pass",
    "while {e}:\n    pass",
    "while ok and {e}:\n    pass",
    "for a in {e}:\n    pass",
    "for a in xs:\n    b = {e}",
    "for xs[{e}] in [1]:\n    pass",
    "for a in ():\n    pass\nelse:\n    {e}",
    "assert {e}",
    "assert not ok, {e}",
    "raise {e}",
    "raise ValueError from {e}",
    "try:\n    {e}\nexcept KeyError as error:\n    raise ValueError(error)\nfinally:\n    b = 2",
    "try:\n    pass\nexcept KeyError:\n    pass\nelse:\n    {e}",
    "try:\n    xs.nothing\nexcept {e}:\n    pass",
    "try:\n    xs.nothing\nexcept AttributeError:\n    {e}",
    "try:\n    pass\nfinally:\n    {e}",
    "match {e}:\n    case 1:\n        pass",
    "match 1:\n    case a if {e}:\n        pass",
    "match 1:\n    case 1:\n        {e}",
    "def inner(a={e}): pass",
    "@({e})\ndef inner(): pass",
    "class Inner(({e})): pass",
    "class Inner:\n    a = {e}",
    "a = yield {e}",
    "yield {e}",
    "yield from {e}",
    "a = 1 if {e} else 2",
    "a = ok and ({e})",
    "print(({e}), sep='')",
    "return [{e} for a in xs]",
    "return [a for a in {e}]",
    "a = lambda: ({e})\nreturn a()",
    "xs.append({e})",
    "xs.extend([{e}])",
    "a = f'{{({e})}}'",
    "import nothing.at.all; {e}",
    "global g\ng = {e}",
)
QUIET = ("-W", "ignore::SyntaxWarning")
AROUND = """
import traceback, types
g = 0
d, ok = {"k": {}}, True
class Hostile:
    def __bool__(self): raise TypeError("no truth")
class Room:
    y = 1
    def __enter__(self): return self
    def __exit__(self, *what): return None
hostile, o = Hostile(), Room()
def f(*a, **k): raise LookupError(a, k)
def fails(): return 1 / 0
def show(function):
    global xs
    xs = [1, 2, 3]
    o.__dict__.clear()
    try:
        made = function()
        if isinstance(made, types.GeneratorType): list(made)
        elif isinstance(made, types.CoroutineType): made.send(None)
    except BaseException as error:
        print(function.__name__)
        print(traceback.format_exc())
        walked = traceback.walk_tb(error.__traceback__)
        print([(frame.f_code.co_name, line) for frame, line in walked])
"""


def functions(define: str, expressions: tuple[str, ...], places: tuple[str, ...]) -> str:
    """Return a program that shows what each expression raises in each place."""
    parts = [AROUND]
    for number, (expression, place) in enumerate(product(expressions, places)):
        body = place.format(e=expression)
        part = f"{define} case{number}():\n{indent(body, '    ')}\nshow(case{number})\n"
        if is_valid(part):
            parts.append(part)
    return "".join(parts)


def is_valid(source: str) -> bool:
    """Whether this Python allows the expression in that place."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        try:
            compile(source, "<case>", "exec")
        except SyntaxError:
            return False
    return True


@pytest.mark.parametrize("quarter", range(4))
def test_every_expression_that_raises_in_every_place_has_its_carets(
    same: Same, quarter: int
) -> None:
    shown = same(functions("def", RAISING[quarter::4], PLACES), flags=QUIET).stdout
    assert shown.count("Traceback") > 0.8 * len(RAISING[quarter::4]) * len(PLACES)


def test_a_name_without_a_value_has_its_place_in_a_function_that_runs_often(same: Same) -> None:
    """Python 3.11 then takes the number of a probe's site and the name after it in one step."""
    source = """
    import traceback
    def returns(x):
        del x
        return f((x in [7, 2]))
    def yields(x):
        del x
        return f((yield (x in [7, 2])))
    def decides(x):
        del x
        if x in [7, 2]: pass
    def stores(x):
        del x
        xs[0] = x in [7, 2]
    def f(x): return x
    xs = [0]
    for _ in range(30):
        for function in returns, yields, decides, stores:
            try: list(function(1) or ())
            except UnboundLocalError: print(traceback.format_exc())
    """
    assert same(source).stdout.count("UnboundLocalError") == 120


@pytest.mark.parametrize("half", range(2))
def test_coroutines_and_asynchronous_generators_have_their_carets(same: Same, half: int) -> None:
    places = (
        *PLACES[::3],
        "await ({e})",
        "a = await co({e})",
        "async with ({e}) as a:\n    pass",
        "async for a in ({e}):\n    pass",
        "return [a async for a in ({e})]",
        "return [a async for a in ao if ({e})]",
        "return [await ({e}) for a in xs]",
        "async with ao as ({e}).x:\n    return 1",
        "async with ao:\n    return {e}",
        "async for xs[{e}] in ao:\n    pass",
    )
    around = """
class Async:
    async def __aenter__(self): return self
    async def __aexit__(self, *what): return None
    def __aiter__(self): self.left = 2; return self
    async def __anext__(self):
        self.left -= 1
        if self.left: return self.left
        raise StopAsyncIteration
ao = Async()
async def co(value): return value
"""
    program = functions("async def", RAISING[half::3], places).replace(AROUND, AROUND + around)
    assert same(program, flags=QUIET).stdout.count("Traceback") > 300


def test_the_body_of_a_module_has_its_carets(same: Same) -> None:
    parts = [AROUND, "xs = [1, 2, 3]\n"]
    for expression, place in product(RAISING[::3], PLACES[:-1]):
        body = indent(place.format(e=expression), "    ")
        part = f"try:\n{body}\nexcept Exception: print(traceback.format_exc())\n"
        if is_valid(part):
            parts.append(part)
    assert same("".join(parts), flags=QUIET).stdout.count("Traceback") > 300


def test_an_exception_that_nobody_catches_is_shown_the_same(same: Same) -> None:
    source = """
    def deep(n):
        if n:
            return deep(n - 1)
        with open(__file__) as f, open(__file__) as g:
            return [x for x in
                    (deep(-1) if n else {}['lost']
                     )]
    class Box:
        value = property(lambda self: deep(3))
        def __getattr__(self, name):
            return (self.value
                    + 1)
    try:
        Box().a
    except KeyError as error:
        error.add_note("first note")
        error.add_note("second\\nnote: é")
        box = Box(
        ).b
    """
    assert "second\nnote" in same(source, code=1).stderr


def test_groups_notes_causes_and_contexts_are_shown_the_same(same: Same) -> None:
    source = """
    import traceback
    def fail(kind):
        try: raise kind("inner")
        except kind as error:
            error.add_note(f"noted {error}")
            raise
    def gather(*kinds):
        errors = []
        for kind in kinds:
            try: fail(kind)
            except Exception as error: errors.append(error)
        raise ExceptionGroup("many", errors)
    def split():
        try: gather(ValueError, TypeError, OSError)
        except* ValueError as group:
            print([repr(one) for one in group.exceptions], group.__context__)
            raise KeyError("while handling") from group
        except* OSError:
            raise
    def chain(how):
        try: {}["a"]
        except KeyError as error:
            if how == "from": raise ValueError(how) from error
            if how == "none": raise ValueError(how) from None
            if how == "context": int("x")
            if how == "later":
                later = ValueError(how)
                later.__cause__ = error
                raise later
            error.__suppress_context__ = True
            raise
        finally:
            if how == "finally": raise TypeError("replaces")
    def show(error):
        print(type(error).__name__, repr(error.__cause__), repr(error.__context__),
              error.__suppress_context__, getattr(error, "__notes__", None))
        traceback.print_exception(error)
    for do in (split, *(lambda how=how: chain(how) for how in
                        ("from", "none", "context", "later", "same", "finally"))):
        try: do()
        except BaseException as error: show(error)
    try: raise ExceptionGroup("outer", [ExceptionGroup("inner", [ValueError(1), KeyError(2)])])
    except ExceptionGroup as group:
        print(group.split(ValueError), group.subgroup(KeyError), group.derive([OSError()]))
    """
    same(source)


def test_a_traceback_has_its_length_its_lines_and_its_instructions(same: Same) -> None:
    source = """
    import traceback
    def positions(error):
        for frame, line in traceback.walk_tb(error.__traceback__):
            print(frame.f_code.co_qualname, line)
        tb = error.__traceback__
        while tb is not None:
            places = list(tb.tb_frame.f_code.co_positions())
            print(tb.tb_lineno, places[tb.tb_lasti // 2])
            tb = tb.tb_next
    def reraises(n):
        try:
            if n == 0: 1 / 0
            reraises(n - 1)
        except ZeroDivisionError as error:
            if n == 2: raise
            if n == 3: raise error
            raise error.with_traceback(error.__traceback__)
        finally:
            n = -1
    def stored():
        saved = None
        for i in range(2):
            try:
                if saved: raise saved
                1 / 0
            except ZeroDivisionError as error:
                saved = error
        raise saved
    def generator():
        try: yield 1
        except ValueError: yield 2 / 0
    def thrown():
        g = generator()
        next(g)
        g.throw(ValueError(1))
    def nested():
        with Room(): return [f() for f in [lambda: 1 / 0]]
    class Room:
        def __enter__(self): return self
        def __exit__(self, *what):
            print("exit sees", len(list(traceback.walk_tb(what[2]))))
    for function in (lambda: reraises(4), stored, thrown, nested):
        try: function()
        except Exception as error: positions(error)
    """
    same(source)


def test_the_frames_of_a_traceback_hold_the_same_locals(same: Same) -> None:
    source = """
    import inspect, traceback
    def generator(a):
        for b in a: yield b / 0
    async def coroutine(x):
        y = x
        with open(__file__) as f: z = {}[y]
    def function(a, *rest, k=1, **more):
        try: inner = [n for n in a]
        finally: last = next(generator(rest))
    def run():
        try: function([1], 2, 3, z=4)
        except ZeroDivisionError as error: one = error
        try: coroutine("lost").send(None)
        except KeyError as error: two = error
        return one, two
    for error in run():
        for frame, line in traceback.walk_tb(error.__traceback__):
            print(frame.f_code.co_name, {n: type(v).__name__ for n, v in frame.f_locals.items()
                  if frame.f_code.co_name != "<module>"})
        print([info.function for info in inspect.getinnerframes(error.__traceback__)])
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        print([sorted(one.locals) for one in shown.stack][1:])
    """
    same(source)


def test_exceptions_in_special_methods_go_where_they_go(same: Same) -> None:
    source = """
    import contextlib, traceback
    class Room:
        def __init__(self, *fails, swallow=False): self.fails, self.swallow = fails, swallow
        def __enter__(self):
            if "enter" in self.fails: raise ValueError("enter")
            return self
        def __exit__(self, kind, error, tb):
            print("exit", kind, error, tb and tb.tb_lineno)
            if "exit" in self.fails: raise KeyError("exit")
            return self.swallow
    class Dying:
        def __init__(self, name): self.name = name
        def __del__(self): raise OSError(self.name)
    def use(*rooms, fail=False):
        with contextlib.ExitStack() as stack:
            for room in rooms: stack.enter_context(room)
            with rooms[0] as a, rooms[-1] as b:
                if fail: return 1 / 0
                return 2
    def closing():
        try: yield 1
        finally: raise TypeError("in close")
    def stubborn():
        while True:
            try: yield 1
            except GeneratorExit: pass
    def stops():
        yield 1
        raise StopIteration("lost")
    def nexts(): yield next(iter(()))
    async def async_stops(): raise StopIteration(5)
    async def agen():
        yield 1
        raise StopAsyncIteration
    def attempt(do):
        try: print("result", do())
        except BaseException: print(traceback.format_exc())
    attempt(lambda: use(Room("enter")))
    attempt(lambda: use(Room(), Room("exit"), fail=True))
    attempt(lambda: use(Room("exit"), fail=True))
    attempt(lambda: use(Room(swallow=True), fail=True))
    for make in (closing, stubborn):
        g = make()
        next(g)
        attempt(g.close)
    attempt(lambda: list(stops()))
    attempt(lambda: list(nexts()))
    attempt(lambda: async_stops().send(None))
    g = agen()
    attempt(lambda: g.asend(None).send(None))
    attempt(lambda: g.asend(None).send(None))
    def die():
        d = Dying("local")
        d = Dying("replaced")
        Dying("temporary")
        print("before the end")
    die()
    g = closing()
    next(g)
    del g
    """
    same(source)


def test_what_is_being_handled_is_the_same_everywhere(same: Same) -> None:
    source = """
    import sys
    def now(): return repr(sys.exception()), sys.exc_info()[0]
    def within():
        print("before", now())
        try:
            try: 1 / 0
            finally: print("finally", now())
        except ZeroDivisionError as error:
            print("except", now(), error is sys.exception())
            try: {}[1]
            except KeyError: print("inner", now())
            else: print("no")
            finally: print("inner finally", now())
            print("back", now())
            for i in range(2):
                try: continue
                finally: print("continue", now())
        else: print("no")
        print("after", now())
        try: return now()
        finally: print("returning", now())
    def generator():
        print("start", now())
        try: yield now()
        except ValueError: yield now()
        yield now()
    within()
    try: raise OSError
    except OSError:
        g = generator()
        print(next(g), now())
        within()
        with_value = g.throw(ValueError)
        print(with_value, now())
    print(next(g), now())
    del g
    try: 1 / 0
    except ZeroDivisionError as error: pass
    print("error" in globals(), now())
    """
    same(source)


def test_hooks_are_given_what_python_gives_them(same: Same) -> None:
    source = """
    import sys, threading, traceback
    def hook(kind, error, tb):
        print("except", kind, error, traceback.extract_tb(tb).format(), error.__traceback__ is tb)
    def unraisable(what):
        print("unraisable", what.exc_value, what.err_msg, what.object.__qualname__,
              [line for _, line in traceback.walk_tb(what.exc_traceback)])
    def threads(what):
        print("thread", what.exc_value, what.thread.name,
              [f.f_code.co_name for f, _ in traceback.walk_tb(what.exc_traceback)])
    sys.excepthook, sys.unraisablehook, threading.excepthook = hook, unraisable, threads
    class Dying:
        def __del__(self): self.lost
    def work():
        d = Dying()
        del d
        (lambda: {}["in thread"])()
    thread = threading.Thread(target=work, name="worker")
    thread.start()
    thread.join()
    def last():
        try: 1 / 0
        finally: Dying()
    last()
    """
    same(source, code=1)


def test_an_interrupt_at_any_point_has_the_traceback_of_that_point(same: Same) -> None:
    source = """
    import signal, sys, traceback
    def interrupt(n):
        signal.raise_signal(signal.SIGINT)
        return n
    class Truth:
        def __bool__(self): return bool(interrupt(1))
    class Owner:
        def __setattr__(self, name, value): interrupt(2)
        def __setitem__(self, key, value): interrupt(3)
        def __enter__(self): return interrupt(4)
        def __exit__(self, *what): print("exit", what[0])
        def __iter__(self): return iter([interrupt(5)])
    o, t = Owner(), Truth()
    def assigns(): o.x = 1
    def items(): o[0] = 1
    def branches():
        if t: return 1
    def enters():
        with o: return 1
    def loops():
        for a in o: return a
    def returns(): return interrupt(6)
    def yields(): yield interrupt(7)
    def cleans():
        try: return 1
        finally: interrupt(8)
    def handles():
        try: 1 / 0
        except ZeroDivisionError: interrupt(9)
    for do in (assigns, items, branches, enters, loops, returns, lambda: list(yields()), cleans,
               handles):
        try: do()
        except KeyboardInterrupt as error:
            print(traceback.format_exc())
            print(repr(error.__context__))
    """
    same(source)
