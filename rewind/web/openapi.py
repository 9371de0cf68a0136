"""The API described for machines: an OpenAPI 3.1 document, served at `/api/openapi.json`.

It says of each address which parameters it takes and which fields an answer has; what they mean is
written in `docs/json.md`. A test holds it against the addresses there are, and another sends
whatever the document allows.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from rewind import __version__
from rewind.model.events import KINDS
from rewind.replay.output import ALL_STREAMS

Schema = Mapping[str, object]

_NUMBER: Final[Schema] = {"type": "integer", "minimum": 0, "maximum": (1 << 63) - 1}
_TEXT: Final[Schema] = {"type": "string"}
_INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}
_STATUS: Final[Schema] = {"enum": ["running", "completed", "error", "crashed"]}


def _some_of(names: Sequence[str]) -> Schema:
    return {
        "type": "string",
        "description": f"Some of {', '.join(names)}, with commas between them.",
        "pattern": f"^({'|'.join(names)})(,({'|'.join(names)}))*$",
    }


_KIND: Final = _some_of(KINDS)

_PARAMETERS: Final[Mapping[str, Schema]] = {
    **dict.fromkeys(("from", "to", "with_from", "start_ns", "end_ns"), _NUMBER),
    **dict.fromkeys(("limit", "offset", "n", "frame", "line", "buckets"), _NUMBER),
    "after": _INSTANT,
    "before": _INSTANT,
    "status": _STATUS,
    "stream": _some_of(ALL_STREAMS),
}
"""Those that are no plain text, whatever asks for them."""

_EVENTS: Final = "kind function variable file line"


class Operation(NamedTuple):
    """What can be asked of one address by one method."""

    path: str
    summary: str
    optional: str = ""
    required: str = ""
    answers: str = ""
    """Fields that every answer has."""
    method: str = "get"


_SESSION: Final = "/api/sessions/{session}"
_RECORDING: Final = "/api/recordings/{recording}"

OPERATIONS: Final = (
    Operation("/api/status", "Figures of the database", answers="database sessions bytes version"),
    Operation(
        "/api/sessions",
        "Sessions, newest first",
        "status kind module function search recording trace service tags after before limit offset",
        answers="sessions total",
    ),
    Operation(_SESSION, "A session", answers="id recording trigger kind status start events"),
    Operation(f"{_SESSION}/family", "Its parents and children", answers="sessions complete"),
    Operation(
        f"{_SESSION}/events",
        "Events of a session",
        f"from to limit value {_EVENTS}",
        answers="events first last next",
    ),
    Operation(f"{_SESSION}/next", "The next such event", _EVENTS, "n", "event"),
    Operation(f"{_SESSION}/previous", "The one before", _EVENTS, "n", "event"),
    Operation(f"{_SESSION}/moment", "A moment", "frame", "n", "n event stack variables source"),
    Operation(f"{_SESSION}/moments", "Some moments", "to", "from", "moments"),
    Operation(f"{_SESSION}/source", "A source as recorded", "", "file", "file module lines"),
    Operation(
        f"{_SESSION}/timeline",
        "The session, or a part of it, at a glance",
        "buckets from to start_ns end_ns",
        answers="first last duration_ns buckets spans exceptions spans_complete notes marks",
    ),
    Operation(
        f"{_SESSION}/print",
        "Expressions, each time that a line ran",
        "expressions where from limit",
        "file line",
        "line columns hits rows looked next",
    ),
    Operation(
        f"{_SESSION}/hits", "The times that a line ran", "", "file line n", "at hits previous next"
    ),
    Operation(f"{_SESSION}/calls", "The calls of a function", "", "frame", "at hits previous next"),
    Operation(
        f"{_SESSION}/output",
        "What was printed or logged",
        "from to stream limit",
        answers="lines next",
    ),
    Operation(f"{_SESSION}/queries", "Its statements of SQL", answers="queries"),
    Operation(f"{_SESSION}/watch", "Expressions", "frame expressions", "n", "n watches"),
    Operation(f"{_SESSION}/exception", "An exception's way", "", "n", "n text steps earlier"),
    Operation(
        f"{_SESSION}/difference",
        "Where two sessions first differ",
        "from with_from",
        "with",
        "same difference next",
    ),
    Operation(_RECORDING, "A recording", answers="id argv start processes"),
    Operation(
        f"{_RECORDING}/modules",
        "What is recorded of modules",
        answers="modules counts faults replacements",
    ),
    Operation(_SESSION, "Remove a session", answers="removed", method="delete"),
    Operation(f"{_SESSION}/pin", "Keep a session", answers="id pinned", method="put"),
    Operation(f"{_SESSION}/pin", "Let it go again", answers="id pinned", method="delete"),
)

_ERRORS: Final = {
    "400": "A parameter is not what it should be",
    "401": "The dashboard asks for its token",
    "403": "Not by this name, this page or this way",
    "404": "There is no such thing",
    "409": "It runs or is pinned",
    "503": "The database cannot be read",
}


def document() -> dict[str, object]:
    """Return the description of the whole API."""
    paths: dict[str, dict[str, object]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Rewind's dashboard", "version": __version__},
        "paths": paths,
        "components": {"schemas": {"Error": _object(("error",))}},
    }


def _operation(operation: Operation) -> Schema:
    answer = _response("The answer", _object(operation.answers.split()))
    error = {"$ref": "#/components/schemas/Error"}
    return {
        "summary": operation.summary,
        "parameters": [*_in_path(operation.path), *_in_query(operation)],
        "responses": {
            "200": answer,
            **{status: _response(why, error) for status, why in _ERRORS.items()},
        },
    }


def _in_path(path: str) -> list[Schema]:
    names = [name for name in ("session", "recording") if f"{{{name}}}" in path]
    return [{"name": name, "in": "path", "required": True, "schema": _TEXT} for name in names]


def _in_query(operation: Operation) -> list[Schema]:
    required = operation.required.split()
    names = (*required, *operation.optional.split())
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": _schema(operation.path, name),
        }
        for name in names
    ]


def _schema(path: str, name: str) -> Schema:
    # Sessions have kinds of their own, any text.
    if name == "kind" and path != "/api/sessions":
        return _KIND
    return _PARAMETERS.get(name, _TEXT)


def _response(why: str, schema: Schema) -> Schema:
    return {"description": why, "content": {"application/json": {"schema": schema}}}


def _object(fields: Sequence[str]) -> Schema:
    return {"type": "object", "required": list(fields)}
