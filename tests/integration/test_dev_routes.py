"""`rewind.dev_routes` in real services: where it leads, and where it is not there."""

import shutil
from http.client import HTTPConnection
from pathlib import Path
from textwrap import dedent
from urllib.parse import quote, urlsplit

import pytest

import rewind
from tests.integration.terminal import answers
from tests.integration.test_processes import await_writer
from tests.integration.test_web_services import GUNICORN, SERVICES, UVICORN, served

FLASK = """
import rewind
from wsgi_app import app
rewind.dev_routes(app)
"""
STARLETTE = """
import rewind
from asgi_app import app
rewind.dev_routes(app, "http://localhost:9999/")
"""
DJANGO = """
import django_app, rewind
from django_app import app
rewind.dev_routes(django_app.urlpatterns)
"""
KINDS = {
    "flask": (FLASK, (*GUNICORN, "dev:app"), "http://127.0.0.1:8765"),
    "starlette": (STARLETTE, (*UVICORN, "dev:app"), "http://localhost:9999"),
    "django": (DJANGO, (*GUNICORN, "dev:app"), "http://127.0.0.1:8765"),
}
RECORDED = {"REWIND_ENABLED": "1", "REWIND_INCLUDE": "bills", "REWIND_SERVICE": "the shop"}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    for path in SERVICES.glob("*.py"):
        shutil.copy(path, tmp_path)
    chosen: str = request.param
    (tmp_path / "dev.py").write_text(dedent(KINDS[chosen][0]))
    return chosen


def asked(address: str, path: str) -> tuple[int, list[tuple[str, str]]]:
    connection = HTTPConnection(urlsplit(address).netloc, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.getheaders()


def headers_of(found: list[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in found if key.lower() == name.lower()]


def test_it_leads_to_the_services_sessions_and_to_nothing_else(kind: str, tmp_path: Path) -> None:
    _, command, dashboard = KINDS[kind]
    with served(tmp_path, *command, **RECORDED) as address:
        status, headers = asked(address, "/bills/7")
        assert status == 200
        (session,) = headers_of(headers, "X-Rewind-Session")
        status, headers = asked(address, "/dev/rewind")
        words = quote('service:"the shop"', safe="")
        place = f"{dashboard}/?q={words}"
        assert (status, headers_of(headers, "Location")) == (302, [place])
        status, headers = asked(address, f"/dev/rewind/{session}")
        assert (status, headers_of(headers, "Location")) == (
            302,
            [f"{dashboard}/sessions/{session}"],
        )
        for other in ("evil.example", "%2F%2Fevil.example", session + "0", session.upper() + "G"):
            status, headers = asked(address, f"/dev/rewind/{other}")
            # Werkzeug leads from two slashes to one by itself: in this service.
            places = headers_of(headers, "Location")
            assert (status, places) == (404, []) or urlsplit(places[0]).netloc in address
        status, headers = asked(address, "/dev/rewind?next=http://evil.example")
        assert headers_of(headers, "Location") == [place]
    await_writer(tmp_path)
    of_service = answers(tmp_path, "sessions", "--service", "the shop")
    (found,) = [one for one in of_service if one["id"] == session]
    assert found["tags"]["path"] == "/bills/7"
    assert answers(tmp_path, "sessions", "--service", "another") == []


def test_it_is_absent_in_production(kind: str, tmp_path: Path) -> None:
    in_production = {"APP_ENV": "production", "REWIND_PRODUCTION_ENABLED": "true"}
    with served(tmp_path, *KINDS[kind][1], **RECORDED, **in_production) as address:
        is_absent(address)
    await_writer(tmp_path)


def is_absent(address: str) -> None:
    assert asked(address, "/dev/rewind")[0] == 404
    status, headers = asked(address, "/bills/7")
    assert (status, headers_of(headers, "X-Rewind-Session")) == (200, [])


@pytest.mark.parametrize("kind", ["flask"], indirect=True)
def test_it_is_absent_where_nothing_is_recorded(kind: str, tmp_path: Path) -> None:
    with served(tmp_path, *KINDS[kind][1]) as address:
        is_absent(address)


@pytest.mark.parametrize("dashboard", ["javascript:alert(1)", "//evil.example", "127.0.0.1:8765"])
def test_an_address_that_is_none_of_the_web_is_refused(dashboard: str) -> None:
    with pytest.raises(rewind.ConfigError, match="no http"):
        rewind.dev_routes([], dashboard)
