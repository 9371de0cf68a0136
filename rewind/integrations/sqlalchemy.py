"""SQLAlchemy: statements of drivers that have no file of their own here.

A driver that has one tells of its statements as it executes them, and then nothing is told here.
"""

from typing import Any, NamedTuple

from rewind.integrations.beside import Beside, put_beside
from rewind.integrations.calls import Asking, Call
from rewind.integrations.sql import Statements, was_told


class _Execution(NamedTuple):
    call: Call
    cursor: Any


def meet(module: Any, asking: Asking) -> str | None:  # noqa: ANN401 - the module
    """Tell of statements from now on; returns why that cannot be."""
    statements = Statements(asking)

    def begins(dialect: Any, cursor: Any, statement: object, *rest: Any) -> _Execution | None:  # noqa: ANN401
        # Both may be left out: `do_execute_no_params` has no parameters.
        parameters, context = (None, *rest)[-2:] if rest else (None, None)
        call = statements.begin(statement, parameters, _database(dialect, context))
        return None if call is None else _Execution(call, cursor)

    def done(execution: _Execution, _: object) -> None:
        if not was_told(execution.call):
            statements.end(execution.call, None, _rows(execution.cursor))

    def failed(execution: _Execution, error: BaseException) -> None:
        if not was_told(execution.call):
            statements.end(execution.call, error, None)

    beside = Beside(begins, done, failed)
    dialect = getattr(module, "DefaultDialect", None)
    names = ("do_execute", "do_execute_no_params", "do_executemany")
    return next(filter(None, (put_beside(dialect, name, beside) for name in names)), None)


def _rows(cursor: Any) -> object:  # noqa: ANN401 - any driver's
    try:
        return cursor.rowcount
    except Exception:  # noqa: BLE001 - a driver may have none yet
        return None


def _database(dialect: Any, context: Any) -> str:  # noqa: ANN401 - SQLAlchemy's
    connection = getattr(context, "root_connection", None)
    url = None if connection is None else connection.engine.url
    name = None if url is None else url.database
    return f"{dialect.name}:{name}" if name else str(dialect.name)
