"""Reads a recording's folder as a stranger would: by `docs/format.md`, with the `msgpack` package.

`read` returns everything a folder holds: events with their site's facts, control records, modules,
reports. `plain` turns a recorded value into ordinary Python, so that tests compare what they mean.

Test support only; it checks nothing by itself.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any, NamedTuple

import msgpack

from rewind.model.events import Control
from rewind.model.sites import Function, PackedSites, Site
from rewind.model.values import Omission, Redaction, Tag
from rewind.spool.reader import segments
from tests.spool_bytes import whole


class Node(NamedTuple):
    """A recorded value that has no ordinary Python form; ids are left out."""

    tag: Tag
    rest: tuple[Any, ...]

    def __repr__(self) -> str:
        first, *others = self.rest or ("",)
        text = first.name if isinstance(first, IntEnum) else str(first)
        shown = text.removeprefix("builtins.").rpartition("<locals>.")[2]
        if self.tag is Tag.EXCEPTION:
            return f"{shown}({', '.join(map(repr, others))})"
        told = "".join(f" {one!r}" for one in others)
        return f"<{self.tag.name.lower()} {shown}{told}>"


class Event(NamedTuple):
    """One event with all that its site says."""

    stream: int
    session: int
    site: int
    kind: str
    module: str
    function: str
    line: int
    parameters: int
    """How many the function has."""
    name: str | None
    detail: str | None
    payload: tuple[Any, ...]
    """As recorded, nodes as tuples."""
    passed: int
    """Nanoseconds since the record before it in its stream."""

    @property
    def arguments(self) -> tuple[Any, ...]:
        """A call's values, one for each parameter."""
        end = len(self.payload) - 1
        return tuple(plain(one) for one in self.payload[end - self.parameters : end])

    @property
    def values(self) -> tuple[Any, ...]:
        """The payload in ordinary Python; an exception's traceback stays as it is."""
        traceback = self.payload[3:] if self.kind == "exception" else ()
        values = self.payload[: len(self.payload) - len(traceback)]
        return (*(plain(one) for one in values), *traceback)


class Record(NamedTuple):
    """One control record."""

    stream: int
    session: int
    control: int
    rest: tuple[Any, ...]


@dataclass
class Spool:
    """A recording's folder, read to its end."""

    process: dict[str, Any] = field(default_factory=dict)
    modules: list[dict[str, Any]] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    goodbyes: list[dict[str, Any]] = field(default_factory=list)
    records: list[Event | Record] = field(default_factory=list)
    """Events and control records of threads, stream after stream."""

    @property
    def events(self) -> list[Event]:
        return [one for one in self.records if isinstance(one, Event)]

    def controls(self, control: Control) -> list[Record]:
        """Return the control records of one number."""
        found = (one for one in self.records if isinstance(one, Record))
        return [one for one in found if one.control == control]

    @property
    def sessions(self) -> list[dict[str, Any]]:
        """The facts of every session, with its `key`, in the order of their beginning."""
        return [one.rest[1] | {"key": one.rest[0]} for one in self.controls(Control.SESSION)]

    def story(self, *functions: str) -> str:
        """Return what happened in these functions (in all, if none is named), one line an event."""
        chosen = (event for event in self.events if not functions or event.function in functions)
        return "\n".join(tell(event) for event in chosen)

    def of(self, *kinds: str) -> list[Event]:
        """Return the events of these kinds."""
        return [event for event in self.events if event.kind in kinds]


def read(folder: Path, pid: int | None = None) -> Spool:
    """Return what a recording's folder holds; every record must be whole and known.

    Sessions are numbered by each process for itself: `pid` chooses one.
    """
    spool = Spool()
    sites: dict[tuple[int, int], tuple[str, Function, Site]] = {}
    of_process = [one for one in segments(folder) if pid in (None, one[0].pid)]
    for name, path in of_process:
        if name.stream == 0:
            for record in records_of(path):
                _facts(spool, sites, name.pid, record)
    session: dict[tuple[int, int], int] = {}
    for name, path in of_process:
        if name.stream != 0:
            where = name.pid, name.stream
            for record in records_of(path):
                read_one = _told(sites, where, session, record)
                spool.records.append(read_one)
    return spool


def records_of(path: Path) -> Iterator[tuple[Any, ...]]:
    """Yield the published records of one segment."""
    data = whole(path)
    unpacker = msgpack.Unpacker(
        use_list=False, strict_map_key=False, unicode_errors="surrogatepass", max_buffer_size=0
    )
    unpacker.feed(data)
    yield from unpacker
    assert unpacker.tell() == len(data), f"{path} ends inside a record"


def _facts(
    spool: Spool,
    sites: dict[tuple[int, int], tuple[str, Function, Site]],
    pid: int,
    record: tuple[Any, ...],
) -> None:
    control, facts = record
    if control == Control.PROCESS:
        spool.process = facts
    elif control == Control.MODULE:
        facts |= msgpack.unpackb(zlib.decompress(facts.pop("packed")))
        facts["sites"] = PackedSites(*facts["sites"]).unpack()
        spool.modules.append(facts)
        functions = [Function(*one) for one in facts["functions"]]
        for place, site in enumerate(facts["sites"], facts["base"]):
            sites[pid, place] = facts["name"], functions[site.function], site
    elif control == Control.REPORT:
        spool.reports.append(facts)
    else:
        assert control == Control.GOODBYE
        spool.goodbyes.append(facts)


def _told(
    sites: dict[tuple[int, int], tuple[str, Function, Site]],
    where: tuple[int, int],
    session: dict[tuple[int, int], int],
    record: tuple[Any, ...],
) -> Event | Record:
    first, *rest = record
    if first < 0:
        if first in (Control.SESSION, Control.SWITCH):
            session[where] = rest[0]
        return Record(where[1], session.get(where, 0), Control(first), tuple(rest))
    module, function, site = sites[where[0], first]
    assert rest[0] >= 0
    return Event(
        where[1],
        session.get(where, 0),
        first,
        site.kind,
        module,
        function.qualname,
        site.line,
        len(function.parameters),
        site.name,
        site.detail,
        tuple(rest[1:]),
        rest[0],
    )


def plain(value: Any) -> Any:
    """Return a recorded value in ordinary Python.

    Lists, tuples and dictionaries are themselves, sets are lists, big integers integers; an
    instance is a `Node` of its type and a dictionary; every other node a `Node` without ids.
    """
    if type(value) is not tuple:
        return value
    tag, rest = Tag(value[0]), value[1:]
    form = _ORDINARY.get(tag)
    return Node(tag, rest[1:]) if form is None else form(tag, rest)


def _items(tag: Tag, rest: tuple[Any, ...]) -> Any:
    kind = tuple if tag is Tag.TUPLE else list
    return kind(plain(one) for one in rest[2:])


def _integer(tag: Tag, rest: tuple[Any, ...]) -> Any:
    return int(rest[1], 16) if rest[1] else Node(tag, rest)


_ORDINARY: dict[Tag, Callable[[Tag, tuple[Any, ...]], Any]] = {
    **dict.fromkeys((Tag.LIST, Tag.TUPLE, Tag.SET, Tag.FROZENSET), _items),
    **dict.fromkeys((Tag.TEXT, Tag.BYTES, Tag.COMPLEX), Node),
    Tag.INTEGER: _integer,
    Tag.DICT: lambda _, rest: _pairs(rest[2:]),
    Tag.INSTANCE: lambda tag, rest: Node(tag, (rest[1], _pairs(rest[3:]))),
    Tag.EXCEPTION: lambda tag, rest: Node(tag, (rest[1], *map(plain, rest[3:]))),
    Tag.SUBCLASS: lambda tag, rest: Node(tag, (rest[0], plain(rest[1]))),
    Tag.OMITTED: lambda tag, rest: Node(tag, (Omission(rest[0]),)),
    Tag.REDACTED: lambda tag, rest: Node(tag, (Redaction(rest[0]), rest[1])),
}


def _pairs(flat: tuple[Any, ...]) -> dict[Any, Any]:
    pairs = {}
    if len(flat) % 2:
        pairs["..."] = plain(flat[-1])
    for place in range(0, len(flat) - 1, 2):
        pairs[plain(flat[place])] = plain(flat[place + 1])
    return pairs


_FORMS: dict[str, Callable[..., str]] = {
    "return": lambda _, value: f"return {value!r}",
    "variable": lambda event, value: f"{event.name} = {value!r}",
    "attribute": lambda event, owner, value: f"{owner.rest[0]}.{event.name} = {value!r}",
    "item": lambda event, _, key, value: f"{event.name}[{key!r}] = {value!r}",
    "mutate": lambda event, value: f"{event.name}.{event.detail}(): {value!r}",
    "loop": lambda event: f"{event.detail} goes round",
    "value": lambda event, value: f"{event.detail} {event.name} -> {value!r}",
    "line": lambda event: f"line {event.line}",
    "handled": lambda event, value: f"except {value!r} as {event.name}",
    "yield": lambda _, value: f"yield {value!r}",
    "await": lambda event: f"{event.detail} ...",
    "resume": lambda event, _, value, __: f"{event.detail or 'goes on'} -> {value!r}",
    "branch": lambda event, outcome: " ".join(
        [event.detail, *([event.name] if event.name else []), "->", repr(outcome)]
    ),
}


def tell(event: Event) -> str:
    """Return one line that says what the event says."""
    if event.kind == "call":
        return f"call {event.function}{event.arguments!r}"
    if event.kind == "exception":
        value, line, through, trace = event.values
        assert (trace is None) == through
        how = "leaves" if event.detail == "exit" else "passes"
        return f"{value!r} {how} line {line}" + (", from a call" if through else "")
    if event.kind == "delete":
        owner, key = (*event.values, None, None)[:2]
        whose = f"{owner.rest[0]}." if owner and len(event.values) == 1 else ""
        which = f"[{key!r}]" if len(event.values) == 2 else ""
        return f"del {whose}{event.name}{which}"
    return _FORMS[event.kind](event, *event.values)
