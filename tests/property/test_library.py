"""The standard library's own modules work the same with probes: code that nobody here wrote.

A module is loaded from its file twice, plain and with probes, under a name of its own, and does the
same work both times. Where the library would rather use C, it is kept from finding it.
"""

import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest

from tests.instrumented import plain_code, recording
from tests.property import workloads as work
from tests.property.well_formed import check


class Case(NamedTuple):
    module: str
    work: Callable[[Any], object]
    """Does something with the module; what it returns is compared by its `repr`."""
    without: tuple[str, ...] = ()
    """Modules in C that it must not find."""


CASES = (
    Case("_pydecimal", work.decimals),
    Case("argparse", work.arguments),
    Case("ast", work.syntax),
    Case("base64", work.encodings),
    Case("bisect", work.bisection, ("_bisect",)),
    Case("calendar", work.calendars),
    Case("collections", work.containers, ("_collections",)),
    Case("colorsys", work.colours),
    Case("configparser", work.configuration),
    Case("contextlib", work.contexts),
    Case("copy", work.copies),
    Case("csv", work.tables),
    Case("dataclasses", work.records),
    Case("difflib", work.differences),
    Case("enum", work.enumerations),
    Case("fnmatch", work.globs),
    Case("fractions", work.ratios),
    Case("functools", work.functions, ("_functools",)),
    Case("graphlib", work.order),
    Case("heapq", work.heaps, ("_heapq",)),
    Case("html.parser", work.markup),
    Case("ipaddress", work.addresses),
    Case("json.decoder", work.parsing, ("_json",)),
    Case("json.encoder", work.printing, ("_json",)),
    Case("json.scanner", work.scanning, ("_json",)),
    Case("operator", work.operators, ("_operator",)),
    Case("pprint", work.pretty),
    Case("queue", work.queues, ("_queue",)),
    Case("reprlib", work.short),
    Case("shlex", work.words),
    Case("statistics", work.figures, ("_statistics",)),
    Case("string", work.templates),
    Case("textwrap", work.paragraphs),
    Case("tokenize", work.tokens),
    Case("types", work.coroutines),
    Case("urllib.parse", work.locations),
    Case("xml.etree.ElementPath", work.paths),
)


def file_of(module: str) -> Path:
    """Return the source of a module of the library."""
    found = importlib.util.find_spec(module)
    assert found is not None
    assert found.origin is not None
    # Of a frozen module too, the file is in the library's folder.
    if found.origin == "frozen":
        return Path(found.loader_state.filename)
    return Path(found.origin)


@contextmanager
def loaded(code: CodeType, name: str, case: Case) -> Iterator[ModuleType]:
    """Run the code as the module `name`."""
    module = ModuleType(name)
    module.__file__ = code.co_filename
    module.__package__ = case.module.rpartition(".")[0]
    hidden = dict.fromkeys(case.without)
    with patch.dict(sys.modules, {**hidden, name: module}):
        exec(code, module.__dict__)
        yield module


def result(module: ModuleType, case: Case) -> str:
    """Return what the work comes to, without addresses."""
    return re.sub(r"\b0x[0-9a-f]{6,}", "0x", repr(case.work(module)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.module)
def test_a_module_of_the_library_works_the_same_with_probes(case: Case, tmp_path: Path) -> None:
    path = file_of(case.module)
    name = f"copied_{case.module.replace('.', '_')}"
    with loaded(plain_code(path), name, case) as module:
        names = sorted(vars(module))
        without = result(module, case)
    with (
        recording(tmp_path) as made,
        loaded(made.code(path, name), name, case) as module,
    ):
        assert result(module, case) == without
        assert sorted(vars(module)) == names
        check(made.read())
