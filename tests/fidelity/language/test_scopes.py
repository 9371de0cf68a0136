"""Names: what locals, globals, closures, classes and frames show, and what reaches them."""

from tests.fidelity.language.conftest import Same


def test_locals_vars_and_dir_show_only_what_the_program_bound(same: Same) -> None:
    source = """
    import contextlib
    def everything(a, /, b=2, *rest, c=3, **more):
        d = e = [1]
        d.append(2)
        (f, *g), h = (1, 2, 3), 4
        i: int = 5
        i += 1
        for j in range(2): k = j
        while (l := i > 100): pass
        with contextlib.nullcontext(7) as m: n = m
        try: 1 / 0
        except ZeroDivisionError as o: print(sorted(locals()), sorted(vars()), dir())
        match [1, {"x": 2}]:
            case [p, {"x": q, **r}]: s = p
        t = [u for u in range(3)]
        del d
        def nested(): return a
        class Local: v = 1
        import os.path as w
        return locals()
    found = everything(1, z=2)
    print({name: type(value).__name__ for name, value in found.items()})
    def generator(x):
        y = yield sorted(locals())
        z = yield dir()
        yield {**locals()}
    g = generator(1)
    print(next(g), g.send("sent"), next(g))
    async def coroutine(x):
        async with Room() as y: return sorted(locals())
    class Room:
        async def __aenter__(self): return sorted(locals())
        async def __aexit__(self, *what): return None
    try: coroutine(1).send(None)
    except StopIteration as stop: print(stop.value)
    class Body:
        a = 1
        for b in range(2): c = b
        print([name for name in locals() if not name.startswith("__")])
        def method(self): return __class__, sorted(locals()), vars(self), dir()
    print(Body().method()[1:])
    print(sorted(globals()), sorted(vars()), dir())
    def comprehended(n): return [sorted(locals()) for m in range(1)], [locals() for m in ()]
    print(comprehended(1))
    print((lambda x, *y: sorted(locals()))(1))
    """
    same(source)


def test_locals_can_be_handed_on_as_arguments(same: Same) -> None:
    source = """
    def target(first, second, **others): return first, second, sorted(others)
    def passes(first, second=2):
        third = first
        return target(**locals())
    print(passes(1))
    class Record:
        def __init__(self, a, b=2, *, c=3):
            self.__dict__.update(locals())
            del self.self
    print(vars(Record(1)))
    def formats(name, size=3): return "{name}:{size}".format(**locals()), "%(name)s" % vars()
    print(formats("x"))
    def copies(a):
        before = dict(locals())
        b = 2
        return before, {k: v for k, v in locals().items() if k != "before"}
    print(copies(1))
    def once():
        x = 1
        snapshot = locals()
        x = 2
        return snapshot["x"], locals()["x"], snapshot is locals()
    print(once())
    from dataclasses import dataclass
    @dataclass
    class Point:
        x: int
        y: int
    def point(x, y): return Point(**locals())
    print(point(1, 2))
    """
    same(source)


def test_eval_and_exec_see_and_change_the_same_names(same: Same) -> None:
    source = """
    g = "global"
    def evaluates(a):
        b = 2
        print(eval("a + b"), eval("sorted(locals())"), eval("g"))
        print(eval("[c for c in (b,)]", {"b": 3}))
        exec("b = 10; new = 5")
        print(b, "new" in locals())
        scope = {}
        exec("def made(x): return x * 2", scope)
        exec("y = a", {}, {"a": 1})
        print(scope["made"](4), sorted(scope))
        try: eval("1 +")
        except SyntaxError as error: print(error, error.offset, error.filename)
        try: exec("raise ValueError(a)")
        except ValueError as error: print(error.__traceback__.tb_next.tb_frame.f_code.co_name)
        code = compile("sorted(globals())", "<made>", "eval")
        return eval(code)
    print(evaluates(1))
    class Body:
        exec("inside = 1")
        x = eval("inside")
    print(Body.inside, Body.x)
    exec("at_top = g")
    print(at_top)
    def frames():
        import sys
        frame = sys._getframe()
        print(frame.f_lineno, frame.f_code.co_name, frame.f_back.f_code.co_name,
              sorted(frame.f_locals), frame.f_globals is globals(), frame.f_trace,
              frame.f_builtins is vars(__import__("builtins")))
        return sys._getframe(1).f_lineno
    print(
        frames(),
        frames(
        ),
        [frames() for i in range(1)][0],
    )
    def callers_locals():
        import sys
        return sorted(sys._getframe(1).f_locals)
    def caller(a, b=1):
        c = callers_locals()
        for d in (1,): e = callers_locals()
        return callers_locals()
    print(caller(1))
    def depth():
        import inspect
        ours = [f.function for f in inspect.stack() if f.frame.f_globals is globals()]
        return ours, inspect.currentframe().f_lineno
    def outer(): return depth()
    print(outer(), (lambda: depth())())
    """
    same(source)


def test_a_frame_stands_at_the_line_of_the_call_it_makes(same: Same) -> None:
    source = """
    import sys
    def line(*a, **k):
        print(sys._getframe(1).f_lineno, end=" ")
        return 1
    class O:
        def __setattr__(self, n, v): line()
        def __setitem__(self, k, v): print(sys._getframe(1).f_lineno, end=" ")
        def __iadd__(self, other): print(sys._getframe(1).f_lineno, end=" "); return self
        def __bool__(self): print(sys._getframe(1).f_lineno, end=" "); return True
        def __enter__(self): print(sys._getframe(1).f_lineno, end=" "); return self
        def __exit__(self, *a): print(sys._getframe(1).f_lineno, end=" ")
        def __iter__(self): print(sys._getframe(1).f_lineno, end=" "); return iter([1])
        def __eq__(self, other): print(sys._getframe(1).f_lineno, end=" "); return True
        def __getattr__(self, n): print(sys._getframe(1).f_lineno, end=" "); return self
        def __delitem__(self, n): print(sys._getframe(1).f_lineno, end=" ")
        def __contains__(self, n): print(sys._getframe(1).f_lineno, end=" "); return True
    def everything(o):
        x = (line(),
             line(
                 line(),
                 key=line()
             ),
             line())
        o.x = \\
            line()
        o[line(
        )] = (
            line()
        )
        o += (
            line())
        if (
            o and
            line()
        ):
            line()
        elif line(): pass
        while (o
               and not
               o):
            pass
        with (
            o as a,
            o
                as b,
        ):
            line(
            )
        for i in (
            o
        ):
            line()
        y = (o if
             o
             else
             line())
        match (
            o
        ):
            case 1 if (
                line()): pass
        assert (
            o
        ), 1
        try:
            line()
        finally:
            line(
                2)
        del o[
            line()]
        z = [line()
             for i in
             o
             if o]
        o.a.b.c = o.d.e = (
            1)
        r = [1]
        r.append(
            line()
        )
        return (
            line(),
            1 in o
        )
    everything(O())
    def generator(o):
        try:
            x = yield (
                line()
            )
            yield from (
                line() for i in o
            )
        finally:
            line()
    for v in generator(O()): pass
    """
    same(source)


def test_stars_imports_and_module_attributes_show_the_same(same: Same) -> None:
    library = """
    \"\"\"A library.\"\"\"
    from __future__ import annotations
    import os as _os
    import sys
    a, _b = 1, 2
    for c in range(2): pass
    with open(__file__) as d: pass
    if a: e = 5
    def f(): return _os.sep
    class K: pass
    def __getattr__(name):
        if name == "lazy": return f"lazy {name}"
        raise AttributeError(f"module has no {name}")
    def __dir__(): return sorted([*globals(), "lazy"])
    """
    chosen = """
    __all__ = ["x", "y"]
    __all__.append("z")
    __all__ += ["w"]
    x = y = z = w = v = 1
    """
    source = """
    import library, chosen
    from library import *
    print(sorted(name for name in globals() if not name.startswith("__")))
    ns = {}
    exec("from chosen import *", ns)
    print(sorted(ns.keys() - {"__builtins__"}))
    print(dir(library), sorted(vars(library)), library.lazy, library.__doc__, dir(chosen))
    try: library.nothing
    except AttributeError as error: print(error)
    from library import lazy
    try: from library import nothing
    except ImportError as error: print(error)
    try: from chosen import nothing
    except ImportError as error: print(error, error.name)
    """
    same(source, library=library, chosen=chosen)


def test_docstrings_and_futures_keep_their_places(same: Same) -> None:
    library = '''
    # a comment
    """The doc
    of the module."""

    from __future__ import annotations, generator_stop
    """no doc"""
    x: undefined_here = 1
    def f(a: nowhere) -> nothing:
        """The doc of f."""
    def g():
        "doc" "umented"
        return 1
    def h():
        f"no {x} doc"
    def i():
        b"no doc"
    def j(): r"""raw \\d doc"""
    class C:
        """The doc of C."""
        def m(self): """The doc of m."""; return 1
    class D: "one line"; a = 1
    async def k(): """of a coroutine"""
    def l():
        """of a generator"""
        yield
    '''
    source = """
    import library, typing
    from library import *
    print(repr(library.__doc__), library.__annotations__)
    for one in (f, g, h, i, j, C, C.m, D, k, l): print(one.__name__, repr(one.__doc__))
    print(f.__annotations__, library.annotations, library.__dict__.keys() & {"generator_stop"})
    try: typing.get_type_hints(f)
    except NameError as error: print(error)
    print(f.__code__.co_consts[0], f.__code__.co_flags & 0x1000000)
    """
    same(source, library=library)


def test_private_names_are_mangled_the_same(same: Same) -> None:
    source = """
    class _Under:
        __x = 1
        def __init__(self): self.__y = 2; self.__z__ = 3; self.__w: int = 4
        def __m(self, __arg=5):
            __local = self.__x
            for __i in range(2): pass
            with open(__file__) as __f: pass
            try: 1 / 0
            except ZeroDivisionError as __e: pass
            global __g
            __g = 7
            [__n for __n in (1,)]
            (__walrus := 9)
            import os as __os
            self.__y += 1
            del self.__w
            self.__items = []
            self.__items.append(__arg)
            match 5:
                case __m: pass
            return sorted(locals())
        def go(self): return self.__m(), sorted(vars(self))
        def kw(self, *, __k): return __k
        class Inner:
            def inner(self): return self.__q
            __slots__ = ("__q",)
    print(_Under().go(), sorted(n for n in vars(_Under) if "Under" in n))
    print(sorted(n for n in globals() if "Under" in n), _Under().kw(_Under__k=3))
    print(vars(_Under.Inner).keys() & {"_Inner__q"})
    try: _Under.Inner().inner()
    except AttributeError as error: print(error)
    class __:
        def f(self): self.__a = 1; return vars(self)
    print(__().f())
    """
    same(source)


def test_super_and_class_cells_reach_the_same_class(same: Same) -> None:
    source = """
    class A:
        def f(self): return "A.f"
        @classmethod
        def c(cls): return cls.__name__
        @staticmethod
        def s(): return "A.s"
        def __init_subclass__(cls, **kw): super().__init_subclass__(); print(cls.__name__, kw)
    class B(A, option=1):
        def f(self):
            def nested(): return super(B, self).f()
            return [super().f(), nested(), (lambda: super(__class__, self).f())()]
        @classmethod
        def c(cls):
            try: return super().c()
            finally: cls.seen = __class__
        @property
        def p(self): return super().f
        def g(self):
            yield super().f()
            yield __class__.__name__
        async def h(self): return super().f()
        def local(self):
            class C(B):
                def f(self): return __class__.__qualname__, super().f()
            return C().f()
        def __getattribute__(self, name): return super().__getattribute__(name)
        def reassigned(self, other):
            self = other
            return super().f()
        def deleted(self):
            del self
            super().f()
        def cells(self): return [__class__ for _ in (1,)]
    b = B()
    print(b.f(), B.c(), B.seen, b.p(), list(b.g()), b.local(), b.reassigned(B()), b.cells())
    try: b.h().send(None)
    except StopIteration as stop: print(stop.value)
    try: b.deleted()
    except (RuntimeError, UnboundLocalError) as error: print(error)
    def outside(self): return super().f()
    try: outside(b)
    except RuntimeError as error: print(error)
    print(B.f.__code__.co_freevars, B.f.__closure__[0].cell_contents, A.f.__closure__)
    """
    same(source)


def test_nonlocal_and_global_reach_the_same_variables(same: Same) -> None:
    source = """
    total = 0
    def counter():
        n = 0
        def step(by=1):
            nonlocal n
            global total, made
            n += by
            total = made = n
            for n in (n, n + 1): pass
            with open(__file__) as n: pass
            n = by
            try: 1 / 0
            except ZeroDivisionError as total: print(repr(total))
            print("total" in globals())
            total = 1
            del made
            return n
        return step, lambda: n
    step, read = counter()
    print(step(5), read(), total, "made" in globals(), step.__closure__[0].cell_contents)
    def unbound(kind):
        def inner():
            nonlocal late
            return late
        if kind: return inner()
        late = 1
        del late
        try: inner()
        except NameError as error: print(type(error), error, error.name)
        late = 3
        return inner()
    print(unbound(0))
    try: unbound(1)
    except NameError as error: print(type(error), error, error.name)
    def local_unbound():
        try: print(total)
        except UnboundLocalError as error: print(error)
        total = 2
        del total
        del total
    try: local_unbound()
    except UnboundLocalError as error: print(error)
    def in_loop():
        functions = []
        for i in range(3):
            functions.append(lambda: i)
        return [f() for f in functions], [f() for f in [lambda: j for j in range(3)]]
    print(in_loop())
    class Scope:
        total = "class"
        def method(self): return total
        seen = [total for _ in (1,)]
        other = (lambda: total)()
    print(Scope().method(), Scope.seen, Scope.other)
    def globally():
        global helper, Helper
        def helper(): return helper.__qualname__
        class Helper: pass
        import os.path, math as maths
        return sorted(locals())
    print(globally(), helper(), Helper.__qualname__)
    def comprehensions(x):
        y = 1
        return [(x, y, [z + y for z in (x,)]) for x in (1, 2)], {k: (lambda: k)() for k in "ab"}, x
    print(comprehensions(9))
    """
    same(source)


def test_closures_say_the_same_of_themselves(same: Same) -> None:
    source = """
    import inspect
    def make(a):
        b = 1
        def inner(c):
            nonlocal b
            b += 1
            if c: print(len([a]))
            for i in range(a): c.append(i)
            try: undefined_name
            except NameError: pass
            return a, b
        return inner
    found = inspect.getclosurevars(make(1))
    print(found.nonlocals, sorted(found.globals), sorted(found.unbound))
    async def co(x):
        async with x as y: z = await y
        return max(z)
    def gen(x):
        try: got = yield from sorted(x)
        finally: print("x")
    class C:
        def m(self): self.x = [1]; self.x[0] = 2; return super().m()
    for one in (co, gen, C.m, make):
        found = inspect.getclosurevars(one)
        print(found.nonlocals, sorted(found.globals), sorted(found.unbound))
    """
    same(source)
