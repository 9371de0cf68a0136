"""What has changed, told to the pages: the database is watched, and Socket.IO carries the news.

News says that there is something, not what: pages ask the API for it. So however fast a program
records, a page hears of it a few times a second at most.
"""

import logging
from dataclasses import dataclass
from functools import cache
from threading import Event, Lock, Thread

from flask import Flask, request
from flask_socketio import SocketIO

from rewind.errors import NoSuchSessionError
from rewind.replay.archive import Archive

INTERVAL_S = 0.15
"""Between two looks at the database."""
PATIENCE_S = 2.0
"""Before looking again at a database that did not answer."""

_log = logging.getLogger(__name__)

News = dict[str, object]


@dataclass(slots=True, eq=False)
class Wish:
    """A client's wish to hear of a session; what it was told last is the feed's to know."""

    session: str
    told: News | None = None


class Watchers:
    """Which client watches which session, one each. For any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._wishes: dict[str, Wish | None] = {}

    def enter(self, client: str) -> None:
        """Count a client that has connected."""
        with self._lock:
            self._wishes[client] = None

    def watch(self, client: str, session: str) -> None:
        """Let the client watch that session, and no other."""
        with self._lock:
            if client in self._wishes:
                self._wishes[client] = Wish(session)

    def leave(self, client: str) -> None:
        """Forget a client that is gone."""
        with self._lock:
            self._wishes.pop(client, None)

    def wishes(self) -> dict[str, Wish]:
        """Return the wishes by client."""
        with self._lock:
            return {client: wish for client, wish in self._wishes.items() if wish is not None}

    def __bool__(self) -> bool:
        with self._lock:
            return bool(self._wishes)


class Feed:
    """Socket.IO and the thread that feeds it.

    `attach` it to an application, then `start` and `stop` it once, from the thread that runs the
    server. The thread also dies with the process. A fork has no use for it.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._watchers = Watchers()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="rewind-feed", daemon=True)
        # The guard in front has looked at the Origin already, and knows the dashboard's names.
        self._socketio = SocketIO(async_mode="threading", cors_allowed_origins=[])
        self._socketio.on_event("connect", self._connected)
        self._socketio.on_event("disconnect", self._disconnected)
        self._socketio.on_event("watch", self._watched)

    def attach(self, app: Flask) -> None:
        """Let Socket.IO take its requests out of the application's."""
        self._socketio.init_app(app)

    def start(self) -> None:
        """Begin to watch the database."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stopping.set()
        self._thread.join()

    def _connected(self, _: object = None) -> None:
        self._watchers.enter(request.sid)  # type: ignore[attr-defined]

    def _disconnected(self, _: object = None) -> None:
        self._watchers.leave(request.sid)  # type: ignore[attr-defined]

    def _watched(self, wish: object = None) -> None:
        session = wish.get("id") if isinstance(wish, dict) else None
        if isinstance(session, str):
            self._watchers.watch(request.sid, session)  # type: ignore[attr-defined]

    def _run(self) -> None:
        complaint = ""
        while not self._stopping.is_set():
            try:
                self._follow()
            except Exception as error:  # noqa: BLE001 - whatever a driver raises, the page lives on
                # An outage of hours is one line on the terminal.
                if str(error) != complaint:
                    complaint = str(error)
                    _log.warning("the database cannot be watched, trying again: %s", error)
                self._stopping.wait(PATIENCE_S)

    def _follow(self) -> None:
        """Tell of changes until the database fails or the feed is stopped."""
        watch = self._archive.watch()
        try:
            # Differs from any token: what happened while nobody watched is told first.
            token: int | None = None
            while not self._stopping.wait(INTERVAL_S):
                latest = watch.token()
                self._tell(changed=latest != token)
                token = latest
        finally:
            watch.close()

    def _tell(self, *, changed: bool) -> None:
        if changed and self._watchers:
            self._socketio.emit("sessions", {})
        news = cache(self._news)
        for client, wish in self._watchers.wishes().items():
            # A new wish is answered at once: something may have come since the page last asked.
            if changed or wish.told is None:
                latest = news(wish.session)
                if latest and latest != wish.told:
                    self._socketio.emit("session", latest, to=client)
                wish.told = latest

    def _news(self, session: str) -> News:
        """Return what can be told of a session; nothing of one that is not there (yet)."""
        try:
            facts = self._archive.session(session).facts
        except NoSuchSessionError:
            return {}
        return {"id": facts.id, "events": facts.events, "status": facts.status}
