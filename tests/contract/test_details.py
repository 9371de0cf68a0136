"""What is learned of a session is the same record, whether the extension has written it or not."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

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


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sessions]:
    """Those of a recording by the native core."""
    with recording(tmp_path_factory.mktemp("details"), core="native") as made:
        yield made.core.sessions


def told(sessions: Sessions, tags: dict[str, object], trigger: str | None) -> list[bytes]:
    """Return what a recorder is told by the engine that has no quicker way."""
    heard = Told()
    opened: Any = SimpleNamespace(
        session=SimpleNamespace(key=7), owner=sessions._owner, recorder=heard
    )
    engine: Any = sessions._engine
    sessions._engine = SimpleNamespace(details=lambda *_: None)
    try:
        sessions.tag(opened, tags, trigger)
    finally:
        sessions._engine = engine
    return heard


@given(st.dictionaries(NAMES, VALUES, max_size=5), st.none() | strategies.texts)
def test_any_details_are_told_alike(
    sessions: Sessions, tags: dict[str, object], trigger: str | None
) -> None:
    quick = sessions._engine.details(7, tags, trigger)
    if quick is not None and (tags or trigger is not None):
        assert told(sessions, tags, trigger) == [quick]


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
    sessions: Sessions, tags: dict[str, object], *, is_usual: bool
) -> None:
    quick = sessions._engine.details(7, tags, "GET /<é>")
    assert (quick is not None) == is_usual
    if quick is not None:
        assert told(sessions, tags, "GET /<é>") == [quick]
