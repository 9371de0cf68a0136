"""Where calls of the agent's half end: a fault of ours is reported there, and goes no further."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar


class _Reporting(Protocol):
    def fault(self, name: str, error: Exception, /) -> None:
        """Take a fault, with the name of what failed; raise what is not ours."""


_S = TypeVar("_S", bound=_Reporting)
_P = ParamSpec("_P")
_T = TypeVar("_T")


def guarded(
    method: Callable[Concatenate[_S, _P], _T],
) -> Callable[Concatenate[_S, _P], _T | None]:
    """Let a fault of ours be reported, and be no more to the program than nothing recorded."""

    @wraps(method)
    def call(self: _S, /, *arguments: _P.args, **keywords: _P.kwargs) -> _T | None:
        try:
            return method(self, *arguments, **keywords)
        except Exception as error:
            self.fault(method.__name__, error)
            return None

    return call
