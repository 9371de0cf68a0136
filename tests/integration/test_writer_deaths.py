"""Writers and recorded programs that end before their time: nothing is lost, nothing is doubled."""

import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgpack
import pytest

from rewind.spool.process import start_ticks
from rewind.store import (
    open_store,
    read_chunks,
    read_function_calls,
    schema,
)
from rewind.writer import WriterSettings, run
from rewind.writer.drain import Drain
from rewind.writer.folder import RecordingFolder
from rewind.writer.retry import Retry
from tests.databases import database, postgres, postgres_server
from tests.shop import Shop, shop
from tests.spooled import Spooled, SpooledProcess, dead_process
from tests.written import (
    events,
    events_in,
    events_of,
    eventually,
    living,
    opened,
    sessions,
    settings,
    writing,
)

__all__ = ["database", "postgres", "postgres_server"]

EAGER = """
import sys
from pathlib import Path
from rewind.writer import WriterSettings, drain, run
drain._FLUSH_SHARE = 0
run(Path(sys.argv[1]), WriterSettings(sys.argv[2], flush_interval=0.0, linger=0.0, chunk_events=64))
"""
"""A writer that commits as often as it can: there is much to kill it in the middle of."""


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_writer_loses_nothing_and_doubles_nothing(
    tmp_path: Path, database: str, seed: int
) -> None:
    """Writers are killed at random moments; whatever is left, the next one goes on with it."""
    chance = random.Random(seed)  # noqa: S311 - it has to be the same each time
    spooled, ids = shop(tmp_path / "spool", sessions=500, segment_size=2500)
    twin, twin_ids = shop(tmp_path / "spool", sessions=1)
    expected = f"sqlite:///{tmp_path}/expected.db"
    assert run(twin.path, settings(expected)) == 0
    killed = 0
    while killed < 4:
        left = len(list(spooled.path.glob("*.seg")))
        command = [sys.executable, "-c", EAGER, str(spooled.path), database]
        with subprocess.Popen(command) as writer:
            eventually(lambda: len(list(spooled.path.glob("*.seg"))) < left)  # noqa: B023
            time.sleep(chance.uniform(0, 0.03))
            writer.kill()
        assert spooled.path.exists(), "too late: nothing was left to kill it over"
        killed += 1
    assert run(spooled.path, settings(database)) == 0
    rows = sessions(database)
    assert [row.id for row in rows] == ids[::-1]
    assert {row.status for row in rows} == {"completed"}
    known = [record[2:] for record in events(expected, twin_ids[0])]
    with opened(database) as store:
        for row in rows:
            assert [record[2:] for record in events_in(store, row.id)] == known


def test_every_place_to_be_killed_at_is_safe(tmp_path: Path, database: str) -> None:
    """A writer that stops after each commit, and one that never does, store the same."""
    with living() as program:
        spooled = Spooled(tmp_path / "spool", launcher=program.pid, segment_size=700)
        process = spooled.process(program.pid)
        running = Shop(process)
        steps = running.stepwise()
        session = next(steps)
        for _ in steps:
            stop_when_drained(spooled.path, settings(database, chunk_events=7))
        process.goodbye()
        program.kill()
        program.wait()
        assert run(spooled.path, settings(database, chunk_events=7)) == 0
    whole, (expected,) = shop(tmp_path / "whole")
    other = f"sqlite:///{tmp_path}/expected.db"
    assert run(whole.path, settings(other, chunk_events=7)) == 0
    assert stored(database, session) == stored(other, expected)


def test_a_session_goes_on_after_a_last_chunk_that_must_not_change(
    tmp_path: Path, database: str
) -> None:
    """So it is where the database was upgraded from before 0006 while the session ran."""
    with living() as program:
        spooled = Spooled(tmp_path / "spool", launcher=program.pid)
        process = spooled.process(program.pid)
        steps = Shop(process).stepwise()
        session = next(steps)
        for _ in steps:
            stop_when_drained(spooled.path, settings(database))
            close_open_chunks(database)
        process.goodbye()
        program.kill()
        program.wait()
        assert run(spooled.path, settings(database)) == 0
    whole, (expected,) = shop(tmp_path / "whole")
    other = f"sqlite:///{tmp_path}/expected.db"
    assert run(whole.path, settings(other)) == 0
    assert stored(database, session)[1:] == stored(other, expected)[1:]


def close_open_chunks(database: str) -> None:
    names = ", ".join(column.name for column in schema.open_chunks.columns)
    with opened(database) as store, store.engine.begin() as connection:
        moved = f"INSERT INTO chunks ({names}) SELECT {names} FROM open_chunks"
        connection.exec_driver_sql(f"{moved} WHERE true ON CONFLICT DO NOTHING")
        connection.exec_driver_sql("DELETE FROM open_chunks")


def stored(database: str, session_id: str) -> list[object]:
    """A session's chunks and calls, but for its id and for times."""
    store = open_store(database, upgrade=False)
    calls = [line[1:] for line in read_function_calls(store, session_id)]
    chunks = [
        (chunk.first, chunk.last, msgpack.unpackb(chunk.keyframe), chunk.sites, chunk.kinds)
        for chunk in read_chunks(store, session_id)
    ]
    store.close()
    records = [[head, *payload] for head, _, *payload in events(database, session_id)]
    return [chunks, calls, records]


def stop_when_drained(folder: Path, chosen: WriterSettings) -> None:
    """Run a writer that was told to stop: what it leaves is what one that is killed leaves."""
    store = open_store(chosen.database, upgrade=True)
    retry = Retry(chosen, stopped=lambda: True, alone=lambda: False)
    assert not Drain(RecordingFolder(folder), store, chosen, retry, stopped=lambda: True).run()
    store.close()


def test_a_killed_process_leaves_a_crashed_session(tmp_path: Path, database: str) -> None:
    spooled = Spooled(tmp_path, launcher=dead_process())
    process = spooled.process()
    program = Shop(process)
    whole, cut = program.run(), program.begin()
    between = program.process.thread().session("idle")
    assert run(spooled.path, settings(database)) == 0
    rows = {row.id: row for row in sessions(database)}
    assert rows[whole].status == rows[between].status == "completed"
    row = rows[cut]
    assert (row.status, row.error_type, row.events) == ("crashed", "crashed", 5)
    assert row.error_message == "the process ended in __main__.numbered, line 14"
    assert (row.error_event, row.duration_ns) == (5, 5000)
    assert row.tags == {}
    assert not spooled.path.exists()


def test_a_process_that_is_killed_while_the_writer_looks_on_is_noticed(
    tmp_path: Path, database: str
) -> None:
    with living() as program:
        spooled = Spooled(tmp_path, launcher=program.pid)
        running = Shop(spooled.process(program.pid))
        with writing(spooled.path, database) as writer:
            session = running.begin()
            eventually(lambda: events_of(database, session) == 5)
            program.kill()
            program.wait()
            assert writer.wait() == 0
    (row,) = sessions(database)
    assert row.status == "crashed"


def test_a_session_that_is_open_at_goodbye_is_completed(tmp_path: Path, database: str) -> None:
    spooled = Spooled(tmp_path, launcher=dead_process())
    process = spooled.process()
    Shop(process).begin()
    process.goodbye()
    assert run(spooled.path, settings(database)) == 0
    (row,) = sessions(database)
    assert (row.status, row.tags, row.error_type) == ("completed", {"unfinished": True}, None)


def test_a_second_writer_leaves_at_once(tmp_path: Path, database: str) -> None:
    spooled, _ = shop(tmp_path / "spool")
    with (spooled.path / "writer.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with writing(spooled.path, database) as writer:
            assert writer.wait() == 0
    assert spooled.path.exists()
    assert list(spooled.path.glob("*.seg"))


def test_a_folder_that_is_gone_needs_no_writer(tmp_path: Path, database: str) -> None:
    assert run(tmp_path / "gone", settings(database)) == 0


def test_a_folder_without_facts_is_kept(tmp_path: Path, database: str) -> None:
    spooled, _ = shop(tmp_path / "spool")
    (spooled.path / "recording.json").write_text("{")
    assert run(spooled.path, settings(database)) == 1
    assert "recording.json cannot be read" in (spooled.path / "writer.log").read_text()
    assert list(spooled.path.glob("*.seg"))


def test_ctrl_c_and_hang_up_do_not_stop_a_writer(tmp_path: Path, database: str) -> None:
    with living() as program:
        spooled = Spooled(tmp_path, launcher=program.pid)
        running = Shop(spooled.process(program.pid))
        with writing(spooled.path, database) as writer:
            first = running.begin()
            eventually(lambda: events_of(database, first) == 5)
            writer.send_signal(signal.SIGINT)
            writer.send_signal(signal.SIGHUP)
            running.proceed()
            eventually(lambda: events_of(database, first) == Shop.EVENTS)
            assert writer.poll() is None


def test_a_writer_that_is_told_to_end_drains_what_there_is(tmp_path: Path, database: str) -> None:
    with living() as program:
        spooled = Spooled(tmp_path / "spool", launcher=program.pid)
        process = spooled.process(program.pid)
        running = Shop(process)
        session = running.begin()
        with writing(spooled.path, database) as writer:
            eventually((spooled.path / "progress.json").exists)
            writer.send_signal(signal.SIGTERM)
            assert writer.wait() == 1
        (row,) = sessions(database)
        assert (row.status, row.events) == ("running", 5)
        running.proceed()
        process.goodbye()
        program.kill()
        program.wait()
        assert run(spooled.path, settings(database)) == 0
    (row,) = sessions(database)
    assert (row.id, row.status, row.events) == (session, "completed", Shop.EVENTS)


def test_damage_is_passed_over_and_its_segment_kept(tmp_path: Path, database: str) -> None:
    spooled = Spooled(tmp_path, launcher=dead_process(), segment_size=2048)
    process = spooled.process()
    program = Shop(process)
    ids = [program.run() for _ in range(12)]
    program.thread.close()
    process.goodbye()
    (second,) = spooled.path.glob("*-1-1.seg")
    raw = bytearray(second.read_bytes())
    raw[600:640] = b"\xc1" * 40
    second.write_bytes(raw)
    assert run(spooled.path, settings(database)) == 1
    assert list(spooled.path.glob("*.seg")) == []
    assert second.with_suffix(".damaged").read_bytes() == raw
    assert second.name[:-4].rsplit("-", 1)[0] in (spooled.path / "writer.log").read_text()
    rows = {row.id: row for row in sessions(database)}
    assert rows[ids[0]].status == rows[ids[-1]].status == "completed"
    assert len(events(database, ids[-1])) == Shop.EVENTS
    assert "damage" in json.loads(process.done.read_bytes())
    assert run(spooled.path, settings(database)) == 1
    assert second.with_suffix(".damaged").exists()
    assert len(sessions(database)) == len(rows)


def test_a_writer_without_a_database_says_how_to_start_it(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "REWIND_DATABASE"}
    command = [sys.executable, "-m", "rewind.writer", str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "usage: REWIND_DATABASE=URL python -m rewind.writer FOLDER\n"


def test_a_process_whose_number_was_used_again_counts_as_gone(
    tmp_path: Path, database: str
) -> None:
    spooled = Spooled(tmp_path, launcher=dead_process())
    process = SpooledProcess(spooled, os.getpid())
    Shop(process).begin()
    for path in list(spooled.path.glob("*.seg")):
        name = path.name.replace(f"-{start_ticks(os.getpid())}-", "-1-")
        path.rename(spooled.path / name)
    facts = spooled.facts | {"launcher": {"pid": os.getpid(), "start_ticks": 1}}
    (spooled.path / "recording.json").write_text(json.dumps(facts))
    assert run(spooled.path, settings(database)) == 0
    assert [row.status for row in sessions(database)] == ["crashed"]
