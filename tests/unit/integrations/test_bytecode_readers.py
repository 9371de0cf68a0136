"""Libraries that read bytecode are shown the plain one, held on stand-ins of their modules."""

from collections.abc import Callable
from types import CodeType, ModuleType

import pytest

from rewind.integrations.plain_code import code_takers


def recorded(a: int, /, *, b: int = 1) -> int:
    """Have another bytecode than its stand-in for the plain one."""
    return a - b


PLAIN = recorded.__code__.replace(co_name="plain")


class Cache:
    def __init__(self, py_func: object) -> None:
        self._py_func = py_func


class BytecodeParser:
    def __init__(self, function: object, map_target: str) -> None:
        self.function, self.map_target = function, map_target


class Decompiler:
    def __init__(self, code: CodeType, start: int = 0, end: int | None = None) -> None:
        self.code, self.start, self.end = code, start, end


def get_code_object(obj: object) -> object:
    return getattr(obj, "__code__", None)


def plain(code: CodeType) -> CodeType:
    """Know the plain code of one function."""
    return PLAIN if code is recorded.__code__ else code


def met(name: str, *things: Callable[..., object]) -> tuple[ModuleType, list[tuple[object, ...]]]:
    """Return a module of that name after it was met, and what has been reported since."""
    module = ModuleType(name)
    for thing in things:
        # A class of its own each time, as it gets another method.
        made = type(thing.__name__, (thing,), {}) if isinstance(thing, type) else thing
        setattr(module, thing.__name__, made)
    reports: list[tuple[object, ...]] = []
    code_takers(plain, lambda *said: reports.append(said))[name](module)
    return module, reports


def test_numba_compiles_the_plain_code_and_that_is_reported_once() -> None:
    module, reports = met("numba.core.bytecode", get_code_object)
    assert [module.get_code_object(recorded) for _ in range(2)] == [PLAIN, PLAIN]
    why = "recorded: it is compiled by numba"
    assert reports == [("construct-skipped", __name__, why, PLAIN.co_firstlineno)]


def test_numba_compiles_what_is_not_recorded_as_it_is() -> None:
    module, reports = met("numba.core.bytecode", get_code_object)
    assert module.get_code_object(plain) is plain.__code__
    assert module.get_code_object(len) is None
    assert not reports


def test_numba_finds_in_its_cache_what_a_plain_run_compiled() -> None:
    module, _ = met("numba.core.caching", Cache)
    looked_at = module.Cache(recorded)._py_func
    assert looked_at.__code__ is PLAIN
    assert module.Cache(plain)._py_func is plain


def test_polars_is_shown_a_function_that_has_all_but_the_probes() -> None:
    module, reports = met("polars._utils.udfs", BytecodeParser)
    shown = module.BytecodeParser(recorded, map_target="expr").function
    assert shown.__code__ is PLAIN
    for name in ("__name__", "__qualname__", "__module__", "__kwdefaults__", "__dict__"):
        assert getattr(shown, name) == getattr(recorded, name)
    assert module.BytecodeParser(len, "expr").function is len
    assert not reports


def test_pony_translates_the_plain_code() -> None:
    module, reports = met("pony.orm.decompiling", Decompiler)
    assert vars(module.Decompiler(recorded.__code__, 2, end=4)) == {
        "code": PLAIN,
        "start": 2,
        "end": 4,
    }
    assert not reports


@pytest.mark.parametrize(
    "name", [name for name in code_takers(plain, print) if not name.startswith("*")]
)
def test_a_module_that_is_made_in_another_way_is_left_alone(name: str) -> None:
    before = dict(vars(ModuleType(name)))
    module, _ = met(name)
    assert vars(module) == before
