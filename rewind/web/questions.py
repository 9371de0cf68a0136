"""A request's parameters, checked: what is unknown or no number is refused and named.

Every reader of the query string goes through `Question`, so that a misspelt filter never answers
another question than the one that was asked.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from http import HTTPStatus
from typing import Final, NoReturn

from rewind.web.problems import Problem

LARGEST: Final = (1 << 63) - 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Question:
    """The parameters of one request; each may be asked for by the name it was announced by."""

    def __init__(self, given: Mapping[str, str], *known: str) -> None:
        """Refuse parameters that are not among `known`."""
        self._given = given
        for name in given:
            if name not in known:
                near = get_close_matches(name, known, 1) or list(known)
                hint = f"; did you mean {' or '.join(near)}?" if near else ", and no other"
                _refuse(f"there is no parameter {name!r}{hint}")

    def text(self, name: str) -> str | None:
        """Return a parameter's text, None where it is absent or empty."""
        return self._given.get(name) or None

    def number(self, name: str, default: int, most: int) -> int:
        """Return an integer from 0 to `most`; what is more counts as `most`."""
        found = self.optional_number(name)
        return default if found is None else min(found, most)

    def optional_number(self, name: str) -> int | None:
        """Return an integer from 0 to what a database holds, or None."""
        text = self.text(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdecimal()) or len(text) > len(str(LARGEST)):
            _refuse(f"{name} is a whole number, not {text!r}")
        return min(int(text), LARGEST)

    def required_number(self, name: str) -> int:
        """Return an integer that must be there."""
        found = self.optional_number(name)
        if found is None:
            _refuse(f"{name} is missing")
        return found

    def one_of(self, name: str, choices: tuple[str, ...]) -> str | None:
        """Return one of the choices, or None."""
        text = self.text(name)
        if text is not None and text not in choices:
            _refuse(f"{name} is one of {', '.join(choices)}, not {text!r}")
        return text

    def some_of(self, name: str, choices: tuple[str, ...]) -> frozenset[str]:
        """Return those of the choices that are named, separated by commas."""
        names = frozenset(filter(None, (self.text(name) or "").split(",")))
        for text in sorted(names - set(choices)):
            _refuse(f"{name} is some of {', '.join(choices)}, not {text!r}")
        return names

    def instant(self, name: str) -> int | None:
        """Return an ISO 8601 time (UTC unless it says otherwise) as ns since 1970, or None."""
        text = self.text(name)
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            _refuse(f"{name} is a time such as 2026-01-31T12:00:00Z, not {text!r}")
        since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
        ns = (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000
        return max(-LARGEST, min(ns, LARGEST))


def _refuse(message: str) -> NoReturn:
    raise Problem(HTTPStatus.BAD_REQUEST, "bad-request", message)
