"""aiosqlite: what its connections and cursors execute, in the task that asks and not on the thread.

On that thread, where SQLite's own methods are called, no session is recorded.
"""

import sys
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from rewind.integrations.beside import Beside, put_beside
from rewind.integrations.calls import Asking, Call
from rewind.integrations.sql import Statements

_SYSTEM: Final = "sqlite"
_SCRIPT: Final = "executescript"
_METHODS: Final = ("execute", "executemany", _SCRIPT, "execute_insert", "execute_fetchall")


def meet(module: Any, asking: Asking, kind: str) -> str | None:  # noqa: ANN401 - aiosqlite's
    """Tell of what this class executes; returns why that cannot be."""
    statements = Statements(asking)
    owner = getattr(module, kind, None)
    # Not the attribute: a child of the type may have another.
    rows_of = partial(_rows, vars(sys.modules["sqlite3"].Cursor)["rowcount"].__get__)

    def begins(_: object, sql: object, parameters: object = None, *__: object) -> Call | None:
        return statements.begin(sql, parameters, _SYSTEM)

    def done(call: Call, result: object) -> None:
        statements.end(call, None, rows_of(result))

    def done_script(call: Call, _: object) -> None:
        # It leaves the number of rows as it was before.
        statements.end(call, None, None)

    def failed(call: Call, error: BaseException) -> None:
        statements.end(call, error, None)

    for name in _METHODS:
        end = done_script if name == _SCRIPT else done
        why = put_beside(owner, name, Beside(begins, end, failed))
        if why is not None:
            return why
    return None


def _rows(rows_of: Callable[[object], object], result: Any) -> object:  # noqa: ANN401 - a cursor or rows
    if type(result) is list:
        return len(result)
    cursor = getattr(result, "_cursor", None)
    return None if cursor is None else rows_of(cursor)
