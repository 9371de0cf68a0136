"""Drivers of databases whose cursors are written in C: sqlite3 and psycopg2."""

from typing import Any, Final

from rewind.integrations.calls import Asking, Call
from rewind.integrations.methods import see_method
from rewind.integrations.sql import Statements
from rewind.model.events import SQL

_SCRIPT: Final = "executescript"
_NAMED: Final = ("query", "procname", "vars", "vars_list", "parameters")
"""Arguments that may be given by name."""


def meet_sqlite(module: Any, asking: Asking) -> str | None:  # noqa: ANN401 - the module
    """Tell of what sqlite3 executes; returns why that cannot be."""
    cursor = module.Cursor
    executions = _Executions(Statements(asking), cursor, "sqlite")
    # A connection executes by itself, but for a script: its statements are told of once.
    return executions.see(cursor, "execute", "executemany", _SCRIPT) or executions.see(
        module.Connection, "execute", "executemany"
    )


def meet_psycopg2(module: Any, asking: Asking) -> str | None:  # noqa: ANN401 - the module
    """Tell of what psycopg2 executes; returns why that cannot be."""
    executions = _Executions(Statements(asking), module.cursor, "postgresql")
    return executions.see(module.cursor, "execute", "executemany", "callproc")


class _Executions:
    """What cursors of one type execute. Used by any thread."""

    def __init__(self, statements: Statements, cursor: type, system: str) -> None:
        self._statements = statements
        self._cursor = cursor
        # Not the attribute: a child of the type may have another.
        self._rows_of = vars(cursor)["rowcount"].__get__
        self._system = system

    def see(self, kind: type, *methods: str) -> str | None:
        """Tell of what a type executes by these methods; returns why that cannot be."""
        tried = (
            see_method(kind, name, self.begins, self.ended_script)
            if name == _SCRIPT
            else see_method(kind, name, self.begins, self.ended, self._usual())
            for name in methods
        )
        return next(filter(None, tried), None)

    def _usual(self) -> object:
        """Return what tells of usual statements without a step in Python; None: nothing does."""
        return self._statements.usual(self.began, self._cursor, self._rows_of, self._system)

    def began(
        self, began_ns: int, owner: object, statement: str, parameters: object
    ) -> tuple[Call, object]:
        """Return what `ended` is given of a usual one that has failed."""
        what = {"database": self._system, "statement": statement, "parameters": parameters}
        return Call(SQL, began_ns, what, 0), owner

    def begins(
        self, owner: object, arguments: tuple[Any, ...], keywords: dict[str, Any]
    ) -> tuple[Call, object] | None:
        if keywords:
            arguments += tuple(keywords[name] for name in _NAMED if name in keywords)
        statement, parameters, *_ = (*arguments, None, None)
        call = self._statements.begin(statement, parameters, self._system)
        return None if call is None else (call, owner)

    def ended(
        self, begun: tuple[Call, object], result: object, error: BaseException | None
    ) -> None:
        call, owner = begun
        cursor = owner if self._is_cursor(owner) else result
        is_known = error is None and self._is_cursor(cursor)
        self._statements.end(call, error, self._rows_of(cursor) if is_known else None)

    def _is_cursor(self, executed: object) -> bool:
        # `isinstance` would ask what is none for its `__class__`.
        return issubclass(type(executed), self._cursor)

    def ended_script(
        self, begun: tuple[Call, object], _: object, error: BaseException | None
    ) -> None:
        self._statements.end(begun[0], error, None)
