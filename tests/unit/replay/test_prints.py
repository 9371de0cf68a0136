from pathlib import Path

import pytest

from rewind.model.values import Tag
from rewind.replay import changes
from rewind.replay.expressions import parse_columns, parse_expression
from rewind.replay.prints import Page, Print, hits_around, line_of
from rewind.replay.session import Session
from rewind.replay.text import one_line
from rewind.replay.watches import watched
from tests.unit.replay.stored import stored
from tests.unit.replay.told import FILE, SESSION, Told

SIZES = pytest.mark.parametrize("size", [1, 3, 4096])
ORDER, LINES, PRICES = 300, 400, 500


def told_orders() -> Told:
    """Main, below its module's body, sets an order's total and a price in each of five rounds."""
    told = Told()
    module, main = told.function("<module>"), told.function("main")
    opaque = (Tag.OPAQUE, ORDER, "shop.Order")
    told.event("call", module, line=1)
    told.event("variable", module, 2, name="FACTOR", line=1)
    told.event("call", main, line=2)
    order = (Tag.INSTANCE, ORDER, "shop.Order", 2, "total", 0, "lines", (Tag.LIST, LINES, 0))
    told.event("variable", main, order, name="order", line=3)
    told.event("variable", main, (Tag.DICT, PRICES, 0), name="prices", line=4)
    for i in range(5):
        told.event("loop", main, detail="for", line=5)
        told.event("variable", main, i, name="i", line=5)
        told.event("attribute", main, opaque, 10 * i, name="total", line=6)
        told.event("item", main, (Tag.OPAQUE, PRICES, "dict"), f"k{i % 2}", i, line=7)
        told.event("branch", main, i > 2, name="i > 2", detail="if", line=8)
        if i > 2:
            lines = (Tag.LIST, LINES, i, *range(i))
            told.event("mutate", main, lines, name="order.lines", detail="append", line=9)
    lost = (Tag.EXCEPTION, 90, "builtins.KeyError", 1, "gold")
    told.event("exception", main, lost, 10, False, [[FILE, 10, "main"]], detail="exit", line=2)
    return told


def orders(folder: Path, size: int = 4096) -> Session:
    return stored(folder, told_orders(), size).session(SESSION)


def page_of(
    session: Session, line: int, expressions: str, where: str = "", first: int = 1, most: int = 99
) -> Page:
    module = session.module_of(FILE)
    assert module is not None
    found = line_of(session, module, line)
    assert found is not None
    condition = parse_expression(where) if where else None
    return Print(session, found, parse_columns(expressions), condition).page(first, most)


def texts(page: Page) -> list[list[str]]:
    return [[cell.problem or one_line(cell.value) for cell in row.cells] for row in page.rows]


@SIZES
def test_a_print_tells_what_a_variable_was_each_time_the_line_ran(
    tmp_path: Path, size: int
) -> None:
    page = page_of(orders(tmp_path, size), 5, "i, i * FACTOR")
    assert texts(page) == [[str(i), str(2 * i)] for i in range(5)]
    assert [row.event.n for row in page.rows] == [7, 12, 17, 22, 28]
    assert (page.looked, page.next) == (5, None)


@SIZES
def test_objects_are_as_they_were_and_not_as_they_were_first_seen(
    tmp_path: Path, size: int
) -> None:
    page = page_of(orders(tmp_path, size), 8, "order.total, prices['k0'], len(prices)")
    assert texts(page) == [
        ["0", "0", "1"],
        ["10", "0", "2"],
        ["20", "2", "2"],
        ["30", "2", "2"],
        ["40", "4", "2"],
    ]


def test_what_lies_too_far_back_is_told_as_of_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOST_EVENTS", 8)
    page = page_of(orders(tmp_path), 8, "order.total, i", first=20)
    since = [[cell.since for cell in row.cells] for row in page.rows]
    assert since == [[4, None]] * 3
    assert [cells[0] for cells in texts(page)] == ["0"] * 3


@SIZES
def test_pages_follow_each_other_without_a_gap(tmp_path: Path, size: int) -> None:
    session = orders(tmp_path, size)
    first = page_of(session, 8, "i", most=2)
    assert (len(first.rows), first.next) == (2, 20)
    rest = page_of(session, 8, "i", first=first.next or 0)
    assert texts(first) + texts(rest) == texts(page_of(session, 8, "i"))


def test_a_page_ends_when_its_time_is_over_and_says_where_to_go_on(tmp_path: Path) -> None:
    session = orders(tmp_path)
    module = session.module_of(FILE)
    assert module is not None
    line = line_of(session, module, 8)
    assert line is not None
    page = Print(session, line, parse_columns("i"), None).page(1, longest_s=-1.0)
    assert (len(page.rows), page.next) == (1, 15)


def test_a_condition_leaves_out_hits_and_those_without_an_answer(tmp_path: Path) -> None:
    session = orders(tmp_path)
    assert texts(page_of(session, 8, "i", where="order.total >= 30")) == [["3"], ["4"]]
    page = page_of(session, 8, "i", where="prices['k1'] == 1 or nobody")
    assert texts(page) == [["1"], ["2"]]
    assert page.looked == 5


def test_a_line_that_only_raised_is_known_by_its_exceptions(tmp_path: Path) -> None:
    page = page_of(orders(tmp_path), 10, "i, missing")
    assert texts(page) == [["4", "missing has no value here"]]


def test_a_line_that_left_no_event_has_no_hits(tmp_path: Path) -> None:
    session = stored(tmp_path, told_without_exceptions()).session(SESSION)
    module = session.module_of(FILE)
    assert module is not None
    assert line_of(session, module, 99) is None


def told_without_exceptions() -> Told:
    told = Told()
    told.event("call", told.function("main"), line=1)
    return told


def test_the_hits_of_a_line_are_counted_without_looking_at_them(tmp_path: Path) -> None:
    session = orders(tmp_path)
    module = session.module_of(FILE)
    assert module is not None
    hits = {line: found.hits for line in (5, 9, 3) if (found := line_of(session, module, line))}
    assert hits == {5: 5, 9: 2, 3: 1}


@SIZES
def test_a_watch_says_whether_this_event_changed_it(tmp_path: Path, size: int) -> None:
    session = orders(tmp_path, size)
    asked = ("order.total", "i", "len(order.lines)", "i +")
    total, i, lines, wrong = watched(session, asked, 13, None)
    assert (one_line(total.cell.value), total.is_changed) == ("10", True)
    assert total.previous is not None
    assert one_line(total.previous.value) == "0"
    assert (one_line(i.cell.value), i.is_changed) == ("1", False)
    assert (lines.cell.value, lines.is_changed) == (0, False)
    assert wrong.cell.problem is not None
    assert wrong.cell.problem.startswith("at character 4")
    (later,) = watched(session, ["len(order.lines)"], 26, None)
    assert (later.cell.value, later.is_changed) == (3, True)


def test_a_watch_is_of_the_frame_that_was_chosen(tmp_path: Path) -> None:
    session = orders(tmp_path)
    (outer,) = watched(session, ["i"], 13, 1)
    assert outer.cell.problem == "i has no value here"
    (gone,) = watched(session, ["i"], 13, 77)
    assert gone.cell.value == 1
    (first,) = watched(session, ["FACTOR"], 1, None)
    assert first.cell.problem == "FACTOR has no value here"
    assert first.previous is None
    (written,) = watched(session, ["FACTOR"], 2, None)
    assert (written.cell.value, written.is_changed) == (2, True)


@SIZES
def test_a_line_knows_its_hits_around_an_event(tmp_path: Path, size: int) -> None:
    session = orders(tmp_path, size)
    module = session.module_of(FILE)
    assert module is not None
    line = line_of(session, module, 5)
    assert line is not None
    hits = {n: hits_around(session, line, n) for n in (1, 7, 8, 31, 32)}
    assert hits == {
        1: (0, 5, None, 7),
        7: (1, 5, None, 12),
        8: (1, 5, 7, 12),
        31: (5, 5, 28, None),
        32: (5, 5, 28, None),
    }
    raising = line_of(session, module, 10)
    assert raising is not None
    assert hits_around(session, raising, 5) is None
