"""What it costs to write one value, in the native core and in the Python core.

Prints ns a value, the least of many short rounds. Nothing is held against a clock, as the machine
may be slow or busy: the native core's cost is held against that of an empty C call.
"""

import datetime as dt
import decimal
import enum
import gc
import timeit
from dataclasses import dataclass

import pytest

from rewind.capture._native import Values
from rewind.capture.secrets import Secrets
from rewind.capture.snapshot import Snapshots
from rewind.capture.walk import Limits
from rewind.config import SecretNames, Settings

ROUNDS = 200
SECRETS = Secrets(SecretNames(Settings().redacted_names))


class Colour(enum.Enum):
    """An ordinary enumeration."""

    RED = 1


class Slotted:
    """Keeps its attributes in slots."""

    __slots__ = ("a", "b")

    def __init__(self) -> None:
        self.a, self.b = 1, "x"


@dataclass
class Point:
    """Keeps its attributes where instances do."""

    x: int
    y: int


ORDER = {
    "id": 1,
    "name": "abc",
    "price": 1.5,
    "quantity": 3,
    "paid": True,
    "items": [1, 2, 3],
    "where": {"x": 1, "y": 2.0},
    "note": "short",
    "coupon": None,
    "kind": 77,
}
CASES: dict[str, tuple[object, float]] = {
    "integer": (5, 0.3),
    "float": (1.5, 0.3),
    "short text": ("hello", 0.6),
    "text of 40": ("the quick brown fox jumps over lazy dogs", 3),
    "text of 900": ("lorem ipsum dolor " * 50, 40),
    "list of 3": ([1, 2, 3], 2),
    "dict of 10": (ORDER, 16),
    "instance": (Point(1, 2), 5),
    "slots": (Slotted(), 20),
    "enum": (Colour.RED, 15),
    "exception": (KeyError("k", 1), 4),
    "datetime": (dt.datetime(2026, 1, 2, tzinfo=dt.UTC), 60),
    "Decimal": (decimal.Decimal("1.50"), 25),
}
"""By name: a value, and how many empty C calls it may cost, about twice today's figure."""


def empty_call_ns() -> float:
    empty = gc.isenabled
    spent = timeit.repeat("empty()", globals={"empty": empty}, number=2000, repeat=ROUNDS)
    return min(spent) / 2000 * 1e9


def native_ns(value: object) -> float:
    """The loop is in C: the call itself does not count."""
    values = Values(Limits(), SECRETS)
    return min(timeit.repeat(lambda: values.repeat(value, 1000), number=1, repeat=ROUNDS)) * 1e6


def python_ns(value: object) -> float:
    snapshots, out = Snapshots(Limits(), SECRETS), bytearray()

    def write() -> None:
        out.clear()
        snapshots.write(out, value)

    return min(timeit.repeat(write, number=100, repeat=ROUNDS // 10)) / 100 * 1e9


@pytest.mark.parametrize("name", CASES)
def test_a_value_costs_a_bounded_number_of_empty_calls(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    value, most = CASES[name]
    empty, native, python = empty_call_ns(), native_ns(value), python_ns(value)
    with capsys.disabled():
        print(f"\n{name:12} native {native:7.1f} ns, Python {python:8.0f} ns, ", end="")
        print(f"an empty C call {empty:.1f} ns", end="")
    assert native < most * empty
