"""What has changed, told to the pages: the database is watched, and Socket.IO carries the news.

News says that there is something, not what: pages ask the API for it. So however fast a program
records, a page hears of it a few times a second at most.
"""

import logging
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


class Watchers:
    """Which client watches which session; one each. For any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._clients: dict[str, str | None] = {}

    def enter(self, client: str) -> None:
        """Count a client that has connected."""
        with self._lock:
            self._clients[client] = None

    def watch(self, client: str, session: str) -> None:
        """Let the client watch that session, and no other."""
        with self._lock:
            if client in self._clients:
                self._clients[client] = session

    def leave(self, client: str) -> None:
        """Forget a client that is gone."""
        with self._lock:
            self._clients.pop(client, None)

    def by_session(self) -> dict[str, list[str]]:
        """Return the watched sessions with their clients."""
        found: dict[str, list[str]] = {}
        with self._lock:
            for client, session in self._clients.items():
                if session is not None:
                    found.setdefault(session, []).append(client)
        return found

    def __bool__(self) -> bool:
        with self._lock:
            return bool(self._clients)


class Feed:
    """Socket.IO and the thread that feeds it.

    `attach` it to an application, then `start` and `stop` it once, from the thread that runs the
    server. The thread also dies with the process. A fork has no use for it.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._watchers = Watchers()
        self._told: dict[str, News] = {}
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
        if not isinstance(session, str):
            return
        client: str = request.sid  # type: ignore[attr-defined]
        news = self._news(session)
        if news is not None:
            self._watchers.watch(client, session)
            # At once: something may have come between the page's last question and this wish.
            self._socketio.emit("session", news, to=client)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except Exception as error:  # noqa: BLE001 - whatever a driver raises, the page lives on
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
                if latest != token:
                    token = latest
                    self._tell()
        finally:
            watch.close()

    def _tell(self) -> None:
        if not self._watchers:
            return
        self._socketio.emit("sessions", {})
        watched = self._watchers.by_session()
        self._told = {session: self._told.get(session, {}) for session in watched}
        for session, clients in watched.items():
            news = self._news(session)
            if news is not None and news != self._told[session]:
                self._told[session] = news
                self._socketio.emit("session", news, to=clients)

    def _news(self, session: str) -> News | None:
        try:
            facts = self._archive.session(session).facts
        except NoSuchSessionError:
            return None
        return {"id": facts.id, "events": facts.events, "status": facts.status}
