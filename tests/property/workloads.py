"""A little work for each of many library modules.

Each function takes the module, plain or with probes, and returns what it has to say, as values
whose `repr` is the same in every run.
"""

# What a module of type `Any` decorates, or is the base of, has no type that could be checked.
# mypy: disable-error-code="attr-defined, call-arg, misc, operator, unreachable, untyped-decorator"

import io
import tokenize
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

M = Any
"""A module under another name: nothing can say its type."""

DATA = {"a": [1, -2.5e10, True, None], 'b"\\é\n': {"nested": [[], {}, "x" * 30]}, "": "\U0001f600"}
TEXT = "The quick brown fox, jumping over the lazy dog's back, met 12 others.  They sat.\n\n  Then?"
JSON = '{"a": [1, -2.5e10, true, null], "b\\"\\u00e9": {"n": [[], {}, "\\ud83d\\ude00"]}, "": ""}'
PYTHON = '''
@deco
class A(B, metaclass=C):
    x: int = 1
    async def f(self, a, /, b=2, *c, d, **e) -> None:
        """Doc"""
        async with a as b, c: await d
        return [i async for i in x if i] or {**a, 'k': f"{x!r:>{w}} {{}}"}
try:
    x, *y = lambda z: (yield z), 1 if a else -b ** ~c
except* (E, F) as g: raise H from g
finally:
    while a < b <= c is not d: break
    else: del a[1:2, ::3], b.c
match p:
    case {"k": [1, *_], **r} | A(x=1) if q: pass
'''


def attempt(function: Any, *given: Any, **named: Any) -> Any:
    """Return what a call returns, or what it raises: failing is work too."""
    try:
        return function(*given, **named)
    except Exception as error:  # noqa: BLE001 - whatever the module raises is its result
        return type(error).__name__, str(error)


def decimals(m: M) -> Any:
    with m.localcontext() as context:
        context.prec = 30
        one, three = m.Decimal("1.10"), m.Decimal(3)
        return [
            one / three,
            three.sqrt(),
            three.exp().ln(),
            one**three,
            one.quantize(m.Decimal("0.1")),
            f"{one * 10**9:,.3f}",
            attempt(m.Decimal, "no"),
            attempt(lambda: one / 0),
            m.Decimal("-Infinity") < one,
            divmod(m.Decimal(17), three),
        ]


def arguments(m: M) -> Any:
    parser = m.ArgumentParser("prog", description=TEXT, exit_on_error=False)
    parser.add_argument("files", nargs="*", type=int, help="which")
    parser.add_argument("-v", "--verbose", action="count", default=0)
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--on", action="store_true")
    group.add_argument("--off", choices=["a", "b"])
    below = m.ArgumentParser("below")
    deeper = below.add_subparsers(dest="command").add_parser("run")
    deeper.add_argument("--level", type=float, default=1.5)
    return [
        sorted(vars(parser.parse_args(["1", "2", "-vv", "--on"])).items()),
        sorted(vars(below.parse_args(["run", "--level=2"])).items()),
        attempt(parser.parse_args, ["x"]),
        attempt(parser.parse_args, ["--off", "c"]),
        attempt(parser.parse_args, ["--on", "--off", "a"]),
        parser.format_help(),
    ]


def syntax(m: M) -> Any:
    tree = m.parse(PYTHON)
    return [
        m.unparse(tree),
        m.dump(tree, indent=1),
        m.literal_eval("{'a': [1, -2j, (3,), {4}, None]}"),
        attempt(m.literal_eval, "f(x)"),
        sum(1 for _ in m.walk(tree)),
        m.get_docstring(tree.body[0].body[1]),
    ]


def encodings(m: M) -> Any:
    raw = bytes(range(256))
    pairs = [("b64", {}), ("b32", {}), ("b16", {}), ("b85", {}), ("a85", {"wrapcol": 40})]
    coded = [getattr(m, f"{name}encode")(raw, **given) for name, given in pairs]
    back = [
        getattr(m, f"{name}decode")(one) == raw for (name, _), one in zip(pairs, coded, strict=True)
    ]
    return coded, back, attempt(m.b32decode, b"1"), attempt(m.b85decode, b"~~~~~~")


def bisection(m: M) -> Any:
    numbers = [1, 3, 3, 7]
    m.insort(numbers, 4)
    m.insort_left(numbers, -3, key=abs)
    return numbers, m.bisect(numbers, 3), m.bisect_left(numbers, 3), attempt(m.bisect, [1], 1, -1)


def calendars(m: M) -> Any:
    return [
        m.TextCalendar(6).formatyear(2024),
        m.HTMLCalendar().formatmonth(2023, 2),
        m.monthrange(1900, 2),
        attempt(m.monthrange, 2000, 13),
        m.timegm((2000, 1, 1, 0, 0, 0)),
        [*m.Calendar().itermonthdates(2021, 5)][:3],
    ]


def containers(m: M) -> Any:
    ordered = m.OrderedDict(a=1, b=2, c=3)
    ordered.move_to_end("a")
    chained = m.ChainMap({"x": 1}, {"x": 2, "y": 3})
    chained["z"] = 4
    count = m.Counter("abracadabra")
    count.subtract("aab")
    point = m.namedtuple("Point", "x y", defaults=[5])
    text = m.UserString("some")
    return [
        [*ordered.items()],
        [*reversed(ordered)],
        ordered.popitem(last=False),
        sorted(chained.items()),
        chained.new_child({"y": 0})["y"],
        count.most_common(2),
        sorted((+count | m.Counter("zz")).items()),
        point(1)._replace(x=2)._asdict(),
        attempt(point),
        attempt(m.namedtuple, "P", "x x"),
        m.UserList([3, 1])[::-1] * 2,
        text.upper() + "!",
    ]


def colours(m: M) -> Any:
    return [
        forth(*back(r / 4, g / 4, 0.3))
        for r in range(5)
        for g in range(5)
        for back, forth in (
            (m.rgb_to_hls, m.hls_to_rgb),
            (m.rgb_to_hsv, m.hsv_to_rgb),
            (m.rgb_to_yiq, m.yiq_to_rgb),
        )
    ]


def configuration(m: M) -> Any:
    parser = m.ConfigParser(interpolation=m.ExtendedInterpolation(), allow_no_value=True)
    parser.read_string(
        "[DEFAULT]\nroot = /x\n[a]\npath = ${root}/y\nmore = 1\n  2\nbare\n[b]\non = yes"
    )
    out = io.StringIO()
    parser.write(out)
    return [
        out.getvalue(),
        parser["a"]["path"],
        parser.getboolean("b", "on"),
        attempt(parser.getint, "a", "more"),
        attempt(parser.get, "a", "none"),
        attempt(m.ConfigParser().read_string, "x = 1"),
        attempt(m.ConfigParser().read_string, "[a]\nx=1\nx=2"),
        parser.get("a", "none", fallback=3),
    ]


def contexts(m: M) -> Any:
    told = []

    @m.contextmanager
    def room(name: str) -> Any:
        told.append(f"in {name}")
        try:
            yield name
        except KeyError:
            told.append("swallowed")
        finally:
            told.append(f"out {name}")

    with m.ExitStack() as stack, m.suppress(ValueError):
        told.append(stack.enter_context(room("a")))
        stack.callback(told.append, "called")
        stack.enter_context(room("b"))
        raise KeyError
    with m.suppress(ZeroDivisionError), room("c"):
        told.append(str(1 / 0))
    with m.redirect_stdout(io.StringIO()) as out, m.nullcontext(4) as four, m.closing(out):
        told.append(str(four))
    decorated = room("d")(lambda: told.append("inside"))
    decorated()
    return told, out.closed, attempt(lambda: room("e").__exit__(None, None, None))


def copies(m: M) -> Any:
    inner = [1]
    cycle: list[Any] = [inner, inner]
    cycle.append(cycle)
    deep = m.deepcopy(cycle)
    return [
        deep[0] is deep[1],
        deep[2] is deep,
        deep[0] is inner,
        m.copy(cycle)[0] is inner,
        m.deepcopy({"a": (1, {2}), "d": date(2020, 1, 1)}),
        attempt(m.copy, io),
    ]


def tables(m: M) -> Any:
    dialect = m.Sniffer().sniff("a;b;c\n1;'x;y';3\n4;5;6\n", delimiters=";,")
    out = io.StringIO()
    writer = m.DictWriter(out, ["a", "b"], extrasaction="raise")
    writer.writeheader()
    writer.writerow({"a": 1, "b": 'say "x, y"'})
    return [
        (dialect.delimiter, dialect.quotechar),
        m.Sniffer().has_header("name,n\nx,1\ny,2\n"),
        [*m.DictReader(io.StringIO("a,b\n1,2,3\n4\n"))],
        out.getvalue(),
        attempt(writer.writerow, {"c": 1}),
        attempt(m.Sniffer().sniff, "a"),
    ]


def records(m: M) -> Any:
    @m.dataclass(order=True, frozen=True)
    class Point:
        x: int
        y: int = 2
        tags: list[str] = m.field(default_factory=list, compare=False, repr=False)

    @m.dataclass(slots=True, kw_only=True)
    class Other:
        a: int
        b: m.InitVar[int] = 3

        def __post_init__(self, b: int) -> None:
            self.a += b

    made = m.make_dataclass("Made", [("q", int), ("r", int, 7)])
    shown = [repr(one).rpartition(".")[2] for one in (Point(1), Other(a=2), made(5))]
    return [
        shown,
        Point(1) < Point(1, 3),
        m.astuple(Point(1, 2, ["t"])),
        m.asdict(made(q=1)),
        m.replace(Point(4), y=9).y,
        [one.name for one in m.fields(Other)],
        attempt(setattr, Point(1), "x", 2),
        attempt(m.make_dataclass, "Bad", ["1x"]),
    ]


def differences(m: M) -> Any:
    one, two = TEXT.split(), TEXT.replace("fox", "cat").replace("lazy ", "").split()
    matcher = m.SequenceMatcher(None, one, two)
    return [
        matcher.get_opcodes(),
        matcher.ratio(),
        [*m.unified_diff(one, two, "a", "b", lineterm="")],
        [*m.context_diff(one, two, lineterm="")],
        [*m.ndiff(["one\n", "two\n"], ["ore\n", "tree\n"])],
        m.get_close_matches("appel", ["ape", "apple", "peach"]),
        len(m.HtmlDiff().make_file(one, two)),
        [*m.restore(m.ndiff(one, two), 2)] == two,
    ]


def enumerations(m: M) -> Any:
    class Colour(m.Enum):
        RED = 1
        GREEN = m.auto()
        CRIMSON = RED

        @property
        def low(self) -> str:
            return str(self.name).lower()

    class Mode(m.Flag):
        READ = m.auto()
        WRITE = m.auto()
        BOTH = READ | WRITE

    number = m.IntEnum("Number", "ONE TWO")
    m.unique(number)
    return [
        [*Colour.__members__],
        [str(one) for one in Colour],
        Colour(2).low,
        Colour.CRIMSON is Colour.RED,
        attempt(Colour, 9),
        attempt(m.unique, Colour)[0],
        str(Mode.READ | Mode.WRITE),
        [str(one) for one in Mode.BOTH],
        Mode.READ in Mode.BOTH,
        number.TWO + 1,
        attempt(setattr, Colour, "RED", 2)[0],
    ]


def globs(m: M) -> Any:
    names = ["a.py", "b.txt", "[x]", "ab", ".c"]
    patterns = ["*.py", "?b", "[!a]*", "[[]x]", "*", "[", "[z-a]"]
    return [(pattern, m.translate(pattern), m.filter(names, pattern)) for pattern in patterns]


def ratios(m: M) -> Any:
    half = m.Fraction("1/2")
    return [
        str(half + m.Fraction(1, 3)),
        str(half**-2),
        str(m.Fraction(3.25).limit_denominator(3)),
        half < 0.75,
        divmod(m.Fraction(7, 2), half) == (7, 0),
        round(m.Fraction(22, 7), 2) == m.Fraction(157, 50),
        attempt(m.Fraction, 1, 0),
        attempt(m.Fraction, "1/x"),
        hash(half) == hash(0.5),
    ]


def functions(m: M) -> Any:
    @m.lru_cache(maxsize=8)
    def fibonacci(n: int) -> int:
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    @m.singledispatch
    def kind(_: object) -> str:
        return "object"

    kind.register(int, lambda _: "int")

    @m.total_ordering
    class Size:
        def __init__(self, n: int) -> None:
            self.n = n

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Size) and self.n == other.n

        def __lt__(self, other: "Size") -> bool:
            return self.n < other.n

        def __hash__(self) -> int:
            return self.n

        @m.cached_property
        def double(self) -> int:
            return self.n * 2

    size = Size(4)
    return [
        fibonacci(30),
        fibonacci.cache_info()[:2],
        [kind(one) for one in (1, True, "x")],
        Size(1) >= Size(1),
        Size(2) > Size(3),
        (size.double, vars(size)),
        m.reduce(lambda a, b: a * b, range(1, 6)),
        sorted([3, 1, 2], key=m.cmp_to_key(lambda a, b: b - a)),
        m.partial(int, base=2)("101"),
        m.wraps(attempt)(lambda: 1).__doc__ == attempt.__doc__,
    ]


def order(m: M) -> Any:
    sorter = m.TopologicalSorter({"d": ["b", "c"], "b": ["a"], "c": ["a"]})
    cyclic = m.TopologicalSorter({"a": ["b"], "b": ["a"]})
    return [*sorter.static_order()], attempt(cyclic.prepare), attempt(sorter.done, "a")


def heaps(m: M) -> Any:
    heap = [5, 1, 4, 2, 3]
    m.heapify(heap)
    return [
        m.heappushpop(heap, 0),
        m.heapreplace(heap, 9),
        [m.heappop(heap) for _ in range(5)],
        m.nlargest(2, [1, 5, 3], key=lambda n: -n),
        m.nsmallest(2, "hello"),
        [*m.merge([1, 4], [2, 3], [0, 9])],
        attempt(m.heappop, []),
    ]


def markup(m: M) -> Any:
    told: list[Any] = []

    class Parser(m.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[Any]) -> None:
            told.append((tag, attrs))

        def handle_endtag(self, tag: str) -> None:
            told.append(("/", tag, self.getpos()))

        def handle_data(self, data: str) -> None:
            told.append(data)

        def handle_comment(self, data: str) -> None:
            told.append(("comment", data))

        def handle_decl(self, decl: str) -> None:
            told.append(("declared", decl))

    parser = Parser()
    for piece in (
        "<!DOCTYPE html><a href='x",
        "?a&amp;b' c>&lt;t&#233;</a>",
        "<!-- n --><br/>",
        "< &bad",
    ):
        parser.feed(piece)
    parser.feed("<script>if (a < b) {}</script>")
    parser.close()
    return told


def addresses(m: M) -> Any:
    net = m.ip_network("10.0.0.0/29")
    return [
        [str(one) for one in net.hosts()],
        [str(one) for one in net.subnets(1)],
        str(m.ip_address("2001:db8::1").exploded),
        m.ip_address("10.0.0.3") in net,
        [
            str(n)
            for n in m.summarize_address_range(m.ip_address("1.1.1.1"), m.ip_address("1.1.1.6"))
        ],
        [
            str(n)
            for n in m.collapse_addresses(
                [m.ip_network("10.0.0.0/30"), m.ip_network("10.0.0.4/30")]
            )
        ],
        attempt(m.ip_address, "300.1.1.1"),
        attempt(m.ip_network, "10.0.0.1/8"),
        m.ip_address("127.0.0.1").is_loopback,
    ]


def parsing(m: M) -> Any:
    decoder = m.JSONDecoder()
    bad = ("{", '["a" 1]', '{"a":}', '"\\x"', '"\n"', "[1,]", "nul", "{1: 2}", '"\\ud83d', "[] 1")
    return [
        decoder.decode(JSON),
        decoder.raw_decode("[1] rest"),
        m.JSONDecoder(object_pairs_hook=tuple, parse_float=str).decode(JSON),
        [attempt(decoder.decode, one) for one in bad],
        m.py_scanstring('a\\n\\u0041" more', 0),
    ]


def printing(m: M) -> Any:
    cycle: list[Any] = []
    cycle.append(cycle)
    return [
        m.JSONEncoder().encode(DATA),
        m.JSONEncoder(ensure_ascii=False, indent=2, sort_keys=True).encode(DATA),
        [*m.JSONEncoder(default=str).iterencode([date(2020, 1, 1), float("inf")])],
        attempt(m.JSONEncoder().encode, cycle),
        attempt(m.JSONEncoder().encode, {1, 2}),
        attempt(m.JSONEncoder(allow_nan=False).encode, float("nan")),
        attempt(m.JSONEncoder().encode, {(1,): 2}),
        m.JSONEncoder(skipkeys=True).encode({(1,): 2, None: 1, 1.5: True}),
        m.py_encode_basestring_ascii("\x00\u20ac\U0001f600"),
    ]


def scanning(m: M) -> Any:
    from json.decoder import JSONDecoder

    scan = m.py_make_scanner(JSONDecoder(parse_constant=str))
    return [scan(one, 0) for one in (JSON, "12.5e3x", "-0", "NaN", "-Infinity", '"x"')], attempt(
        scan, "?", 0
    )


def operators(m: M) -> Any:
    numbers = [3, 1, 3]
    m.setitem(numbers, 0, m.neg(2))
    return [
        numbers,
        m.itemgetter(0, -1)(numbers),
        m.attrgetter("real", "imag")(2j),
        m.methodcaller("split", ",", maxsplit=1)("a,b,c"),
        m.countOf(numbers, 3),
        attempt(m.indexOf, numbers, 9),
        m.length_hint(iter(numbers)),
        m.iadd([1], [2]),
        repr(m.itemgetter(1)).rpartition(".")[2],
    ]


def pretty(m: M) -> Any:
    nested = {"list": [*range(40)], "text": TEXT * 2, "deep": [[[[[1]]]]], "data": bytes(70)}
    cycle: list[Any] = [1]
    cycle.append(cycle)
    return [
        m.pformat(nested, width=50),
        m.pformat(nested, depth=2, compact=True, sort_dicts=False),
        m.pformat({3, 1, 2}),
        m.isrecursive(cycle),
        m.isreadable(nested),
        m.pformat(123456789, underscore_numbers=True),
    ]


def queues(m: M) -> Any:
    first, last, least = m.Queue(2), m.LifoQueue(), m.PriorityQueue()
    for number in (2, 1):
        for queue in (first, last, least):
            queue.put(number)
    return [
        attempt(first.put_nowait, 3),
        [[queue.get(), queue.get_nowait()] for queue in (first, last, least)],
        attempt(first.get, block=True, timeout=0.001),
        attempt(lambda: [first.task_done() for _ in range(3)]),
        (first.qsize(), first.empty(), first.full()),
    ]


def short(m: M) -> Any:
    class Cyclic(list[Any]):
        @m.recursive_repr("<again>")
        def __repr__(self) -> str:
            return "<" + ", ".join(map(repr, self)) + ">"

    cycle = Cyclic([1])
    cycle.append(cycle)
    brief = m.Repr()
    brief.maxlist = 2
    return [
        m.repr([*range(99)]),
        m.repr("x" * 99),
        m.repr({2: {3: [4] * 9}}),
        repr(cycle),
        brief.repr([1, 2, 3]),
    ]


def words(m: M) -> Any:
    lexer = m.shlex("a 'b c' # gone\nd;e", posix=True, punctuation_chars=True)
    return [
        [*lexer],
        m.split('x "y \\" z" \'w\' \\  v'),
        m.join(["a b", "", "c'd", "e"]),
        attempt(m.split, "'open"),
        m.quote("a$b"),
    ]


def figures(m: M) -> Any:
    data, other = [1, 2.5, 2.5, 8, 4], [2, 4, 4, 9, 7]
    return [
        m.mean(data),
        m.fmean(data, [1, 2, 3, 4, 5]),
        m.geometric_mean(data),
        m.harmonic_mean(data),
        m.median_grouped(data),
        m.multimode(data),
        m.quantiles(data, n=3),
        m.stdev(data),
        m.pvariance(data),
        m.correlation(data, other),
        tuple(m.linear_regression(data, other)),
        m.NormalDist(1, 2).cdf(2),
        m.NormalDist(1, 2).inv_cdf(0.3),
        attempt(m.mean, []),
        attempt(m.mode, []),
    ]


def templates(m: M) -> Any:
    template = m.Template("$a ${b} $$ $c")
    bad = m.Template("x\n $1")
    return [
        template.safe_substitute(a=1, b=2),
        attempt(template.substitute, {"a": 1}),
        attempt(bad.substitute),
        template.get_identifiers(),
        m.Formatter().vformat("{0!r:>{w}} {k[0]}", ["v"], {"w": 5, "k": "xy"}),
        attempt(m.Formatter().format, "{} {0}", 1),
        m.capwords("one  TWO", " "),
    ]


def paragraphs(m: M) -> Any:
    return [
        m.wrap(TEXT, 20),
        m.fill(TEXT, 30, initial_indent="* ", subsequent_indent="  "),
        m.shorten(TEXT, 40, placeholder=" ..."),
        m.dedent("\n    a\n      b\n\n    c"),
        m.indent(TEXT, "> ", lambda line: "T" in line),
        m.TextWrapper(width=10, break_long_words=False, max_lines=3).wrap(TEXT),
        attempt(m.wrap, TEXT, 0),
    ]


def tokens(m: M) -> Any:
    read = [tuple(one) for one in m.generate_tokens(io.StringIO(PYTHON).readline)]
    return [
        read,
        m.untokenize(read),
        m.detect_encoding(io.BytesIO(b"# -*- coding: latin-1 -*-\n").readline),
        attempt(lambda: [*m.generate_tokens(io.StringIO("(").readline)])[0],
        tokenize.tok_name[read[0][0]],
    ]


def coroutines(m: M) -> Any:
    @m.coroutine
    def wait() -> Any:
        return (yield "waits")

    async def both() -> Any:
        return [await wait(), await wait()]

    running = both()
    steps = [running.send(None), running.send(1)]
    made = m.new_class("Made", (dict,), {}, lambda space: space.update(x=1))
    return (
        steps,
        attempt(running.send, 2)[0],
        made.x,
        m.resolve_bases((int,)),
        m.SimpleNamespace(a=1),
    )


def locations(m: M) -> Any:
    url = "http://us%65r:p@[::1]:80/a/../b;c?x=1&x=%E9&y=#frag"
    return [
        [str(part) for part in m.urlsplit(url)],
        m.urlparse(url).port,
        m.parse_qs("x=1&x=2&y=&z=%C3%A9", keep_blank_values=True),
        [m.urljoin("http://a/b/c/d;p?q", one) for one in ("../g", "//h", "?y", "./", "g/../h", "")],
        m.quote("a b/é~", safe=""),
        m.unquote_plus("a+b%2"),
        m.urlencode({"a": [1, 2], "b": "x y"}, doseq=True),
        attempt(m.urlsplit, "http://[::1"),
        attempt(lambda: m.urlsplit("http://h:99999").port),
        m.urldefrag(url).fragment,
    ]


def paths(m: M) -> Any:
    root = ET.fromstring("<r><a n='1'><b>t</b></a><a n='2'/><c><a><b/></a></c></r>")  # noqa: S314
    asked = ("a", "./a[@n='2']", ".//b", "a[b='t']", "*/a", "a[1]", "a[last()]", ".//b/..", "a[@n]")
    return [[one.tag for one in m.iterfind(root, path)] for path in asked], attempt(
        m.find, root, "/a["
    )
