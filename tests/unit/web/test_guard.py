from collections.abc import Callable, Iterable
from urllib.parse import urlencode

import pytest

from rewind.web.guard import Door, Environ, Guard, StartResponse, is_loopback

LOCAL = Door()
SECRET = Door("0.0.0.0", frozenset(("localhost", "box")), "s3cret")  # noqa: S104


class Asked:
    """One request through a guard: what came back, and whether the application was reached."""

    def __init__(self, door: Door, method: str = "GET", path: str = "/", **given: str) -> None:
        self.reached = False
        self.status = ""
        self.headers: dict[str, str] = {}
        query = given.pop("query", "")
        environ: dict[str, object] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_PORT": "8765",
            "HTTP_HOST": "localhost:8765",
            **{f"HTTP_{name.upper()}": value for name, value in given.items()},
        }
        self.body = b"".join(Guard(self._application, door)(environ, self._start))

    def _application(self, _: Environ, start_response: StartResponse) -> Iterable[bytes]:
        self.reached = True
        start_response("200 OK", [])
        return [b"hello"]

    def _start(
        self, status: str, headers: list[tuple[str, str]], _: object = None, /
    ) -> Callable[[bytes], object]:
        self.status, self.headers = status, dict(headers)
        return lambda _: None


def cookie_of(door: Door) -> str:
    """Return the cookie that a page of this dashboard has."""
    query = "" if door.token is None else f"token={door.token}"
    return Asked(door, query=query).headers["Set-Cookie"].partition(";")[0]


def changed(door: Door, method: str, **given: str) -> Asked:
    return Asked(door, method, "/api/sessions/01", **given)


@pytest.mark.parametrize("host", ["localhost", "localhost:9000", "127.0.0.1:8765", "[::1]:8765"])
def test_its_own_names_are_let_in(host: str) -> None:
    assert Asked(LOCAL, host=host).reached


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8765", "localhost.evil.example", "192.168.1.5", "", "[::1", "@"],
)
def test_a_name_that_was_pointed_here_is_refused(host: str) -> None:
    asked = Asked(LOCAL, host=host)
    assert not asked.reached
    assert asked.status == "403 Forbidden"
    assert b'"slug": "host"' in asked.body


def test_a_public_dashboard_may_be_addressed_by_number_and_its_own_names() -> None:
    for host, reached in (("192.168.1.5:8765", True), ("box", True), ("evil.example", False)):
        assert Asked(SECRET, host=host, authorization="Bearer s3cret").reached is reached


def test_another_sites_page_is_refused() -> None:
    for origin in ("http://evil.example", "http://localhost:9999", "null"):
        asked = Asked(LOCAL, origin=origin)
        assert (asked.reached, asked.status) == (False, "403 Forbidden")
    assert Asked(LOCAL, origin="http://localhost:8765").reached


def test_another_sites_page_is_refused_by_socket_io_too() -> None:
    path = "/socket.io/"
    assert not Asked(LOCAL, path=path, origin="http://evil.example").reached
    assert not Asked(LOCAL, "POST", path, origin="http://evil.example").reached
    assert Asked(LOCAL, "POST", path, origin="http://localhost:8765").reached


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "PATCH", "TRACE"])
def test_no_method_but_those_of_the_api_is_let_in(method: str) -> None:
    asked = Asked(LOCAL, method, "/api/sessions")
    assert (asked.reached, asked.status) == (False, "405 Method Not Allowed")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_nothing_is_changed_outside_of_the_api(method: str) -> None:
    asked = Asked(LOCAL, method, "/assets/app.js", cookie=cookie_of(LOCAL), x_rewind_change="1")
    assert (asked.reached, asked.status) == (False, "405 Method Not Allowed")


@pytest.mark.parametrize("door", [LOCAL, SECRET], ids=["loopback", "token"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_change_needs_the_pages_cookie_and_its_header(door: Door, method: str) -> None:
    cookie = cookie_of(door)
    assert changed(door, method, cookie=cookie, x_rewind_change="1").reached
    for given in (
        {},
        {"x_rewind_change": "1"},
        {"cookie": cookie},
        {"cookie": cookie + "0", "x_rewind_change": "1"},
        {"cookie": cookie_of(Door()), "x_rewind_change": "1"},
        {"authorization": "Bearer s3cret", "x_rewind_change": "1"},
        {"cookie": cookie, "x_rewind_change": "1", "origin": "http://evil.example"},
        {"cookie": cookie, "x_rewind_change": "1", "origin": "http://localhost:3000"},
    ):
        asked = changed(door, method, **given)
        assert not asked.reached, given
        assert asked.status[:3] in {"401", "403"}


def test_a_page_that_is_let_in_without_a_token_is_given_its_cookie_once() -> None:
    entered = Asked(LOCAL)
    cookie = entered.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert LOCAL.key not in cookie
    assert "Set-Cookie" not in Asked(LOCAL, cookie=cookie.partition(";")[0]).headers
    assert "Set-Cookie" not in Asked(LOCAL, origin="http://evil.example").headers
    assert "Set-Cookie" not in Asked(SECRET, authorization="Bearer s3cret").headers


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "Basic s3cret"},
        {"authorization": "Bearer "},
        {"query": "token=wrong"},
        {"query": "token="},
        {"query": "token=s3cret&token=wrong"},
        {"cookie": "rewind_8765=s3cret"},
        {"cookie": "rewind_8765=\u00fc"},
        {"cookie": "; =;=;"},
    ],
)
def test_without_the_token_nothing_is_answered(given: dict[str, str]) -> None:
    for path in ("/", "/api/sessions", "/assets/app.js", "/socket.io/"):
        asked = Asked(SECRET, path=path, **given)
        assert (asked.reached, asked.status) == (False, "401 Unauthorized")


def test_a_bearer_of_the_token_is_let_in() -> None:
    assert Asked(SECRET, authorization="Bearer s3cret").reached


def test_a_token_in_the_address_becomes_a_cookie_and_leaves_the_address() -> None:
    query = urlencode({"n": "5", "token": "s3cret", "q": "a b"})
    entered = Asked(SECRET, path="/sessions/01", query=query)
    assert not entered.reached
    assert entered.status == "303 See Other"
    assert entered.headers["Location"] == "/sessions/01?n=5&q=a+b"
    cookie = entered.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "s3cret" not in cookie
    assert Asked(SECRET, cookie=cookie.partition(";")[0]).reached


def test_the_way_out_of_the_address_leads_nowhere_else() -> None:
    for path in ("//evil.example/", "/\\evil.example/", "\\\\evil.example"):
        entered = Asked(SECRET, path=path, query="token=s3cret")
        location = entered.headers["Location"]
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))


def test_every_answer_carries_the_headers_that_keep_text_inert() -> None:
    for asked in (Asked(LOCAL), Asked(LOCAL, host="evil.example"), Asked(SECRET)):
        policy = asked.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert asked.headers["X-Content-Type-Options"] == "nosniff"
        assert asked.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104
        ("::", False),
        ("192.168.1.5", False),
        ("box", False),
        ("", False),
    ],
)
def test_loopback_is_what_only_this_machine_reaches(host: str, *, loopback: bool) -> None:
    assert is_loopback(host) is loopback
