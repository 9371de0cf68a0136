"""The JSON of prints, watches, exceptions, comparisons and output (`docs/json.md`).

`present` has the rest.
"""

from math import isfinite

from rewind.replay.difference import Comparison, Pair
from rewind.replay.events import Event
from rewind.replay.exceptions import Way
from rewind.replay.natural import Json
from rewind.replay.operations import Unanswerable, number_of
from rewind.replay.output import Page as OutputPage
from rewind.replay.output import PrintedLine
from rewind.replay.present import Object, event
from rewind.replay.prints import Cell, Hits, Line, Page, Row
from rewind.replay.queries import Query
from rewind.replay.session import Session
from rewind.replay.text import one_line
from rewind.replay.tree import tree
from rewind.replay.values import Value
from rewind.replay.watches import Watched

CELL_LENGTH = 120
"""Characters of a value in a table."""


def printed(line: Line, columns: tuple[str, ...], page: Page) -> Object:
    """Return a page of a print."""
    return {
        "line": line.line,
        "columns": list(columns),
        "hits": line.hits,
        "rows": [_row(row) for row in page.rows],
        "looked": page.looked,
        "next": page.next,
    }


def comparison(found: Comparison) -> Object:
    """Return where two sessions differ."""
    parts = found.difference
    return {
        "same": found.same,
        "difference": None
        if parts is None
        else {
            "what": parts.what,
            "n": parts.n,
            "with_n": parts.other,
            "joins": _pair(parts.joins),
        },
        "next": _pair(found.next),
    }


def _pair(pair: Pair | None) -> Json:
    return None if pair is None else {"n": pair.n, "with_n": pair.other}


def _row(row: Row) -> Json:
    hit = row.event
    frame = hit.frame
    return {
        "n": hit.n,
        "time_ns": hit.time_ns,
        "frame": frame.number if frame is not None else None,
        "cells": [_cell(cell, CELL_LENGTH) for cell in row.cells],
    }


def _cell(cell: Cell, length: int) -> Object:
    if cell.problem is not None:
        return {"problem": cell.problem}
    shown: Object = {"text": one_line(cell.value, length)}
    number = _measured(cell.value)
    if number is not None:
        shown["number"] = number
    if cell.since is not None:
        shown["since"] = cell.since
    return shown


def _measured(value: Value) -> float | int | None:
    """Return what a plot can use of a value."""
    try:
        number = number_of(value)
        measured = None if number is None or isinstance(number, complex) else float(number)
    except (Unanswerable, OverflowError):
        return None
    return measured if measured is not None and isfinite(measured) else None


def hits(found: Hits) -> Object:
    """Return where an event stands among the hits of a line."""
    return {
        "at": found.at,
        "hits": found.hits,
        "previous": found.previous,
        "next": found.next,
    }


def way(session: Session, found: Way) -> Object:
    """Return an exception's way."""
    first = found.steps[0].event
    return {
        "n": first.n,
        "text": one_line(first.value),
        "steps": [{"what": step.what, "event": event(session, step.event)} for step in found.steps],
        "earlier": [
            {"n": each.event.n, "text": one_line(each.event.value), "relation": each.relation}
            for each in found.earlier
        ],
    }


def watches(n: int, found: tuple[Watched, ...]) -> Object:
    """Return watches at a moment."""
    return {"n": n, "watches": [_watch(one) for one in found]}


def _watch(one: Watched) -> Json:
    previous = one.previous if one.is_changed else None
    known = previous is not None and previous.problem is None
    shown: Object = {
        "expression": one.text,
        **_cell(one.cell, CELL_LENGTH),
        "changed": one.is_changed,
        "previous": one_line(previous.value, CELL_LENGTH) if known and previous else None,
    }
    if one.cell.problem is None:
        shown["tree"] = tree(one.cell.value)
    return shown


def query(found: Query) -> Object:
    """Return a statement with all the times that it ran."""
    first, below = found.first, found.frame
    return {
        "statement": found.statement,
        "count": found.times,
        "duration_ns": found.duration_ns,
        "errors": found.errors,
        "n": first.n,
        **_place(first),
        "repeated": below is not None,
        "frame": None if below is None else below.number,
        "below": None if below is None else below.opened.scope.function.qualname,
        "times": found.repeated,
    }


def output(page: OutputPage) -> Object:
    """Return a page of what a session has printed."""
    return {"lines": [printed_line(line) for line in page.lines], "next": page.next}


def printed_line(line: PrintedLine) -> Object:
    """Return a line that was printed."""
    begun = line.begun
    return {
        "n": begun.n,
        "time_ns": begun.time_ns,
        "stream": line.stream,
        "text": line.text,
        "ended": line.ended,
        "level": line.level,
        **_place(begun),
    }


def _place(event: Event) -> Object:
    scope = event.place.scope
    return {"function": scope.function.qualname, "file": scope.module.path, "line": event.line}
