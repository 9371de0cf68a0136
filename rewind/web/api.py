"""The HTTP API of `docs/json.md`: each address asks replay one thing.

Reads parameters, asks, and hands on what `rewind.replay.present` writes; it decides nothing else.
"""

from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request

from rewind import __version__
from rewind.model.events import KINDS
from rewind.replay import present
from rewind.replay.archive import Archive, SessionFilter
from rewind.replay.events import EventQuery
from rewind.web.problems import Problem
from rewind.web.questions import LARGEST, Question

STATUSES = ("running", "completed", "error", "crashed")
MOST_SESSIONS = 500
MOST_EVENTS = 2000
MOST_MOMENTS = 50
MOST_BUCKETS = 2000


class Api:
    """The answers, each from the archive. Any thread calls it; it keeps nothing."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def status(self) -> Response:
        """Answer `/api/status`."""
        self._question()
        figures = self._archive.status()
        return jsonify(present.status(figures, self._archive.name, __version__))

    def sessions(self) -> Response:
        """Answer `/api/sessions`."""
        asked = self._question(*_SESSION_FILTERS, "limit", "offset")
        wanted = SessionFilter(
            status=asked.one_of("status", STATUSES),
            kind=asked.text("kind"),
            module=asked.text("module"),
            function=asked.text("function"),
            search=asked.text("search"),
            after=asked.instant("after"),
            before=asked.instant("before"),
        )
        limit, offset = asked.number("limit", 50, MOST_SESSIONS), asked.number("offset", 0, LARGEST)
        found = self._archive.sessions(wanted, limit=limit, offset=offset)
        return jsonify(
            {
                "sessions": [present.session(facts) for facts in found],
                "total": self._archive.count(wanted),
            }
        )

    def session(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>`."""
        self._question()
        facts = self._archive.session(reference).facts
        return jsonify(present.session_details(facts, self._archive.recording(facts.recording_id)))

    def events(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/events`."""
        asked = self._question("from", "to", "kind", "function", "variable", "limit")
        session = self._archive.session(reference)
        wanted = EventQuery(
            first=asked.number("from", 1, LARGEST),
            last=asked.optional_number("to"),
            kinds=asked.some_of("kind", KINDS),
            function=asked.text("function"),
            variable=asked.text("variable"),
            limit=asked.number("limit", 200, MOST_EVENTS),
        )
        return jsonify(
            {
                "events": [present.event(session, event) for event in session.events(wanted)],
                "first": session.facts.first_event,
                "last": session.facts.events,
            }
        )

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
        found = session.moments(first, last)
        return jsonify({"moments": [present.moment(session, moment) for moment in found]})

    def source(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/source`."""
        file = self._question("file").text("file")
        session = self._archive.session(reference)
        module = session.module_of(file) if file is not None else None
        if module is None:
            message = f"session {session.facts.id} recorded no source of {file}"
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-source", message)
        return jsonify(present.source(module, session.source(module)))

    def timeline(self, reference: str) -> Response:
        """Answer `/api/sessions/<id>/timeline`."""
        buckets = self._question("buckets").number("buckets", 200, MOST_BUCKETS)
        session = self._archive.session(reference)
        return jsonify(present.timeline(session, session.timeline(max(1, buckets))))

    def modules(self, recording: str) -> Response:
        """Answer `/api/recordings/<id>/modules`."""
        self._question()
        if self._archive.recording(recording) is None:
            message = f"there is no recording {recording}"
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-recording", message)
        return jsonify(present.instrumentation(self._archive.instrumentation(recording)))

    def _question(self, *known: str) -> Question:
        return Question(request.args, *known)


_SESSION_FILTERS = ("status", "kind", "module", "function", "search", "after", "before")


def api_blueprint(archive: Archive) -> Blueprint:
    """Return the addresses below `/api`."""
    api = Api(archive)
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    session = "/sessions/<reference>"
    for rule, view in (
        ("/status", api.status),
        ("/sessions", api.sessions),
        (session, api.session),
        (f"{session}/events", api.events),
        (f"{session}/moment", api.moment),
        (f"{session}/moments", api.moments),
        (f"{session}/source", api.source),
        (f"{session}/timeline", api.timeline),
        ("/recordings/<recording>/modules", api.modules),
    ):
        blueprint.add_url_rule(rule, view.__name__, view)
    blueprint.after_request(_unkept)
    return blueprint


def _unkept(response: Response) -> Response:
    # What a program held in memory belongs in no browser's cache on disk.
    response.headers["Cache-Control"] = "no-store"
    return response
