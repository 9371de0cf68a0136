"""The page: files that `webui/` was built to, shown for the addresses a person may open.

The page finds out by itself what its address asks for, so all of them get the same document. The
files it names carry a hash of their content and may be kept for ever; the document may not.
"""

from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory
from werkzeug.exceptions import NotFound

from rewind.web.problems import refused

STATIC_FOLDER = Path(__file__).parent / "static"
DOCUMENT = "index.html"
NOT_BUILT = """\
Rewind's page is not built.

In a checkout, build it with `make page` (it needs Node 20), then reload. An installed Rewind
carries its page: if you see this from one, its package is damaged and wants to be installed again.

The API works without it: try /api/sessions
"""
_A_YEAR_S = 31_536_000


class Pages:
    """The document and its files, from one folder. Any thread calls it; it keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def document(self, **_: str) -> Response:
        """Answer with the document, whatever the rest of the address says."""
        if not (self._folder / DOCUMENT).is_file():
            return Response(NOT_BUILT, HTTPStatus.SERVICE_UNAVAILABLE, mimetype="text/plain")
        response = send_from_directory(self._folder, DOCUMENT)
        response.headers["Cache-Control"] = "no-cache"
        return response

    def asset(self, name: str) -> Response:
        """Answer with a file whose name changes with its content."""
        response = send_from_directory(self._folder / "assets", name)
        response.headers["Cache-Control"] = f"public, max-age={_A_YEAR_S}, immutable"
        return response

    def file(self, name: str) -> Response:
        """Answer with another file of the page, such as its icon."""
        return send_from_directory(self._folder, name)

    def nowhere(self, error: NotFound) -> Response | tuple[Response, int]:
        """Answer a person with the page, which says that there is nothing; a program as ever."""
        wanted = request.accept_mimetypes.best_match(("application/json", "text/html"))
        if request.path.startswith("/api/") or wanted != "text/html":
            return refused(error)
        response = self.document()
        response.status_code = HTTPStatus.NOT_FOUND
        return response


def pages_blueprint(folder: Path) -> Blueprint:
    """Return the addresses of the page and its files."""
    pages = Pages(folder)
    blueprint = Blueprint("pages", __name__)
    blueprint.add_url_rule("/", "list", pages.document)
    blueprint.add_url_rule("/sessions", "sessions", pages.document)
    blueprint.add_url_rule("/compare", "comparison", pages.document)
    blueprint.add_url_rule("/sessions/<path:rest>", "session", pages.document)
    blueprint.add_url_rule("/recordings/<path:rest>", "recording", pages.document)
    blueprint.add_url_rule("/assets/<path:name>", "asset", pages.asset)
    blueprint.add_url_rule("/<name>", "file", pages.file)
    blueprint.app_errorhandler(HTTPStatus.NOT_FOUND)(pages.nowhere)
    return blueprint
