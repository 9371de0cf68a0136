"""What the dashboard's page may change, over real connections on a real database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rewind.model.events import CALL
from rewind.replay.archive import Archive
from rewind.writer import WriterSettings, run
from tests.integration.dashboard import Answer, Asker, dashboard, database_in
from tests.shop import shop
from tests.unit.replay.stored import stored
from tests.unit.replay.told import SESSION, Told


class Page:
    """A page of the dashboard: it has the cookie, and says that it changes something."""

    def __init__(self, ask: Asker) -> None:
        self.ask = ask
        cookie = ask("/").headers["Set-Cookie"].partition(";")[0]
        self._headers = {"Cookie": cookie, "X-Rewind-Change": "1"}

    def __call__(self, method: str, address: str) -> Answer:
        return self.ask.send(method, f"/api/sessions/{address}", self._headers)

    def sessions(self) -> dict[str, bool]:
        """Whether each session is pinned, by id."""
        listed = self.ask("/api/sessions").json["sessions"]
        return {session["id"]: session["pinned"] for session in listed}


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    spooled, _ = shop(tmp_path / "spool", sessions=3)
    assert run(spooled.path, WriterSettings(database_in(tmp_path), linger=0.0)) == 0
    with dashboard(database_in(tmp_path)) as ask:
        yield Page(ask)


def test_a_session_is_pinned_and_let_go(page: Page) -> None:
    one, *others = page.sessions()
    for _ in range(2):
        assert page("PUT", f"{one}/pin").json["pinned"] is True
    assert page.sessions() == {one: True} | dict.fromkeys(others, False)
    assert page("DELETE", f"{one}/pin").json["pinned"] is False
    assert not any(page.sessions().values())


def test_a_session_is_removed(page: Page) -> None:
    one, *others = page.sessions()
    assert page("DELETE", one).json == {"removed": [one]}
    assert list(page.sessions()) == others
    assert page("DELETE", one).status == 404


def test_a_pinned_session_stays(page: Page) -> None:
    one = next(iter(page.sessions()))
    page("PUT", f"{one}/pin")
    refused = page("DELETE", one)
    assert (refused.status, refused.json["error"]["slug"]) == (409, "kept")
    assert one in page.sessions()


def test_a_change_names_its_session_by_the_whole_id(page: Page) -> None:
    before = page.sessions()
    one = next(iter(before))
    for reference in ("last", one[:-1]):
        for method, address in (("DELETE", reference), ("PUT", f"{reference}/pin")):
            assert page(method, address).status in {400, 404}
    assert page.sessions() == before


def test_a_change_has_no_parameters(page: Page) -> None:
    one = next(iter(page.sessions()))
    assert page("DELETE", f"{one}?force=1").status == 400
    assert one in page.sessions()


@pytest.mark.parametrize("headers", [{}, {"X-Rewind-Change": "1"}], ids=["bare", "no cookie"])
def test_nobody_but_the_page_changes_anything(page: Page, headers: dict[str, str]) -> None:
    before = page.sessions()
    for one in before:
        for method, address in (("DELETE", one), ("PUT", f"{one}/pin"), ("DELETE", f"{one}/pin")):
            refused = page.ask.send(method, f"/api/sessions/{address}", headers)
            assert (refused.status, refused.json["error"]["slug"]) == (403, "change")
    assert page.sessions() == before


def test_a_running_session_stays(tmp_path: Path) -> None:
    told = Told()
    told.event(CALL, told.function("main"))
    stored(tmp_path, told, status="running", duration_ns=None).close()
    with dashboard(database_in(tmp_path)) as ask:
        refused = Page(ask)("DELETE", SESSION)
        assert (refused.status, refused.json["error"]["slug"]) == (409, "kept")
        assert ask(f"/api/sessions/{SESSION}").status == 200


def test_what_was_exported_is_only_read(tmp_path: Path) -> None:
    from rewind.store import open_store
    from rewind.store.exporting import export

    spooled, ids = shop(tmp_path / "spool", sessions=1)
    assert run(spooled.path, WriterSettings(database_in(tmp_path), linger=0.0)) == 0
    target = tmp_path / "bug.rewind"
    database = open_store(database_in(tmp_path))
    export(database, ids, target)
    database.close()
    before = target.read_bytes()
    archive = Archive.open(f"sqlite:///{target}")
    assert not archive.is_changeable
    archive.close()
    with dashboard(f"sqlite:///{target}") as ask:
        assert ask("/api/status").json["changeable"] is False
        page = Page(ask)
        for method, address in (("DELETE", ids[0]), ("PUT", f"{ids[0]}/pin")):
            refused = page(method, address)
            assert refused.status == 503
            assert "only read" in refused.json["error"]["message"]
    assert target.read_bytes() == before
