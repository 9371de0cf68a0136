"""What is learned of a session is the same record, whether the extension has written it or not."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewind.capture.sessions import Sessions
from tests import value_strategies as strategies
from tests.instrumented import recording

VALUES = (
    st.none() | st.booleans() | st.integers() | st.integers(-(1 << 64), 1 << 64) | st.floats()
) | (strategies.texts | st.binary() | st.just("x" * 1000) | st.just("x" * 1001))
NAMES = strategies.texts | strategies.names | st.just("n" * 200) | st.just("n" * 201)


class Told(list[bytes]):
    """What a recorder was told."""

    closed = False

    def tell(self, _: object, record: bytes) -> None:
        self.append(record)


class Running(NamedTuple):
    """A session that runs."""

    sessions: Sessions
    opened: Any
    folder: Path

    def quickly(self, tags: dict[str, object], trigger: str | None) -> bytes | None:
        """Return what the extension writes of these, if it does."""
        before = len(self._published())
        is_told = self.sessions._engine.tag(self.opened, tags, trigger)
        written = self._published()[before:]
        assert bool(written) == is_told
        return written or None

    def _published(self) -> bytes:
        (segment,) = self.folder.glob("*-1-*.seg")
        held = segment.read_bytes()
        return held[: int.from_bytes(held[8:16], "little")]

    def plainly(self, tags: dict[str, object], trigger: str | None) -> list[bytes]:
        """Return what a recorder is told by an engine that has no quicker way."""
        heard, engine = Told(), self.sessions._engine
        opened: Any = SimpleNamespace(session=self.opened.session, recorder=heard)
        self.sessions._engine = cast("Any", SimpleNamespace(tag=lambda *_: False))
        try:
            self.sessions.tag(opened, tags, trigger)
        finally:
            self.sessions._engine = engine
        return heard


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One that the native core records, all of it in one segment."""
    folder = tmp_path_factory.mktemp("details")
    with recording(folder, core="native", segment_bytes=1 << 24) as made:
        sessions = made.core.sessions
        opened = sessions.begin("request", "GET /", {})
        assert opened is not None
        yield Running(sessions, opened, folder)
        sessions.end(opened, None)


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=5), st.none() | strategies.texts)
def test_any_details_are_told_alike(
    running: Running, tags: dict[str, object], trigger: str | None
) -> None:
    quick = running.quickly(tags, trigger)
    if quick is not None:
        assert running.plainly(tags, trigger) == [quick]


@pytest.mark.parametrize(
    ("tags", "is_usual"),
    [
        ({"method": "GET", "path": "/é\ud800", "status": 200, "share": 0.5, "ok": True}, True),
        ({f"tag {number}": None for number in range(64)}, True),
        ({f"tag {number}": None for number in range(65)}, False),
        ({"password": "hidden"}, False),
        ({"note": "Bearer " + "t" * 40}, False),
        ({"text": "x" * 1001}, False),
        ({"other": Path()}, False),
        ({"large": 1 << 70}, False),
    ],
)
def test_the_usual_is_written_by_the_extension(
    running: Running, tags: dict[str, object], *, is_usual: bool
) -> None:
    quick = running.quickly(tags, "GET /<é>")
    assert (quick is not None) == is_usual
    if quick is not None:
        assert running.plainly(tags, "GET /<é>") == [quick]
