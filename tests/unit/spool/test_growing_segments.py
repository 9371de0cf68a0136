"""A thread that fills its segments quickly gets larger ones, so that it waits for fewer files."""

from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from rewind.spool.reader import segments
from tests.instrumented import Recording, recording, run, write

SOURCE = "def f(x): return x * 500\ndef many(n):\n    for i in range(n): f('x')\n"
USUAL = 1 << 20
FILLS = 2_500
"""Calls that fill a segment of that size."""


def many(made: Recording, folder: Path) -> Callable[[int], None]:
    path = write(folder, SOURCE)
    found: Callable[[int], None] = run(made.code(path), path).namespace["many"]
    return found


def sizes(folder: Path) -> list[int]:
    return [path.stat().st_size for name, path in segments(folder) if name.stream == 1]


def test_segments_that_fill_quickly_grow_to_four_times_their_size(tmp_path: Path) -> None:
    calls = 20 * FILLS
    with recording(tmp_path / "spool", core="native") as made:
        many(made, tmp_path)(calls)
        spool = made.read()
    found = sizes(tmp_path / "spool")
    assert found[0] == USUAL
    # One that was not filled quickly, as on a busy machine, is followed by a usual one again.
    assert set(found) == {USUAL, 2 * USUAL, 4 * USUAL}
    assert [told["dropped"] for told in spool.goodbyes] == [0]
    # A call and a return, a round and its variable.
    assert len(spool.events) > 4 * calls


def test_segments_that_fill_slowly_stay_as_they_are(tmp_path: Path) -> None:
    with recording(tmp_path / "spool", core="native") as made:
        again = many(made, tmp_path)
        for _ in range(16):
            again(FILLS // 4)
            sleep(0.06)
    found = sizes(tmp_path / "spool")
    assert len(found) > 3
    assert set(found) == {USUAL}


@pytest.mark.parametrize(
    "settings",
    [
        {"core": "native", "segment_bytes": USUAL // 2},
        {"core": "native", "spool_max_bytes": 64 * USUAL},
        {"core": "python"},
    ],
    ids=["small ones", "a small bound", "python"],
)
def test_other_segments_do_not_grow(tmp_path: Path, settings: dict[str, Any]) -> None:
    with recording(tmp_path / "spool", **settings) as made:
        many(made, tmp_path)(4 * FILLS)
    found = sizes(tmp_path / "spool")
    assert len(found) > 3
    assert set(found) == {settings.get("segment_bytes", USUAL)}
