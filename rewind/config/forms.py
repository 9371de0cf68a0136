"""The forms a setting's value can have, and how text from the environment becomes one.

A form takes what a TOML file holds as well as the text of a variable or an option. It says what it
allows in words, so that the message for a wrong value needs no code of its own.
"""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

_YES = ("1", "true", "yes", "on")
_NO = ("0", "false", "no", "off")


class Form(NamedTuple, Generic[T]):
    """How one kind of value is read."""

    parse: Callable[[object], T]
    """Returns the value; raises `Refused` for anything else."""
    allowed: str
    """What is accepted, as it ends the sentence "must be ..."."""


class Refused(ValueError):  # noqa: N818 - an answer inside this package, not an error anyone sees
    """The value does not have the form; `part` is the element at fault, `valid` what it may be."""

    def __init__(self, part: object = None, valid: Collection[str] = ()) -> None:
        super().__init__(part)
        self.part = part
        self.valid = valid


def boolean() -> Form[bool]:
    """Return the form of a switch."""

    def parse(value: object) -> bool:
        word = str(value).lower()
        if isinstance(value, bool | str) and word in _YES + _NO:
            return word in _YES
        raise Refused

    return Form(parse, "1, true, yes or on; 0, false, no or off")


def integer(least: int) -> Form[int]:
    """Return the form of a whole number that is at least `least`."""

    def parse(value: object) -> int:
        number = _number(value, int)
        if number < least:
            raise Refused
        return number

    return Form(parse, f"a whole number from {least}")


def limit() -> Form[int | None]:
    """Return the form of a bound that may be absent."""
    bound = integer(1)

    def parse(value: object) -> int | None:
        return None if value == "none" else bound.parse(value)

    return Form(parse, f'{bound.allowed}, or "none"')


def fraction() -> Form[float]:
    """Return the form of a share from 0 to 1."""

    def parse(value: object) -> float:
        number = _number(value, float)
        if not 0 <= number <= 1:
            raise Refused
        return number

    return Form(parse, "a number from 0 to 1")


def text() -> Form[str | None]:
    """Return the form of free text; empty text is none."""

    def parse(value: object) -> str | None:
        if not isinstance(value, str):
            raise Refused
        return value or None

    return Form(parse, "text")


def one_of(*choices: str) -> Form[str]:
    """Return the form of a word out of `choices`."""

    def parse(value: object) -> str:
        if value not in choices:
            raise Refused(value, choices)
        return str(value)

    return Form(parse, " or ".join(choices))


def extent(*some: str) -> Form[str]:
    """Return the form of a switch that has words between off (`none`) and on (`all`)."""
    switch = boolean()

    def parse(value: object) -> str:
        if value in ("none", "all", *some):
            return str(value)
        try:
            return "all" if switch.parse(value) else "none"
        except Refused:
            raise Refused(value, ("none", *some, "all")) from None

    return Form(parse, f"none or false, {', '.join(some)}, all or true")


def names() -> Form[tuple[str, ...]]:
    """Return the form of a list of names or globs."""
    return Form(_list, "a list of names")


def some_of(choices: Collection[str]) -> Form[tuple[str, ...]]:
    """Return the form of a list of words, all of them out of `choices`."""

    def parse(value: object) -> tuple[str, ...]:
        words = _list(value)
        for word in words:
            if word not in choices:
                raise Refused(word, choices)
        return words

    return Form(parse, f"a list out of {', '.join(choices)}")


def adjustments(built_in: Collection[str]) -> Form[tuple[str, ...]]:
    """Return the form of names to add to `built_in`, and of those to take out (`-name`)."""

    def parse(value: object) -> tuple[str, ...]:
        words = _list(value)
        for word in words:
            if word.startswith("-") and word[1:] not in built_in:
                raise Refused(word, [f"-{name}" for name in built_in])
        return words

    return Form(parse, "a list of names, or of built-in names behind a - to take them out")


def folder() -> Form[Path]:
    """Return the form of a folder's path; `~` is the user's home."""

    def parse(value: object) -> Path:
        if not isinstance(value, str) or not value:
            raise Refused
        return Path(value).expanduser()

    return Form(parse, "a folder's path")


def database_url() -> Form[str]:
    """Return the form of a database's address; the store says whether it can be opened."""

    def parse(value: object) -> str:
        if not isinstance(value, str) or not value.partition("://")[1]:
            raise Refused
        return value

    return Form(parse, "an address such as sqlite:///file.db or postgresql://user@host/name")


def _number(value: object, kind: type[T]) -> T:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Refused
    if kind is int and isinstance(value, float):
        raise Refused
    try:
        return kind(value)  # type: ignore[call-arg]
    except ValueError:
        raise Refused from None


def _list(value: object) -> tuple[str, ...]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise Refused
    if not all(isinstance(item, str) for item in items):
        raise Refused
    return tuple(item.strip() for item in items if item.strip())
