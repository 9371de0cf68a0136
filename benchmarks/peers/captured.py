"""Counts what a tool really wrote of a program: `python -m peers.captured TOOL PROGRAM FOLDER`.

Runs in the environment of the tools, as some formats are read by their own code. Every tool is
counted in the same terms:

- entries: frames entered or resumed, with their arguments;
- exits: frames left or suspended, with the value that they gave;
- values: variables, attributes and items as assignments and changes left them;
- exceptions: raised, passed through or handled;
- branches: outcomes of conditions and turns of loops, told as such;
- lines: lines executed.
"""

import ast
import json
import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from peers.loading import path_of

Counts = Counter[str]

REWIND = {
    "call": "entries",
    "resume": "entries",
    "return": "exits",
    "yield": "exits",
    "await": "exits",
    "variable": "values",
    "attribute": "values",
    "item": "values",
    "mutate": "values",
    "delete": "values",
    "exception": "exceptions",
    "handled": "exceptions",
    "branch": "branches",
    "loop": "branches",
}


def rewind(folder: Path, _program: str) -> Counts:
    """Every event of every session."""
    from rewind.replay.archive import Archive

    counts: Counts = Counter()
    archive = Archive.open(f"sqlite:///{folder / 'rewind.db'}")
    for facts in archive.sessions():
        counts["dropped"] += facts.dropped
        kinds = Counter(event.kind for event in archive.session(facts.id).events())
        for kind, count in kinds.items():
            # Output, logged lines, SQL: the other tools have no such events.
            counts[REWIND.get(kind, "others")] += count
            counts["events"] += count
    archive.close()
    return counts


def rewind_total(folder: Path) -> dict[str, object]:
    """How many events all sessions have, how many were dropped, and by which core."""
    database = sqlite3.connect(folder / "rewind.db")
    events, dropped = database.execute("select sum(events), sum(dropped) from sessions").fetchone()
    (core,) = database.execute("select core from processes").fetchone()
    database.close()
    return {"events": events or 0, "dropped": dropped or 0, "core": core}


def kolo(folder: Path, _program: str) -> Counts:
    """Its frames; locals at a return are values only where assignments are not told apart."""
    from kolo.trace_container import load_trace

    counts: Counts = Counter()
    kinds: Counts = Counter()
    for file in folder.glob(".kolo/.internal/raw/*"):
        trace = load_trace(file.read_bytes())
        for thread in trace["threads"].values():
            for frame in thread["frames"]:
                kinds[frame.get("event", frame["type"])] += 1
                if frame.get("event") == "return":
                    counts["last values"] += len(frame["locals"] or ())
                elif frame.get("event") == "call":
                    counts["last values"] -= len(frame["locals"] or ())
    last = counts.pop("last values", 0)
    counts["entries"] = kinds["call"] + kinds["resume"] + kinds["throw"]
    counts["exits"] = kinds["return"] + kinds["yield"]
    counts["values"] = kinds["line"] or max(0, last)
    counts["exceptions"] = kinds["unwind"] + kinds["throw"]
    return counts


def viztracer(folder: Path, program: str) -> Counts:
    """Its entries; a function's parameters are logged as variables and belong to the call."""
    trace = json.loads((folder / "viztracer.json").read_bytes())
    path = path_of(program)
    parameters = _parameters(path)
    counts: Counts = Counter()
    for entry in trace["traceEvents"]:
        name, args = entry["name"], entry.get("args") or {}
        if entry["ph"] == "X":
            if path not in name:
                continue
            line = int(name.rpartition(":")[2].rstrip(")"))
            told = "func_args" in args
            counts["entries"] += 1
            counts["exits"] += "return_value" in args
            counts["of parameters"] += 0 if told else parameters.get(line, 0)
        elif name.startswith(("Variable Assign", "Attribute Assign")):
            counts["values"] += 1
        elif name.startswith("Exception"):
            counts["exceptions"] += 1
    counts["values"] = max(0, counts["values"] - counts.pop("of parameters", 0))
    counts["dropped"] = int(trace["viztracer_metadata"]["overflow"])
    return counts


def _parameters(path: str) -> dict[int, int]:
    """How many parameters the function at a line has."""
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {
        line: len(node.args.posonlyargs + node.args.args + node.args.kwonlyargs)
        for node in functions
        for line in (node.lineno, *(decorator.lineno for decorator in node.decorator_list))
    }


def hunter(folder: Path, _program: str) -> Counts:
    """Its lines; what `VarsSnooper` repeats of a call's arguments belongs to the call."""
    counts: Counts = Counter()
    kind = ""
    for line in _lines(folder):
        place = re.match(r" *\S+:\d+ +(call|line|return|exception) +(.*)", line)
        if place is None:
            counts["values"] += kind != "call"
            continue
        kind, rest = place.groups()
        if rest.startswith("[") and re.match(r"\[\w+ :", rest):
            counts["values"] += kind != "call"
        else:
            name = {"call": "entries", "return": "exits", "exception": "exceptions"}
            counts[name.get(kind, "lines")] += 1
    return counts


def snoop(folder: Path, _program: str) -> Counts:
    """Its lines; the variables right after an entry are its arguments."""
    counts: Counts = Counter()
    at_entry = False
    for line in _lines(folder):
        text = re.sub(r"^ *\d\d:\d\d:\d\d\.\d\d ", "", line)
        if text.startswith(">>> "):
            counts["entries"] += 1
            at_entry = True
        elif re.match(r"\.+ len\(", text):
            continue
        elif re.match(r"\.{3,} ", text):
            counts["values"] += not at_entry
        elif text.startswith("<<< "):
            counts["exits"] += 1
        elif text.startswith("!!! "):
            counts["exceptions"] += not text.startswith("!!! Call ended")
        elif re.match(r" *\d+ \|", text):
            counts["lines"] += not at_entry
            at_entry = False
    return counts


def pysnooper(folder: Path, _program: str) -> Counts:
    """Its lines."""
    counts: Counts = Counter()
    for line in _lines(folder):
        text = line.lstrip()
        event = re.match(r"\d\d:\d\d:\d\d\.\d{6} (call|line|exception) ", text)
        if event is not None:
            name = {"call": "entries", "line": "lines", "exception": "exceptions"}
            counts[name[event[1]]] += 1
        elif text.startswith("Return value:.."):
            counts["exits"] += 1
        elif text.startswith(("New var:", "Modified var:")):
            counts["values"] += 1
    return counts


def _lines(folder: Path) -> Iterator[str]:
    with (folder / "output.txt").open(encoding="utf-8") as text:
        yield from text


COUNTERS: dict[str, Callable[[Path, str], Counts]] = {
    "rewind": rewind,
    "kolo": kolo,
    "viztracer": viztracer,
    "hunter": hunter,
    "snoop": snoop,
    "pysnooper": pysnooper,
}


def bytes_in(folder: Path) -> int:
    """Bytes of all files that a tool left."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def main(tool: str, program: str, folder: Path) -> None:
    """Print the counts as JSON."""
    if tool == "total":
        found: dict[str, Any] = rewind_total(folder)
    else:
        counter = COUNTERS[tool.partition("-")[0]]
        found = {"bytes": bytes_in(folder), **counter(folder, program)}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
