"""Column types that take any text a program can hold, the same on every database.

Postgres refuses U+0000 in text, and neither database takes a lone surrogate, yet both occur in
arguments, paths and messages. What cannot be kept is replaced by U+FFFD, visibly.
"""

import json

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from rewind.errors import FormatError


class AnyText(TypeDecorator[str]):
    """Text without a bound; what no database takes is replaced."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the text as it can be stored."""
        return None if value is None else storable(value)


class Json(TypeDecorator[object]):
    """A JSON document, kept as ASCII text: neither database looks into it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str:  # noqa: ARG002
        """Return the document's text."""
        # Most sessions have no tags.
        return "{}" if value == {} else json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:  # noqa: ARG002
        """Return the document; raises `FormatError` for what is none."""
        try:
            return None if value is None else json.loads(value)
        except (TypeError, ValueError) as error:
            message = f"a document in the database cannot be read: {error}"
            raise FormatError(message) from error


def storable(text: str) -> str:
    """Return `text` with U+FFFD in place of U+0000 and lone surrogates."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
