import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rewind.errors import StoreError
from rewind.replay.archive import Archive, Watch
from rewind.web import live
from rewind.web.app import create_app
from rewind.web.guard import Door
from rewind.web.live import Feed, Watchers
from tests.unit.replay.stored import put, stored
from tests.unit.replay.told import SESSION, Told

PATIENCE_S = 20


class Away(Archive):
    """An archive whose database does not answer until it is back."""

    back = False

    def watch(self) -> Watch:
        if not self.back:
            message = "the server is gone"
            raise StoreError(message)
        return super().watch()


class Client:
    """A page, connected within this process."""

    def __init__(self, archive: Archive) -> None:
        self.feed = Feed(archive)
        app = create_app(archive, self.feed, Door())
        self._client = self.feed._socketio.test_client(app)
        self.feed.start()

    def watch(self, session: str) -> None:
        self._client.emit("watch", {"id": session})

    def hear(self) -> dict[str, Any]:
        """Wait for news of a session."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            for heard in self._client.get_received():
                if heard["name"] == "session":
                    news: dict[str, Any] = heard["args"][0]
                    return news
            time.sleep(0.01)
        pytest.fail("nothing was heard")


def told(events: int) -> Told:
    story = Told()
    main = story.function("main")
    story.event("call", main)
    for n in range(1, events):
        story.event("variable", main, n, name="x")
    return story


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Away]:
    monkeypatch.setattr(live, "PATIENCE_S", 0.01)
    plain = stored(tmp_path, told(1), status="running")
    away = Away(plain._store)
    yield away
    away.close()


def test_what_happened_while_the_database_was_away_is_told(
    archive: Away, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(archive)
    try:
        client.watch(SESSION)
        put(archive._store, told(5), status="running")
        archive.back = True
        assert client.hear() == {"id": SESSION, "events": 5, "status": "running"}
        assert "the server is gone" in caplog.text
    finally:
        client.feed.stop()


def test_a_wish_that_is_repeated_is_answered_again(archive: Away) -> None:
    archive.back = True
    client = Client(archive)
    try:
        for _ in range(2):
            client.watch(SESSION)
            assert client.hear()["events"] == 1
    finally:
        client.feed.stop()


def test_a_client_that_is_gone_has_no_wishes() -> None:
    watchers = Watchers()
    watchers.enter("page")
    watchers.watch("page", SESSION)
    watchers.watch("stranger", SESSION)
    assert list(watchers.wishes()) == ["page"]
    watchers.leave("page")
    assert not watchers
    assert not watchers.wishes()
