"""What a session has printed, put together in lines."""

import re
from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest

from rewind.model.values import Redaction, Tag
from rewind.replay import tables
from rewind.replay.events import EventQuery
from rewind.replay.output import PRINTED, PrintedLine, lines, page, texts
from rewind.replay.session import Session
from tests.unit.replay.stored import stored
from tests.unit.replay.test_present import section, table_fields
from tests.unit.replay.told import SESSION, Told


def printed(folder: Path, *said: tuple[str, object], size: int = 4096) -> Session:
    """A function prints that, each text to its stream, at lines 11, 12, ..."""
    told = Told()
    main, output = told.function("main"), told.function("output")
    told.event("call", main, line=1)
    for line, (stream, text) in enumerate(said, 11):
        told.event("output", output, text, line, name=stream)
        told.event("line", main, line=line)
    told.event("return", main, None, line=6)
    return stored(folder, told, size).session(SESSION)


SAID = (
    ("stdout", "a\nb"),
    ("stderr", "wrong\n"),
    ("stdout", "c"),
    ("stdout", "\n\n"),
    ("stderr", "open"),
    ("stdout", "end"),
)


@pytest.mark.parametrize("size", [1, 3, 4096])
def test_lines_are_put_together_by_stream(tmp_path: Path, size: int) -> None:
    session = printed(tmp_path, *SAID, size=size)
    assert [(one.begun.n, one.stream, one.text, one.ended) for one in lines(session)] == [
        (2, "stdout", "a", True),
        (4, "stderr", "wrong", True),
        (2, "stdout", "bc", True),
        (8, "stdout", "", True),
        (10, "stderr", "open", False),
        (12, "stdout", "end", False),
    ]
    assert [one.text for one in lines(session, {"stderr"})] == ["wrong", "open"]
    assert [one.text for one in lines(session, first=6, last=8)] == ["c", ""]


def test_the_event_of_a_line_is_in_the_frame_that_wrote_it(tmp_path: Path) -> None:
    session = printed(tmp_path, *SAID)
    second = list(lines(session))[1]
    shown = tables.printed_line(second)
    assert (shown["function"], shown["line"], shown["n"]) == ("main", 12, 4)
    assert set(shown) == table_fields("What was printed and logged")
    assert "`/api/sessions/<id>/output?" in section("The HTTP API of the dashboard")


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
@pytest.mark.parametrize("streams", [PRINTED, {"stdout"}], ids=["both", "one"])
def test_pages_together_are_all_of_it(
    tmp_path: Path, limit: int, streams: AbstractSet[str]
) -> None:
    session = printed(tmp_path, *SAID)
    found: list[PrintedLine] = []
    first = 1
    while True:
        told = page(session, streams, first, None, limit)
        found += told.lines
        if told.next is None:
            break
        assert told.next > first
        first = told.next
    for name in streams:
        joined = "".join(one.text + "\n" * one.ended for one in found if one.stream == name)
        assert joined == "".join(text for of, text in SAID if of == name)


def test_what_was_left_out_has_a_mark_and_ends_its_line(tmp_path: Path) -> None:
    session = printed(
        tmp_path,
        ("stdout", "key: "),
        ("stdout", (Tag.REDACTED, Redaction.PATTERN, "builtins.str")),
        ("stdout", (Tag.TEXT, 3000, "xxx")),
        ("stdout", "next\n"),
    )
    told = "".join(text for _, text in texts(session))
    assert told == "key: \u2039redacted\u203a\nxxx…\nnext\n"
    assert [one.text for one in lines(session)] == ["key: \u2039redacted\u203a", "xxx…", "next"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (EventQuery(kinds=frozenset(("output",))), [2, 4]),
        (EventQuery(kinds=frozenset(("output",)), variable="stderr"), [4]),
        (EventQuery(variable="stdout"), [2]),
        (EventQuery(kinds=frozenset(("output",)), variable="stdin"), []),
        (EventQuery(kinds=frozenset(("output",)), function="main"), []),
        (EventQuery(kinds=frozenset(("output",)), line=11), []),
    ],
)
def test_they_are_found_by_their_stream_alone(
    tmp_path: Path, query: EventQuery, found: list[int]
) -> None:
    session = printed(tmp_path, ("stdout", "a\n"), ("stderr", "b\n"))
    assert [event.n for event in session.events(query)] == found
    if found:
        assert re.fullmatch("stdout|stderr", session.event(found[0]).name or "")
