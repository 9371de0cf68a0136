"""The door: who may ask the dashboard anything, checked before Flask or Socket.IO see a request.

Three things are refused: a Host that is not the dashboard's own (a page on another site that points
its name at this machine: DNS rebinding), an Origin that is not the page's (a page of another site,
a WebSocket among them), and, where a token is set, a request without it. Something is changed only
by a request with the page's cookie, which no other site's page can send, and a header, which no
form can send. Whatever leaves carries headers that keep a browser from running, framing or leaking
recorded text.
"""

import hmac
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from secrets import token_urlsafe
from typing import Final, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

SOCKET_PATH: Final = "/socket.io/"
CHANGE_HEADER: Final = "X-Rewind-Change"
"""What the page says as it changes something; the value does not matter."""
LOOPBACK_NAMES: Final = frozenset(("localhost", "127.0.0.1", "::1"))
_WILDCARDS: Final = frozenset(("", "0.0.0.0", "::"))  # noqa: S104 - recognised, not bound to
_BEARER: Final = "Bearer "
_POLICY: Final = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS: Final = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)

Environ = dict[str, object]
Headers = list[tuple[str, str]]


class StartResponse(Protocol):
    """What a WSGI server gives to begin an answer (PEP 3333)."""

    def __call__(
        self, status: str, headers: Headers, exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        """Begin the answer."""


Application = Callable[[Environ, StartResponse], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Door:
    """Whom the dashboard lets in."""

    host: str = "127.0.0.1"
    """The address it listens on."""
    names: frozenset[str] = LOOPBACK_NAMES
    """Host names, in lower case, by which it may be addressed."""
    token: str | None = None
    key: str = field(default_factory=token_urlsafe, repr=False)
    """Known to this dashboard alone: where there is no token, the page's cookie shows it."""

    @property
    def secret(self) -> str:
        """What the page's cookie proves to be known."""
        return self.key if self.token is None else self.token

    def knows(self, host: str) -> bool:
        """Return whether a Host header names this dashboard.

        A bare address cannot be rebound, and is its own where it listens on all of them.
        """
        name = _host_name(host)
        if name is None:
            return False
        return name in self.names or (self.host in _WILDCARDS and _is_address(name))


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """A request that is not let in, and how it is told."""

    def __init__(self, status: HTTPStatus, slug: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.slug = slug


class Guard:
    """WSGI middleware around everything. Stateless: any thread, nothing to stop."""

    def __init__(self, application: Application, door: Door) -> None:
        self._application = application
        self._door = door

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, or refuse it."""
        try:
            self._check(environ)
        except Refusal as refusal:
            return _refuse(refusal, _guarded(start_response))
        if self._door.token is not None and "token" in _query(environ):
            return _enter(environ, self._door.token, _guarded(start_response))
        return self._application(environ, _guarded(start_response, self._given(environ)))

    def _given(self, environ: Environ) -> Headers:
        """Return the cookie that a page is given which is let in without a token."""
        if self._door.token is not None or _has_cookie(environ, self._door.secret):
            return []
        return [("Set-Cookie", _new_cookie(environ, self._door.secret))]

    def _check(self, environ: Environ) -> None:
        host = str(environ.get("HTTP_HOST", ""))
        if not self._door.knows(host):
            message = f"this dashboard is not called {host!r}; use its address, or --host"
            raise Refusal(HTTPStatus.FORBIDDEN, "host", message)
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and urlsplit(str(origin)).netloc.lower() != host.lower():
            raise Refusal(HTTPStatus.FORBIDDEN, "origin", "only the dashboard's own page may ask")
        changes = _is_changing(environ)
        if not changes and not _is_reading(environ):
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "method", "recordings are only read: GET")
        token = self._door.token
        if token is not None and not _has_token(environ, token):
            message = "a token is needed: open the address that `rewind ui` printed"
            raise Refusal(HTTPStatus.UNAUTHORIZED, "token", message)
        if changes and not (_has_cookie(environ, self._door.secret) and _says_change(environ)):
            message = "only the dashboard's own page may change something; reload it"
            raise Refusal(HTTPStatus.FORBIDDEN, "change", message)


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a server that listens there."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _host_name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_reading(environ: Environ) -> bool:
    # Socket.IO's fallback transport sends its packets by POST.
    socket = str(environ.get("PATH_INFO")).startswith(SOCKET_PATH)
    return environ["REQUEST_METHOD"] in (("GET", "POST") if socket else ("GET", "HEAD"))


def _is_changing(environ: Environ) -> bool:
    is_api = str(environ.get("PATH_INFO")).startswith("/api/")
    return is_api and environ["REQUEST_METHOD"] in ("PUT", "DELETE")


def _says_change(environ: Environ) -> bool:
    return f"HTTP_{CHANGE_HEADER.upper().replace('-', '_')}" in environ


def _query(environ: Environ) -> dict[str, str]:
    return dict(parse_qsl(str(environ.get("QUERY_STRING", "")), keep_blank_values=True))


def _has_token(environ: Environ, token: str) -> bool:
    given = _query(environ).get("token")
    header = str(environ.get("HTTP_AUTHORIZATION", ""))
    if given is None and header.startswith(_BEARER):
        given = header.removeprefix(_BEARER)
    if given is not None:
        return _same(given, token)
    return _has_cookie(environ, token)


def _has_cookie(environ: Environ, secret: str) -> bool:
    return _same(_cookie(environ), _proof(secret))


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(
        given.encode("utf-8", "replace"), expected.encode("utf-8", "replace")
    )


def _cookie_name(environ: Environ) -> str:
    # Cookies know no ports: two dashboards of one machine must not overwrite each other's.
    return f"rewind_{environ.get('SERVER_PORT', '')}"


def _cookie(environ: Environ) -> str:
    try:
        found = SimpleCookie(str(environ.get("HTTP_COOKIE", ""))).get(_cookie_name(environ))
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _new_cookie(environ: Environ, secret: str) -> str:
    return f"{_cookie_name(environ)}={_proof(secret)}; Path=/; HttpOnly; SameSite=Strict"


def _proof(secret: str) -> str:
    """Return what the cookie holds: it shows that the secret was known, and is not the secret."""
    return hmac.new(secret.encode(), b"rewind dashboard cookie", sha256).hexdigest()


def _enter(environ: Environ, token: str, start_response: StartResponse) -> Iterable[bytes]:
    """Trade the token in the address for a cookie, so that it stays in no history."""
    rest = {name: value for name, value in _query(environ).items() if name != "token"}
    path = "/" + str(environ.get("PATH_INFO", "/")).lstrip("/\\")
    headers = [
        ("Location", path + (f"?{urlencode(rest)}" if rest else "")),
        ("Set-Cookie", _new_cookie(environ, token)),
        ("Cache-Control", "no-store"),
        ("Content-Length", "0"),
    ]
    start_response("303 See Other", headers)
    return []


def _refuse(refusal: Refusal, start_response: StartResponse) -> Iterable[bytes]:
    body = json.dumps({"error": {"slug": refusal.slug, "message": str(refusal)}}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    if refusal.status is HTTPStatus.UNAUTHORIZED:
        headers.append(("WWW-Authenticate", 'Bearer realm="rewind"'))
    start_response(f"{refusal.status.value} {refusal.status.phrase}", headers)
    return [body]


def _guarded(start_response: StartResponse, more: Headers | None = None) -> StartResponse:
    def start(
        status: str, headers: Headers, exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        return start_response(status, [*headers, *_HEADERS, *(more or ())], exc_info)

    return start
