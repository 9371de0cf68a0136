"""Statements of SQL: what the files of drivers and of SQLAlchemy share.

A statement that names something secret is told without its parameters and literals: nothing says
which of them belongs to that name.
"""

import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final

from rewind import sessions
from rewind.config.redaction import WITHHELD
from rewind.integrations.calls import Asking, Call
from rewind.model.clock import monotonic_ns
from rewind.model.events import SQL

_LITERAL: Final = re.compile(r"'(?:[^']|'')*'")
_LONGEST: Final = 10_000
_REMEMBERED: Final = 1000
"""Statements of which it is known whether they name something secret."""

_told_ns: ContextVar[int] = ContextVar("rewind_sql", default=0)
"""When a driver told of a statement last, on this thread or in this task."""


class Claim:
    """While it holds, drivers tell of nothing that this task executes: who has it does so.

    A task that is begun meanwhile has it as well, and finds that it holds no more.
    """

    def __init__(self) -> None:
        self._holds = True
        _claim.set(self)

    def release(self) -> None:
        """Let drivers tell again."""
        self._holds = False

    @property
    def holds(self) -> bool:
        """Whether it does."""
        return self._holds


_claim: ContextVar[Claim | None] = ContextVar("rewind_sql_claim", default=None)


class Statements:
    """Begins and ends statements. Used by any thread."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._secret: dict[str, bool] = {}

    def begin(self, statement: object, parameters: object, database: str) -> Call | None:
        """Begin a statement, if it is to be told of."""
        claim = _claim.get()
        if not self._asking.asks(SQL) or (claim is not None and claim.holds):
            return None
        text = statement.decode("utf-8", "replace") if type(statement) is bytes else statement
        withheld = 0
        if type(text) is str:
            text = text[:_LONGEST]
            if self._names_secret(text):
                text, withheld = _LITERAL.subn(f"'{WITHHELD}'", text)
                if parameters is not None:
                    parameters, withheld = WITHHELD, withheld + 1
        what = {"database": database, "statement": text, "parameters": parameters}
        return self._asking.begin(SQL, what, withheld)

    def usual(
        self,
        began: Callable[[int, Any, str, object], object],
        cursor: type,
        rows: Callable[[Any], object],
        database: str,
    ) -> object:
        """Return what tells of usual statements of a driver in C; None where nothing does.

        As this class would, of text that is known to name nothing secret. Of one that fails the
        driver's file tells: what `began` returns stands for that.
        """
        return sessions.statements(
            SQL, self._secret, _claim, _told_ns, began, cursor, rows, database
        )

    def _names_secret(self, text: str) -> bool:
        found = self._secret.get(text)
        if found is None:
            if len(self._secret) >= _REMEMBERED:
                self._secret.clear()
            found = self._secret[text] = self._asking.names.covers(text)
        return found

    def end(self, call: Call, error: BaseException | None, rows: object) -> None:
        """Tell of a statement; `rows` it returned or changed, where that is a number."""
        known = rows if type(rows) is int and rows >= 0 else None
        call.ended(error, rows=known)
        _told_ns.set(monotonic_ns())


def was_told(call: Call) -> bool:
    """Return whether a driver has told of a statement since that one began."""
    return _told_ns.get() >= call.began_ns
