"""What the library tells of functions, code, frames, classes and modules."""

from tests.fidelity.language.conftest import Same

SUBJECT = '''
"""The doc of the subject."""
import contextlib, functools
def plain(a, /, b: int = 2, *args, c: str = "c", **kw) -> list:
    "doc"
    # a comment inside
    return [a]
def empty(): pass
def docs(): "only doc"
def generator(x):
    got = yield x
    return got
async def coroutine(x): return await x
async def agen(x):
    async for y in x: yield y
def decorated_by(label):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*a, **k):
            """The wrapper."""
            return function(*a, **k)
        return wrapper
    return decorate
@decorated_by("first")
@decorated_by(
    "second"
)
def decorated(x, y=(1,
                    2)):
    """Decorated."""
    def nested(z): return x
    return nested
def closure(a):
    b = 1
    def inner():
        nonlocal b
        b = a
        return __name__
    return inner
class Class:
    """A class."""
    attribute = 1
    def method(self): return super().__init__()
    @classmethod
    def klass(cls): return cls
    @staticmethod
    def static(): return 1
    @property
    def prop(self):
        return (1,
                2)
    @functools.cached_property
    def cached(self): return 1
    class Inner:
        def deep(self): return lambda: self
@contextlib.contextmanager
def manager():
    try: yield 1
    finally: pass
pair = lambda x: x + 1, lambda y: (
    y
)
listed = [lambda: 1 for _ in range(1)]
'''


def test_the_source_of_everything_is_found(same: Same) -> None:
    source = """
    import inspect, subject, linecache
    from subject import *
    things = [plain, empty, docs, generator, coroutine, agen, decorated, decorated(1), closure,
              closure(1), Class, Class.method, Class.klass, Class.static, Class.prop.fget,
              Class.cached.func, Class.Inner, Class.Inner.deep, manager, manager.__wrapped__,
              pair[0], pair[1], listed[0], subject, Class().Inner().deep()]
    for thing in things:
        print(inspect.getsource(thing))
        if not inspect.ismodule(thing):
            print(inspect.getsourcelines(thing)[1], inspect.getmodule(thing).__name__)
        print(inspect.getfile(thing) == subject.__file__, inspect.getsourcefile(thing)[-10:],
              inspect.getdoc(thing), inspect.getcomments(thing))
    print(linecache.getlines(subject.__file__) == open(subject.__file__).readlines())
    print(subject.__loader__.get_source("subject") == open(subject.__file__).read())
    def here():
        frame = inspect.currentframe()
        return inspect.getsource(frame), inspect.getframeinfo(frame), inspect.getframeinfo(
            frame, context=3).code_context
    for one in here(): print(one)
    """
    same(source, subject=SUBJECT)


def test_signatures_and_kinds_are_the_same(same: Same) -> None:
    source = """
    import inspect, typing, subject, asyncio, types
    from subject import *
    things = [plain, empty, docs, generator, coroutine, agen, decorated, decorated(1), closure,
              Class, Class.method, Class.klass, Class.static, manager, pair[0], Class().method]
    checks = [getattr(inspect, name) for name in dir(inspect) if name.startswith("is")
              and name not in ("iskeyword",)]
    for thing in things:
        print(inspect.signature(thing), inspect.unwrap(thing).__qualname__,
              inspect.getfullargspec(thing))
        print([check.__name__ for check in checks if check(thing)],
              asyncio.iscoroutinefunction(thing), callable(thing))
        print(thing.__name__, thing.__qualname__, thing.__module__, thing.__doc__,
              getattr(thing, "__defaults__", None), getattr(thing, "__kwdefaults__", None),
              thing.__annotations__, getattr(thing, "__type_params__", None),
              sorted(set(dir(thing)) - set(dir(types.FunctionType))), sorted(vars(thing)))
    print(inspect.getcallargs(plain, 1, 2, 3, c=4, d=5))
    print(typing.get_type_hints(plain))
    print(inspect.signature(decorated, follow_wrapped=False))
    print(inspect.getattr_static(Class, "prop"), inspect.classify_class_attrs(Class)[-1].name)
    print([name for name, _ in inspect.getmembers(Class)])
    print([name for name, _ in inspect.getmembers(subject)])
    """
    same(source, subject=SUBJECT)


def test_code_objects_say_the_same_where_they_must(same: Same) -> None:
    source = """
    import inspect, types
    from subject import *
    functions = [plain, empty, docs, generator, coroutine, agen, decorated.__wrapped__, closure,
                 closure(1), Class.method, Class.prop.fget, pair[0], Class.Inner.deep]
    for function in functions:
        code = function.__code__
        print(code.co_name, code.co_qualname, code.co_argcount, code.co_posonlyargcount,
              code.co_kwonlyargcount, code.co_nlocals, code.co_varnames, code.co_freevars,
              code.co_cellvars, code.co_flags, code.co_firstlineno, code.co_filename[-10:],
              inspect.getdoc(function))
        assert hash(code) == hash(code.replace())
        print(code == code.replace(), code.replace(co_name="other").co_name)
        nested = [one for one in code.co_consts if isinstance(one, types.CodeType)]
        print([one.co_qualname for one in nested])
        lines = {line for _, _, line in code.co_lines() if line is not None}
        print(sorted(lines))
        places = set(code.co_positions())
        print(min(places, key=str)[0], code.co_firstlineno in lines)
    copy = types.FunctionType(plain.__code__, {"__name__": "elsewhere"}, "copied", (7,))
    copy.__kwdefaults__ = {"c": 8}
    print(copy(1), copy.__module__, copy.__name__, copy.__defaults__)
    inner = closure(5)
    remade = types.FunctionType(inner.__code__, globals(), None, None, inner.__closure__)
    print(remade(), inspect.getclosurevars(remade).nonlocals)
    print(types.FunctionType(plain.__code__.replace(co_firstlineno=900), globals())(1, 2, c=2))
    def body(): return "swapped"
    empty.__code__ = body.__code__
    print(empty())
    """
    same(source, subject=SUBJECT)


def test_running_generators_and_coroutines_say_the_same(same: Same) -> None:
    source = """
    import inspect, asyncio, types
    from subject import *
    def show(g):
        print(inspect.getgeneratorstate(g), g.gi_running, g.gi_yieldfrom,
              g.gi_frame and (g.gi_frame.f_lineno, g.gi_frame.f_locals),
              inspect.getgeneratorlocals(g), g.__name__, g.__qualname__)
    g = generator(1)
    show(g); next(g); show(g)
    try: g.send(2)
    except StopIteration as stop: print(stop.value)
    show(g)
    def delegates():
        inner = generator("inner")
        result = yield from inner
        print(result)
        try: yield
        finally: me = 1
    g = delegates()
    next(g)
    print(g.gi_yieldfrom.gi_frame.f_lineno, g.gi_frame.f_lineno)
    print(inspect.getgeneratorlocals(g).keys())
    try: g.send(5)
    except StopIteration: pass
    print(g.gi_frame.f_lineno, g.gi_yieldfrom)
    g.close()
    show(g)
    @types.coroutine
    def suspends(): yield "suspended"
    c = coroutine(suspends())
    print(inspect.getcoroutinestate(c), inspect.getcoroutinelocals(c).keys(), c.cr_await)
    print(c.send(None), c.cr_await.__name__, c.cr_frame.f_lineno, inspect.getcoroutinestate(c),
          inspect.isawaitable(c), inspect.iscoroutine(c), c.cr_origin)
    c.close()
    print(inspect.getcoroutinestate(c), c.cr_frame)
    class Source:
        def __aiter__(self): return self
        async def __anext__(self): return await suspends()
    a = agen(Source())
    step = a.asend(None)
    print(step.send(None), a.ag_running, a.ag_await and a.ag_await.__name__, a.ag_frame.f_lineno)
    try: step.throw(KeyError("k"))
    except KeyError as error: print(error, a.ag_frame)
    """
    same(source, subject=SUBJECT)


def test_wrappers_of_functools_work_the_same(same: Same) -> None:
    source = """
    import functools, inspect
    @functools.lru_cache(maxsize=2)
    def cached(a, b=1):
        print("computed", a)
        return a
    for n in (1, 2, 1, 3, 1, 2): cached(n)
    print(cached.cache_info(), cached.cache_parameters(), cached.__wrapped__(1))
    @functools.cache
    def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
    print(fib(30), fib.cache_info())
    @functools.singledispatch
    def kind(x): return "object"
    @kind.register
    def _(x: int): return "int"
    @kind.register(list)
    def _(x): return "list", kind(x[0])
    print(kind(1), kind([2]), kind("s"), sorted(t.__name__ for t in kind.registry))
    class Temperature:
        def __init__(self, degrees): self.degrees = degrees
        @functools.cached_property
        def kelvin(self):
            print("converted")
            return self.degrees + 273
        @functools.singledispatchmethod
        def add(self, x): raise TypeError(x)
        @add.register
        def _(self, x: int): return self.degrees + x
        def scale(self, by, offset=0): return self.degrees * by + offset
        double = functools.partialmethod(scale, 2)
    t = Temperature(1)
    print(t.kelvin, t.kelvin, vars(t), t.add(2), t.double(offset=3))
    @functools.total_ordering
    class Size:
        def __init__(self, n): self.n = n
        def __eq__(self, other): return self.n == other.n
        def __lt__(self, other): return self.n < other.n
    print(Size(1) <= Size(2), Size(3) >= Size(2), max(Size(1), Size(4)).n)
    def traced(function):
        @functools.wraps(function)
        def wrapper(*a, **k): return function(*a, **k)
        wrapper.calls = 0
        return wrapper
    @traced
    def target(x: int) -> str:
        "doc"
    target.extra = 1
    print(target.__name__, target.__wrapped__.__name__, inspect.signature(target), target.__doc__,
          vars(target).keys(), functools.reduce(lambda a, b: a + b, [1, 2]))
    compare = functools.cmp_to_key(lambda a, b: a - b)
    print(functools.partial(target, 1).args, sorted([3, 1], key=compare))
    """
    same(source)


def test_context_managers_of_the_library_work_the_same(same: Same) -> None:
    source = """
    import asyncio, contextlib, sys
    @contextlib.contextmanager
    def room(name, swallow=False):
        print("enter", name)
        try: yield name
        except KeyError as error:
            print("error", error, error.__traceback__.tb_lineno)
            if not swallow: raise
        finally: print("exit", name)
    @contextlib.contextmanager
    def twice():
        yield 1
        yield 2
    @contextlib.contextmanager
    def never():
        if 0: yield
    with room("a") as a, room("b", True): raise KeyError("k")
    for broken in (twice, never):
        try:
            with broken(): pass
        except RuntimeError as error: print(error)
    @room("decorating")
    def decorated(): return "result"
    print(decorated(), decorated())
    with contextlib.ExitStack() as stack:
        stack.enter_context(room("one"))
        stack.callback(print, "callback")
        stack.push(lambda *what: print("pushed", what[0]) or True)
        stack.enter_context(room("two", True))
        raise KeyError("in stack")
    try:
        with room("stop"): raise StopIteration("through")
    except StopIteration as error: print(repr(error))
    @contextlib.asynccontextmanager
    async def aroom(name):
        try: yield await asyncio.sleep(0, name)
        finally: print("async exit", name, sys.exception())
    async def main():
        async with aroom("x") as x, contextlib.AsyncExitStack() as stack:
            y = await stack.enter_async_context(aroom("y"))
            print(x, y)
            raise KeyError(x)
    try: asyncio.run(main())
    except KeyError as error: print(error)
    with contextlib.redirect_stdout(sys.stderr): print("redirected")
    with contextlib.closing(open(__file__)) as f: pass
    print(f.closed)
    """
    same(source)
