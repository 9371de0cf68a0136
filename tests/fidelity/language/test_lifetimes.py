"""Objects live exactly as long as they do: deaths, weak references, counts, the collector."""

from textwrap import dedent

from tests.fidelity.language.conftest import Same

DYING = """
import contextlib, gc, sys, weakref
class Dying:
    def __init__(self, name): self.name = name
    def __del__(self): print("gone", self.name)
    def __enter__(self): return self
    def __exit__(self, *what): print("exit", self.name)
    def __iter__(self): return iter(())
    def __call__(self, *a): return self
    def __add__(self, other): return Dying(self.name + other.name)
    def __bool__(self): return False
    def __setitem__(self, key, value): print("set")
    def __getitem__(self, key): return Dying(f"{self.name}[]")
def say(*what): print(*what)
"""


def test_every_object_dies_at_the_same_point(same: Same) -> None:
    source = """
    def temporaries():
        say("call", Dying("argument").name)
        Dying("a") + Dying("b")
        say("added")
        x = Dying("x") + Dying("y")
        say("assigned")
        x = Dying("replacing")
        say("replaced")
        if Dying("test"): pass
        say("tested")
        while Dying("while"): pass
        say("looped")
        y = 1 if Dying("ternary") else Dying("other")
        say("chosen")
        y, z = Dying("first"), Dying("second")
        y, z = z, y
        say("swapped")
        y = z = None
        say("both dropped")
        for a in Dying("iterated"): pass
        for a in [Dying("one"), Dying("two")]: say("loop", a.name)
        say("after the loop")
        del a
        with Dying("room"): say("inside")
        say("outside")
        with Dying("kept room") as b: pass
        say("b is kept")
        Dying("owner").attribute = Dying("attribute")
        say("attribute stored")
        Dying("box")[Dying("key")] = Dying("item")
        say("item stored")
        c = [Dying("listed")]
        c[0] = 1
        say("item replaced")
        c.append(Dying("appended"))
        c.pop()
        say("popped")
        c += [Dying("added to")]
        c.clear()
        say("cleared")
        d = e = Dying("chained")
        d = 1
        say("one name is left")
        e = 1
        say("no name is left")
        (f := Dying("walrus"))
        f = f"{Dying('formatted').name}"
        say(f)
        [g for g in (Dying("comprehended"),) if g]
        say("comprehended")
        match [Dying("matched"), 1]:
            case [h, 1]: say("captured")
        say("matched")
        h = None
        lambda i=Dying("default"): i
        say("defaulted")
        assert not Dying("asserted"), Dying("never")
        say("asserted")
        del b
        say("deleted")
        return Dying("returned")
    temporaries()
    say("back")
    kept = temporaries()
    say("kept")
    """
    same(DYING + dedent(source))


def test_arguments_and_results_die_at_the_same_point(same: Same) -> None:
    source = """
    def takes(a, *b, c=None, **d):
        say("taken")
        a = b = c = d = None
        say("dropped")
    takes(Dying("positional"), Dying("rest"), c=Dying("keyword"), e=Dying("more"))
    say("taken")
    def early(a):
        try: return Dying("result")
        finally:
            a = None
            say("finally")
    early(Dying("argument"))
    say("early")
    def passes(a): return a
    passes(passes(Dying("passed")))
    say("passed")
    def replaced():
        try: return Dying("first result")
        finally: return Dying("second result")
    replaced()
    say("replaced")
    def recursive(n, d):
        if n: return recursive(n - 1, Dying(f"deep {n}"))
        say("deepest")
    recursive(3, Dying("outermost"))
    say("recursive")
    class Node:
        def __init__(self, name): self.child = Dying(name)
        def take(self):
            child, self.child = self.child, None
            return child
    Node("held").child
    say("node gone")
    Node("taken").take()
    say("taken")
    """
    same(DYING + dedent(source))


def test_exceptions_and_what_they_hold_die_at_the_same_point(same: Same) -> None:
    source = """
    class Error(Exception):
        def __del__(self): print("error gone", self.args)
    def fails(name):
        local = Dying(f"local of {name}")
        raise Error(name)
    def handles():
        try: fails("caught")
        except Error: say("handling")
        say("handled")
        try: fails("named")
        except Error as error: say("handling", error)
        say("handled")
        try: fails("saved")
        except Error as error: saved = error
        say("saved")
        saved = None
        say("dropped")
        try:
            try: fails("inner")
            except Error as inner: raise KeyError("outer") from inner
        except KeyError: say("chained")
        say("chain gone")
        try:
            try: fails("suppressed")
            finally: say("finally")
        except Error: pass
        say("finally over")
        with contextlib.suppress(Error): fails("in with")
        say("with over")
        for i in range(2):
            try: fails(f"loop {i}")
            except Error: continue
        say("loop over")
        def returns():
            try: fails("returning")
            except Error as error: return 1
        returns()
        say("returned")
        def swallowed():
            try: fails("swallowed")
            finally: return 2
        swallowed()
        say("swallowed")
        try: fails("traceback")
        except Error as error: tb = error.__traceback__
        say("traceback held")
        del tb
        say("traceback gone")
        try: raise ExceptionGroup("g", [Error("grouped")])
        except* Error: say("group")
        say("group gone")
    handles()
    say(sys.exception())
    def cyclic():
        try: fails("cyclic")
        except Error as error: kept = error
        say("kept in its own frame")
    gc.disable()
    cyclic()
    say("not yet", gc.collect() > 0)
    """
    same(DYING + dedent(source))


def test_generators_and_coroutines_die_at_the_same_point(same: Same) -> None:
    source = """
    import asyncio
    def generator(name):
        local = Dying(f"local of {name}")
        try:
            got = yield Dying("yielded")
            say("got")
            got = None
            say("dropped")
            yield
        finally: say("closing", name)
    g = generator("finished")
    next(g)
    say("first")
    g.send(Dying("sent"))
    list(g)
    say("finished")
    g = generator("abandoned")
    next(g)
    g = None
    say("abandoned")
    g = generator("never started")
    del g
    say("never started")
    def delegates():
        yield from generator("delegated")
        yield Dying("last")
    for one in delegates(): say("loop")
    say("over")
    one = None
    g = delegates()
    next(g)
    try: g.throw(KeyError("thrown"))
    except KeyError: say("thrown")
    g = None
    async def awaits(name):
        local = Dying(f"local of {name}")
        await asyncio.sleep(0)
        return Dying("result")
    async def main():
        await awaits("awaited")
        say("awaited")
        task = asyncio.create_task(awaits("task"))
        await task
        say("task done")
        del task
        say("task gone")
        task = asyncio.create_task(awaits("cancelled"))
        await asyncio.sleep(0)
        task.cancel()
        try: await task
        except asyncio.CancelledError: say("cancelled")
        task = None
        say("dropped")
        async def agen():
            try: yield Dying("agen")
            finally: say("agen closing")
        async for x in agen(): break
        x = None
        say("left")
    asyncio.run(main())
    c = awaits("unawaited")
    c.send(None)
    c.close()
    say("closed")
    """
    same(DYING + dedent(source))


def test_weak_references_are_cleared_at_the_same_point(same: Same) -> None:
    source = """
    def watch(thing, name): return weakref.ref(thing, lambda ref: print("cleared", name))
    class Plain: __slots__ = ("__weakref__", "x")
    class Full: pass
    refs = []
    def work():
        a = Plain()
        refs.append(watch(a, "a"))
        a.x = b = Full()
        refs.append(watch(b, "b"))
        def function(): return a
        refs.append(watch(function, "function"))
        refs.append(weakref.finalize(b, print, "finalized b"))
        proxy = weakref.proxy(b)
        proxy.name = "by proxy"
        say(b.name, weakref.getweakrefcount(b))
        a.x = None
        b = None
        say("b dropped")
        try: proxy.name
        except ReferenceError as error: say(error)
        return a
    work()
    say("worked", [ref() if type(ref) is weakref.ref else ref.alive for ref in refs])
    class Registry:
        seen = weakref.WeakSet()
        values = weakref.WeakValueDictionary()
        def __init__(self, n):
            Registry.seen.add(self)
            Registry.values[n] = self
    def many():
        for i in range(3): r = Registry(i)
        return len(Registry.seen), sorted(Registry.values)
    say(many(), len(Registry.seen), sorted(Registry.values))
    def classes():
        class Local: pass
        refs.append(watch(Local, "class"))
    classes()
    gc.collect()
    def methods():
        d = Full()
        d.bound = weakref.WeakMethod(Registry(9).__init__)
        say(d.bound())
    methods()
    """
    same(DYING + dedent(source))


def test_reference_counts_and_referrers_are_the_same(same: Same) -> None:
    source = """
    class Thing: __slots__ = ("x", "y")
    def counts(a, *rest, **more):
        b = a
        print(sys.getrefcount(a), sys.getrefcount(b), sys.getrefcount(rest), sys.getrefcount(more))
        c = [a, a]
        c.append(a)
        c[0] = a
        holder = Thing()
        holder.x = holder.y = a
        print(sys.getrefcount(a))
        for d in (a,): print(sys.getrefcount(d))
        with contextlib.nullcontext(a) as e: print(sys.getrefcount(e))
        try: raise ValueError(a)
        except ValueError as error: print(sys.getrefcount(error), sys.getrefcount(a))
        match a:
            case f: print(sys.getrefcount(f))
        print(sys.getrefcount(a), sys.getrefcount(holder), sys.getrefcount(c))
        if a is b and (g := a): print(sys.getrefcount(g))
        print(sorted(type(one).__name__ for one in gc.get_referrers(a)))
        print(sorted(type(one).__name__ for one in gc.get_referrers(holder)))
        del b, d, e, f, g
        print(sys.getrefcount(a))
        return a
    print(sys.getrefcount(counts(Thing(), Thing(), z=Thing())))
    def generator(a):
        b = yield sys.getrefcount(a)
        yield sys.getrefcount(b), sys.getrefcount(a)
    g = generator(Thing())
    print(next(g), g.send(Thing()), sys.getrefcount(g))
    async def coroutine(a):
        b = await helper(a)
        return sys.getrefcount(a), sys.getrefcount(b)
    async def helper(a): return [sys.getrefcount(a)]
    try: coroutine(Thing()).send(None)
    except StopIteration as stop: print(stop.value)
    def frames():
        frame = sys._getframe()
        return sys.getrefcount(frame)
    print(frames())
    """
    same(DYING + dedent(source))


def test_the_collector_finds_the_same_garbage(same: Same) -> None:
    source = """
    class Node:
        __slots__ = ("me", "next")
        def __init__(self): self.me = self
    def cycles(n):
        for i in range(n):
            node = Node()
            items = [i]
            items.append(items)
    gc.collect()
    gc.disable()
    before = len(gc.get_objects())
    for n in (1, 10, 100): cycles(n); print(gc.collect())
    print(gc.garbage, gc.isenabled(), gc.get_threshold(), gc.get_debug(), gc.callbacks)
    def grows():
        kept = [Node() for _ in range(50)]
        for node in kept: node.next = [node]
        return len(kept)
    grows()
    gc.collect()
    start = len(gc.get_objects())
    for _ in range(200):
        grows()
    gc.collect()
    print(abs(len(gc.get_objects()) - start) < 5)
    gc.callbacks.append(lambda phase, info: print(phase, info["generation"], info["collected"]))
    cycles(3)
    gc.collect()
    gc.callbacks.clear()
    """
    same(DYING + dedent(source))


def test_the_first_call_of_a_function_leaves_nothing_for_the_collector(same: Same) -> None:
    source = """
    def called(): pass
    def first(some, others=None): return some
    called()
    gc.collect()
    before = len(gc.get_objects())
    first(1)
    print(len(gc.get_objects()) - before)
    """
    same(DYING + dedent(source))
