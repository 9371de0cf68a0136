"""The nearest event that is asked for, both ways: what a plain look at all events would find."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewind import store
from rewind.replay.events import Event, EventQuery
from rewind.replay.outlines import OutlineCache, Outlines
from rewind.replay.session import Session
from rewind.store.rows import Outline
from tests.unit.replay.stored import put, stored
from tests.unit.replay.told import FILE, SESSION, Told

NAMES = st.sampled_from(["a", "b", "c"])
LINES = st.integers(1, 6)

Step = tuple[str, str, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["variable", "call", "return", "raise", "handle"]), NAMES, LINES),
    max_size=40,
)
QUERIES = st.builds(
    EventQuery,
    first=st.integers(1, 20) | st.just(1),
    last=st.none() | st.integers(0, 60),
    kinds=st.just(frozenset()) | st.frozensets(st.sampled_from(["call", "variable", "exception"])),
    function=st.none() | st.sampled_from(["f", "shop.g", "*", "nothing"]),
    variable=st.none() | NAMES,
    file=st.none() | st.sampled_from([FILE, "/elsewhere.py"]),
    line=st.none() | LINES,
)


def told(steps: list[Step]) -> Told:
    """Two functions that call one another; exceptions stand at lines that their sites do not."""
    program = Told()
    functions = [program.function("f", "a"), program.function("g", "b")]
    stack = [functions[0]]
    program.event("call", stack[-1], 0, line=1)
    for number, (what, name, line) in enumerate(steps):
        lost = (12, 90 + number % 2, "builtins.KeyError", 0)
        if what == "variable":
            program.event("variable", stack[-1], number, name=name, line=line)
        elif what == "call":
            stack.append(functions[line % 2])
            program.event("call", stack[-1], number, line=line)
        elif what == "return" and len(stack) > 1:
            program.event("return", stack.pop(), number, line=line)
        elif what == "raise":
            # Line 0: the traceback knows none, and it stands where the frame was before.
            program.event("exception", stack[-1], lost, line - 1, False, None, line=20)
        elif what == "handle":
            program.event("handled", stack[-1], lost, name=name, line=line)
    return program


def plainly(session: Session, query: EventQuery) -> list[Event]:
    """Return what is asked for by looking at every event."""
    last = session.facts.events if query.last is None else query.last
    return [
        event
        for event in session.events()
        if query.first <= event.n <= last and query.wants(event.place) and query.takes(event)
    ]


@settings(deadline=None)
@given(STEPS, st.sampled_from([1, 2, 5, 4096]), QUERIES, st.integers(0, 50))
def test_it_is_what_a_plain_scan_finds(
    steps: list[Step], size: int, query: EventQuery, n: int
) -> None:
    with TemporaryDirectory() as folder:
        archive = stored(Path(folder), told(steps), size)
        session = archive.session(SESSION)
        every = plainly(session, query)
        assert list(session.events(query)) == every
        after, before = session.next(n, query), session.previous(n, query)
        assert after == next((event for event in every if event.n > n), None)
        assert before == next((event for event in reversed(every) if event.n < n), None)
        archive.close()


def test_chunks_between_here_and_there_are_not_opened(tmp_path: Path) -> None:
    """Their bytes are broken, so that opening one would be noticed."""
    program = told([("variable", "a", 2), *[("variable", "b", 3)] * 30, ("variable", "a", 2)])
    archive = stored(tmp_path, program, 4)
    last = program.last
    with archive._store.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE chunks SET data = x'00' WHERE first > 4 AND last < {last}"
        )
    session = archive.session(SESSION)
    query = EventQuery(variable="a", kinds=frozenset(("variable",)))
    found = session.next(2, query)
    assert found is not None
    assert found.n == last
    found = session.previous(last, query)
    assert found is not None
    assert found.n == 2
    assert session.next(last, query) is None
    assert session.previous(2, query) is None


def test_lines_of_exceptions_are_those_where_they_were_raised(tmp_path: Path) -> None:
    program = told([("variable", "a", 2), ("raise", "a", 5), ("variable", "a", 4)])
    session = stored(tmp_path, program).session(SESSION)
    assert [event.n for event in session.events(EventQuery(file=FILE, line=4))] == [3, 4]


def test_a_growing_session_is_looked_through_as_it_grows(tmp_path: Path) -> None:
    program = told([("variable", "b", 2)] * 5)
    archive = stored(tmp_path, program, 4, status="running")
    query = EventQuery(variable="c")
    database = store.open_store(archive._store.url, upgrade=False)
    assert archive.session(SESSION).next(1, query) is None
    for _ in range(6):
        wanted = program.event("variable", 0, 1, name="c", line=2)
        put(database, program, 4, status="running")
        assert (found := archive.session(SESSION).previous(wanted + 1, query))
        assert found.n == wanted
    database.close()


def outline(first: int, last: int) -> Outline:
    return Outline(SESSION, first, last, 0, 0, 1, {first: 1}, {"call": 1})


def test_outlines_are_read_once_and_then_only_what_came_since() -> None:
    cache, asked = OutlineCache(), list[int]()
    rows = [outline(1, 4), outline(5, 6)]

    def read(n: int) -> list[Outline]:
        asked.append(n)
        return [row for row in rows if row.last >= n]

    cache.find(SESSION, 6, read)
    cache.find(SESSION, 6, read)
    assert asked == [1]
    rows[1:] = [outline(5, 8), outline(9, 9)]
    assert list(cache.find(SESSION, 9, read).rows) == rows
    assert asked == [1, 5]


def test_only_so_many_outlines_are_kept() -> None:
    cache, asked = OutlineCache(limit=3), list[str]()

    def look(session: str) -> Outlines:
        def read(_: int) -> list[Outline]:
            asked.append(session)
            return [outline(1, 2), outline(3, 4)]

        return cache.find(session, 4, read)

    for session in ("a", "b", "a", "a", "b"):
        look(session)
    assert asked == ["a", "b", "a", "b"]


@pytest.mark.parametrize("step", [1, -1])
def test_chunks_are_led_to_in_order(step: int) -> None:
    rows = [outline(n, n)._replace(sites={n % 3: 1}) for n in range(1, 10)]
    start = 0 if step > 0 else len(rows) - 1
    found = list(Outlines(rows).having({0, 1}, start, step))
    assert found == [place for place, row in enumerate(rows) if row.first % 3 != 2][::step]
