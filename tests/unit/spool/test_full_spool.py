"""A recorder in front of a full spool drops, counts, and goes on when there is room again."""

from pathlib import Path
from textwrap import dedent
from time import monotonic_ns, thread_time
from typing import Any

import pytest

from rewind.model.events import Control
from rewind.spool.reader import segments
from tests.instrumented import Recording, recording, run, write
from tests.spool_reading import read

SOURCE = "def f(x): return x * 500\ndef many(n):\n    for i in range(n): f('x')\n"
SMALL: dict[str, Any] = {"segment_bytes": 4096, "spool_max_bytes": 1 << 20}


def function(made: Recording, folder: Path, name: str) -> Any:
    path = write(folder, dedent(SOURCE))
    return run(made.code(path), path).namespace[name]


def test_full_spool_drops_and_counts(tmp_path: Path) -> None:
    """Every event is either recorded or counted as dropped."""
    with recording(tmp_path / "spool", **SMALL) as made:
        function(made, tmp_path, "many")(3_000)
        spool = made.read()
    sizes = [path.stat().st_size for _, path in segments(tmp_path / "spool")]
    # What a session's end says takes as little as it can, whether there is room or not.
    assert sum(size for size in sizes if size >= 4096) <= 1 << 20
    assert sum(size for size in sizes if size < 4096) < 2000
    told = spool.goodbyes[0]
    assert told["events"] == len(spool.events)
    # The module's own: a call, two bindings at most, a return; `many`: a call and a return.
    assert told["events"] + told["dropped"] >= 4 * 3_000
    assert told["dropped"] > 0
    assert sum(one.rest[1] for one in spool.controls(Control.DROPPED)) <= told["dropped"]
    (module,) = [one for one in spool.sessions if one["function"] == "<module>"]
    (many,) = [one for one in spool.sessions if one["function"] == "many"]
    ended = {one.rest[1] for one in spool.controls(Control.FINISH)}
    assert ended == {module["key"], many["key"]}
    counted = {one.rest[0]: one.rest[1] for one in spool.controls(Control.DROPPED)}
    own = [event for event in spool.events if event.session == many["key"]]
    assert counted[many["key"]] + len(own) >= 4 * 3_000


@pytest.mark.parametrize("core", ["native", "python"])
def test_sessions_that_nobody_could_be_told_of_are_counted_together(
    tmp_path: Path, core: str
) -> None:
    """They leave no file each: in an outage there may be a million of them."""
    with recording(tmp_path / "spool", core=core, **SMALL) as made:
        many = function(made, tmp_path, "many")
        many(3_000)
        files = len(list(segments(made.folder)))
        for _ in range(10):
            many(2)
        assert len(list(segments(made.folder))) == files
        spool = made.read()
    told = spool.goodbyes[0]
    lost = sum(one.rest[1] for one in spool.controls(Control.DROPPED))
    # At least a call and a return of each function.
    assert told["unsaid"] >= 10 * 2 * 3
    assert told["dropped"] == lost + told["unsaid"]


def ask_again(made: Recording) -> None:
    """Let the recorder look for room at once."""
    recorder: Any = made.core._recorder()
    recorder._retry_ns = 0


def test_drained_spool_goes_on_and_says_what_is_missing(tmp_path: Path) -> None:
    with recording(tmp_path / "spool", **SMALL) as made:
        many = function(made, tmp_path, "many")
        many(3_000)
        before = len(read(made.folder).events)
        for name, path in list(segments(made.folder)):
            if name.stream:
                path.unlink()
        ask_again(made)
        many(3)
        spool = made.read()
    assert before > 1000
    last = spool.sessions[-1]
    assert last["function"] == "many"
    assert [e.function for e in spool.events if e.session == last["key"]].count("f") == 6
    ends = [one.rest[1] for one in spool.controls(Control.FINISH)]
    assert last["key"] in ends


@pytest.mark.parametrize("core", ["native", "python"])
def test_the_longer_it_takes_to_ask_for_room_the_longer_it_is_left(
    tmp_path: Path, core: str
) -> None:
    """Asking looks at every segment that waits; a program with a slow writer has thousands."""

    def left_alone(made: Recording, function: Any) -> bool:
        began = monotonic_ns()
        ask_again(made)
        function(1)
        ended = monotonic_ns()
        recorder: Any = made.core._recorder()
        return bool(recorder._retry_ns - ended > 4 * (ended - began))

    with recording(tmp_path / "spool", core=core, **SMALL) as made:
        many = function(made, tmp_path, "many")
        many(3_000)
        for number in range(5_000):
            (made.folder / f"9-9-9-{number}.seg").touch()
        # The machine may do something else in between.
        assert any(left_alone(made, many) for _ in range(20))


@pytest.mark.parametrize("core", ["native", "python"])
def test_a_spool_in_which_thousands_wait_is_not_looked_through_for_each_segment(
    tmp_path: Path, core: str
) -> None:
    def took(function: Any) -> float:
        began = thread_time()
        function()
        return thread_time() - began

    def look() -> int:
        return sum(path.stat().st_size for path in made.folder.iterdir())

    with recording(
        tmp_path / "spool", core=core, segment_bytes=4096, spool_max_bytes=1 << 25
    ) as made:
        many = function(made, tmp_path, "many")
        alone = took(lambda: many(5_000))
        filled = len(list(segments(made.folder)))
        for number in range(3_000):
            (made.folder / f"9-9-9-{number}.seg").touch()
        beside_many = took(lambda: many(5_000))
        assert filled > 50
        assert beside_many - alone < filled / 4 * took(look)


def test_session_that_begins_without_room_is_announced_late(tmp_path: Path) -> None:
    """No event is ever written in a session that no reader knows."""
    with recording(tmp_path / "spool", **SMALL) as made:
        many = function(made, tmp_path, "many")
        many(3_000)
        made.core.open_session("script", "late", "__main__", "<module>")
        many(3)
        for name, path in list(segments(made.folder)):
            if name.stream:
                path.unlink()
        ask_again(made)
        many(2)
        made.core.close_session(None)
        spool = made.read()
    assert [one["trigger"] for one in spool.sessions] == ["late"]
    key = spool.sessions[0]["key"]
    (dropped,) = spool.controls(Control.DROPPED)
    assert (dropped.rest[0], dropped.rest[2]) == (key, "spool")
    own = [event for event in spool.events if event.session == key]
    assert dropped.rest[1] + len(own) == 3 * 4 + 2 * 4 + 4


def test_module_whose_sites_find_no_room_loads_plain(tmp_path: Path) -> None:
    path = write(tmp_path, SOURCE)
    with recording(tmp_path / "spool", **SMALL) as made:
        made.core._own.close()
        for path_of in (p for _, p in segments(made.folder)):
            path_of.unlink()
        (made.folder / "9-9-9-9.seg").write_bytes(bytes(1 << 20))
        assert made.instrument.code(path.read_bytes(), str(path), "subject") is None
        (made.folder / "9-9-9-9.seg").unlink()
