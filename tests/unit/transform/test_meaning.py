"""A program means the same with probes: it is run without and with them, and both are compared.

Compared are standard output and error, the text of an exception that comes out (with its carets),
and the module's names. Each source prints what its construct could change.
"""

import sys
import warnings
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.instrumented import Outcome, both, plain_code, record, recording, run, write
from tests.property.well_formed import check

LOG = """
log = []
def say(*what):
    log.append(what)
    return what[-1]
class Truth:
    def __init__(self, name, value): self.name, self.value = name, value
    def __bool__(self):
        print("truth of", self.name)
        return self.value
T, F = Truth("T", True), Truth("F", False)
"""

SOURCES = {
    "the truth of a condition is asked for once": """
        if T and F or T: print("taken")
        elif F: print("not")
        while F: pass
        else: print("else")
        x = 1 if not T else 2
        assert T
        print(x, [i for i in range(3) if T])
        if T: print(1)
        if 1 < 2 < 3 is True: print(2)
    """,
    "targets are evaluated once and after the value": """
        class Box(dict):
            def __setitem__(self, key, value):
                print("set", key, value)
                super().__setitem__(key, value)
            def __setattr__(self, name, value):
                print("setattr", name, value)
                object.__setattr__(self, name, value)
        box = Box()
        def b(n): print("owner", n); return box
        def k(n): print("key", n); return n
        def v(n): print("value", n); return n
        b(1)[k(2)] = v(3)
        b(4).x = v(5)
        b(6)[k(7)] = b(8).y = z = v(9)
        b(10).p, (b(11)[k(12)], *b(13).rest) = v(1), (v(2), v(3), v(4))
        b(14)[k(2)] += v(1)
        b(15).x -= v(1)
        del b(16)[k(2)], b(17).x
        for b(18).i, b(19)[k(20)] in [(1, 2)]: print(box.i)
        items = [1, 2, 3, 4]
        def l(n): print("list", n); return items
        l(1)[k(0):k(2)] = [v(8), v(9)]
        l(2)[k(0):k(1)] += [v(7)]
        del l(3)[k(0):k(1)]
        print(items, sorted(map(str, box)), z)
    """,
    "locals, vars and dir show nothing of ours": """
        def f(a, *args, b=1, **kwargs):
            c = 2
            for d in range(2): pass
            with __import__("contextlib").nullcontext(5) as e: pass
            try: raise KeyError(1)
            except KeyError as err: print(sorted(locals()))
            if c: (w := 3)
            return sorted(locals().items(), key=lambda p: p[0])
        print(f(1, 2, z=3))
        def g():
            x = 1
            got = yield sorted(locals())
            yield sorted(locals())
        print(list(g()))
        async def h(y):
            return sorted(locals())
        try: h(1).send(None)
        except StopIteration as stop: print(stop.value)
        print(sorted(n for n in globals() if "." in n), [n for n in dir() if "rewind" in n])
        print([n for n in vars() if not n.isidentifier()])
        class C:
            y = 2
            print(sorted(n for n in locals() if n != "__firstlineno__"))
        print(sorted(n for n in vars(C) if not n.startswith("__")))
    """,
    "a traceback has the same lines and carets": """
        def inner(d, k): return d[k]["x"] + 1
        def middle(d):
            value = inner(d, "a")
            return value
        class C:
            def __bool__(self): raise TypeError("no truth")
        def outer():
            try: middle({})
            except KeyError as error:
                raise ValueError("outer") from error
        def more():
            try: outer()
            finally: c = C()
            return c
        def test():
            if (1 and
                    C()): pass
        import traceback
        for f in (outer, more, test, lambda: [1][5], lambda: (x for x in None)):
            try: f()
            except Exception: print(traceback.format_exc())
        x = y = more().z
    """,
    "an exception passes with, finally and else in the same order": """
        class M:
            def __init__(self, n, swallow=False): self.n, self.swallow = n, swallow
            def __enter__(self): print("enter", self.n); return self
            def __exit__(self, kind, error, tb):
                print("exit", self.n, kind, error, tb and tb.tb_lineno)
                return self.swallow
        def f(what):
            try:
                with M(1) as a, M(2, True) as b:
                    if what == 1: return "returned"
                    if what == 2: raise KeyError("k")
                    if what == 3: raise StopIteration
                print("after")
            except KeyError as e: print("caught", e)
            else: print("else")
            finally:
                print("finally")
            return what
        for i in range(4): print(f(i))
        def g():
            for i in range(3):
                try:
                    if i == 0: continue
                    if i == 1: return i
                finally:
                    if i == 1: break
            return "end"
        print(g())
        def h():
            try: return print("try")
            finally: return 2
        print(h())
        def nested():
            try:
                try: 1 / 0
                finally: print("inner")
            except ZeroDivisionError as e:
                try: raise KeyError from e
                except KeyError as k: print(repr(k.__cause__), repr(k.__context__))
                raise
        nested()
    """,
    "exception groups are split as they are": """
        try:
            try: raise ExceptionGroup("g", [ValueError(1), TypeError(2), KeyError(3)])
            except* ValueError as e: print("v", e.exceptions)
            except* TypeError: print("t")
            else: print("else")
            finally: print("finally")
        except ExceptionGroup as rest: print(rest.exceptions)
    """,
    "generators give, take and end as they do": """
        def g(n):
            try:
                for i in range(n):
                    got = yield i
                    print("got", got)
            except GeneratorExit: print("closed"); raise
            except KeyError as e: print("thrown", e); yield "thrown"
            finally: print("finally")
            return "result"
        def d():
            result = yield from g(2)
            print("result", result)
            x = yield
            return x
        it = d()
        print(next(it), it.send("a"), it.send("b"))
        try: it.send("c")
        except StopIteration as stop: print(stop.value)
        it = g(3); next(it); it.close()
        it = g(3); next(it); print(it.throw(KeyError("k")), list(it))
        it = d(); next(it); it.close()
        it = g(1); next(it); del it
        def bad(): raise StopIteration; yield
        list(bad())
    """,
    "coroutines and asynchronous generators run as they do": """
        import asyncio
        class M:
            async def __aenter__(self): await asyncio.sleep(0); return 1
            async def __aexit__(self, *what): await asyncio.sleep(0); print(what[0]); return True
        async def agen(n):
            try:
                for i in range(n):
                    await asyncio.sleep(0)
                    got = yield i
                    print("got", got)
            finally: print("agen over")
        async def work(n):
            async with M() as m:
                total = 0
                async for x in agen(n): total += x
                else: total += 100
                total += await asyncio.sleep(0, m)
                raise KeyError(total)
            return [y async for y in agen(n) if y], {await asyncio.sleep(0, k): k for k in "ab"}
        async def main():
            results = await asyncio.gather(work(2), work(3), asyncio.sleep(0, 1))
            print(results)
            g = agen(5)
            print(await anext(g), await g.asend("x"))
            await g.aclose()
            task = asyncio.create_task(asyncio.sleep(100))
            await asyncio.sleep(0)
            task.cancel()
            try: await task
            except asyncio.CancelledError as e: print("cancelled", repr(e))
            try:
                async with asyncio.timeout(0): await asyncio.sleep(10)
            except TimeoutError: print("timeout")
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(work(i)) for i in range(3)]
            print([t.result() for t in tasks])
        asyncio.run(main())
    """,
    "every pattern binds and decides as it does": """
        from dataclasses import dataclass
        @dataclass
        class P: x: int; y: int = 0
        def f(v):
            match v:
                case 0 | 1 as small: return "small", small
                case [a, *rest] if (n := len(rest)) > 1: return a, rest, n
                case [a, _]: return "pair", a
                case {"k": k, **others}: return k, others
                case P(x=0): return "origin"
                case P(x, y=yy): return x, yy
                case str(s): return s
                case None: return
            return "nothing"
        for v in (0, 1, 2, [1, 2, 3], [1, 2], {"k": 1, "z": 2}, P(0), P(1, 2), "s", None, [], {}):
            print(f(v))
        match T:
            case _ if F: print("no")
            case whatever: print("yes")
    """,
    "classes are what their bodies say": """
        import enum, typing, dataclasses
        NEW = ("__firstlineno__", "__static_attributes__")
        class Meta(type):
            def __new__(m, name, bases, ns, **kw):
                print(name, [n for n in ns if n not in NEW], kw)
                return super().__new__(m, name, bases, ns)
        class A(metaclass=Meta, flag=1):
            __private = 1
            for i in range(2): x = i
            if x: y = 5
            try: z = 1 / 0
            except ZeroDivisionError as e: z = repr(e)
            with __import__("contextlib").nullcontext(3) as w: pass
            w += 1
            def get(self, __arg=2): return self.__private, __arg
            @property
            def p(self): return self.__private
            @p.setter
            def p(self, value): self.__private = value
            @classmethod
            def make(cls): return super().__new__(cls)
            squares = [j for j in range(i)]
        a = A.make(); a.p = 7; print(a.get(), vars(a), a.p)
        class Color(enum.Enum):
            RED = 1; BLUE = enum.auto()
            def hello(self): return self.name
        print(list(Color), Color.BLUE.hello())
        @dataclasses.dataclass(order=True)
        class D:
            a: int
            b: list = dataclasses.field(default_factory=list)
            def __post_init__(self): self.c = self.a
        print(D(1), D(1) < D(2), dataclasses.fields(D)[1].name)
        class N(typing.NamedTuple):
            a: int
            b: str = "b"
            def both(self): return self.a, self.b
        print(N(1).both(), N.__annotations__)
        class S:
            __slots__ = ("a", "__b")
            def __init__(self): self.a = 1; self.__b = 2
            def __repr__(self): return f"S({self.a}, {self.__b})"
        print(S())
        class Child(A, flag=2):
            def get(self): return super().get()
            def klass(self): return __class__
        print(Child.make().get(), Child().klass())
        class Proto(typing.Protocol):
            def m(self) -> int: ...
        @typing.runtime_checkable
        class Proto2(Proto, typing.Protocol): ...
        class Desc:
            def __set_name__(self, owner, name): print("set_name", name)
            def __get__(self, obj, kind=None): print("get"); return 3
            def __set__(self, obj, value): print("set", value)
        class H: d = Desc()
        h = H(); h.d = 5; h.d += 1
    """,
    "nonlocal, global and closures reach the same names": """
        count = 0
        def outer():
            n = 0
            def inner():
                nonlocal n
                global count, fresh
                n += 1; count += n; fresh = [n]
                del fresh[0]
                return lambda: n
            f = inner()
            inner()
            return n, f(), inner.__closure__[0].cell_contents, inner.__code__.co_freevars
        print(outer(), count, fresh)
        def unbound():
            try: print(x)
            except UnboundLocalError as e: print(e)
            x = 1
            del x
            try: x
            except UnboundLocalError as e: print(e)
            for i in (): pass
            try: i
            except UnboundLocalError as e: print(e)
        unbound()
        def make():
            global Made
            class Made:
                def f(self): pass
            def g(): pass
            return Made.f.__qualname__, g.__qualname__, Made.__qualname__
        print(make())
    """,
    "what inspect tells is the same": """
        import inspect
        def plain(a, /, b: int = 2, *args, c: str = "c", **kw) -> list: "doc"; return [a]
        def gen(): yield
        async def co(): pass
        async def agen(): yield
        def empty(): "only doc"
        def nothing(): pass
        for f in (plain, gen, co, agen, empty, nothing):
            print(f.__name__, f.__doc__, inspect.signature(f), inspect.getsource(f).strip())
            print(inspect.isgeneratorfunction(f), inspect.iscoroutinefunction(f),
                  inspect.isasyncgenfunction(f), f.__code__.co_flags, f.__code__.co_varnames,
                  f.__code__.co_name, f.__code__.co_qualname, f.__code__.co_firstlineno,
                  f.__code__.co_argcount, f.__defaults__, f.__kwdefaults__, f.__annotations__)
        def caller(): return inspect.stack()[1].function, inspect.currentframe().f_back.f_lineno
        def asks(): return caller()
        print(asks())
        import sys
        def depth():
            frame, n = sys._getframe(), 0
            while frame.f_globals["__name__"] == __name__: frame, n = frame.f_back, n + 1
            return n
        print(depth(), (lambda: depth())(), [depth() for _ in range(1)][0] > 1)
    """,
    "objects die when they did": """
        import weakref, gc, contextlib
        class Dies:
            def __init__(self, name): self.name = name
            def __del__(self): print("gone", self.name)
        def f(d):
            x = Dies("local")
            y = [Dies("in list")]
            y.append(Dies("appended"))
            y.clear()
            print("before return")
            return d
        r = weakref.ref(f(Dies("argument")))
        print(r())
        def raises():
            d = Dies("raising")
            raise ValueError(Dies("in exception"))
        try: raises()
        except ValueError as e: print("caught")
        print("after except")
        class Holder: pass
        h = Holder()
        h.x = Dies("attribute"); h.x = None; print("attribute replaced")
        h.y = Dies("kept"); del h.y; print("attribute deleted")
        with contextlib.suppress(ZeroDivisionError):
            h.a = Dies("stored"), 1 / 0
        with contextlib.suppress(KeyError):
            {}["missing"].x = Dies("never stored")
        print("suppressed")
        for i in range(2): d = Dies(i)
        def g():
            try: yield Dies("yielded")
            finally: print("generator ends")
        it = g(); next(it); print("next"); del it
        def kept():
            try: return Dies("returned")
            finally: print("finally")
        kept(); print("dropped")
        def cls():
            class Local:
                __slots__ = ("a",)
                def __init__(self): self.a = 1
            class Other:
                def __init__(self): self.a = 1
            a, b = Local(), Other()
            a.a = 2
            return weakref.ref(Local), weakref.ref(Other)
        refs = cls(); gc.collect()
        print([ref() for ref in refs])
        d = None
        print("end")
    """,
    "a future, a docstring and their places stay": '''
        """The module's doc."""
        from __future__ import annotations
        def f(x: undefined) -> nothing: ...
        print(__doc__, f.__annotations__)
    ''',
    "decorators, defaults and annotations run once and in order": """
        def deco(n):
            print("deco", n)
            def wrap(f): print("wrap", n); return f
            return wrap
        @deco(1)
        @deco(2)
        def f(a=say("default"), *, b=say("kw")) -> say("returns"): return a, b
        @deco(3)
        class C(say("base", object), metaclass=say("meta", type)): pass
        x: say("annotation") = say("value")
        y: int
        print(f(), log, __annotations__.keys())
        def g():
            z: undefined_name = 1
            w: undefined_name
            return z
        print(g())
    """,
    "strings, formats and walrus evaluate as they do": """
        n = 5
        print(f"{n!r:>{n * 2}} {(m := n + 1)} {'x' if n else 'y'} {[i for i in range(n)]}")
        if (a := say(3)) and (b := say(0)) or (c := say(9)): print(a, b, c)
        while (a := a - 1): print(a)
        print([y := 1, y ** 2], [z for q in range(3) if (z := q)], y, z)
        items = []
        items.append(items := [2]); print(items)
        f = lambda p=(k := 4): p + k
        print(f())
    """,
    "a container that changes itself is changed once": """
        class L(list):
            def append(self, x): print("append", x); super().append(x); return "result"
            def pop(self): print("pop"); return super().pop()
        l = L(); print(l.append(1), l.pop())
        s = {1}; s.add(2); s.update({3}); d = {}; d.setdefault("a", []).append(1); d.update(b=2)
        print(s, d, d.pop("b"), [3, 1].sort())
        class NoAppend: pass
        try: NoAppend().append(1)
        except AttributeError as e: print(e)
        n = NoAppend()
        n.append(1)
    """,
    "an owner or key that is not there fails as it does": """
        def f(which):
            if which > 8: o = n = d = k = 1
            if which == 0: o.x = say(1)
            if which == 1: say(d)[say(2)] = say(3)
            if which == 2: d[k] = say(4)
            if which == 3: nowhere[k] = say(5)
            if which == 4: log[nowhere] = say(6)
            if which == 5: log[say] = say(7)
            if which == 6: None.x = say(8)
            if which == 7: log.x = say(9)
            if which == 8: o.y = nowhere.z = say(10)
        import traceback
        for which in range(9):
            try: f(which)
            except Exception: print(traceback.format_exc())
        print(log)
    """,
    "a receiver is evaluated once and let go": """
        import asyncio, weakref
        class Rows(list): pass
        class Holder:
            def __init__(self): self.rows = Rows()
            @property
            def made(self): print("made"); return Rows([3])
        def gone(make):
            rows = Rows(); kept.rows, seen = rows, weakref.ref(rows)
            del rows
            make()
            kept.rows = None
            return seen() is None
        kept = Holder()
        def works(): kept.rows.append(1)
        def fails():
            try: kept.rows.remove(1)
            except ValueError as e: print(e)
            return gone_now()
        def argument():
            try: kept.rows.append(1 / 0)
            except ZeroDivisionError as e: print(e)
            return gone_now()
        def gone_now():
            seen = weakref.ref(kept.rows); kept.rows = None
            return seen() is None
        print(gone(works), gone(lambda: print(fails())), gone(lambda: print(argument())))
        print(Holder().made.pop(), say(Holder()).made.append(say(2)), {"a": [1]}["a"].pop())
        async def later(x): await asyncio.sleep(0); return x
        async def row(n, held):
            held.rows.append(await later(n)); held.rows.extend([await later(n), await later(n + 1)])
            return held.rows
        async def main(): return await asyncio.gather(*(row(n, Holder()) for n in range(3)))
        print(asyncio.run(main()))
        def stream():
            held = Holder()
            while True: held.rows.append((yield held.rows))
        s = stream(); print(next(s), s.send(1), s.send(2)); s.close()
        class D(dict):
            def update(self, **more): super().update(more); self.n = len(self)
            def both(self): self.pop("a"); self.update(b=1); return type(self).pop(self, "b")
        d = D(a=1); print(d.both(), d, vars(d))
        print(list.append(kept.__dict__.setdefault("l", []), 1), kept.l)
    """,
    "a truth that fails is placed where it was": """
        import traceback
        class Bad:
            def __bool__(self): raise ValueError("no truth")
            def __lt__(self, other): return self
            def __eq__(self, other): return self
            @property
            def me(self): return self
        b = Bad()
        def f0(): return [x for x in [1] if b.me]
        def f1(): return [x for x in [1] if x if (b < 1)]
        def f2(): return {x: y for x in [1] for y in [2] if 1 == x and b.me == 2}
        def f3():
            if (x := 1) and (b.me <
                    2): pass
        def f4(): return 1 if not (b < 1) else 2
        def f5(): return b.me and 2
        def f6(): return 1 < b < 3
        def f7():
            assert b < 1, "never"
        def f8():
            while b.me or 1: pass
        def f9(): return not b.me
        def g0():
            match 1:
                case 1 if b < 2: pass
        def g1(): return (lambda x: x.me and 1)(b)
        def g2(): return f"{b.me:>{b.you}}"
        def g3(): return b.me.you(1)
        def g4(): return "%s" % (b.me.you,)
        def g5(): return {x for x in b}
        def g6(): return [1][b.me]
        def g7(): return {b.me: 1} + [b.me]
        def g8(): return f1() < [b.me][0][1]
        for f in (f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, g0, g1, g2, g3, g4, g5, g6, g7, g8):
            try: f()
            except Exception: print(traceback.format_exc())
    """,
    "a lambda that fails is left": """
        def f(o):
            print(hasattr(o, "bad"), g(1), getattr(o, "bad", g(2)))
            try: return (lambda n: k(n) / 0)(1)
            except ZeroDivisionError as e: print(e.__traceback__.tb_next.tb_frame.f_code.co_name)
            return [*map(lambda q, *r, s=1, **t: (q, r, s, t), [1, 2], [3, 4])]
        g = lambda n: n
        k = lambda n: g(n) if n else k(n - 1)
        down = lambda n: hasattr(O(), "deep") if n == 2 else g(n) + (down(n + 1) or 0)
        class O:
            bad = property(lambda self: self.nothing)
            deep = property(lambda self: (down(3), down(2)))
        print(f(O()), (lambda: (yield 5))().__next__())
        try: print(down(0))
        except RecursionError: print("deep")
        import functools, inspect
        print(functools.reduce(lambda a, b: a + b, [1, 2, 3]), inspect.signature(g), g.__doc__)
        h = lambda: "text"
        print(h.__doc__, (lambda: (m := 3) + m)())
        class S:
            def m(self): return (lambda: self.__class__.__name__)(), (lambda x=1: super())()
        try: S().m()
        except RuntimeError as e: print(e)
        sorted([1, 0], key=lambda x: 1 / x)
    """,
    "a class body keeps its namespace": """
        import dataclasses, enum, typing
        class Counting(dict):
            def __getitem__(self, k): print("get", k); return dict.__getitem__(self, k)
            def __setitem__(self, k, v):
                if k == "refused": raise KeyError(k)
                print("set", k); dict.__setitem__(self, k, v)
            def __missing__(self, k): print("missing", k); raise KeyError(k)
        class Inventing(dict):
            def __missing__(self, k):
                if k.startswith("_") or k in ("print", "range", "log"): raise KeyError(k)
                self[k] = len(self); return self[k]
        class Meta(type):
            kind = Counting
            @classmethod
            def __prepare__(meta, name, bases): return meta.kind()
            def __new__(meta, name, bases, ns): return type.__new__(meta, name, bases, dict(ns))
        class A(metaclass=Meta):
            "documented"
            x = 1
            y, z = x, 2
            rows = []
            rows.append(x); rows[0] = 2; rows += [3]
            for i in range(1): pass
            try: 1 / 0
            except ZeroDivisionError as e: pass
            with open("/dev/null") as f: pass
            f.close()
            if (w := 4): v = [u for u in rows if u]
            del x
            def m(self): return __class__
            class Inner: a = 1
        try:
            class R(metaclass=Meta): refused = 1
        except KeyError as e: print(e)
        Meta.kind = Inventing
        class B(metaclass=Meta): ONE; TWO; print(TWO)
        print(A.__doc__, A().m(), B.ONE, B.TWO, sorted(vars(A)))
        class E(enum.Enum):
            X = enum.auto(); Y = X
            _ignore_ = ["q"]
            for q in range(2): vars()[f"N{q}"] = q + 5
            @property
            def low(self): return self.name.lower()
        print(list(E), E.Y is E.X, E.N1.low)
        @dataclasses.dataclass
        class D:
            a: int
            b: list = dataclasses.field(default_factory=list)
            c: typing.ClassVar[int] = 3
        print(D(1), [f.name for f in dataclasses.fields(D)])
        class N(typing.NamedTuple):
            a: int
            b: int = 2
        class T(typing.TypedDict): k: int
        class Set:
            def __set_name__(self, owner, name): print(owner.__name__, name)
        class S:
            __slots__ = ("p", "q")
            s = Set()
        print(N(1), T(k=1), T.__annotations__, S.__slots__, [n for n in vars(S) if "." in n])
        def f():
            class L(D):
                l = lambda self: super().__init__(1)
                print(sorted(k for k in locals() if k[:2] != "__"), __qualname__)
                global G
                class G: pass
            return L, G.__qualname__
        print(f()[0].__qualname__, f()[1])
        class Failing(D):
            ok = 1
            bad = ok.nothing
    """,
    "a comprehension binds what it binds": """
        i = j = 9
        o = type("O", (), {})()
        print([i for i in range(3) if i], i, {j: k for j, (k, *l) in {1: "ab"}.items()}, j)
        print([o.a for o.a in (1, 2)], o.a, {(p := q) for q in (1, 1)}, p)
        def f(rows): return [[r.append(c) or c for c in r[:1]] for r in rows if r for _ in "ab"]
        print(f([[1], [], [2, 3]]), [lambda: i for i in range(2)][0]())
        class C:
            n = 2
            made = [m for m in range(n)]
            own = {k: [v for v in (1, k)] for k in made}
        print(C.made, C.own, [*map(lambda x: [y for y in range(x) if y > 1], (3, 4))])
        def g(): return [locals() for z in (1,)][0].keys(), sorted(locals())
        print("z" in g()[0], g()[1])
        def h(): return [x for x in (1, 0) if 1 / x]
        h()
    """,
    "an unbound receiver fails as it does": """
        def f():
            missing.append(say(1))
        f()
    """,
    "an unpacking that fails fails as it does": """
        a, (b, *c), d = 1, [2, 3], 4
        print(a, b, c, d)
        [p, q] = "xy"
        for i, (j, k) in enumerate([(1, 2)]): print(i, j, k)
        e, f = 1, 2, 3
    """,
    "a comprehension fails as it does": """
        def f(x): return 1 / x
        rows = [f(y)
                for y in (2, 1, 0)]
    """,
    "warnings name the same line": """
        import warnings
        def old(): warnings.warn("old", DeprecationWarning, stacklevel=2)
        def use():
            old()
            x = old()
            return old()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            use()
        print([(one.lineno, one.filename) for one in caught])
    """,
    "an assertion tells the same": """
        def check(x):
            assert x > 1, f"{x} is small"
        check(2)
        try: check(1)
        except AssertionError as e: print(e)
        assert say(1) == 2
    """,
    "sys.exc_info and bare raise see the same exception": """
        import sys
        def f():
            try: raise KeyError("a")
            except KeyError:
                print(sys.exc_info()[0], sys.exception())
                try: raise
                except KeyError as again: print(again.__context__, again.__traceback__.tb_lineno)
                try: int("x")
                except ValueError as e: print(repr(e.__context__))
            print(sys.exc_info())
        f()
        def g():
            try: yield 1
            except ValueError as e: print(repr(e.__context__)); raise RuntimeError("r")
        it = g(); next(it)
        try: it.throw(ValueError("v"))
        except RuntimeError as e: print(repr(e.__context__), repr(e.__cause__))
        raise
    """,
    "loops end, break and go on as they do": """
        for i in range(5):
            if i == 1: continue
            if i == 3: break
            print(i)
        else: print("no")
        for i in []: pass
        else: print("else", i)
        n = 3
        while True:
            n -= 1
            if not n: break
        else: print("no")
        while n < 2: n += 1
        else: print("while else", n)
    """,
    "del, star-import and __all__ show the same names": """
        import sys, types
        a, b, c = 1, 2, 3
        del a, (b)
        d = {"x": [1, 2, 3]}; del d["x"][0:1], d["x"][0]; print(d)
        ns = {}
        sys.modules["again"] = sys.modules[__name__]
        exec("from again import *", ns)
        del sys.modules["again"]
        print(sorted(n for n in ns if not n.startswith("__")), c)
        del nothing
    """,
    "an exception is thrown through a chain of generators": """
        def a():
            try: yield 1
            except KeyError: yield 2
            finally:
                yield 3
        def b():
            r = yield from a()
            return r
        it=b(); print(next(it)); print(it.throw(KeyError)); print(next(it)); print(list(it))
        it=b(); next(it)
        try: it.close()
        except RuntimeError as e: print(e)
    """,
    "a yield stands in with, finally and except": """
        import contextlib
        @contextlib.contextmanager
        def cm(n):
            print("in", n)
            try: yield n
            except ValueError as e: print("swallow", e)
            finally: print("out", n)
        def g():
            with cm(1) as x:
                y = yield x
                with cm(2): raise ValueError(y)
            try: yield 5
            finally:
                z = yield 6
            return z
        it=g(); print(next(it), it.send(9), next(it))
        try: it.send(7)
        except StopIteration as s: print(s.value)
    """,
    "an asynchronous generator is sent to, thrown into and forgotten": """
        import asyncio
        async def ag():
            try:
                while True:
                    try: x = yield 1
                    except KeyError: x = "k"
                    print(x)
            finally: await asyncio.sleep(0); print("fin")
        async def main():
            g=ag(); print(await g.asend(None), await g.asend(2), await g.athrow(KeyError()))
            await g.aclose()
            async for v in ag():
                if v: break
            h=ag(); await anext(h); del h
            await asyncio.sleep(0); await asyncio.sleep(0)
        asyncio.run(main())
    """,
    "loops run in threads and threads in loops": """
        import asyncio, threading
        async def w(n):
            await asyncio.to_thread(f, n)
            return await asyncio.get_running_loop().run_in_executor(None, f, n)
        def f(n): return n
        async def main(): return await asyncio.gather(*(w(i) for i in range(5)))
        def t(): print(sorted(asyncio.run(main())))
        ths=[threading.Thread(target=t) for _ in range(2)]
        [x.start() for x in ths]; [x.join() for x in ths]
        loop=asyncio.new_event_loop(); print(loop.run_until_complete(main())); loop.close()
    """,
    "an await stands wherever an expression may": """
        import asyncio
        async def v(x): await asyncio.sleep(0); return x
        async def main():
            a = {await v(1): await v(2)}
            def deco(x): return lambda f: f
            @deco(await v(3))
            def g(p=await v(4)): return p
            class C(await v(object)): y = 1
            l = lambda p=await v(5): p
            assert await v(1), await v(2)
            del (await v([1,2]))[await v(0)]
            (await v([1]))[await v(0)] = await v(3)
            x = await v(1) if await v(0) else await v(2)
            try: raise await v(KeyError)(await v(1))
            except await v(KeyError) as e: print(e)
            match await v(3):
                case 3 if await v(1): print("m")
            with (await v(__import__("contextlib").nullcontext(8))) as q: pass
            print(a, g(), C.y, l(), x, q, [i for i in await v([1])], f"{await v(9)}")
            while (n := await v(0)): pass
            for i in await v([1]): print(i)
            return [z async for z in ag()]
        async def ag():
            for i in range(2):
                yield await v(i)
        async def both(): return await asyncio.gather(main(), main())
        print(asyncio.run(both()))
    """,
}

NEWER = {
    (3, 12): {
        "type parameters and aliases stay": """
            type Pair[T] = tuple[T, T] if T else None
            def first[T: (int, str)](x: list[T]) -> T: return x[0]
            class Box[T]:
                def get(self) -> T: return 1
            print(first([1]), Box[int]().get(), Pair.__type_params__, first.__type_params__)
        """,
    },
}

ALL = {**SOURCES}
for version, sources in NEWER.items():
    if sys.version_info >= version:
        ALL.update(sources)


def _same(plain: Outcome, instrumented: Outcome) -> None:
    assert instrumented.stdout == plain.stdout
    assert instrumented.stderr == plain.stderr
    assert instrumented.traceback == plain.traceback
    assert list(instrumented.namespace) == list(plain.namespace)


def _source(name: str) -> str:
    body = dedent(ALL[name]).lstrip("\n")
    return body if body.startswith('"""') else LOG + body


@pytest.mark.parametrize("name", ALL)
def test_meaning_is_preserved(name: str, tmp_path: Path) -> None:
    """The construct behaves the same with probes, and its recording keeps the format's rules."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = write(tmp_path, _source(name))
        plain = run(plain_code(path), path)
        instrumented, spool = record(tmp_path, _source(name))
    _same(plain, instrumented)
    check(spool)


@pytest.mark.parametrize("kinds", [(), ("branch",), ("variable", "item"), ("loop", "handled")])
@pytest.mark.parametrize("name", ALL)
def test_meaning_is_preserved_with_fewer_events(
    name: str, kinds: tuple[str, ...], tmp_path: Path
) -> None:
    """Whatever kinds of event are switched off, the construct behaves the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _same(*both(tmp_path, _source(name), capture_events=kinds))


EVERYTHING = {
    "expressions": "all",
    "lines": True,
    "comprehensions": True,
    "lambdas": True,
    "class_bodies": True,
}
CHOICES: list[dict[str, Any]] = [EVERYTHING, {"expressions": "calls", "capture_events": ()}]
CHOICES += [{one: True} for one in ("lines", "comprehensions", "lambdas", "class_bodies")]


@pytest.mark.parametrize("settings", CHOICES, ids="-".join)
@pytest.mark.parametrize("name", ALL)
def test_meaning_is_preserved_with_more_events(
    name: str, settings: dict[str, Any], tmp_path: Path
) -> None:
    """Whatever else is recorded, the construct behaves the same and the format's rules hold."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = write(tmp_path, _source(name))
        plain = run(plain_code(path), path)
        instrumented, spool = record(tmp_path, _source(name), **settings)
    _same(plain, instrumented)
    check(spool)


def test_recursion_goes_as_deep(tmp_path: Path) -> None:
    """A recursion finds the same room within two in a hundred."""
    source = """
def down(n):
    global depth
    depth = n
    return down(n + 1)
try: down(1)
except RecursionError: pass
"""
    plain, instrumented = both(tmp_path, source)
    assert instrumented.namespace["depth"] >= plain.namespace["depth"] * 0.98


def test_endless_recursion_reads_the_same(tmp_path: Path) -> None:
    """The traceback of an endless recursion shows the program's frames and no other."""
    source = "def down(n):\n    return down(n + 1)\ndown(0)\n"
    plain, instrumented = both(tmp_path, source)

    def without_count(text: str) -> list[str]:
        return [line for line in text.splitlines() if "repeated" not in line]

    assert without_count(instrumented.traceback) == without_count(plain.traceback)


def test_compiler_warns_of_the_same_lines(tmp_path: Path) -> None:
    """What the compiler warns of without probes it warns of with them, once."""
    source = 'x = 1\nassert (x, "message")\nif x is 1: pass\ny = "\\d"\n'
    path = write(tmp_path, source)

    def warned(make: object) -> list[tuple[str, int]]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            make(path)  # type: ignore[operator]
        return sorted((str(one.message), one.lineno) for one in caught)

    with recording(tmp_path / "spool") as made:
        assert warned(made.code) == warned(plain_code) != []


def test_seeded_random_numbers_stay(tmp_path: Path) -> None:
    """A program that seeds its random numbers gets them, sampled or not."""
    source = "import random\nrandom.seed(1)\ndef f(): return random.random()\nprint(f(), f())\n"
    _same(*both(tmp_path, source, sampling_rate=0.5))


def test_code_runs_without_a_session(tmp_path: Path) -> None:
    """A session that sampling passes over runs as every other."""
    path = write(tmp_path, LOG + dedent(SOURCES["generators give, take and end as they do"]))
    plain = run(plain_code(path), path)
    with recording(tmp_path / "spool", sampling_rate=0.0) as made:
        _same(plain, run(made.code(path), path))
        assert made.read().records == []
