"""What goes wrong, told as JSON: `{"error": {"slug", "message"}}` and nothing of our insides.

Every error of Rewind's has its slug and words; what was not foreseen is logged, and the asker hears
that much.
"""

import logging
from http import HTTPStatus

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from rewind.errors import FormatError, NoSuchEventError, NoSuchSessionError, RewindError, StoreError

_log = logging.getLogger(__name__)

_STATUSES = (
    (NoSuchSessionError, HTTPStatus.NOT_FOUND),
    (NoSuchEventError, HTTPStatus.NOT_FOUND),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
    (FormatError, HTTPStatus.SERVICE_UNAVAILABLE),
)


class Problem(Exception):  # noqa: N818 - an answer, not a fault
    """A question that cannot be answered."""

    def __init__(self, status: HTTPStatus, slug: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.slug = slug


def tell_problems(app: Flask) -> None:
    """Make the application answer every exception in our form."""
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(RewindError, _refusal)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Exception, _fault)


def answer(status: int, slug: str, message: str) -> tuple[Response, int]:
    """Return an error in the form that every one has."""
    return jsonify({"error": {"slug": slug, "message": message}}), status


def _problem(problem: Problem) -> tuple[Response, int]:
    return answer(problem.status, problem.slug, str(problem))


def _refusal(error: RewindError) -> tuple[Response, int]:
    found = (status for kind, status in _STATUSES if isinstance(error, kind))
    return answer(next(found, HTTPStatus.BAD_REQUEST), error.slug, str(error))


def refused(error: HTTPException) -> tuple[Response, int]:
    """Return what the server itself refuses, in that form."""
    slug = (error.name or "error").lower().replace(" ", "-")
    return answer(error.code or HTTPStatus.BAD_REQUEST, slug, error.description or error.name)


def _fault(error: Exception) -> tuple[Response, int]:
    _log.error("a request failed", exc_info=error)
    message = "the dashboard failed to answer; its terminal says more"
    return answer(HTTPStatus.INTERNAL_SERVER_ERROR, "fault", message)
