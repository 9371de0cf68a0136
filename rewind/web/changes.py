"""What the dashboard's page may change: a session is kept, let go again, or removed.

The guard lets nobody else come here. A change names its session by the whole id, never by a
beginning of it or as the last one, so that it is the one that a person saw.
"""

from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request

from rewind.replay import present
from rewind.replay.archive import Archive
from rewind.replay.session import Session
from rewind.web.problems import Problem
from rewind.web.questions import Question


class Changes:
    """The changes, each made by the archive. Any thread calls it; it keeps nothing."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def pin(self, identifier: str) -> Response:
        """Keep a session whatever the bounds of the database say."""
        return self._pinned(identifier, pinned=True)

    def unpin(self, identifier: str) -> Response:
        """Let a session go again when it is time."""
        return self._pinned(identifier, pinned=False)

    def remove(self, identifier: str) -> Response:
        """Remove a session that neither runs nor is pinned."""
        facts = self._named(identifier).facts
        if facts.status == "running":
            raise _kept(identifier, "is still running")
        if facts.pinned:
            raise _kept(identifier, "is pinned: let it go first")
        self._archive.remove(facts.id)
        return jsonify({"removed": [facts.id]})

    def _pinned(self, identifier: str, *, pinned: bool) -> Response:
        self._archive.pin(self._named(identifier).facts.id, pinned=pinned)
        return jsonify(present.session(self._named(identifier).facts))

    def _named(self, identifier: str) -> Session:
        Question(request.args)
        session = self._archive.session(identifier)
        if session.facts.id != identifier:
            message = f"a change names its session by the whole id: {session.facts.id}"
            raise Problem(HTTPStatus.BAD_REQUEST, "bad-request", message)
        return session


def _kept(identifier: str, why: str) -> Problem:
    return Problem(HTTPStatus.CONFLICT, "kept", f"session {identifier} {why}")


def add_changes(blueprint: Blueprint, archive: Archive) -> None:
    """Give the API the addresses by which something is changed."""
    changes = Changes(archive)
    session = "/sessions/<identifier>"
    for rule, method, view in (
        (f"{session}/pin", "PUT", changes.pin),
        (f"{session}/pin", "DELETE", changes.unpin),
        (session, "DELETE", changes.remove),
    ):
        blueprint.add_url_rule(rule, view.__name__, view, methods=[method])
