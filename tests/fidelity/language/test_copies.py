"""Pickling, copying and marshalling of what recorded modules define."""

from tests.fidelity.language.conftest import Same

SHAPES = """
import dataclasses, enum, typing, functools
def function(a, b=2): return a + b
def outer():
    def inner(): return 1
    return inner
class Plain:
    def __init__(self, x): self.x = x
    def method(self): return self.x
    @classmethod
    def make(cls): return cls(7)
    class Inner:
        def deep(self): return "deep"
class Slotted:
    __slots__ = ("a", "b")
    def __init__(self): self.a, self.b = 1, [2]
class Stateful:
    def __getstate__(self): print("getstate"); return {"kept": 1}
    def __setstate__(self, state): print("setstate", state); self.__dict__.update(state)
    def __copy__(self): print("copy"); return self
    def __deepcopy__(self, memo): print("deepcopy", len(memo)); return self
class Reduced:
    def __init__(self, n): self.n = n
    def __reduce__(self): print("reduce"); return Reduced, (self.n + 1,)
class New:
    def __new__(cls, *a, **k): print("new", a, k); return super().__new__(cls)
    def __getnewargs_ex__(self): return (1,), {"k": 2}
@dataclasses.dataclass
class Data:
    x: int
    y: list = dataclasses.field(default_factory=list)
class Color(enum.Enum):
    RED = 1
class Named(typing.NamedTuple):
    a: int
class Error(Exception):
    def __init__(self, code, text="t"):
        super().__init__(code)
        self.code, self.text = code, text
@functools.lru_cache
def cached(x): return x
class Listed(list):
    def append(self, x): super().append(x)
"""


def test_what_a_module_defines_is_pickled_and_copied(same: Same) -> None:
    source = """
    import copy, pickle, shapes, functools
    from shapes import *
    def raised():
        try: raise Error(5)
        except Error as error:
            error.add_note("noted")
            return error
    listed = Listed()
    listed.append(1)
    things = [function, Plain, Plain(1), Plain(2).method, Plain.make, Plain.Inner.deep, Slotted(),
              Stateful(), Reduced(1), New(), Data(1, [2]), Color.RED, Named(1), Error(3), raised(),
              cached, listed, functools.partial(function, 1), {Color.RED: [Plain(Data(2))]}]
    for thing in things:
        for protocol in (0, 2, pickle.HIGHEST_PROTOCOL):
            try: data = pickle.dumps(thing, protocol)
            except Exception as error: print(type(error), error); continue
            print(data)
            back = pickle.loads(data)
            print(type(back), back is thing, getattr(back, "__dict__", None).__class__,
                  repr(back))
        for copied in (copy.copy(thing), copy.deepcopy(thing)):
            print(type(copied), copied is thing, repr(copied))
    for unpicklable in (outer(), lambda: 1, (n for n in ()), shapes, type("Local", (), {})):
        for how in (pickle.dumps, copy.copy, copy.deepcopy):
            try: print(how(unpicklable) is unpicklable)
            except Exception as error: print(type(error), error)
    error = pickle.loads(pickle.dumps(raised()))
    print(error.__notes__, error.__traceback__, error.code, error.args)
    """
    same(source, shapes=SHAPES)


def test_a_process_without_rewind_reads_what_was_pickled(same: Same) -> None:
    source = """
    import pickle, subprocess, sys
    from shapes import *
    things = [function, Plain, Plain(1), Data(1), Color.RED, Error(3), Plain(2).method]
    read = "import pickle, sys; print(pickle.load(sys.stdin.buffer))"
    environ = {}
    for one in things:
        done = subprocess.run([sys.executable, "-c", read], input=pickle.dumps(one), env=environ,
                              capture_output=True)
        print(done.stdout, done.stderr)
    """
    same(source, shapes=SHAPES)


def test_queues_and_shelves_carry_the_same(same: Same) -> None:
    source = """
    import concurrent.futures, multiprocessing, shelve, tempfile, os
    from shapes import *
    def work(x): return x, Data(x), Color.RED, x and Named(x)
    def fails(x): raise Error(x)
    def main():
        context = multiprocessing.get_context("fork")
        with concurrent.futures.ProcessPoolExecutor(1, context) as pool:
            print(list(pool.map(work, range(3))), pool.submit(function, 1).result())
            try: pool.submit(fails, 3).result()
            except Error as error: print(repr(error), type(error.__cause__).__name__)
        with tempfile.TemporaryDirectory() as folder:
            with shelve.open(os.path.join(folder, "shelf"), writeback=True) as shelf:
                shelf["a"] = Data(1)
                shelf["a"].y.append(5)
            with shelve.open(os.path.join(folder, "shelf")) as shelf: print(shelf["a"])
    main()
    """
    same(source, shapes=SHAPES)


def test_data_is_marshalled_and_constants_are_shared_the_same(same: Same) -> None:
    source = """
    import marshal, sys
    def constants():
        a, b = (1, 2, 3), (1, 2, 3)
        c, d = "text with spaces", "text with spaces"
        return a is b, c is d, 1000 is 1000, a
    print(constants(), constants()[3] is constants()[3], marshal.dumps([1, "x", (2,)]))
    def interned(): return sys.intern("name") is "name", "a" "b" is "ab"
    print(interned())
    def returns(): return frozenset({1, 2}), (1, (2, 3)), -1, 1j, ..., b"x"
    print(returns(), returns()[1] is returns()[1])
    x = 257
    def in_function(): return 257
    print(x is in_function(), constants.__code__.co_consts[0], {1, 2} is {1, 2})
    def membership(v): return v in {1, 2, 3}, v in [1, 2], v not in (4,)
    print(membership(1))
    """
    same(source, flags=("-W", "ignore::SyntaxWarning"))
