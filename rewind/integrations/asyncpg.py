"""asyncpg: what its connections, prepared statements and cursors execute, and what they copy.

That is all that these send: also where a transaction begins and ends, and by what a pool resets a
connection that comes back.
"""

from typing import Any, Final, NamedTuple

from rewind.integrations.beside import Beside, put_beside
from rewind.integrations.calls import Asking, Call
from rewind.integrations.sql import Statements

_SYSTEM: Final = "postgresql"


class _Execution(NamedTuple):
    call: Call
    prepared: Any = None
    """What keeps the server's last word, where the result does not tell it."""


def meet_connections(module: Any, asking: Asking) -> str | None:  # noqa: ANN401 - asyncpg's
    """Tell of what connections execute and copy; returns why that cannot be."""
    return _put(module.Connection, _Executions(asking).of_connections())


def meet_prepared(module: Any, asking: Asking) -> str | None:  # noqa: ANN401 - asyncpg's
    """Tell of what was prepared, likewise."""
    return _put(module.PreparedStatement, _Executions(asking).of_prepared())


def meet_cursors(module: Any, asking: Asking) -> str | None:  # noqa: ANN401 - asyncpg's
    """Tell of cursors as they are opened, likewise."""
    return _put(module.BaseCursor, _Executions(asking).of_cursors())


def _put(owner: object, places: dict[str, Beside]) -> str | None:
    tried = (put_beside(owner, name, beside) for name, beside in places.items())
    return next(filter(None, tried), None)


class _Executions:
    """What is sent. Used by any thread."""

    def __init__(self, asking: Asking) -> None:
        self._statements = Statements(asking)

    def of_connections(self) -> dict[str, Beside]:
        """Return what is called beside which functions."""

        def plain(connection: Any, query: object, _: object, args: object) -> _Execution | None:  # noqa: ANN401
            # With arguments it goes the way of all others.
            return None if args else self._begun(connection, query, None)

        def executes(connection: Any, query: object, args: object, *_: object) -> _Execution | None:  # noqa: ANN401
            return self._begun(connection, query, args)

        def copies(connection: Any, copy_stmt: object, *_: object) -> _Execution | None:  # noqa: ANN401
            return self._begun(connection, copy_stmt, None)

        def copies_records(connection: Any, table_name: object, *_: object) -> _Execution | None:  # noqa: ANN401
            statement = f"COPY {table_name} FROM STDIN" if type(table_name) is str else None
            return self._begun(connection, statement, None)

        def prepares(connection: Any, query: object, *_: object) -> _Execution | None:  # noqa: ANN401
            return self._begun(connection, query, None)

        with_arguments = Beside(executes, self._answered, self._failed)
        copying = Beside(copies, self._answered, self._failed)
        return {
            "execute": Beside(plain, self._answered, self._failed),
            "_execute": with_arguments,
            "_executemany": with_arguments,
            "_copy_in": copying,
            "_copy_out": copying,
            "copy_records_to_table": Beside(copies_records, self._answered, self._failed),
            # What cannot be prepared is executed by nobody.
            "_prepare": Beside(prepares, _nothing, self._failed),
        }

    def of_prepared(self) -> dict[str, Beside]:
        """Return the same of what was prepared."""

        def executes(prepared: Any, args: object, *_: object) -> _Execution | None:  # noqa: ANN401
            # Not its method: a child may have another.
            query = prepared._state.query  # noqa: SLF001
            return self._begun(prepared._connection, query, args, prepared)  # noqa: SLF001

        many = Beside(executes, self._done, self._failed)
        return {
            "_PreparedStatement__bind_execute": Beside(executes, self._bound, self._failed),
            "executemany": many,
            "fetchmany": many,
        }

    def of_cursors(self) -> dict[str, Beside]:
        """Return the same of cursors."""

        def opens(cursor: Any, *_: object) -> _Execution | None:  # noqa: ANN401
            # Where it has none, asyncpg is about to say so.
            query = getattr(cursor._state, "query", None)  # noqa: SLF001
            return self._begun(cursor._connection, query, cursor._args)  # noqa: SLF001

        opening = Beside(opens, self._done, self._failed)
        return {"_bind": opening, "_bind_exec": opening}

    def _begun(
        self,
        connection: Any,  # noqa: ANN401 - asyncpg's
        query: object,
        args: object,
        prepared: object = None,
    ) -> _Execution | None:
        name = getattr(getattr(connection, "_params", None), "database", None)
        database = f"{_SYSTEM}:{name}" if type(name) is str else _SYSTEM
        parameters = None if type(args) is tuple and not args else args
        call = self._statements.begin(query, parameters, database)
        return None if call is None else _Execution(call, prepared)

    def _answered(self, execution: _Execution, answer: object) -> None:
        self._statements.end(execution.call, None, _rows(answer))

    def _bound(self, execution: _Execution, _: object) -> None:
        self._answered(execution, execution.prepared._last_status)  # noqa: SLF001 - see above

    def _done(self, execution: _Execution, _: object) -> None:
        self._statements.end(execution.call, None, None)

    def _failed(self, execution: _Execution, error: BaseException) -> None:
        self._statements.end(execution.call, error, None)


def _nothing(*_: object) -> None:
    """Tell of nothing: it was only prepared."""


def _rows(answer: object) -> int | None:
    """Return how many rows there were, by the server's word or by themselves."""
    if type(answer) is tuple and len(answer) > 1:
        # With their status beside them.
        answer = answer[1]
    if type(answer) is bytes:
        answer = answer.decode("ascii", "replace")
    if type(answer) is str:
        last = answer.rpartition(" ")[2]
        return int(last) if last.isdecimal() else None
    return len(answer) if type(answer) is list else None
