"""The forms a setting's value can have, and how text from the environment becomes one.

A form takes what a TOML file holds as well as the text of a variable or an option. It says what it
allows in words, so that the message for a wrong value needs no code of its own.
"""

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

_YES = ("1", "true", "yes", "on")
_NO = ("0", "false", "no", "off")

_MEASURE = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)")
_THOUSANDS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
_BYTES = {unit.lower(): size for unit, size in (_THOUSANDS | _UNITS).items()} | {"": 1}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}

MEMORY = "memory"
"""The `database` that is gone when the run that made it has ended."""

EXPORT_SUFFIX = ".rewind"
"""How the name of a file ends that `rewind export` has made."""


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


def age() -> Form[str | None]:
    """Return the form of a length of time that may be absent; `seconds` says how long it is."""

    def parse(value: object) -> str | None:
        if value in ("none", None):
            return None
        found = _MEASURE.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None or found[2] not in _SECONDS or not float(found[1]):
            raise Refused
        return f"{found[1]}{found[2]}"

    return Form(parse, 'a number and s, m, h, d or w, as 12h or 30d, or "none"')


_SLOW = re.compile(r"slow\s*>\s*(\d+(?:\.\d+)?)\s*(ms|s)")
_NS = {"ms": 1e6, "s": 1e9}


def kept() -> Form[tuple[str, ...]]:
    """Return the form of what makes a session worth keeping; `slower_than` reads one word."""

    def parse(value: object) -> tuple[str, ...]:
        words = _list(value)
        for word in words:
            if word not in ("all", "errors") and slower_than(word) is None:
                raise Refused(word, ("all", "errors", "slow>500ms"))
        return words

    return Form(parse, "all, errors, or slow> and a time as in slow>500ms, or a list of these")


def slower_than(word: str) -> int | None:
    """Return how long a session has to take, ns, by a word as `slow>500ms`; None for another."""
    found = _SLOW.fullmatch(word)
    return None if found is None else int(float(found[1]) * _NS[found[2]])


def seconds(age: str) -> float:
    """Return how long an age is that the form `age` has accepted."""
    return float(age[:-1]) * _SECONDS[age[-1]]


def size() -> Form[int | None]:
    """Return the form of a number of bytes that may be absent."""

    def parse(value: object) -> int | None:
        if value in ("none", None):
            return None
        found = _MEASURE.fullmatch(str(value).strip())
        if isinstance(value, bool) or found is None or found[2].lower() not in _BYTES:
            raise Refused
        number = int(float(found[1]) * _BYTES[found[2].lower()])
        if number < 1:
            raise Refused
        return number

    return Form(parse, 'a number of bytes, as 2GB, 500 MB or 1000000, or "none"')


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
        if not isinstance(value, str):
            raise Refused
        if value == MEMORY or value.endswith(EXPORT_SUFFIX) or value.partition("://")[1]:
            return value
        raise Refused

    address = "an address such as sqlite:///file.db or postgresql://user@host/name"
    return Form(parse, f"{address}, memory, or a file that ends in {EXPORT_SUFFIX}")


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
