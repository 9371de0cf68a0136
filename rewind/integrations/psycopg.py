"""psycopg 3: what its cursors execute, with and without asyncio."""

from typing import Any, Final

from rewind.integrations.beside import Beside, put_beside
from rewind.integrations.calls import Asking, Call
from rewind.integrations.sql import Statements

_METHODS: Final = ("execute", "executemany")
_SYSTEM: Final = "postgresql"


def meet(module: Any, asking: Asking, *kinds: str) -> str | None:  # noqa: ANN401 - psycopg's
    """Tell of what cursors of these classes execute; returns why that cannot be."""
    executions = _Executions(Statements(asking))
    beside = Beside(executions.begins, executions.done, executions.failed)
    own = [vars(module).get(kind) for kind in kinds]
    # A module may show another's class.
    cursors = [each for each in own if getattr(each, "__module__", "").startswith("psycopg")]
    tried = (put_beside(cursor, name, beside) for cursor in cursors for name in _METHODS)
    return next(filter(None, tried), None)


class _Executions:
    """What cursors execute. Used by any thread."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def begins(
        self,
        cursor: Any,  # noqa: ANN401 - psycopg's
        query: Any,  # noqa: ANN401 - text, or an object of psycopg's
        parameters: object = None,
        *_: object,
    ) -> tuple[Call, Any] | None:
        call = self._statements.begin(query, parameters, _database(cursor))
        return None if call is None else (call, cursor)

    def done(self, begun: tuple[Call, Any], _: object) -> None:
        call, cursor = begun
        self._statements.end(call, None, cursor._rowcount)  # noqa: SLF001 - a child may have another `rowcount`

    def failed(self, begun: tuple[Call, Any], error: BaseException) -> None:
        self._statements.end(begun[0], error, None)


def _database(cursor: Any) -> str:  # noqa: ANN401 - psycopg's
    connection = cursor.connection
    # One that is closed raises an error of psycopg's when it is asked.
    return _SYSTEM if connection.closed else f"{_SYSTEM}:{connection.info.dbname}"
