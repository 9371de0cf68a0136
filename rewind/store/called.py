"""Sessions by the functions they called.

Sessions are many and call the same few functions, so those that match are looked for first, and
the sessions by them. Where that would be nearly all rows, each session is asked instead: one of
its first functions will do.
"""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    false,
    func,
    literal_column,
    select,
    text,
    union,
    union_all,
)

from rewind.store import schema
from rewind.store.opening import Store

Matches = Callable[[ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]]
"""Makes of columns with module and function the condition that they match."""

MOST_NAMES: Final = 100
"""Functions that are looked for by name, at most."""

_called = schema.session_functions.c

# One step of an index for each: `SELECT DISTINCT` would read every row.
_NAMES = text("""
WITH RECURSIVE names(module, function) AS (
  SELECT * FROM (
    SELECT module, function FROM session_functions ORDER BY module, function LIMIT 1) AS first
  UNION ALL
  SELECT
    CASE WHEN EXISTS (SELECT 1 FROM session_functions AS s
                      WHERE s.module = n.module AND s.function > n.function)
      THEN n.module
      ELSE (SELECT min(s.module) FROM session_functions AS s WHERE s.module > n.module) END,
    coalesce(
      (SELECT min(s.function) FROM session_functions AS s
       WHERE s.module = n.module AND s.function > n.function),
      (SELECT min(s.function) FROM session_functions AS s
       WHERE s.module = (SELECT min(o.module) FROM session_functions AS o
                         WHERE o.module > n.module)))
  FROM names AS n WHERE n.module IS NOT NULL)
SELECT module, function FROM names WHERE module IS NOT NULL
""").columns(_called.module, _called.function)


def called_such(store: Store, matches: Matches, most: int) -> ColumnElement[bool]:
    """Return whether a session called a function that matches.

    `most` is how many calls of sessions are looked up by functions' names; where there are more,
    each session is asked.
    """
    calling = _calling(store, matches, most)
    if calling is not None:
        return schema.sessions.c.id.in_(calling)
    own = _called.session_id == schema.sessions.c.id
    return (
        select(literal_column("1")).where(own, matches(_called.module, _called.function)).exists()
    )


def count_called(store: Store, matches: Matches, most: int) -> int | None:
    """Return how many sessions called a function that matches; None where they are too many."""
    calling = _calling(store, matches, most)
    if calling is None:
        return None
    with store.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(calling.subquery())) or 0


def _calling(store: Store, matches: Matches, most: int) -> CompoundSelect[Any] | None:
    """Return the ids of the sessions that called such functions, each once; None for too many."""
    names = _NAMES.subquery()
    found = select(names).where(matches(names.c.module, names.c.function)).limit(MOST_NAMES + 1)
    with store.engine.connect() as connection:
        matching = connection.execute(found).all()
        if len(matching) > MOST_NAMES:
            return None
        # One by one, which is three times as fast as all at once: each is a part of the index.
        each = [
            select(_called.session_id).where(_called.module == module, _called.function == function)
            for module, function in matching
        ] or [select(_called.session_id).where(false())]
        some = union_all(*each).limit(most + 1).subquery()
        rows = connection.scalar(select(func.count()).select_from(some)) or 0
    return union(*each) if rows <= most else None
