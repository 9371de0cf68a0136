"""Rows put into a table by a statement that is made once, as the writer has thousands a second.

SQLAlchemy would look at each value of each row by name; a row here is a tuple, in the order of the
table's columns.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, LargeBinary, Table

from rewind.store.columns import AnyText, storable
from rewind.store.schema import FIRST_WORD

Row = tuple[Any, ...]
"""Values in the order of the columns; those beyond them are not stored."""


class _Statement(NamedTuple):
    sql: str
    names: tuple[str, ...] | None
    """Of the columns, where the driver takes values by name."""
    texts: Sequence[int]
    """Columns that take any text, of which some cannot be stored as it is."""
    converted: Sequence[tuple[int, Callable[[Any], Any]]]
    """Other columns whose values the driver does not take as they are, and what it takes."""
    width: int


def put(connection: Connection, table: Table, rows: Iterable[Row], *, replace: bool = True) -> None:
    """Insert rows; one whose key is there already takes that one's place, or is left out."""
    statement = _statement(connection.dialect, table, replace)
    values = [_values(statement, row) for row in rows]
    if values:
        connection.exec_driver_sql(statement.sql, values)


def _values(statement: _Statement, row: Row) -> Any:  # noqa: ANN401 - as the driver wants it
    _, names, texts, converted, width = statement
    values = list(row[:width])
    for place in texts:
        text = values[place]
        # Nearly all: to be asked by way of the column's type takes five times as long.
        if text is not None and ("\0" in text or not text.isascii()):
            values[place] = storable(text)
    for place, convert in converted:
        values[place] = convert(values[place])
    return tuple(values) if names is None else dict(zip(names, values, strict=True))


@lru_cache(maxsize=64)
def _statement(dialect: Dialect, table: Table, replace: bool) -> _Statement:  # noqa: FBT001 - a cache's key
    insert = _insert(dialect.name, table)
    keys = list(table.primary_key.columns)
    if replace:
        # What a row belongs to never changes; for a statement that might change it, SQLite copies
        # each page that it touches, which takes longer than all else.
        others = {
            c.name: insert.excluded[c.name]
            for c in table.columns
            if not (c.primary_key or c.foreign_keys or c.info.get(FIRST_WORD))
        }
        insert = insert.on_conflict_do_update(index_elements=keys, set_=others)
    else:
        insert = insert.on_conflict_do_nothing(index_elements=keys)
    compiled = insert.compile(dialect=dialect)
    columns = list(enumerate(table.columns))
    processors = [
        (place, column.type.dialect_impl(dialect).bind_processor(dialect))
        for place, column in columns
        # Bytes are taken as they are by every driver.
        if not isinstance(column.type, AnyText | LargeBinary)
    ]
    return _Statement(
        str(compiled),
        None if compiled.positional else tuple(c.name for c in table.columns),
        [place for place, column in columns if isinstance(column.type, AnyText)],
        [(place, convert) for place, convert in processors if convert is not None],
        len(columns),
    )


def _insert(dialect: str, table: Table) -> Any:  # noqa: ANN401 - each dialect has a class of its own
    # Whoever connected has imported one of them; the other is a tenth of a writer's start.
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert  # noqa: PLC0415
    else:
        from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment] # noqa: PLC0415
    return insert(table)
