"""Each construct makes exactly the events that happened, in their order."""

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.instrumented import record
from tests.spool_reading import Spool


def spooled(folder: Path, source: str, **settings: Any) -> Spool:
    """Record a source that runs to its end."""
    outcome, spool = record(folder, dedent(source).lstrip("\n"), **settings)
    assert outcome.traceback == ""
    assert [one for one in spool.reports if one["what"] == "probe-fault"] == []
    return spool


CASES = {
    "a call has its arguments in the order of the signature": (
        """
        def f(a, /, b, *rest, c=3, **more): pass
        f(1, 2, 4, 5, d=6)
        """,
        """
        call f(1, 2, (4, 5), 3, {'d': 6})
        return None
        """,
    ),
    "a return has its value, named or not": (
        """
        def f(x):
            if x: return x
            return
        f(1); f(0)
        """,
        """
        call f(1,)
        if x -> True
        return 1
        call f(0,)
        if x -> False
        return None
        """,
    ),
    "every form of assignment tells its names": (
        """
        def f():
            a = b = 1
            c: int = 2
            d: int
            a += c
            (e, [g, *h]), i = (1, (2, 3, 4)), 5
            if (j := 6): pass
        f()
        """,
        """
        call f()
        a = 1
        b = 1
        c = 2
        a = 3
        e = 1
        g = 2
        h = [3, 4]
        i = 5
        j = 6
        if j := 6 -> True
        return None
        """,
    ),
    "a name that one statement binds twice is told as it is left": (
        """
        from contextlib import nullcontext
        def f():
            _, _, x = 1, 2, 3
            for _, _ in [(4, 5)]: pass
            with nullcontext(6) as y, nullcontext(y + 1) as y: pass
        f()
        """,
        """
        call f()
        _ = 2
        x = 3
        for goes round
        _ = 5
        y = 7
        return None
        """,
    ),
    "an attribute belongs to whom it was set on, though `self` is another by then": (
        """
        class C:
            def f(self, other):
                self.x, self = 1, other
                for self.x, self in [(2, None)]: pass
        class D(C): pass
        C().f(D())
        """,
        """
        call C.f(<instance subject.C {}>, <instance subject.D {}>)
        subject.C.x = 1
        self = <instance subject.D {}>
        for goes round
        subject.D.x = 2
        self = None
        return None
        """,
    ),
    "a name is told once what stands before it has been bound": (
        """
        def f():
            try: ()[0] = a = 1
            except TypeError: pass
            try: (b, c) = d = (1,)
            except ValueError: pass
            e = (g, h) = i = (3, 4)
        class C:
            def m(self):
                try: (j, k) = self.x = self[0] = (5,)
                except ValueError: pass
                try: self[0] = self.y = 6
                except TypeError: pass
                (j, k) = self.x = 7, 8
                l = self.x = self.y = n = 9
        f(); C().m()
        """,
        """
        call f()
        ()[0] = 1
        TypeError("'tuple' object does not support item assignment") passes line 2
        except TypeError("'tuple' object does not support item assignment") as None
        ValueError('not enough values to unpack (expected 2, got 1)') passes line 4
        except ValueError('not enough values to unpack (expected 2, got 1)') as None
        e = (3, 4)
        g = 3
        h = 4
        i = (3, 4)
        return None
        call C.m(<instance subject.C {}>,)
        ValueError('not enough values to unpack (expected 2, got 1)') passes line 9
        except ValueError('not enough values to unpack (expected 2, got 1)') as None
        self[0] = 6
        TypeError("'C' object does not support item assignment") passes line 11
        except TypeError("'C' object does not support item assignment") as None
        j = 7
        k = 8
        subject.C.x = (7, 8)
        l = 9
        subject.C.x = 9
        subject.C.y = 9
        n = 9
        return None
        """,
    ),
    "attributes and items tell owner, key and value": (
        """
        class C: pass
        def f(c, d):
            c.x = d["k"] = 1
            c.y: int = 2
            c.x += 1
            d["k"] += 5
            d["l"], c.z = 3, 4
            c.a, c.b = c.c = 7, 8
            for c.i in [0]: pass
        class D(dict): pass
        f(C(), D())
        """,
        """
        call f(<instance subject.C {}>, <subclass subject.D {}>)
        subject.C.x = 1
        d['k'] = 1
        subject.C.y = 2
        subject.C.x = 2
        d['k'] = <omitted HIDDEN>
        d['l'] = <omitted HIDDEN>
        subject.C.z = 4
        subject.C.c = (7, 8)
        subject.C.a = 7
        subject.C.b = 8
        for goes round
        subject.C.i = 0
        return None
        """,
    ),
    "a private attribute is read back under the name that it has": (
        """
        class _Token:
            __slots__ = ("__n", "__m", "__doc")
            def up(self):
                def inner(): self.__n, self.__doc = 1, 2
                inner()
        class __(type("Bare", (), {})):
            def up(self): self.__n, self.__token__ = 3, 4
        def f(c, d):
            for d.__x in [5]: pass
            c.up(); d.up()
        f(_Token(), __())
        """,
        """
        call f(<instance subject._Token {}>, <instance subject.__ {}>)
        for goes round
        subject.__.__x = 5
        call _Token.up(<instance subject._Token {}>,)
        call _Token.up.<locals>.inner()
        subject._Token.__n = 1
        subject._Token.__doc = 2
        return None
        return None
        call __.up(<instance subject.__ {'__x': 5}>,)
        subject.__.__n = 3
        subject.__.__token__ = <redacted NAME 'builtins.int'>
        return None
        return None
        """,
    ),
    "an item of a list or dictionary is read back where its statement made it": (
        """
        def f(a, d):
            a[0] += 1
            a[-1], d["x"] = 5, 6
            d[1] = d[2] = 0
            a[0:1] = [3]
        f([1, 2], {})
        """,
        """
        call f([1, 2], {})
        a[0] = 2
        a[-1] = 5
        d['x'] = 6
        d[1] = 0
        d[2] = 0
        a[<omitted HIDDEN>] = [3]
        return None
        """,
    ),
    "a deletion tells what is gone": (
        """
        class C: pass
        def f(a, b, c, d):
            del a, (b), c.x, d["k"], d["l"]
            d = [1, 2]
            del d[0:1]
        c = C(); c.x = 1
        f(1, 2, c, {"k": 1, "l": 2})
        """,
        """
        call f(1, 2, <instance subject.C {'x': 1}>, {'k': 1, 'l': 2})
        del subject.C.x
        del d['k']
        del d['l']
        del a
        del b
        d = [1, 2]
        del builtins.list.d
        return None
        """,
    ),
    "a method that changes a named container shows it after": (
        """
        from collections import deque
        class L: append = print
        def f(items, s, d, q, other):
            items.append(1)
            s.add(2)
            d.update(a=1)
            x = d.pop("a")
            q.appendleft(3)
            items.sort()
            items.index(1)
            other.append()
        f([], set(), {}, deque(), L)
        """,
        """
        call f([], [], {}, <subclass collections.deque []>, <type subject.L>)
        items.append(): [1]
        s.add(): [2]
        d.update(): {'a': 1}
        d.pop(): {}
        x = 1
        q.appendleft(): <subclass collections.deque [3]>
        items.sort(): [1]
        return None
        """,
    ),
    "a method that changes what any other expression gives shows it after": (
        """
        class C: pass
        class D(dict):
            def put(self):
                self.update(a=1)
                self.pop("a")
                super().update(b=2)
        def f():
            c.queue.append(1)
            rows[0].extend([2])
            c.queue.pop()
            d.put()
            c.other.append(4)
            try: c.queue.remove(5)
            except ValueError: c.queue.append(6)
        class L: append = print
        c, rows, d = C(), [[]], D()
        c.queue, c.other = [], L
        f()
        """,
        """
        call f()
        c.queue.append(): [1]
        rows[0].extend(): [2]
        c.queue.pop(): []
        call D.put(<subclass subject.D {}>,)
        self.update(): <subclass subject.D {'a': 1}>
        self.pop(): <subclass subject.D {}>
        return None
        ValueError('list.remove(x): x not in list') passes line 13
        except ValueError('list.remove(x): x not in list') as None
        c.queue.append(): [6]
        return None
        """,
    ),
    "what a statement keeps goes out and comes back with its frame": (
        """
        import asyncio
        class C: pass
        async def later(x):
            await asyncio.sleep(0)
            return x
        async def f(c, n):
            c.rows.append(await later(n))
            c.n += await later(n)
            c.d[await later(n)] = await later(n)
        async def main():
            await asyncio.gather(*(f(c, n) for n, c in enumerate(made)))
        made = [C(), C()]
        for c in made: c.rows, c.n, c.d = [], 0, {}
        asyncio.run(main())
        """,
        """
        c.rows.append(): [0]
        c.rows.append(): [1]
        subject.C.n = 0
        subject.C.n = 1
        c.d[0] = 0
        c.d[1] = 1
        """,
    ),
    "conditions tell their outcome": (
        """
        def f(n):
            if n > 1: pass
            elif n: pass
            else: pass
            x = "y" if n else "z"
            assert n < 3, "message"
            while n: n -= 1
            else: n = 9
        f(2); f(1)
        """,
        """
        call f(2,)
        if n > 1 -> True
        ternary n -> True
        x = 'y'
        assert n < 3 -> True
        while n -> True
        while goes round
        n = 1
        while n -> True
        while goes round
        n = 0
        while n -> False
        n = 9
        return None
        call f(1,)
        if n > 1 -> False
        if n -> True
        ternary n -> True
        x = 'y'
        assert n < 3 -> True
        while n -> True
        while goes round
        n = 0
        while n -> False
        n = 9
        return None
        """,
    ),
    "loops tell each round and what it binds": (
        """
        def f():
            for i, (j, *k) in [(1, "ab"), (2, "c"), (3, "d")]:
                if i == 2: continue
                if i == 3: break
            else: x = 1
            while True:
                break
            for _ in (): pass
            else: y = 2
        f()
        """,
        """
        call f()
        for goes round
        i = 1
        j = 'a'
        k = ['b']
        if i == 2 -> False
        if i == 3 -> False
        for goes round
        i = 2
        j = 'c'
        k = []
        if i == 2 -> True
        for goes round
        i = 3
        j = 'd'
        k = []
        if i == 2 -> False
        if i == 3 -> True
        while goes round
        y = 2
        return None
        """,
    ),
    "a match tells the case taken and what it captured": (
        """
        def f(v):
            match v:
                case [a, *rest] if rest: return a
                case {"k": k, **others}: pass
                case (str() | bytes()) as s: pass
        f([1, 2]); f({"k": 1, "z": 2}); f("s"); f(0)
        """,
        """
        call f([1, 2],)
        match -> 0
        a = 1
        rest = [2]
        return 1
        call f({'k': 1, 'z': 2},)
        match -> 1
        others = {'z': 2}
        k = 1
        return None
        call f('s',)
        match -> 2
        s = 's'
        return None
        call f(0,)
        match -> -1
        return None
        """,
    ),
    "a name to which a guard gives a value anew is told by that alone": (
        """
        def f(v):
            match v:
                case [x, y] if (x := y + 1): pass
        f([1, 2])
        """,
        """
        call f([1, 2],)
        x = 3
        match -> 0
        y = 2
        return None
        """,
    ),
    "a name to which a guard may have given no value is told as it is": (
        """
        def f(v):
            match v:
                case [x, y] if y or (x := 3): pass
        def g(v):
            match v:
                case [x, y] if (lambda: (x := 3))(): pass
        f([1, 2])
        g([1, 2])
        """,
        """
        call f([1, 2],)
        match -> 0
        x = 1
        y = 2
        return None
        call g([1, 2],)
        match -> 0
        x = 1
        y = 2
        return None
        """,
    ),
    "an exception leaves its frame and is handled in another": (
        """
        def inner(): raise KeyError("k")
        def f():
            try: inner()
            except (ValueError, KeyError) as e: x = 1
        f()
        """,
        """
        call f()
        call inner()
        KeyError('k') leaves line 1
        KeyError('k') passes line 3, from a call
        except KeyError('k') as e
        e = KeyError('k')
        x = 1
        return None
        """,
    ),
    "an exception that passes with and finally is noticed once": (
        """
        from contextlib import nullcontext
        def f():
            try:
                try:
                    with nullcontext(), nullcontext():
                        raise KeyError("k")
                finally: x = 1
            finally: y = 2
        try: f()
        except KeyError: pass
        """,
        """
        call f()
        KeyError('k') passes line 6
        x = 1
        y = 2
        KeyError('k') leaves line 6
        """,
    ),
    "exceptions that are suppressed one after the other are told one by one": (
        """
        from contextlib import suppress
        def f():
            for i in range(2):
                with suppress(ValueError): raise ValueError(i)
            with suppress(ValueError): int("x")
            with suppress(ValueError): int("y")
        f()
        """,
        """
        call f()
        for goes round
        i = 0
        ValueError(0) passes line 4
        for goes round
        i = 1
        ValueError(1) passes line 4
        ValueError("invalid literal for int() with base 10: 'x'") passes line 5
        ValueError("invalid literal for int() with base 10: 'y'") passes line 6
        return None
        """,
    ),
    "an exception of the same address as the last is not taken for it": (
        """
        import json
        def parse(text): return json.loads(text)
        def f():
            for i in "ab":
                try: parse("{")
                except ValueError: pass
        f()
        """,
        """
        call f()
        for goes round
        i = 'a'
        call parse('{',)
        E leaves line 2
        E passes line 5, from a call
        except E as None
        for goes round
        i = 'b'
        call parse('{',)
        E leaves line 2
        E passes line 5, from a call
        except E as None
        return None
        """,
    ),
    "an exception that is raised again goes on from the handler": (
        """
        def f():
            try: 1 / 0
            except ZeroDivisionError: raise
        def g():
            try: f()
            except ZeroDivisionError as e: raise KeyError("k") from e
        try: g()
        except KeyError: pass
        """,
        """
        call g()
        call f()
        ZeroDivisionError('division by zero') passes line 2
        except ZeroDivisionError('division by zero') as None
        ZeroDivisionError('division by zero') leaves line 2
        ZeroDivisionError('division by zero') passes line 5, from a call
        except ZeroDivisionError('division by zero') as e
        e = ZeroDivisionError('division by zero')
        KeyError('k') leaves line 6
        """,
    ),
    "a return inside finally or with leaves after what follows it": (
        """
        from contextlib import nullcontext
        def f(how):
            try:
                if how: return ["first"]
            finally:
                x = how
            with nullcontext(): return "second"
        def g():
            try: raise KeyError
            finally: return "swallowed"
        f(1); f(0); g()
        """,
        """
        call f(1,)
        if how -> True
        x = 1
        return ['first']
        call f(0,)
        if how -> False
        x = 0
        return 'second'
        call g()
        KeyError() passes line 9
        return 'swallowed'
        """,
    ),
    "a group is handled part by part": (
        """
        def f():
            try: raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
            except* ValueError: x = 1
            except* TypeError as e: y = 2
        f()
        """,
        """
        call f()
        ExceptionGroup('g', [ValueError(1)]) passes line 2
        except ExceptionGroup('g', [ValueError(1)]) as None
        x = 1
        ExceptionGroup('g', [TypeError(2)]) passes line 2
        except ExceptionGroup('g', [TypeError(2)]) as e
        e = ExceptionGroup('g', [TypeError(2)])
        y = 2
        return None
        """,
    ),
    "a generator leaves at yield and comes back": (
        """
        def g(n):
            got = yield n
            yield got
            return "end"
        it = g(1)
        next(it); it.send("sent"); list(it)
        """,
        """
        call g(1,)
        yield 1
        yield -> 'sent'
        got = 'sent'
        yield 'sent'
        yield -> None
        return 'end'
        """,
    ),
    "a generator that is closed or thrown into comes back first": (
        """
        def g():
            try: yield 1
            except KeyError: yield 2
        it = g(); next(it); it.throw(KeyError("k")); it.close()
        it = g(); next(it); it.close()
        it = g(); next(it); del it
        it = g(); it.close()
        """,
        """
        call g()
        yield 1
        goes on -> None
        KeyError('k') passes line 2
        except KeyError('k') as None
        yield 2
        goes on -> None
        GeneratorExit() leaves line 3
        call g()
        yield 1
        goes on -> None
        GeneratorExit() leaves line 2
        call g()
        yield 1
        goes on -> None
        GeneratorExit() leaves line 2
        """,
    ),
    "a delegation waits and has a result": (
        """
        def g(): yield 1; return 2
        def f():
            x = yield from g()
        list(f())
        """,
        """
        call f()
        yield from ...
        call g()
        yield 1
        yield -> None
        return 2
        yield from -> 2
        x = 2
        return None
        """,
    ),
    "functions of classes and functions have their qualified names": (
        """
        class C:
            class D:
                def m(self): return (lambda: 1)()
            @staticmethod
            def s(): return 1
            @property
            def p(self): return 2
        def outer():
            def inner():
                global G
                class G:
                    def m(self): pass
                G().m()
            class L:
                def m(self): pass
            inner(); L().m()
        C.D().m(); C.s(); C().p; outer()
        """,
        """
        call C.D.m(<instance subject.C.D {}>,)
        return 1
        call C.s()
        return 1
        call C.p(<instance subject.C {}>,)
        return 2
        call outer()
        call outer.<locals>.inner()
        call G.m(<instance subject.G {}>,)
        return None
        return None
        call outer.<locals>.L.m(<instance L {}>,)
        return None
        return None
        """,
    ),
    "a generator is sent to, thrown into, delegated to, closed and dropped": (
        """
        def inner():
            try:
                got = yield 1
                got = yield got
            except KeyError as e:
                got = yield "caught"
            finally:
                last = 3
            return got
        def outer():
            result = yield from inner()
            return [result]
        def drive():
            o = outer()
            next(o); o.send(5)
            o.throw(KeyError("k"))
            try: o.send(9)
            except StopIteration as s: v = s.value
            c = outer(); next(c); c.close()
            d = outer(); next(d); del d
            return v
        drive()
        """,
        """
        call drive()
        o = <opaque generator>
        call outer()
        yield from ...
        call inner()
        yield 1
        yield -> 5
        got = 5
        yield 5
        goes on -> None
        KeyError('k') passes line 4
        except KeyError('k') as e
        e = KeyError('k')
        yield 'caught'
        yield -> 9
        got = 9
        last = 3
        return 9
        yield from -> 9
        result = 9
        return [9]
        StopIteration([9]) passes line 17
        except StopIteration([9]) as s
        s = StopIteration([9])
        v = [9]
        c = <opaque generator>
        call outer()
        yield from ...
        call inner()
        yield 1
        goes on -> None
        GeneratorExit() passes line 3
        last = 3
        GeneratorExit() leaves line 3
        goes on -> None
        GeneratorExit() leaves line 11
        d = <opaque generator>
        call outer()
        yield from ...
        call inner()
        yield 1
        goes on -> None
        GeneratorExit() passes line 3
        last = 3
        GeneratorExit() leaves line 3
        goes on -> None
        GeneratorExit() leaves line 11
        del d
        return [9]
        """,
    ),
    "what a frame gives back is what it gave back in the end": (
        """
        from contextlib import suppress
        def over():
            try: return "first"
            finally: return "second"
        def swallow():
            with suppress(Exception):
                return 1 / 0
            return "after"
        def swallowed_return():
            with suppress(Exception):
                try: return "kept"
                finally: raise ValueError
        def genret():
            try:
                yield 1
                return "a"
            finally:
                x = 1
        def fin():
            for _ in range(2):
                try: return "x"
                finally: continue
            return "y"
        over(); swallow(); swallowed_return(); list(genret()); fin()
        """,
        """
        call over()
        return 'second'
        call swallow()
        ZeroDivisionError('division by zero') passes line 7
        return 'after'
        call swallowed_return()
        ValueError() passes line 12
        return None
        call genret()
        yield 1
        yield -> None
        x = 1
        return 'a'
        call fin()
        for goes round
        _ = 0
        for goes round
        _ = 1
        return 'y'
        """,
    ),
    "nothing is recorded of bodies that must stay empty": (
        """
        from typing import Protocol
        class P(Protocol):
            def m(self) -> int: ...
        class Q(P):
            def m(self): "has a doc"
        def register(f): return f
        @register
        def stub(): "nothing here"
        Q().m(); P.m(None); stub()
        """,
        """
        call register(<function subject.stub>,)
        return <function subject.stub>
        call Q.m(<instance subject.Q {}>,)
        return None
        """,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_construct_makes_its_events(name: str, tmp_path: Path) -> None:
    """The functions' events are these and no others."""
    source, expected = CASES[name]
    spool = spooled(tmp_path, source)
    story = spool.story(*_functions(spool)).splitlines()
    if "asyncio" in source:
        story = spool.story("f").splitlines()
        story = [line for line in story if line.startswith(("c.", "subject."))]
    if "E leaves" in expected:
        story = [_short(line) for line in story]
    assert story == dedent(expected).strip().splitlines()


def _functions(spool: Spool) -> set[str]:
    return {event.function for event in spool.events} - {"<module>"}


def _short(line: str) -> str:
    start, found, rest = line.partition("json.decoder.JSONDecodeError(")
    return start + "E" + rest.rpartition(")")[2] if found else line
