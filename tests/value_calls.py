"""Values that change, handed to a recorded function: its records are held against the values.

What the native core writes straight into a segment is met only there, with whatever ends a record
that was begun. Test support only.
"""

import random
from collections.abc import Callable
from pathlib import Path

import msgpack

from rewind.capture.walk import Limits
from tests.instrumented import recording, run, write
from tests.value_changes import SCALARS, Changes
from tests.value_writers import NativeWriter

SOURCE = """
def drive(act):
    act()
def keep(one, other, third):
    held = [other]
    held[0] = third
    return one
"""


class Calls:
    """Calls the function with each value, the one before it, and one that holds no other."""

    def __init__(self, seed: int, keep: Callable[..., object], limits: Limits) -> None:
        self._random = random.Random(seed)  # noqa: S311 - the same again
        self._keep = keep
        self._writer = NativeWriter(limits)
        self._before: object = None
        self.expected: list[list[str]] = []
        """What is written of the arguments, of each call."""

    def write(self, value: object) -> None:
        """Hand on a value."""
        given = (value, self._before, self._random.choice(SCALARS)(self._random))
        self.expected.append([self._told(one) for one in given])
        self._keep(*given)
        self._before = value

    def _told(self, value: object) -> str:
        data = self._writer.write(value).data
        return repr(
            msgpack.unpackb(
                data, use_list=False, strict_map_key=False, unicode_errors="surrogatepass"
            )
        )


def check_calls(folder: Path, seed: int, limits: Limits, steps: int) -> None:
    """Record values that change so often, and see that each record tells what there was."""
    chosen = {
        "max_depth": limits.max_depth,
        "max_items": limits.max_items,
        "max_value_bytes": limits.max_value_bytes,
    }
    with recording(folder, core="native", segment_bytes=1 << 17, **chosen) as made:
        made_by = run(made.code(write(folder, SOURCE)), folder / "subject.py")
        calls = Calls(seed, made_by.namespace["keep"], limits)
        changes = Changes(seed, calls)
        # In one session: a call that begins one is written at length.
        made_by.namespace["drive"](lambda: changes.run(steps))
        events = [one for one in made.read().events if one.function == "keep"]
    call, item, returned = (
        [list(map(repr, one.payload)) for one in events if one.kind == kind]
        for kind in ("call", "item", "return")
    )
    assert [told[:3] for told in call] == calls.expected
    assert [told[-1] for told in item] == [given[2] for given in calls.expected]
    assert [told[0] for told in returned] == [given[0] for given in calls.expected]
