"""Drivers of databases whose cursors are written in C: sqlite3 and psycopg2."""

from collections.abc import Mapping
from typing import Any, Final

from rewind.integrations.calls import Asking, Call
from rewind.integrations.methods import see_method
from rewind.integrations.sql import Statements, was_told

SQLITE: Final = "sqlite3.dbapi2"
PSYCOPG2: Final = "psycopg2.extensions"

_SCRIPT: Final = "executescript"
_SYSTEMS: Final = {SQLITE: "sqlite", PSYCOPG2: "postgresql"}
_METHODS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    # A connection executes by itself, but for a script.
    SQLITE: {
        "Cursor": ("execute", "executemany", _SCRIPT),
        "Connection": ("execute", "executemany"),
    },
    PSYCOPG2: {"cursor": ("execute", "executemany", "callproc")},
}
"""By module the types that execute, and by what."""
_NAMED: Final = ("query", "procname", "vars", "vars_list", "parameters")
"""Arguments that may be given by name."""


def meet(module: Any, asking: Asking) -> str | None:  # noqa: ANN401 - one of the two
    """Tell of statements from now on; returns why that cannot be."""
    name = module.__name__
    cursor = vars(module)["Cursor" if name == SQLITE else "cursor"]
    executions = _Executions(Statements(asking), cursor, _SYSTEMS[name])
    for kind, methods in _METHODS[name].items():
        for method in methods:
            # A script leaves the number of rows as it was before.
            end = executions.ended_script if method == _SCRIPT else executions.ended
            why = see_method(vars(module)[kind], method, executions.begins, end)
            if why is not None:
                return why
    return None


class _Executions:
    """What cursors of one type execute. Used by any thread."""

    def __init__(self, statements: Statements, cursor: type, system: str) -> None:
        self._statements = statements
        self._cursor = cursor
        # Not the attribute: a child of the type may have another.
        self._rows_of = vars(cursor)["rowcount"].__get__
        self._system = system

    def begins(
        self, owner: object, arguments: tuple[Any, ...], keywords: dict[str, Any]
    ) -> tuple[Call, object] | None:
        named = [keywords[name] for name in _NAMED if name in keywords]
        statement, parameters, *_ = (*arguments, *named, None, None)
        call = self._statements.begin(statement, parameters, self._system)
        return None if call is None else (call, owner)

    def ended(
        self, begun: tuple[Call, object], result: object, error: BaseException | None
    ) -> None:
        call, owner = begun
        cursor = next((one for one in (owner, result) if isinstance(one, self._cursor)), None)
        rows = None if error or cursor is None else self._rows_of(cursor)
        # It was by the cursor of a connection that executes by that.
        if not was_told(call):
            self._statements.end(call, error, rows)

    def ended_script(
        self, begun: tuple[Call, object], _: object, error: BaseException | None
    ) -> None:
        self._statements.end(begun[0], error, None)
