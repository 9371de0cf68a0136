"""Watches: what pinned expressions are worth at a moment, and whether its event made them so."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rewind.errors import ExpressionError
from rewind.replay.events import Event
from rewind.replay.expressions import Column, names_of, parse_expression
from rewind.replay.frames import Frame, stack_of
from rewind.replay.names import Names, frame_at
from rewind.replay.prints import Cell, worth
from rewind.replay.session import Session
from rewind.replay.text import one_line


class Watched(NamedTuple):
    """An expression at a moment."""

    text: str
    cell: Cell
    previous: Cell | None
    """What it was worth in the same frame one event earlier; None where that frame was not."""

    @property
    def is_changed(self) -> bool:
        """Whether this event gave it another value."""
        if self.previous is None or self.cell.problem is not None:
            return False
        if self.previous.problem is not None:
            return True
        return one_line(self.cell.value) != one_line(self.previous.value)


def watched(
    session: Session, texts: Iterable[str], n: int, frame: int | None
) -> tuple[Watched, ...]:
    """Return what expressions are worth right after event `n`, in the frame of that number.

    A frame that is not on the stack gives way to the innermost. One that is not in the language
    has its own problem; the others are answered all the same. Raises `NoSuchEventError`.
    """
    columns = [_parsed(text) for text in texts]
    parsed = [column for column in columns if isinstance(column, Column)]
    event = session.event(n)
    chosen = frame_at(event, frame)
    now = _worth(session, parsed, event, chosen)
    before = _before(session, parsed, n - 1, chosen)
    found = iter(zip(now, before, strict=True))
    return tuple(
        Watched(column.text, *next(found)) if isinstance(column, Column) else column
        for column in columns
    )


def _parsed(text: str) -> Column | Watched:
    try:
        return parse_expression(text)
    except ExpressionError as error:
        return Watched(text, Cell(None, str(error)), None)


def _before(
    session: Session, columns: list[Column], n: int, frame: Frame | None
) -> Sequence[Cell | None]:
    if frame is None or n < session.facts.first_event:
        return [None] * len(columns)
    event = session.event(n)
    same = next((one for one in stack_of(event.top) if one.number == frame.number), None)
    return _worth(session, columns, event, same) if same is not None else [None] * len(columns)


def _worth(
    session: Session, columns: list[Column], event: Event, frame: Frame | None
) -> Sequence[Cell]:
    names = Names(session, frozenset().union(*(names_of(column.tree) for column in columns)))
    names.at(event, frame)
    return [worth(column, names) for column in columns]
