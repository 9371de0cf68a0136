"""The writer as a process, against a spool as recorded programs leave it and real databases."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rewind.model.events import Control
from rewind.store import (
    Bounds,
    Store,
    open_store,
    read_chunks,
    read_function_calls,
    read_modules,
    read_process,
    read_recording,
    read_reports,
    read_session,
    read_source,
    read_status,
)
from rewind.writer import drain, run, tail
from rewind.writer.folder import RecordingFolder
from rewind.writer.process import RecordedProcess
from rewind.writer.summary import summary
from tests.databases import database, postgres, postgres_server
from tests.shop import SHOP, Shop, shop, shop_table
from tests.spooled import Spooled, dead_process
from tests.written import events, events_of, eventually, living, sessions, settings, writing

__all__ = ["database", "postgres", "postgres_server"]


def test_a_recording_is_stored_whole_and_its_folder_removed(tmp_path: Path, database: str) -> None:
    spooled, ids = shop(tmp_path / "spool", sessions=3)
    with writing(spooled.path, database) as writer:
        assert writer.wait() == 0
    assert not spooled.path.exists()
    assert [row.id for row in sessions(database)] == ids[::-1]
    first = events(database, ids[0])
    assert len(first) == Shop.EVENTS
    assert first[0] == [0, 1000]
    assert first[-1] == [2, 48_000, None]
    assert [record[2:] for record in first] == [record[2:] for record in events(database, ids[2])]


def test_everything_about_a_recording_is_kept(tmp_path: Path, database: str) -> None:
    spooled = Spooled(
        tmp_path,
        launcher=dead_process(),
        name="nightly",
        tags={"team": "till"},
        settings={"overflow": "stop"},
    )
    process = spooled.process()
    process.report("module-failed", "shop.broken", "cannot be transformed", 12)
    program = Shop(process)
    parent = program.run()
    child = program.run(kind="thread", parent=parent, trigger="mailer", task="Task-1")
    process.goodbye()
    assert run(spooled.path, settings(database)) == 0
    store = open_store(database, upgrade=False)
    row = read_session(store, child)
    assert (row.kind, row.parent_id, row.trigger, row.task) == (
        "thread",
        parent,
        "mailer",
        "Task-1",
    )
    assert (row.status, row.events, row.duration_ns) == ("completed", Shop.EVENTS, 49_000)
    assert (row.module, row.function, row.name) == ("__main__", "<module>", "nightly")
    assert read_session(store, "last").id == parent
    recording = read_recording(store, row.recording_id)
    assert recording is not None
    assert (recording.name, recording.tags) == ("nightly", {"team": "till"})
    assert recording.settings == {"overflow": "stop"}
    owner = read_process(store, row.process_id)
    assert owner is not None
    assert (owner.status, owner.events, owner.core) == ("ended", 2 * Shop.EVENTS, "python")
    assert owner.probe_ns == 700 * owner.events
    (module,) = read_modules(store, owner.id)
    assert (module.name, module.functions) == ("__main__", shop_table().functions)
    assert module.sites == shop_table().sites
    assert read_source(store, module.file_hash) == SHOP.encode()
    (report,) = read_reports(store, row.recording_id)
    assert report[2:] == ("module-failed", "shop.broken", "cannot be transformed", 12)
    calls = {line.function: line.calls for line in read_function_calls(store, child)}
    assert calls == {"<module>": 1, "main": 1, "numbered": 1, "total": 2, "discount": 1}
    store.close()


def test_an_error_that_ends_a_session_is_told(tmp_path: Path, database: str) -> None:
    spooled = Spooled(tmp_path, launcher=dead_process())
    process = spooled.process()
    program = Shop(process)
    failed = program.crash()
    process.goodbye()
    run(spooled.path, settings(database))
    (row,) = sessions(database)
    assert (row.id, row.status) == (failed, "error")
    assert (row.error_type, row.error_message) == ("builtins.KeyError", "'gold'")
    assert row.error_event == 6


def test_a_session_is_seen_while_it_runs(tmp_path: Path, database: str) -> None:
    """It grows with every flush; the process's end leaves a summary that is there to be read."""
    with living() as program:
        spooled = Spooled(tmp_path, launcher=program.pid)
        process = spooled.process(program.pid)
        running = Shop(process)
        with writing(spooled.path, database) as writer:
            session = running.begin()
            eventually(lambda: events_of(database, session) == 5)
            (row,) = sessions(database)
            assert (row.status, row.duration_ns) == ("running", None)
            running.proceed()
            eventually(lambda: events_of(database, session) == Shop.EVENTS)
            process.goodbye()
            eventually(process.done.exists)
            done = json.loads(process.done.read_bytes())
            assert done | {"bytes": 0} == {
                "sessions": 1,
                "events": Shop.EVENTS,
                "bytes": 0,
                "dropped": 0,
                "redacted": 0,
                "reports": [],
                "last_session": session,
                "trigger": "shop.py",
            }
            progress = json.loads((spooled.path / "progress.json").read_bytes())
            assert progress["events"] == Shop.EVENTS
            assert progress["bytes"] > 1000
            program.kill()
            program.wait()
            assert writer.wait() == 0
    assert not spooled.path.exists()


def test_a_summary_counts_sessions_that_make_room_at_once(tmp_path: Path, database: str) -> None:
    with living() as program:
        spooled = Spooled(tmp_path, launcher=program.pid, settings={"max_sessions": 2})
        process = spooled.process(program.pid)
        ids = [Shop(process).run() for _ in range(5)]
        process.goodbye()
        with writing(spooled.path, database) as writer:
            eventually(process.done.exists)
            done = json.loads(process.done.read_bytes())
            program.kill()
            program.wait()
            assert writer.wait() == 0
    assert (done["sessions"], done["events"]) == (5, 5 * Shop.EVENTS)
    assert done["last_session"] == ids[-1]
    assert [row.id for row in sessions(database)] == ids[:-3:-1]


def test_a_summary_counts_sessions_that_make_room_while_others_come(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look at the spool takes in a session or two, is stored, and has older ones removed."""
    told = list[dict[str, object]]()

    def summary_of(store: Store, process: RecordedProcess) -> dict[str, object]:
        told.append(summary(store, process))
        return told[-1]

    monkeypatch.setattr(drain, "summary", summary_of)
    monkeypatch.setattr(drain, "_RETAIN_INTERVAL", -1.0)
    monkeypatch.setattr(drain, "_FLUSH_SHARE", 0)
    monkeypatch.setattr(tail, "_AT_ONCE", 2000)
    spooled, ids = shop(tmp_path, sessions=9)
    wanted = replace(settings(database, flush_interval=0.0), bounds=Bounds(max_sessions=2))
    assert run(spooled.path, wanted) == 0
    (done,) = told
    assert (done["sessions"], done["events"]) == (9, 9 * Shop.EVENTS)
    assert done["last_session"] == ids[-1]
    assert [row.id for row in sessions(database)] == ids[:-3:-1]


def test_segments_go_as_they_are_stored(tmp_path: Path, database: str) -> None:
    with living() as program:
        spooled = Spooled(tmp_path, launcher=program.pid, segment_size=1024)
        process = spooled.process(program.pid)
        running = Shop(process)
        with writing(spooled.path, database):
            session = running.run()
            for _ in range(10):
                session = running.run()
            eventually(lambda: len(list(spooled.path.glob("*-1-*.seg"))) == 1)
            assert events_of(database, session) == Shop.EVENTS


def test_a_writer_that_is_behind_looks_through_the_spool_now_and_then(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes in what it knows of first: there can be thousands of files."""
    spooled = Spooled(tmp_path, segment_size=1024)
    process = spooled.process()
    running = Shop(process)
    for _ in range(200):
        running.run()
    process.goodbye()
    files, looks = len(list(spooled.path.glob("*.seg"))), []
    look = RecordingFolder.processes

    def counted(folder: RecordingFolder) -> dict[tuple[int, int], dict[int, list[int]]]:
        looks.append(folder)
        return look(folder)

    monkeypatch.setattr(RecordingFolder, "processes", counted)
    assert run(spooled.path, settings(database)) == 0
    assert sum(session.events for session in sessions(database)) == 200 * Shop.EVENTS
    assert files > 100
    assert len(looks) < files / 4


def test_threads_and_processes_of_one_recording(tmp_path: Path, database: str) -> None:
    spooled = Spooled(tmp_path, launcher=dead_process(), segment_size=2048)
    first, second = spooled.process(), spooled.process(dead_process(1))
    programs = [Shop(first), Shop(first), Shop(second)]
    ids = set()
    for _ in range(4):
        ids |= {program.run() for program in programs}
    first.goodbye()
    second.goodbye()
    assert run(spooled.path, settings(database)) == 0
    rows = sessions(database)
    assert {row.id for row in rows} == ids
    assert {row.pid for row in rows} == {first.pid, second.pid}
    for row in rows:
        assert len(events(database, row.id)) == Shop.EVENTS


def test_sessions_that_take_turns_in_one_thread_are_told_apart(
    tmp_path: Path, database: str
) -> None:
    spooled = Spooled(tmp_path, launcher=dead_process())
    process = spooled.process()
    program = Shop(process)
    thread = program.thread
    one = thread.session("one")
    first = thread.key
    program.event("call", 0, 1)
    two = thread.session("two")
    second = thread.key
    program.event("call", 4, 18)
    thread.switch(first)
    program.event("return", 0, 28, None)
    thread.control(Control.DROPPED, second, 5, "limit")
    thread.control(Control.REDACTED, first, 2)
    thread.finish()
    thread.switch(second)
    program.event("return", 4, 27, 0)
    thread.finish()
    process.goodbye()
    run(spooled.path, settings(database))
    rows = {row.id: row for row in sessions(database)}
    assert [record[0] for record in events(database, one)] == [0, 2]
    assert [record[0] for record in events(database, two)] == [21, 31]
    assert (rows[two].dropped, rows[one].redacted) == (5, 2)
    assert [record[1] for record in events(database, two)] == [1000, 4000]


def test_more_events_than_may_be_kept(tmp_path: Path, database: str) -> None:
    spooled, (session,) = shop(tmp_path, settings={"max_events_per_session": 20})
    with writing(spooled.path, database) as writer:
        assert writer.wait() == 0
    store = open_store(database, upgrade=False)
    row = read_session(store, session)
    kept = [(chunk.first, chunk.last) for chunk in read_chunks(store, session)]
    store.close()
    assert row.events == Shop.EVENTS
    assert row.first_event == kept[0][0] == 31
    assert kept[-1][1] == Shop.EVENTS


def test_old_sessions_make_room(tmp_path: Path, database: str) -> None:
    first, _ = shop(tmp_path / "spool", sessions=5)
    run(first.path, settings(database))
    second, ids = shop(tmp_path / "spool", sessions=5, settings={"max_sessions": 3})
    with writing(second.path, database) as writer:
        assert writer.wait() == 0
    assert [row.id for row in sessions(database)] == ids[:1:-1]
    store = open_store(database, upgrade=False)
    assert read_recording(store, first.id) is None
    assert read_status(store).recording == 0
    store.close()
