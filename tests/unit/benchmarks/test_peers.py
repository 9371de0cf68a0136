"""The benchmark beside other tools: what it counts, and what it concludes from seconds."""

import json
import sys
from pathlib import Path

import pytest
from peers import captured, loading
from peers.figures import Comparison, Figure, coverage, figure
from peers.rounds import Runs
from peers.tools import PYTHON_CORE, REWIND, TOOLS, chosen

EVENTS = {"events": 100.0, "entries": 20.0, "exits": 20.0, "values": 40.0, "branches": 20.0}
NAMES = [tool.name for tool in TOOLS]


def runs_of(name: str, seconds: list[float], **captures: float) -> Runs:
    tool = next(tool for tool in TOOLS if tool.name == name)
    return Runs(tool, 10, [1.0] * len(seconds), seconds, captures)


def comparison(*figures: Figure) -> Comparison:
    return Comparison("3.12", "fib", "native", EVENTS, list(figures))


def text_of(folder: Path, text: str) -> Path:
    (folder / "output.txt").write_text(text, encoding="utf-8")
    return folder


def test_overhead_is_the_median_over_rounds_for_each_event_of_rewind() -> None:
    found = figure(runs_of("hunter", [3.0, 2.0, 9.0]), EVENTS)
    assert found.ratio == 3.0
    assert (found.ratio_low, found.ratio_high) == (2.0, 9.0)
    assert found.event_ns == pytest.approx(2.0 / 1000 * 1e9)


def test_more_of_one_kind_makes_up_for_nothing_of_another() -> None:
    assert coverage({"values": 4000.0}, EVENTS) == 0.5


def test_a_tool_that_records_little_is_not_the_best_peer() -> None:
    cheap = figure(runs_of("kolo-calls", [1.1], entries=20, exits=20), EVENTS)
    whole = figure(runs_of("kolo", [1.5], entries=20, exits=20, values=30), EVENTS)
    rewind = figure(runs_of(REWIND, [1.05]), EVENTS)
    found = comparison(rewind, cheap, whole)
    assert found.best_peer() == whole
    assert found.times_rewind(whole) == pytest.approx(10)


def test_a_tool_that_never_ended_has_no_ratio() -> None:
    runs = runs_of("snoop", [])
    runs.trouble = "still running after 120 s"
    found = figure(runs, EVENTS)
    assert found.ratio is None
    assert comparison(found).best_peer() is None


def test_without_a_native_core_rewind_is_measured_once_and_on_less_work() -> None:
    assert PYTHON_CORE in [tool.name for tool in chosen(NAMES, "3.12", "native")]
    found = chosen(NAMES, "3.12", "python")
    assert PYTHON_CORE not in [tool.name for tool in found]
    assert next(tool for tool in found if tool.name == REWIND).share > 1


def test_hunter_is_counted_without_what_it_repeats_of_arguments(tmp_path: Path) -> None:
    text = (
        "   /a/b.py:4     call         => push(item=0, box=[])\n"
        "   /a/b.py:4     call      [box := []]\n"
        "                 ...       [item := 0]\n"
        "   /a/b.py:5     line            box.append(item)\n"
        "   /a/b.py:6     line            last = box\n"
        "   /a/b.py:6     line      [box : [] => [0]]\n"
        "   /a/b.py:7     line            return box\n"
        "   /a/b.py:7     line      [last := [0]]\n"
        "   /a/b.py:7     return      <= push: [0]\n"
    )
    found = captured.hunter(text_of(tmp_path, text), "")
    assert found == {"entries": 1, "lines": 3, "values": 2, "exits": 1}


def test_snoop_is_counted_without_arguments_and_lengths(tmp_path: Path) -> None:
    text = (
        '00:08:10.89 >>> Call to push in File "b.py", line 4\n'
        "00:08:10.89 ...... item = 0\n"
        "00:08:10.89    4 | def push(item, box):\n"
        "00:08:10.89    5 |     box.append(item)\n"
        "00:08:10.89 .......... box = [0]\n"
        "00:08:10.89 .......... len(box) = 1\n"
        "00:08:10.89    6 |     return box\n"
        "00:08:10.89 <<< Return value from push: [0]\n"
    )
    found = captured.snoop(text_of(tmp_path, text), "")
    assert found == {"entries": 1, "lines": 2, "values": 1, "exits": 1}


def test_pysnooper_is_counted_line_by_line(tmp_path: Path) -> None:
    text = (
        "Starting var:.. item = 0\n"
        "00:08:10.751468 call         4 def push(item, box):\n"
        "00:08:10.751497 line         5     box.append(item)\n"
        "Modified var:.. box = [0]\n"
        "00:08:10.751561 return       5     box.append(item)\n"
        "Return value:.. None\n"
        "Elapsed time: 00:00:00.000129\n"
    )
    found = captured.pysnooper(text_of(tmp_path, text), "")
    assert found == {"entries": 1, "lines": 1, "values": 1, "exits": 1}


def test_viztracer_logs_a_parameter_as_a_variable_and_it_counts_as_the_call_s(
    tmp_path: Path,
) -> None:
    path = loading.path_of("programs.fib")
    events = [
        {"ph": "i", "name": "Variable Assign - n = 1", "args": None},
        {"ph": "X", "name": f"fibonacci ({path}:4)", "args": {"return_value": "1"}},
        {"ph": "i", "name": "Variable Assign - total = 1", "args": None},
        {"ph": "X", "name": "run (/usr/lib/asyncio/runners.py:4)", "args": {}},
    ]
    trace = {"traceEvents": events, "viztracer_metadata": {"overflow": False}}
    (tmp_path / "viztracer.json").write_text(json.dumps(trace), encoding="utf-8")
    found = captured.viztracer(tmp_path, "programs.fib")
    assert (found["entries"], found["exits"], found["values"]) == (1, 1, 1)


def test_a_trace_without_a_call_of_the_program_counts_as_none(tmp_path: Path) -> None:
    trace = {"traceEvents": [], "viztracer_metadata": {"overflow": False}}
    (tmp_path / "viztracer.json").write_text(json.dumps(trace), encoding="utf-8")
    assert captured.viztracer(tmp_path, "programs.fib")["entries"] == 0


def test_a_decorated_program_is_decorated_at_every_function() -> None:
    names: list[str] = []

    def decorator(function: object) -> object:
        names.append(getattr(function, "__name__", ""))
        return function

    module = loading.decorated("programs.fib", decorator)
    del sys.modules["programs.fib"]
    assert names == ["fibonacci", "run"]
    assert module.run(1) == 610
