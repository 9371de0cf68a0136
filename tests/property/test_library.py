"""Modules of the standard library do their work the same with probes.

Each is loaded twice from its own file under another name, plain and instrumented, given the same
work, and must give the same results; the recording of it must be whole.
"""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rewind.model.events import Control
from tests.instrumented import plain_code, recording

SOURCE = Path(__file__).read_text("utf-8")
INI = "[a]\nx = 1\ny = %(x)s0\n[b]\n; no\nlist =\n  one\n  two\n"


def _argparse(m: Any) -> object:
    parser = m.ArgumentParser("prog", exit_on_error=False)
    parser.add_argument("-n", "--number", type=int, default=3, help="a number")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--on", action="store_true")
    group.add_argument("--off", dest="on", action="store_false")
    sub = parser.add_subparsers(dest="command")
    sub.add_parser("go").add_argument("places", nargs="*")
    told = [vars(parser.parse_args(words)) for words in (["-n4", "go", "x", "y"], ["--on"], [])]
    try:
        parser.parse_args(["-n", "x"])
    except m.ArgumentError as error:
        told.append({"error": str(error)})
    return told, parser.format_help()


def _configparser(m: Any) -> object:
    parser = m.ConfigParser()
    parser.read_string(INI)
    told: list[object] = [{s: dict(parser[s]) for s in parser.sections()}, parser.getint("a", "y")]
    for wrong in ("[a]\n[a]\n", "x = 1\n", "[a]\n= 2\n"):
        try:
            m.ConfigParser().read_string(wrong)
        except m.Error as error:
            told.append(str(error))
    return told


def _csv(m: Any) -> object:
    rows = ["a;b;c", "1;'2;3';4", "5;6"]
    dialect = m.Sniffer().sniff("\n".join(rows[:1] * 3))
    return list(m.DictReader(rows, delimiter=";", quotechar="'")), dialect.delimiter


def _dataclasses(m: Any) -> object:
    @m.dataclass(order=True, frozen=True)
    class Point:
        x: int
        y: list[int] = m.field(default_factory=list, compare=False)

    made = m.make_dataclass("Made", [("a", int, 1), ("b", str, m.field(repr=False, default="b"))])
    return (
        [f.name for f in m.fields(Point)],
        m.asdict(Point(1, [2])),
        Point(1) < Point(2),
        repr(made(3)),
        m.replace(Point(1), x=5).x,
        hash(Point(1)) == hash(Point(1)),
    )


def _difflib(m: Any) -> object:
    a, b = SOURCE.splitlines()[:60], SOURCE.upper().splitlines()[20:70]
    return (
        list(m.unified_diff(a, b, lineterm="")),
        list(m.ndiff(a[:9], b[:9])),
        m.get_close_matches("appel", ["ape", "apple", "peach"]),
        m.SequenceMatcher(None, "abcd", "bcde").get_opcodes(),
    )


def _tokenize(m: Any) -> object:
    lines = iter(SOURCE.splitlines(keepends=True))
    told = [tuple(token) for token in m.generate_tokens(lambda: next(lines, ""))]
    return told, m.untokenize([token[:2] for token in told])


def _ast(m: Any) -> object:
    tree = m.parse(SOURCE)
    return m.unparse(tree), m.dump(tree)[:20_000], m.literal_eval("{'a': [1, -2, (3j,)]}")


def _string(m: Any) -> object:
    template = m.Template("$a ${b} $$ $c")
    return (
        template.safe_substitute(a=1, b=2),
        template.get_identifiers(),
        m.Formatter().vformat("{0!r:>5} {x[k]} {0.__class__}", (1,), {"x": {"k": 2}}),
    )


def _heapq(m: Any) -> object:
    heap = [(i * 7919) % 101 for i in range(60)]
    m.heapify(heap)
    order = [m.heappop(heap) for _ in range(30)]
    return order, list(m.merge([1, 4], [2, 3], key=abs)), m.nsmallest(3, heap), m.nlargest(2, heap)


def _statistics(m: Any) -> object:
    data = [1.5, 2.25, 3, 10, 2.25]
    return m.mean(data), m.stdev(data), m.mode(data), m.quantiles(data), m.median_grouped(data)


def _fractions(m: Any) -> object:
    half, third = m.Fraction(1, 2), m.Fraction("1/3")
    return (
        str(half + third * 2 - half / third),
        third.limit_denominator(2).numerator,
        half**3 == 0.125,
    )


def _decimal(m: Any) -> object:
    with m.localcontext() as context:
        context.prec = 30
        return str(m.Decimal(2).sqrt()), str(m.Decimal("1.1") ** 7), f"{m.Decimal('1234.5'):,.2f}"


def _textwrap(m: Any) -> object:
    text = " ".join(SOURCE.split()[:150])
    return m.fill(text, 40), m.shorten(text, 30), m.dedent("  a\n   b\n"), m.indent("a\n\nb", "> ")


def _encoder(m: Any) -> object:
    encoder = m.JSONEncoder(indent=1, sort_keys=True, default=str)
    return encoder.encode({"b": [1, 2.5, None, {"c": Path("/x")}], "a": "é\n"})


def _decoder(m: Any) -> object:
    from json.scanner import py_make_scanner

    decoder = m.JSONDecoder()
    decoder.parse_object, decoder.parse_string = m.JSONObject, m.py_scanstring
    decoder.scan_once = py_make_scanner(decoder)
    told = [decoder.decode('{"a": [1, {"b": "\\u00e9\\n"}], "c": 1e3}')]
    for wrong in ("{", '{"a" 1}', "[1,]"):
        try:
            decoder.decode(wrong)
        except m.JSONDecodeError as error:
            told.append(str(error))
    return told


def _shlex(m: Any) -> object:
    return m.split('a \'b c\' "d\\"e" # f', comments=True), m.quote("it's"), list(m.shlex("x=1;y"))


def _graphlib(m: Any) -> object:
    sorter = m.TopologicalSorter({"d": {"b", "c"}, "b": {"a"}, "c": {"a"}})
    order = list(sorter.static_order())
    try:
        list(m.TopologicalSorter({"a": {"b"}, "b": {"a"}}).static_order())
    except m.CycleError as error:
        return order[0], order[-1], error.args[0]
    return None


def _html(m: Any) -> object:
    seen: list[object] = []

    class Parser(m.HTMLParser):  # type: ignore[misc]
        def handle_starttag(self, tag: str, attrs: object) -> None:
            seen.append((tag, attrs))

        def handle_data(self, data: str) -> None:
            seen.append(data)

    Parser().feed("<p class='a&amp;b'>x<br/>&lt;<!-- no --><b>y")
    return seen


def _contextlib(m: Any) -> object:
    told: list[object] = []

    @m.contextmanager
    def tell(name: str) -> Any:
        told.append(f"in {name}")
        try:
            yield name
        except KeyError:
            told.append("caught")
        finally:
            told.append(f"out {name}")

    with m.ExitStack() as stack:
        stack.enter_context(tell("a"))
        stack.callback(told.append, "callback")
        with m.suppress(ValueError), tell("b"):
            raise ValueError
        raise KeyError
    return told


WORK: dict[str, Callable[[Any], object]] = {
    "argparse": _argparse,
    "ast": _ast,
    "configparser": _configparser,
    "contextlib": _contextlib,
    "csv": _csv,
    "dataclasses": _dataclasses,
    "difflib": _difflib,
    "fractions": _fractions,
    "graphlib": _graphlib,
    "heapq": _heapq,
    "html.parser": _html,
    "json.decoder": _decoder,
    "json.encoder": _encoder,
    "shlex": _shlex,
    "statistics": _statistics,
    "string": _string,
    "textwrap": _textwrap,
    "tokenize": _tokenize,
    "_pydecimal": _decimal,
}


def _loaded(name: str, path: Path, code: Any) -> ModuleType:
    module = ModuleType(f"copied_{name.replace('.', '_')}")
    module.__file__ = str(path)
    module.__package__ = name.rpartition(".")[0]
    sys.modules[module.__name__] = module
    exec(code, module.__dict__)
    return module


@pytest.mark.parametrize("name", WORK)
def test_module_does_its_work_the_same(name: str, tmp_path: Path) -> None:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    path, copied = Path(spec.origin), f"copied_{name.replace('.', '_')}"
    if not path.exists():
        pytest.skip("this Python carries the module frozen or compiled only")
    expected = WORK[name](_loaded(name, path, plain_code(path)))
    try:
        with recording(tmp_path / "spool", spool_max_bytes=1 << 28) as made:
            made.core.open_session("script", name, copied, "<module>")
            assert WORK[name](_loaded(name, path, made.code(path, copied))) == expected
            made.core.close_session(None)
            spool = made.read()
    finally:
        sys.modules.pop(copied, None)
    assert [one for one in spool.reports if one["what"] in ("probe-fault", "module-failed")] == []
    assert len(spool.controls(Control.FINISH)) == len(spool.sessions) == 1
    assert len(spool.of("call")) > 2
