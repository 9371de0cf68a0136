"""`docs/format.md` suffices: a reader made of it alone finds what `rewind events` tells."""

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.instrumented import CORES
from tests.integration.terminal import answers, environment, rewind
from tests.stranger import Told, events_of, has_echo, segments
from tests.twice import BOOTSTRAP

PROGRAM = """
import asyncio, datetime, os, sys, threading
from concurrent.futures import ThreadPoolExecutor

class Order:
    kind: str = "order"
    def __init__(self, number, **more):
        self.number = number
        self.more = more
        self.parts = [number, {"of": (number, None)}]

class Names(list):
    pass

def values():
    yield [1, -1, 2**40, -(2**40), 2**63, 2**64 - 1, -(2**63), 2**64, -(2**200), 0.5, float("nan")]
    yield {"a": True, 2: None, (1, 2): "x"}, {"$a": 1}, {1, 2}, frozenset(["z"]), 1 + 2j
    yield b"bytes", bytearray(b"more"), "é\\ud800\\U0001f600", "long" * 500, b"long" * 500
    yield Order, len, sys, datetime.date(2024, 2, 29), Names("ab"), object(), range(3)
    yield list(range(200)), {n: n for n in range(100)}, bytearray(2000), Order(1, password="p")
    cycle = []
    cycle.append(cycle)
    yield cycle, [[[[[[["deep"]]]]]]], "Bearer abcdefghijklmnopqrstuvwxyz0123456789"

def fails(depth):
    if depth == 0:
        raise ValueError("deep", depth)
    try:
        return fails(depth - 1)
    finally:
        depth = -1

def changes(order):
    order.number += 1
    order.more["k"] = order
    order.parts.append("x")
    order.parts[0] = None
    del order.parts[0], order.number
    first, *rest = order.parts
    del first
    while rest and (last := rest.pop()): pass
    for _ in range(2):
        pass
    match rest:
        case []: return order
    secret = 1  # rewind: off

async def waits(n):
    await asyncio.sleep(0)
    return n

async def main():
    print(await asyncio.gather(*(waits(n) for n in range(3))))

def worker(text):
    return [text.upper(), list(values())]

def run():
    large = {f"key {n}": [n, str(n)] for n in range(20)}
    for value in values():
        seen = value
        again = large
    changes(Order(2))
    try:
        fails(3)
    except ValueError as error:
        why = error
    asyncio.run(main())
    with ThreadPoolExecutor(2) as pool:
        print(len(list(pool.map(worker, ["a", "b"]))))
    if os.fork() == 0:
        print(changes(Order(3)) is not None, flush=True)
        os._exit(0)
    os.wait()
    sent = values()
    next(sent)
    sent.close()
    return large

run()
"""
START = """
import os, sys
from rewind.agent.recording import make_recording
from rewind.config import load
settings = load()
folder = make_recording(settings, ["app.py"])
(folder / "writer.lock").touch()
target = '{"kind": "script", "name": "app.py"}'
told = dict(RUN_FOLDER=str(folder), RUN_SETTINGS=settings.to_json(), RUN_TARGET=target)
os.environ.update({f"REWIND_{name}": text for name, text in told.items()})
os.execv(sys.executable, [sys.executable, sys.argv[1]])
"""


def recorded(folder: Path, core: str) -> Path:
    """Record the program, with a writer that has died, and return the recording's folder."""
    (folder / "app.py").write_text(dedent(PROGRAM))
    environ = environment(folder, REWIND_CORE=core, REWIND_SEGMENT_BYTES="4096")
    command = [sys.executable, "-c", START, str(BOOTSTRAP)]
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[0, 1, 2]\n2\nTrue\n"
    (found,) = (folder / ".rewind" / "spool").glob("*/")
    return found


CUTS = {1: "depth", 2: "items", 3: "bytes", 4: "changed", 5: "fault", 6: "unbound", 7: "hidden"}
CUTS |= {8: "off"}


def natural(value: Any) -> Any:
    """Return a value of a recording as `docs/json.md` writes it; both pages are held here."""
    if type(value) is tuple:
        return NODES[value[0]](*value[1:])
    if type(value) is float and not isfinite(value):
        return {"$float": str(value)}
    return _bytes("$bytes", value) if type(value) is bytes else value


def _bytes(kind: str, data: bytes) -> Any:
    return {kind: b64encode(data).decode("ascii")}


def _cut(size: int, rest: list[Any], of_each: int, form: Callable[[list[Any]], Any]) -> Any:
    """Give what follows in a container its form, with the reason where something is missing."""
    last = rest[-1] if rest else None
    closes = len(rest) % 2 if of_each == 2 else last != (17, 1) or len(rest) < size
    if not (closes and type(last) is tuple and last[0] == 17):
        assert len(rest) == size * of_each
        return form(rest)
    assert len(rest) <= size * of_each
    return {"$cut": CUTS[last[1]], "size": size, "value": form(rest[:-1])}


def _items(form: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    return lambda _, size, *rest: _cut(size, list(rest), 1, lambda it: form([*map(natural, it)]))


def _pairs(flat: list[Any]) -> list[tuple[Any, Any]]:
    return [(natural(key), natural(item)) for key, item in zip(flat[::2], flat[1::2], strict=True)]


def _dictionary(flat: list[Any]) -> Any:
    pairs = _pairs(flat)
    if all(type(key) is str and not key.startswith("$") for key, _ in pairs):
        return dict(pairs)
    return {"$dict": [[key, item] for key, item in pairs]}


def _exception(identity: int, kind: str, size: int, *arguments: Any) -> Any:
    of = _items(lambda it: {"$type": kind, "id": identity, "args": it, "message": None})
    return of(identity, size, *arguments)


NODES: dict[int, Callable[..., Any]] = {
    1: _items(list),
    2: _items(list),
    3: _items(lambda items: {"$set": items}),
    4: _items(lambda items: {"$frozenset": items}),
    5: lambda _, size, *rest: _cut(size, list(rest), 2, _dictionary),
    6: lambda identity, kind, size, *rest: _cut(
        size,
        list(rest),
        2,
        lambda flat: {"$type": kind, "id": identity, "attributes": dict(_pairs(flat))},
    ),
    7: lambda identity, kind: {"$type": kind, "id": identity},
    8: lambda size, prefix: {"$cut": "bytes", "size": size, "value": prefix},
    9: lambda size, prefix: {"$cut": "bytes", "size": size, "value": _bytes("$bytes", prefix)},
    10: lambda bits, text: {"$int": text, "bits": bits},
    11: lambda real, imaginary: {"$complex": [real, imaginary]},
    12: _exception,
    13: lambda _, kind: {"$class": kind},
    14: lambda _, name: {"$function": name},
    15: lambda _, name: {"$module": name},
    16: lambda reason, kind: {"$redacted": {1: "name", 2: "pattern"}[reason], "type": kind},
    17: lambda reason: {"$cut": CUTS[reason]},
    18: lambda identity: {"$seen": identity},
    19: lambda kind, node: {"$subclass": kind, "value": natural(node)},
    20: lambda _, kind, text: {"$type": kind, "text": text},
    21: lambda _, size, prefix: (
        _bytes("$bytearray", prefix)
        if len(prefix) == size
        else {"$cut": "bytes", "size": size, "value": _bytes("$bytearray", prefix)}
    ),
}
VALUE_AT = {"attribute": 1, "item": 2, "resume": 1, "delete": None, "loop": None, "await": None}
"""Where the value stands in a payload, if not first of all."""


def shown(event: Told) -> dict[str, Any]:
    """Return what of an event `rewind events --json` has to tell as well."""
    value: Any
    line, name = event.line, event.name
    if event.kind == "call":
        value = dict(zip(event.parameters, map(natural, event.payload), strict=True))
    else:
        place = VALUE_AT.get(event.kind, 0)
        value = None if place is None else natural(event.payload[place])
    if event.kind == "exception":
        line, name = event.payload[1], value.get("$type")
    told = {"n": event.n, "kind": event.kind, "time_ns": event.time_ns}
    told |= {"detail": event.detail, "value": value}
    if event.kind in {"output", "log", "sql", "http", "redis"}:
        # It belongs to the frame on top.
        told["line"] = event.payload[1]
    else:
        told |= {"module": event.module, "function": event.function, "line": line}
    if event.kind not in {"handled", "exception"}:
        told["name"] = name
    if event.kind in {"attribute", "item"} or (event.kind == "delete" and event.payload):
        told["owner"] = natural(event.payload[0])
    if event.kind == "item" or (len(event.payload) == 2 and event.kind == "delete"):
        told["key"] = natural(event.payload[1])
    if event.kind == "exception" and event.payload[3] is not None:
        told["traceback"] = [
            {"file": file, "line": line, "function": function}
            for file, line, function in event.payload[3]
        ]
    return told


def without_messages(value: Any) -> Any:
    """Leave out what an exception says as text, which is made of its arguments."""
    if type(value) is dict:
        each = {key: without_messages(item) for key, item in value.items()}
        return each | {"message": None} if "args" in value and "message" in value else each
    return [without_messages(item) for item in value] if type(value) is list else value


@pytest.mark.parametrize("core", CORES)
def test_the_page_suffices_to_read_a_recording(core: str, tmp_path: Path) -> None:
    folder = recorded(tmp_path, core)
    found: dict[str, list[Told]] = {}
    for event in events_of(folder):
        found.setdefault(event.session, []).append(event)
    read = [one for one in segments(folder) if one.stream]
    assert {one.sequence > 0 for one in read} == {True, False}
    assert any(has_echo(one.data) for one in read) == (core == "native")
    assert rewind(tmp_path, "recover").returncode == 0
    told = {one["id"]: one for one in answers(tmp_path, "sessions", "--limit", 100)}
    assert {session: len(events) for session, events in found.items()} == {
        session: one["events"] for session, one in told.items() if one["events"]
    }
    assert sum(map(len, found.values())) > 150
    for session, events in found.items():
        ours = answers(tmp_path, "events", session, "--to", len(events))
        assert len(ours) == len(events)
        for one, event in zip(ours, events, strict=True):
            expected = json.loads(json.dumps(shown(event)))
            assert {key: without_messages(one[key]) for key in expected} == expected
    kinds = {event.kind for events in found.values() for event in events}
    assert len(kinds) == 15, kinds
