"""Compares the two cores on random values for as many minutes as one gives (`make fuzz-values`).

Prints the first value that they write differently, made as small as hypothesis can.
"""

import argparse
import random
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import integers

from rewind.capture.walk import Limits
from tests import value_strategies as strategies
from tests.value_calls import check_calls
from tests.value_changes import Changes
from tests.value_writers import SECRETS, EchoWriter, NativeWriter, PythonWriter

ROUND = settings(
    max_examples=500,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


@ROUND
@given(strategies.values, strategies.limits)
def any_value(value: object, limits: Limits) -> None:
    native = NativeWriter(limits).write(value)
    assert native == PythonWriter(limits).write(value)
    assert native == NativeWriter(limits).write(value)


@ROUND
@given(strategies.texts, strategies.limits)
def any_text(text: str, limits: Limits) -> None:
    for one in (text, text.encode("utf-8", "replace"), text.encode("latin-1", "replace")):
        assert NativeWriter(limits).write(one) == PythonWriter(limits).write(one)


@ROUND
@given(integers(0, 1 << 62), strategies.limits)
def any_changes(start: int, limits: Limits) -> None:
    for chosen in (limits, Limits(max_depth=9, max_value_bytes=20_000)):
        Changes(start, EchoWriter(chosen)).run(100)


@settings(ROUND, max_examples=100)
@given(integers(0, 1 << 62), strategies.limits)
def any_calls(start: int, limits: Limits) -> None:
    for chosen in (limits, Limits(max_depth=9, max_value_bytes=20_000)):
        with TemporaryDirectory() as folder:
            check_calls(Path(folder), start, chosen, 40)


NATIVE = NativeWriter(Limits())


@ROUND
@given(strategies.names)
def any_name(name: str) -> None:
    assert NATIVE.is_secret(name) == SECRETS.covers(name)


def fuzz(minutes: float) -> int:
    """Return how many rounds there were; each has its own seed, which is printed if it fails."""
    rounds, end = 0, monotonic() + 60 * minutes
    while monotonic() < end:
        start = random.SystemRandom().getrandbits(64)
        for check in (any_value, any_text, any_changes, any_calls, any_name):
            try:
                seed(start)(check)()
            except BaseException:
                print(f"seed {start} of {check.__name__}")
                raise
        rounds += 1
    return rounds


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    chosen = parser.parse_args()
    rounds = fuzz(chosen.minutes)
    print(f"{rounds} rounds of {ROUND.max_examples} examples: no difference")
