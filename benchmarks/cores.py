"""Runs one program plain and with each core's probes, side by side in this process.

Run as `python cores.py PROGRAM`; prints JSON. The code is the same under every core: each has a
`__builtins__` of its own with its probes in it. The rounds go over all of them in turn, by the time
that this thread had on a processor, so that other work on the machine counts little.

The floor is what calling a probe costs that does nothing: C functions that give back what they
were given.
"""

import builtins
import json
import sys
import tempfile
import time
import timeit
from collections.abc import Callable
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple

from rewind.capture import Core, _native, create_core
from rewind.config import Settings
from rewind.hook import CodeCache, Instrument
from rewind.model import probes
from rewind.transform import Options

PROGRAMS = Path(__file__).with_name("programs")
ROUNDS = 15
SIZES = {"fib": 8, "loops": 4, "objects": 20, "parser": 10, "tasks": 1}
"""Units of work of a round; some ten thousand events each."""

_BY_PLACE = {
    **dict.fromkeys((probes.CALL, probes.CALL_KEPT, probes.CALL_RESUMABLE), "empty_nothing"),
    probes.MUTATED: "empty_third",
    **dict.fromkeys(
        (
            *(
                probes.LOOP,
                probes.LOOP_SOON,
                probes.DELETED,
                probes.LINE,
                probes.LEFT,
                probes.REENTERED,
            ),
            *(probes.RAISED, probes.RAISED_KEPT, probes.NOTICED, probes.HANDLED),
            *(probes.STORED_ATTRIBUTE, probes.STORED_ITEM),
        ),
        "empty_site",
    ),
}


class Contender(NamedTuple):
    """A way of running the program."""

    run: Callable[[int], object]
    core: Core | None


def plain(path: Path) -> Contender:
    """The program as it is."""
    return Contender(_loaded(path, compile(path.read_bytes(), str(path), "exec"), {}), None)


def floor(path: Path, instrumented: CodeType) -> Contender:
    """The program with probes that do nothing."""
    empty: dict[str, object] = {
        probes.PREFIX + name: getattr(_native, _BY_PLACE.get(name, "empty_second"))
        for name in probes.NAMES
        if name != probes.TOO_DEEP
    }
    empty[probes.PREFIX + probes.TOO_DEEP] = RecursionError
    return Contender(_loaded(path, instrumented, empty), None)


def recorded(path: Path, folder: Path, name: str) -> tuple[Contender, CodeType]:
    """The program recorded by the core of that name, and its code."""
    settings = Settings(core=name, spool_max_bytes=1 << 32)
    facts = {"argv": [], "executable": "", "python": "", "wall_ns": 0, "monotonic_ns": 0}
    core = create_core(folder, settings, facts)
    options = Options(settings.captured_kinds)
    cache = CodeCache(folder / "cache", options)
    instrument = Instrument(options, cache, core.add_module, core.report)
    core.probes.install()
    names = {name: getattr(builtins, name) for name in dir(builtins) if "." in name}
    code = instrument.code(path.read_bytes(), str(path), "program")
    assert code is not None
    return Contender(_loaded(path, code, names), core), code


def _loaded(path: Path, code: CodeType, names: dict[str, object]) -> Callable[[int], object]:
    module = ModuleType("program")
    module.__dict__.update(__file__=str(path), __builtins__={**vars(builtins), **names})
    sys.modules["program"] = module
    exec(code, module.__dict__)  # noqa: S102 - a program of ours
    run: Callable[[int], object] = module.__dict__["run"]
    return run


def measured(name: str) -> dict[str, object]:
    """Return the figures of one program."""
    path, size = PROGRAMS / f"{name}.py", SIZES[name]
    with tempfile.TemporaryDirectory() as folder:
        native, code = recorded(path, _made(folder, "native"), "native")
        python, _ = recorded(path, _made(folder, "python"), "python")
        ways = {"plain": plain(path), "floor": floor(path, code), "native": native}
        ways["python"] = python
        times = _rounds(ways, size)
        events = _events(native, size)
    return {"events": events, "empty_call_ns": _empty_call_ns(), "seconds": times}


def _made(folder: str, name: str) -> Path:
    made = Path(folder, name)
    made.mkdir()
    return made


def _rounds(ways: dict[str, Contender], size: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        _timed(way, size)
    for _ in range(ROUNDS):
        for name, way in ways.items():
            times[name].append(_timed(way, size))
    return times


def _timed(way: Contender, size: int) -> float:
    """Return the seconds of one run, all of it in one session."""
    if way.core is not None:
        way.core.open_session("script", "program", "program", "run")
    started = time.thread_time()
    way.run(size)
    seconds = time.thread_time() - started
    if way.core is not None:
        way.core.close_session(None)
    return seconds


def _events(native: Contender, size: int) -> int:
    assert native.core is not None
    recorder = native.core._local.recorder  # noqa: SLF001 - nothing else tells while it runs
    before = recorder.counted()["events"]
    native.run(size)
    found: int = recorder.counted()["events"] - before
    return found


def _empty_call_ns() -> float:
    """Return what a call of an empty C function costs, the loop around it among that."""
    empty = _native.empty_second
    times = timeit.repeat("empty(1, x)", globals={"empty": empty, "x": 2}, number=100_000, repeat=9)
    return min(times) / 100_000 * 1e9


if __name__ == "__main__":
    figures = measured(sys.argv[1])
    print(json.dumps(figures))
