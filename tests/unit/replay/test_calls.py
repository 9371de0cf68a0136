"""Where a call stands among the calls of its function, wherever the chunks were cut."""

from pathlib import Path

import pytest

from rewind.errors import NoSuchEventError
from rewind.model.sites import GENERATOR
from rewind.replay.calls import calls_around
from rewind.replay.prints import Hits
from tests.unit.replay.stored import stored
from tests.unit.replay.told import SESSION, Told


@pytest.mark.parametrize("size", [1, 2, 4096])
def test_a_call_knows_those_before_and_behind_it(tmp_path: Path, size: int) -> None:
    """Calls of other functions do not count, nor do those within the call itself."""
    told = Told()
    main, inner = told.function("main"), told.function("inner")
    told.event("call", main)
    frames = []
    for _ in range(3):
        frames.append(told.event("call", inner))
        told.event("return", inner, None)
    session = stored(tmp_path, told, size).session(SESSION)
    first, second, third = frames
    assert [calls_around(session, frame) for frame in (1, *frames)] == [
        Hits(1, 1, None, None),
        Hits(1, 3, None, second),
        Hits(2, 3, first, third),
        Hits(3, 3, second, None),
    ]


def test_a_frame_that_no_call_opened_is_among_none(tmp_path: Path) -> None:
    told = Told()
    numbers = told.function("numbers", flavour=GENERATOR)
    told.event("resume", numbers, 5, None)
    session = stored(tmp_path, told).session(SESSION)
    assert calls_around(session, 1) is None
    with pytest.raises(NoSuchEventError):
        calls_around(session, 9)
