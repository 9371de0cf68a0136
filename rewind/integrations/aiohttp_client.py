"""aiohttp's client: each request that the program makes, with all that it was redirected to.

The header goes to a request as it is sent, so to each of these.
"""

from typing import Any

from rewind.integrations.beside import Beside, put_beside
from rewind.integrations.calls import Asking, Call
from rewind.integrations.http import begin, pass_on


def meet_client(module: Any, asking: Asking) -> str | None:  # noqa: ANN401 - the module
    """Tell of requests from now on; returns why that cannot be."""

    def asks(session: Any, method: object, url: object, *_: object) -> Call | None:  # noqa: ANN401
        base = getattr(session, "_base_url", None)
        # What another type makes of itself is for the client to ask.
        text = str(url) if type(url) is str or type(url).__module__.startswith("yarl") else ""
        return begin(asking, method, text if base is None or "://" in text else f"{base}{text}")

    session = getattr(module, "ClientSession", None)
    return put_beside(session, "_request", Beside(asks, _answered, _failed))


def meet_requests(module: Any, asking: Asking) -> str | None:  # noqa: ANN401 - the module
    """Let requests tell of their trace from now on; returns why that cannot be."""

    def sends(request: Any, *_: object) -> None:  # noqa: ANN401 - aiohttp's
        pass_on(asking, request.headers)

    request = getattr(module, "ClientRequest", None)
    return put_beside(request, "send", Beside(sends, _answered, _failed))


def _answered(call: Call, response: Any) -> None:  # noqa: ANN401 - aiohttp's
    call.ended(status=response.status)


def _failed(call: Call, error: BaseException) -> None:
    call.ended(error, status=None)
