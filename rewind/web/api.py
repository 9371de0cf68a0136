"""The HTTP API of `docs/json.md`: each address asks replay one thing.

Reads parameters, asks, and hands on what `rewind.replay.present` writes; it decides nothing else.
"""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request

from rewind import __version__
from rewind.model.events import KINDS
from rewind.replay import output, present, search, tables
from rewind.replay.archive import Archive, RecordingFacts, SessionFilter
from rewind.replay.calls import calls_around
from rewind.replay.current import CurrentVariables
from rewind.replay.difference import Pair, difference
from rewind.replay.events import Event, EventQuery
from rewind.replay.exceptions import way_of
from rewind.replay.expressions import parse_columns, parse_expression
from rewind.replay.family import family_of
from rewind.replay.prints import MOST_ROWS, Line, Print, hits_around, line_of
from rewind.replay.queries import queries
from rewind.replay.session import Session
from rewind.replay.sites import Module
from rewind.replay.watches import watched
from rewind.web import openapi
from rewind.web.changes import add_changes
from rewind.web.problems import Problem
from rewind.web.questions import LARGEST, Question

STATUSES = ("running", "completed", "error", "crashed")
MOST_SESSIONS = 500
MOST_EVENTS = 2000
MOST_MOMENTS = 50
MOST_BUCKETS = 2000
MOST_WATCHES = 50
MOST_LINES = 2000
MOST_QUERIES = 1000


class Api:
    """The answers, each from the archive. Any thread calls it; it keeps nothing."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def description(self) -> Response:
        """Answer `/api/openapi.json`."""
        self._question()
        return jsonify(openapi.document())

    def status(self) -> Response:
        """Answer `/api/status`."""
        self._question()
        figures, archive = self._archive.status(), self._archive
        return jsonify(
            present.status(figures, archive.name, __version__, changeable=archive.is_changeable)
        )

    def sessions(self) -> Response:
        """Answer `/api/sessions`."""
        asked = self._question(*_SESSION_FILTERS, "limit", "offset")
        wanted = SessionFilter(
            status=asked.one_of("status", STATUSES),
            kind=asked.text("kind"),
            module=asked.text("module"),
            function=asked.text("function"),
            search=asked.text("search"),
            recording=asked.text("recording"),
            trace=asked.text("trace"),
            tags=tuple(filter(None, (asked.text("tags") or "").split("\n"))),
            service=asked.text("service"),
            after=asked.instant("after"),
            before=asked.instant("before"),
        )
        limit, offset = asked.number("limit", 50, MOST_SESSIONS), asked.number("offset", 0, LARGEST)
        found = self._archive.sessions(wanted, limit=limit, offset=offset)
        # A page that is not full is the last one, and to count is to look at all sessions again.
        is_last = 0 < len(found) < limit or (limit > 0 and offset == 0 and not found)
        total = offset + len(found) if is_last else self._archive.count(wanted)
        return jsonify({"sessions": [present.session(facts) for facts in found], "total": total})

    def session(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>`."""
        self._question()
        facts = self._archive.session(reference).facts
        return jsonify(present.session_details(facts, self._archive.recording(facts.recording_id)))

    def family(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/family`."""
        self._question()
        found = family_of(self._archive, self._archive.session(reference).facts)
        return jsonify(
            {
                "sessions": [present.session(facts) for facts in found.sessions],
                "complete": found.complete,
            }
        )

    def events(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/events`."""
        asked = self._question("from", "to", *_EVENT_FILTERS, "value", "limit")
        session = self._archive.session(reference)
        first, last = asked.number("from", 1, LARGEST), asked.optional_number("to")
        value, limit = asked.text("value"), asked.number("limit", 200, MOST_EVENTS)
        wanted = replace(_events_asked(asked), first=first, last=last, value=value, limit=limit)
        page = search.within(session, wanted) if value else search.all_of(session, wanted)
        return jsonify(
            {
                "events": [present.event(session, event) for event in page.events],
                "first": session.facts.first_event,
                "last": session.facts.events,
                "next": page.next,
            }
        )

    def next(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/next`."""
        return self._nearest(reference, Session.next)

    def previous(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/previous`."""
        return self._nearest(reference, Session.previous)

    def _nearest(
        self, reference: str, look: Callable[[Session, int, EventQuery], Event | None]
    ) -> Response:
        asked = self._question("n", *_EVENT_FILTERS)
        session = self._archive.session(reference)
        found = look(session, asked.required_number("n"), _events_asked(asked))
        return jsonify({"event": None if found is None else present.event(session, found)})

    def moment(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/moment`."""
        asked = self._question("n", "frame")
        session = self._archive.session(reference)
        n = session.nearest(asked.required_number("n"))
        return jsonify(present.moment(session, session.moment(n, asked.optional_number("frame"))))

    def moments(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/moments`."""
        asked = self._question("from", "to")
        session = self._archive.session(reference)
        first = asked.required_number("from")
        last = asked.number("to", first + MOST_MOMENTS - 1, first + MOST_MOMENTS - 1)
        found, variables = session.moments(first, last), CurrentVariables(session)
        moments = [present.moment(session, moment, variables) for moment in found]
        return jsonify({"moments": moments})

    def source(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/source`."""
        file = self._question("file").text("file")
        session = self._archive.session(reference)
        module = self._module(session, file)
        return jsonify(present.source(module, session.source(module)))

    def print(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/print`."""
        asked = self._question("file", "line", "expressions", "where", "from", "limit")
        session = self._archive.session(reference)
        module, number = self._module(session, asked.text("file")), asked.required_number("line")
        columns = parse_columns(asked.text("expressions") or "")
        where = asked.text("where")
        condition = parse_expression(where) if where is not None else None
        line = _line(session, module, number)
        limit = asked.number("limit", MOST_ROWS, MOST_ROWS)
        page = Print(session, line, columns, condition).page(
            asked.number("from", 1, LARGEST), limit
        )
        return jsonify(tables.printed(line, tuple(column.text for column in columns), page))

    def hits(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/hits`."""
        asked = self._question("file", "line", "n")
        session = self._archive.session(reference)
        module, number = self._module(session, asked.text("file")), asked.required_number("line")
        found = hits_around(
            session, _line(session, module, number), session.nearest(asked.required_number("n"))
        )
        if found is None:
            raise _nothing_recorded(module, number)
        return jsonify(tables.hits(found))

    def output(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/output`."""
        asked = self._question("from", "to", "stream", "limit")
        session = self._archive.session(reference)
        page = output.page(
            session,
            asked.some_of("stream", output.ALL_STREAMS) or output.PRINTED,
            asked.number("from", 1, LARGEST),
            asked.optional_number("to"),
            asked.number("limit", MOST_LINES, MOST_LINES),
        )
        return jsonify(tables.output(page))

    def queries(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/queries`."""
        self._question()
        found = queries(self._archive.session(reference))[:MOST_QUERIES]
        return jsonify({"queries": [tables.query(query) for query in found]})

    def calls(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/calls`."""
        asked = self._question("frame")
        session, frame = self._archive.session(reference), asked.required_number("frame")
        found = calls_around(session, frame)
        if found is None:
            message = f"event {frame} of session {session.facts.id} is no call"
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-call", message)
        return jsonify(tables.hits(found))

    def exception(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/exception`."""
        asked = self._question("n")
        session = self._archive.session(reference)
        return jsonify(tables.way(session, way_of(session, asked.required_number("n"))))

    def watch(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/watch`."""
        asked = self._question("n", "frame", "expressions")
        session = self._archive.session(reference)
        n = session.nearest(asked.required_number("n"))
        texts = (asked.text("expressions") or "").split("\n")[:MOST_WATCHES]
        found = watched(session, filter(None, texts), n, asked.optional_number("frame"))
        return jsonify(tables.watches(n, found))

    def difference(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/difference`."""
        asked = self._question("with", "from", "with_from")
        other = asked.text("with")
        if other is None:
            raise Problem(HTTPStatus.BAD_REQUEST, "bad-request", "with names the other session")
        begin = Pair(asked.number("from", 1, LARGEST), asked.number("with_from", 1, LARGEST))
        session, compared = self._archive.session(reference), self._archive.session(other)
        return jsonify(tables.comparison(difference(session, compared, begin)))

    def timeline(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/timeline`."""
        asked = self._question("buckets", "from", "to", "start_ns", "end_ns")
        session = self._archive.session(reference)
        buckets = max(1, asked.number("buckets", 200, MOST_BUCKETS))
        start_ns, end_ns = asked.optional_number("start_ns"), asked.optional_number("end_ns")
        if start_ns is not None or end_ns is not None:
            found = session.timeline_between(buckets, start_ns or 0, end_ns or LARGEST)
        else:
            first = max(1, asked.number("from", 1, LARGEST))
            found = session.timeline(buckets, first, asked.optional_number("to"))
        return jsonify(present.timeline(session, found))

    def recording(self, recording: str) -> Response:
        """Answer `/api/recordings/<id>`."""
        self._question()
        return jsonify(present.recording_details(self._recording(recording)))

    def _recording(self, recording: str) -> RecordingFacts:
        found = self._archive.recording(recording)
        if found is None:
            message = f"there is no recording {recording}"
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-recording", message)
        return found

    def modules(self, recording: str) -> Response:
        """Answer `/api/recordings/<id>/modules`."""
        self._question()
        self._recording(recording)
        return jsonify(present.instrumentation(self._archive.instrumentation(recording)))

    def _module(self, session: Session, file: str | None) -> Module:
        module = session.module_of(file) if file is not None else None
        if module is None:
            message = f"session {session.facts.id} recorded no source of {file}"
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-source", message)
        return module

    def _question(self, *known: str) -> Question:
        return Question(request.args, *known)


def _line(session: Session, module: Module, number: int) -> Line:
    line = line_of(session, module, number)
    if line is None:
        raise _nothing_recorded(module, number)
    return line


def _nothing_recorded(module: Module, number: int) -> Problem:
    message = f"this session left no event of its own at line {number} of {module.path}"
    return Problem(HTTPStatus.NOT_FOUND, "no-such-line", message)


_EVENT_FILTERS = ("kind", "function", "variable", "file", "line")
_SESSION_FILTERS = (
    "status",
    "kind",
    "module",
    "function",
    "search",
    "recording",
    "trace",
    "tags",
    "service",
    "after",
    "before",
)


def _events_asked(asked: Question) -> EventQuery:
    return EventQuery(
        kinds=asked.some_of("kind", KINDS),
        function=asked.text("function"),
        variable=asked.text("variable"),
        file=asked.text("file"),
        line=asked.optional_number("line"),
    )


def api_blueprint(archive: Archive) -> Blueprint:
    """Return the addresses below `/api`."""
    api = Api(archive)
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    session = "/sessions/<reference>"
    for rule, view in (
        ("/openapi.json", api.description),
        ("/status", api.status),
        ("/sessions", api.sessions),
        (session, api.session),
        (f"{session}/family", api.family),
        (f"{session}/events", api.events),
        (f"{session}/next", api.next),
        (f"{session}/previous", api.previous),
        (f"{session}/moment", api.moment),
        (f"{session}/moments", api.moments),
        (f"{session}/source", api.source),
        (f"{session}/timeline", api.timeline),
        (f"{session}/print", api.print),
        (f"{session}/hits", api.hits),
        (f"{session}/calls", api.calls),
        (f"{session}/watch", api.watch),
        (f"{session}/exception", api.exception),
        (f"{session}/output", api.output),
        (f"{session}/queries", api.queries),
        (f"{session}/difference", api.difference),
        ("/recordings/<recording>", api.recording),
        ("/recordings/<recording>/modules", api.modules),
    ):
        blueprint.add_url_rule(rule, view.__name__, view)
    add_changes(blueprint, archive)
    blueprint.after_request(_unkept)
    return blueprint


def _unkept(response: Response) -> Response:
    # What a program held in memory belongs in no browser's cache on disk.
    response.headers["Cache-Control"] = "no-store"
    return response
