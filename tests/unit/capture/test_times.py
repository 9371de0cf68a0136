"""When an event bears the time of the one before it."""

import threading
from pathlib import Path

import pytest

from tests.instrumented import recording, run, write
from tests.spool_reading import Spool, read
from tests.twins import STEP_NS, run_clocks, step_clocks


def stepped(folder: Path, source: str, **shared: object) -> Spool:
    """Record a source by a clock that goes by `STEP_NS` at each look; `shared` are its globals."""
    path = write(folder, source)
    with pytest.MonkeyPatch.context() as monkeypatch, recording(folder / "spool") as made:
        code = made.code(path)
        for name, value in shared.items():
            monkeypatch.setattr(f"builtins.{name}", value, raising=False)
        step_clocks(monkeypatch)
        try:
            assert run(code, path).traceback == ""
        finally:
            run_clocks()
        return made.read()


def passed(spool: Spool, *names: str) -> dict[str, bool]:
    """Return for each variable whether its event has a time of its own."""
    told = {event.name: event.passed > 0 for event in spool.of("variable")}
    return {name: told[name] for name in names}


@pytest.mark.parametrize(
    "value", ["1", "-7", "2.5", "True", "None", "'eight_sg'", f"{2**60 - 1}", f"{-(2**60) + 1}"]
)
def test_number_that_arithmetic_gives_bears_the_time_before(value: str, tmp_path: Path) -> None:
    spool = stepped(tmp_path, f"def f(): x = 1; y = {value}; return y\nf()\n")
    assert passed(spool, "x", "y") == {"x": False, "y": False}
    assert next(event.passed for event in spool.of("return")) == 0


@pytest.mark.parametrize("value", ["2 ** 60", "'nine_sign'", "'é'", "b''", "()", "1j"])
def test_larger_value_has_a_time_of_its_own(value: str, tmp_path: Path) -> None:
    """What made it may have taken its time."""
    spool = stepped(tmp_path, f"def f(v): x = 1; y = v; z = 1\nf({value})\n")
    assert passed(spool, "x", "y", "z") == {"x": False, "y": True, "z": False}


def test_event_after_one_that_is_lost_has_a_time_of_its_own(tmp_path: Path) -> None:
    """Else it would bear a time long gone."""
    path = write(tmp_path, "def f(): x = 1; y = take_time(); z = 1\nf()\nf()\n")

    def take_time() -> None:
        (module,) = read(made.folder).modules
        places = [place for place, site in enumerate(module["sites"]) if site.name == "y"]
        for place in places:
            made.core.engine.silence(module["base"] + place)

    with pytest.MonkeyPatch.context() as monkeypatch, recording(tmp_path / "spool") as made:
        monkeypatch.setattr("builtins.take_time", take_time, raising=False)
        assert run(made.code(path), path).traceback == ""
        spool = made.read()
    told = [(event.name, event.passed > 0) for event in spool.of("variable")]
    assert told == [("x", False), ("z", True), ("x", False), ("z", True)]


class Gate:
    """What is added to it lets another thread run; nothing tells that from a number."""

    def __init__(self) -> None:
        self.other = threading.Event()
        self.back = threading.Event()

    def __add__(self, number: int) -> int:
        self.other.set()
        assert self.back.wait(10)
        return number


TWO_THREADS = """
def here():
    x = 1
    y = GATE + 1
    z = y + 1
def there():
    GATE.other.wait(10)
    w = 1
    GATE.back.set()
other = THREAD(target=there)
other.start()
here()
other.join()
"""


def test_no_event_bears_a_time_before_another_thread_s(tmp_path: Path) -> None:
    """Who looks for a race goes by the order of times."""
    spool = stepped(tmp_path, TWO_THREADS, GATE=Gate(), THREAD=threading.Thread)
    told = passed(spool, "x", "w", "y", "z")
    assert told == {"x": False, "w": True, "y": True, "z": False}


def test_times_never_stand_still_for_long(tmp_path: Path) -> None:
    """Each round of a loop looks at the clock."""
    spool = stepped(tmp_path, "def f(n):\n for i in range(n): x = i\nf(9)\n")
    rounds = [event.passed for event in spool.of("loop")]
    assert len(rounds) == 9
    assert all(one >= STEP_NS for one in rounds)
