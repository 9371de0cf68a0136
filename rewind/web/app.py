"""The application: API, page and live feed behind one door.

`create_app` puts them together and starts nothing; `server` runs the result.
"""

from pathlib import Path

from flask import Flask

from rewind.replay.archive import Archive
from rewind.web.api import api_blueprint
from rewind.web.guard import Door, Guard
from rewind.web.live import Feed
from rewind.web.pages import STATIC_FOLDER, pages_blueprint
from rewind.web.problems import tell_problems


def create_app(
    archive: Archive, feed: Feed, door: Door, static_folder: Path = STATIC_FOLDER
) -> Flask:
    """Return the dashboard's application (WSGI), its feed not started."""
    app = Flask("rewind.web", static_folder=None)
    # The document's order of fields, and no Unicode that a log or terminal could stumble over.
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_blueprint(api_blueprint(archive))
    app.register_blueprint(pages_blueprint(static_folder))
    tell_problems(app)
    feed.attach(app)
    app.wsgi_app = Guard(app.wsgi_app, door)  # type: ignore[method-assign, assignment]
    return app
