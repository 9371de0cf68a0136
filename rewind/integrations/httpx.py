"""httpx: each request that is sent, those that follow a redirection as well."""

from typing import Any, Final

from rewind.integrations.beside import Beside, put_beside
from rewind.integrations.calls import Asking, Call
from rewind.integrations.http import begin, pass_on

_CLIENTS: Final = ("Client", "AsyncClient")


def meet(module: Any, asking: Asking) -> str | None:  # noqa: ANN401 - the module
    """Tell of requests from now on; returns why that cannot be."""

    def sends(_: object, request: Any) -> Call | None:  # noqa: ANN401 - httpx's
        pass_on(asking, request.headers)
        return begin(asking, request.method, str(request.url))

    beside = Beside(sends, _answered, _failed)
    clients = [getattr(module, name, None) for name in _CLIENTS]
    tried = (put_beside(client, "_send_single_request", beside) for client in clients if client)
    return next(filter(None, tried), None)


def _answered(call: Call, response: Any) -> None:  # noqa: ANN401 - httpx's
    call.ended(status=response.status_code)


def _failed(call: Call, error: BaseException) -> None:
    call.ended(error, status=None)
