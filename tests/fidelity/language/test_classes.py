"""Class bodies are data: what is made of them is the same to the last attribute."""

import sys
from textwrap import dedent

import pytest

from tests.fidelity.language.conftest import Same


def test_enumerations_have_the_same_members(same: Same) -> None:
    source = """
    import enum
    class Color(enum.Enum):
        "doc"
        RED = 1
        GREEN = enum.auto()
        CRIMSON = RED
        _ignore_ = ["i", "name_"]
        for i in range(3):
            name_ = f"SHADE_{i}"
            vars()[name_] = 10 + i
        def describe(self):
            for member in type(self): x = member
            return self.name, self.value, x
        @property
        def upper(self): return self.name.upper()
        @classmethod
        def default(cls): return cls.RED
        @staticmethod
        def plain(): return 1
        class Nested: pass
        function = lambda self: self
    print(list(Color), Color.__members__, Color.default().describe(), Color.GREEN.upper)
    print(Color.CRIMSON is Color.RED, Color(2), Color["RED"], sorted(vars(Color)), dir(Color.RED))
    class Planet(enum.Enum):
        EARTH = (1, 2)
        MARS = (3, 4)
        def __init__(self, mass, radius):
            self.mass = mass
            self.radius = radius
        @enum.nonmember
        def helper(): return 3
    print(Planet.EARTH.mass, [vars(p) for p in Planet])
    class Power(enum.Flag):
        def _generate_next_value_(name, start, count, last):
            value = 1 << count
            return value
        A = enum.auto()
        B = enum.auto()
        AB = A | B
        @classmethod
        def _missing_(cls, value):
            print("missing", value)
            return super()._missing_(value)
    print(Power.AB, Power(3), ~Power.A, list(Power.AB), [p for p in Power])
    try: Power("x")
    except ValueError as error: print(error)
    class Text(str, enum.Enum):
        def __new__(cls, value, label):
            made = str.__new__(cls, value)
            made._value_ = value
            made.label = label
            return made
        ONE = "one", "One"
    print(Text("one").label, Text.ONE == "one", f"{Text.ONE}", enum.IntEnum("Made", "X Y")["Y"])
    @enum.unique
    class U(enum.IntEnum):
        X = 1
    try:
        @enum.unique
        class V(enum.Enum):
            X = 1
            Y = 1
    except ValueError as error: print(error)
    """
    same(source)


def test_records_have_the_same_fields_and_methods(same: Same) -> None:
    source = """
    import dataclasses, inspect, typing
    from dataclasses import dataclass, field, KW_ONLY, InitVar
    @dataclass(order=True)
    class Point:
        x: int
        y: int = 2
        tags: list = field(default_factory=list, compare=False, repr=False)
        count: typing.ClassVar[int] = 0
        scale: InitVar[int] = 3
        _: KW_ONLY
        name: str = field(default="n", metadata={"k": 1})
        not_a_field = 5
        def __post_init__(self, scale):
            self.total = self.x * scale
            self.tags.append(scale)
            Point.count += 1
        def moved(self, **by): return dataclasses.replace(self, scale=1, **by)
    p = Point(1)
    print(p, p.total, p.tags, Point.count, p.moved(x=5), p < Point(2), inspect.signature(Point))
    print([(f.name, f.type, f.default, f.kw_only, f.init) for f in dataclasses.fields(Point)])
    print(dataclasses.asdict(p), dataclasses.astuple(p), Point.__match_args__)
    print(Point.__annotations__)
    @dataclass(frozen=True, slots=True)
    class Frozen(typing.Generic[typing.TypeVar("T")]):
        a: int = 1
        def get(self):
            try: self.a = 2
            except dataclasses.FrozenInstanceError as error: return str(error), __class__
    print(hash(Frozen()), Frozen.__slots__, Frozen(3))
    class Named(typing.NamedTuple):
        a: int
        b: str = "b"
        def both(self):
            for one in self: last = one
            return self.a, self.b, last
    n = Named(1)
    print(n, n.both(), n._replace(a=2), Named._fields, Named._field_defaults, Named.__annotations__)
    class Movie(typing.TypedDict, total=False):
        title: typing.Required[str]
        year: int
    print(Movie(title="t"), Movie.__required_keys__, Movie.__optional_keys__, Movie.__annotations__)
    match p:
        case Point(x, y): print(x, y)
    match n:
        case Named(a=q): print(q)
    made = dataclasses.make_dataclass("Made", ["a", ("b", int, 2)])
    print(made(1), inspect.signature(made))
    """
    same(source)


def test_metaclasses_hooks_and_descriptors_are_called_the_same(same: Same) -> None:
    source = """
    class Recorder(dict):
        def __setitem__(self, key, value):
            if not key.startswith("__"): print("set", key)
            super().__setitem__(key, value)
        def __getitem__(self, key):
            if not key.startswith("__"): print("get", key)
            return super().__getitem__(key)
        def __delitem__(self, key):
            print("del", key)
            super().__delitem__(key)
    class Meta(type):
        @classmethod
        def __prepare__(meta, name, bases, **kw):
            print("prepare", name, kw)
            return Recorder()
        def __new__(meta, name, bases, namespace, **kw):
            made = super().__new__(meta, name, bases, dict(namespace))
            made.order = [key for key in namespace if not key.startswith("__")]
            return made
        def __init__(cls, name, bases, namespace, **kw): super().__init__(name, bases, namespace)
        def __call__(cls, *a):
            print("calling", cls.__name__)
            return super().__call__(*a)
        def __instancecheck__(cls, x): return x == 5 or super().__instancecheck__(x)
        def __getattr__(cls, name): return f"meta {name}"
    class Descriptor:
        def __set_name__(self, owner, name):
            print("set name", name, owner.__name__)
            self.name = name
        def __get__(self, x, kind=None):
            print("get", self.name)
            return vars(x).get(self.name) if x else self
        def __set__(self, x, value): print("set", self.name, value); vars(x)[self.name] = value
        def __delete__(self, x): print("delete", self.name); del vars(x)[self.name]
    class Body(metaclass=Meta, flag=1):
        a = 1
        b: int = a
        for c in (1, 2): d = c
        if d: e = 3
        else: e = 4
        try: f = 1 / 0
        except ZeroDivisionError as error: f = repr(error)
        finally: g = 7
        with open(__file__) as h: pass
        (i, *j), k = (1, 2), 3
        a += 1
        del e
        l = (m := 5)
        while m: m = 0
        match a:
            case n: pass
        import os.path as o
        p = [q for q in range(a)]
        r = lambda self: self
        descriptor = Descriptor()
        items = []
        items.append(1)
        assert a
        def method(self): self.descriptor = 1; self.descriptor += 1; del self.descriptor
    print(Body.order, Body().method(), isinstance(5, Body), Body.unknown)
    class Base:
        subclasses = []
        def __init_subclass__(cls, /, tag=None, **kw):
            super().__init_subclass__(**kw)
            cls.tag = tag
            Base.subclasses.append(cls.__name__)
        def __class_getitem__(cls, item): return f"{cls.__name__}[{item}]"
        def __getattr__(self, name):
            if name == "computed": return 42
            raise AttributeError(name)
    class Child(Base, tag="t"): pass
    print(Child.tag, Base.subclasses, Child[int], Child().computed, hasattr(Child(), "x"))
    class Slots:
        __slots__ = ("a", "__private", "__weakref__", "__dict__")
        def __init__(self): self.a, self.__private, self.c = 1, 2, 3
    s = Slots()
    print(vars(s), s._Slots__private, sorted(n for n in dir(Slots) if not n.startswith("__")))
    class Strict:
        __slots__ = ("only",)
        def fails(self): self.other = 1
    try: Strict().fails()
    except AttributeError as error: print(error)
    print(type("Made", (Base,), {"x": 1}, tag=2).tag)
    class Mro(Child, Base): pass
    print([c.__name__ for c in Mro.__mro__], Mro.__bases__, sorted(Body.__dict__))
    import abc
    class Abstract(abc.ABC):
        @abc.abstractmethod
        def must(self): "doc"
        @property
        @abc.abstractmethod
        def prop(self): ...
    try: Abstract()
    except TypeError as error: print(error)
    print(Abstract.__abstractmethods__ == {"must", "prop"})
    """
    same(source)


def test_special_methods_are_called_as_often(same: Same) -> None:
    source = """
    class Everything:
        def __init__(self, n=0): object.__setattr__(self, "n", n)
        def __repr__(self): print("repr"); return "E"
        def __str__(self): print("str"); return "E"
        def __eq__(self, other): print("eq"); return self is other
        def __hash__(self): print("hash"); return 1
        def __len__(self): print("len"); return 1
        def __bool__(self): print("bool"); return bool(self.n)
        def __iter__(self): print("iter"); return iter([1])
        def __contains__(self, x): print("contains"); return True
        def __getitem__(self, key): print("getitem", key); return self
        def __setitem__(self, key, value): print("setitem", key)
        def __delitem__(self, key): print("delitem", key)
        def __getattr__(self, name): print("getattr", name); return self
        def __setattr__(self, name, value): print("setattr", name)
        def __delattr__(self, name): print("delattr", name)
        def __getattribute__(self, name):
            print("getattribute", name)
            return object.__getattribute__(self, name)
        def __call__(self, *a): print("call"); return self
        def __enter__(self): print("enter"); return self
        def __exit__(self, *a): print("exit")
        def __add__(self, o): print("add"); return self
        def __iadd__(self, o): print("iadd"); return self
        def __lt__(self, o): print("lt"); return self
        __gt__ = __lt__
        def __index__(self): print("index"); return 1
        def __format__(self, spec): print("format"); return "f"
        def __copy__(self): print("copy"); return self
        def __reduce_ex__(self, p): print("reduce"); return (int, ())
        def __dir__(self): print("dir"); return []
        def __sizeof__(self): print("sizeof"); return 1
        __class__ = property(lambda self: print("class") or int)
    def use(e, *rest, **more):
        a = b = e
        a += 1
        e.x = e.y = e
        e.z += 1
        e[e] = e
        e[1] += e
        e[1:2] = e
        del e.w, e[0]
        c, = e
        for d in e: pass
        with e as f: pass
        if e: pass
        elif not e: pass
        if e and e or e: pass
        g = e if e else e
        while e: break
        if 1 < e < 2: pass
        if e in e: pass
        h = [e, e]
        h.append(e)
        h[e] = e
        i = {1: e}
        i.update({2: e})
        match e:
            case 5: pass
            case {"k": 1}: pass
            case [1]: pass
            case _ if e: pass
        try: raise ValueError(e)
        except ValueError as error: pass
        j = (k := e)
        l = f"{e}"
        e.append(e)
        return e
    def generator(e):
        got = yield e
        return e
    use(Everything(), Everything(), key=Everything(1))
    use(Everything(1))
    g = generator(Everything())
    next(g)
    try: g.send(Everything())
    except StopIteration: pass
    """
    same(source)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="a syntax of Python 3.12")
def test_type_parameters_are_the_same(same: Same) -> None:
    source = """
    import inspect, typing
    type Pair[T] = tuple[T, undefined]
    type Recursive = list[Recursive]
    type Plain = int
    def first[T: (int, str), *Ts, **P](x: T, *rest: *Ts) -> list[T]:
        y: T = x
        type Local = T
        return [y], T, Local.__value__, locals().keys()
    class Box[T: "later"]:
        kept: T
        def put[U](self, x: U) -> T:
            self.x = x
            for i in range(2): y = T, U
            return y
        class Inner[V]:
            def get(self): return T, V, __class__
        x = [T for _ in range(1)]
        type Alias = tuple[T]
    async def co[T](x: T): return T
    def gen[T](x):
        yield T
    print(first(1), first.__type_params__, first.__annotations__, inspect.signature(first))
    print(Box.__type_params__, Box[int], Box().put(1), Box.Inner().get(), Box.x)
    print(Box.Alias.__value__, Box.__orig_bases__)
    print(Pair.__type_params__, Plain.__value__, Recursive.__value__, type(Pair[int]))
    try: Pair.__value__
    except NameError as error: print(error, error.__traceback__.tb_next.tb_lineno)
    try: Box.__type_params__[0].__bound__
    except NameError as error: print(error)
    else: print(Box.__type_params__[0].__bound__)
    print(list(gen(1)), first.__qualname__, Box.put.__qualname__, first.__code__.co_freevars,
          sorted(n for n in globals() if not n.startswith("__")), Box.put.__code__.co_freevars)
    print(inspect.getsource(first), inspect.getsource(Box.put))
    def generic_class():
        a = 1
        class Local[T](list[T]):
            b: T = a
            def c(self): return super().__len__(), T, a
        return Local
    L = generic_class()
    print(L([1]).c(), L.__annotations__, L.__mro__[1:], typing.get_type_hints(first))
    """
    same(source)


def test_annotations_are_evaluated_or_not_as_they_are(same: Same) -> None:
    source = """
    import typing
    def say(x):
        print("evaluated", x)
        return x
    a: say("module a") = say("module value")
    b: say("module b")
    (c): say("parenthesised") = 1
    class C:
        d: say("class d") = 1
        e: say("class e")
        def f(self):
            self.g: say("never") = say("attribute value")
            h: undefined.nothing = 2
            i: undefined
            (j): never = 3
            self.k[0]: say("subscript") = 4
            return sorted(locals())
        k = {}
    def m(x: say("x"), *y: say("y"), z: say("z") = say("default")) -> say("returns"): return x
    x = C()
    print(x.f(), C.__annotations__, __annotations__, m.__annotations__)
    def unbound():
        n: int
        try: n
        except UnboundLocalError as error: print(error)
        def inner():
            nonlocal n
            n = 1
        inner()
        return n
    print(unbound())
    if a:
        o: say("in an if") = 1
    for p in range(2): q: say("in a loop") = p
    print(list(__annotations__))
    x.r: say("of an attribute") = 5
    x.k[say("key")]: say("of an item") = 6
    """
    future = "from __future__ import annotations\n"
    same("import evaluated, postponed\n", evaluated=source, postponed=future + dedent(source))


@pytest.mark.skipif(sys.version_info < (3, 13), reason="static attributes came with Python 3.13")
def test_a_class_names_the_attributes_that_its_methods_set(same: Same) -> None:
    source = """
    class Held:
        def set(self):
            self.a = self.b = 1
            self.b += 1
            (self.c, d), self.e = (1, 2), 3
            for self.f in (1, 2): pass
            self.g: int = 4
            h = self.h = i = 5
            return sorted(vars(self).items())
    print(sorted(Held.__static_attributes__), Held().set())
    """
    assert "'g', 'h']" in same(source).stdout
