"""What a session has asked of databases, and which statement is repeated."""

from pathlib import Path
from typing import Any

from rewind.model.values import Omission, Tag
from rewind.replay import tables
from rewind.replay.queries import REPEATED, queries
from rewind.replay.session import Session
from tests.unit.replay.stored import stored
from tests.unit.replay.test_present import table_fields
from tests.unit.replay.told import SESSION, Told


def dictionary(**told: Any) -> Any:
    pairs = [part for pair in told.items() for part in pair]
    return (Tag.DICT, 7, len(told), *pairs)


def asked(folder: Path, *, times: int) -> Session:
    """A list calls for one thing after the other; each of them asks, and so does another."""
    told = Told()
    main, one, sql = told.function("main"), told.function("one"), told.function("sql")
    told.event("call", main, line=1)
    ask(told, sql, 12, "SELECT all", 50)
    for _ in range(times):
        told.event("call", one, 13, line=20)
        ask(told, sql, 21, "SELECT one", 10)
        told.event("return", one, None, line=22)
    ask(told, sql, 14, "SELECT all", 5, error="E: x")
    told.event("return", main, None, line=15)
    return stored(folder, told).session(SESSION)


def ask(told: Told, sql: int, line: int, statement: Any, duration_ns: int, **more: Any) -> None:
    facts = {"rows": 1, "duration_ns": duration_ns, "error": None, "statement": statement}
    told.event("sql", sql, dictionary(**facts | more), line)


def test_statements_are_counted_and_the_repeated_one_is_marked(tmp_path: Path) -> None:
    found = queries(asked(tmp_path, times=REPEATED + 1))
    assert [(one.statement, one.times, one.duration_ns, one.errors) for one in found] == [
        ("SELECT one", REPEATED + 1, 10 * (REPEATED + 1), 0),
        ("SELECT all", 2, 55, 1),
    ]
    one, every = found
    # Each ran below a frame of its own: it is their caller's.
    assert one.frame is not None
    assert (one.frame.number, one.repeated, every.frame) == (1, REPEATED + 1, None)
    shown = tables.query(one)
    assert (shown["n"], shown["function"], shown["line"]) == (4, "one", 21)
    assert (shown["repeated"], shown["below"], shown["times"]) == (True, "main", REPEATED + 1)
    assert set(shown) == table_fields("Statements of SQL")


def test_what_ran_a_few_times_is_not_repeated(tmp_path: Path) -> None:
    found = queries(asked(tmp_path, times=REPEATED))
    assert [one.frame for one in found] == [None, None]
    assert tables.query(found[0])["frame"] is None


def test_statements_that_were_cut_or_are_no_text_are_told_apart_as_far_as_known(
    tmp_path: Path,
) -> None:
    told = Told()
    main, sql = told.function("main"), told.function("sql")
    told.event("call", main, line=1)
    ask(told, sql, 12, (Tag.TEXT, 5000, "SELECT a", Omission.BYTES), 3)
    ask(told, sql, 13, 7, 2)
    told.event("sql", sql, (Tag.OMITTED, Omission.BYTES), 14)
    told.event("return", main, None, line=15)
    found = queries(stored(tmp_path, told).session(SESSION))
    assert sorted(one.statement for one in found)[:1] == ["7"]
    assert len(found) == 3
