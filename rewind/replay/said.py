"""What the program said by itself, in a line: an event of a kind that belongs to no construct.

A log record, a statement, a request tell several things at once; their value is an object of them.
"""

from collections.abc import Callable, Mapping
from typing import Final

from rewind.model.events import LOG
from rewind.replay.events import Event
from rewind.replay.natural import Json, natural
from rewind.replay.text import one_line

Fields = Mapping[str, Json]


def fields(event: Event) -> Fields:
    """Return what an event tells by name, as far as it is there; nothing where none of it is."""
    told = _whole(natural(event.value))
    return {name: _whole(part) for name, part in told.items()} if isinstance(told, dict) else {}


def _whole(told: Json) -> Json:
    """Return what there is of a value that was cut."""
    return told["value"] if isinstance(told, dict) and "$cut" in told else told


def sentence(event: Event) -> str:
    """Return what an event says, in a line. Raises `FormatError`."""
    write = _SENTENCES.get(event.kind)
    if write is not None:
        told = fields(event)
        if told:
            return " ".join(write(told).split())
    return f"{event.name}: {one_line(event.value)}"


def _logged(told: Fields) -> str:
    return f"{told.get('level')} {told.get('message')}"


def _asked(told: Fields) -> str:
    outcome = told.get("error") or told.get("status")
    return f"{told.get('method')} {told.get('url')} → {outcome}"


def _words(arguments: Json) -> str:
    return " ".join(map(str, arguments)) if isinstance(arguments, list) else ""


_SENTENCES: Final[Mapping[str, Callable[[Fields], str]]] = {
    LOG: _logged,
    "sql": lambda told: str(told.get("statement")),
    "http": _asked,
    "redis": lambda told: f"{told.get('command')} {_words(told.get('arguments'))}",
}
