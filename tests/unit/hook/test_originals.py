"""The plain code of recorded functions is found, and the right one."""

import warnings
from collections.abc import Callable
from importlib import import_module, reload
from types import CodeType
from typing import Any

import pytest

from rewind.hook import Instrument
from rewind.hook.entry import loadable, source_in
from rewind.model.probes import PREFIX
from rewind.transform import Options, transform


def has_probes(code: CodeType) -> bool:
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    return any(name.startswith(PREFIX) for name in code.co_names) or any(map(has_probes, inner))


def test_a_function_is_plain_with_all_that_is_in_it(hook: Callable[..., Any]) -> None:
    one = hook()
    one.write(
        "mplain.py",
        """
        def outer(n):
            def inner(x):
                nonlocal n
                n += x
                return [x + n for x in range(3)]
            return inner
        """,
    )
    module = import_module("mplain")
    inner = module.outer(1)
    originals = one.instrument.originals
    assert has_probes(module.outer.__code__)
    assert not has_probes(originals.of(module.outer.__code__))
    inner.__code__ = originals.of(inner.__code__)
    assert not has_probes(inner.__code__)
    assert inner(2) == [3, 4, 5]


def test_code_without_probes_is_itself(hook: Callable[..., Any]) -> None:
    code = (lambda: 1).__code__
    assert hook().instrument.originals.of(code) is code


def test_each_of_two_functions_on_one_line_is_found(hook: Callable[..., Any]) -> None:
    one = hook()
    one.write("mlambdas.py", "two, three = (lambda x: x * 2), (lambda x: x * 3)\n")
    one.instrument._options = Options(lambdas=True)
    module = import_module("mlambdas")
    for function, result in ((module.two, 8), (module.three, 12)):
        assert has_probes(function.__code__)
        function.__code__ = one.instrument.originals.of(function.__code__)
        assert function(4) == result


def test_a_function_of_a_file_that_has_changed_is_what_it_was(hook: Callable[..., Any]) -> None:
    one = hook()
    one.write("mchanged.py", "def f():\n    x = [1]\n    return x[0]\n")
    module = import_module("mchanged")
    before = module.f
    one.write("mchanged.py", "def f():\n    y = 20\n    return y + 2\n")
    reload(module)
    after = module.f
    one.write("mchanged.py", "")
    for function, result in ((after, 22), (before, 1)):
        function.__code__ = one.instrument.originals.of(function.__code__)
        assert not has_probes(function.__code__)
        assert function() == result


def test_the_compiler_does_not_warn_a_second_time(hook: Callable[..., Any]) -> None:
    one = hook()
    one.write("mwarns.py", "def f():\n    return 1 is 1\n")
    with pytest.warns(SyntaxWarning):
        module = import_module("mwarns")
    filters = list(warnings.filters)
    # Warnings are errors here.
    assert not has_probes(one.instrument.originals.of(module.f.__code__))
    assert list(warnings.filters) == filters


def test_code_stays_where_its_source_cannot_be_compiled(
    hook: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = hook()
    one.write("mdeep.py", "def f():\n    return 1\n")
    code = import_module("mdeep").f.__code__

    def fails(*_: object) -> bytes:
        raise MemoryError

    monkeypatch.setattr("rewind.hook.originals.source_in", fails)
    assert one.instrument.originals.of(code) is code


@pytest.mark.parametrize("size", [0, 200, 300, 70_000])
def test_a_record_holds_the_source_whatever_its_size(size: int) -> None:
    source = b"#" * size
    made = loadable(transform(source, "m.py", "m", Options()), "m", "m.py", source, b"h" * 32)
    assert source_in(made.record, made.packed_at) == source


def test_code_from_the_cache_has_its_source_too(hook: Callable[..., Any]) -> None:
    one = hook()
    path = one.write("mcached.py", "def f(): return 5\n")
    source = path.read_bytes()
    code = one.instrument.code(source, str(path), "mcached")
    assert code is not None
    again = Instrument(Options(), one.instrument._cache, one._add_module, one._report)
    code = again.code(source, str(path), "mcached")
    assert code is not None
    (function,) = [each for each in code.co_consts if isinstance(each, CodeType)]
    assert has_probes(function)
    assert not has_probes(again.originals.of(function))
