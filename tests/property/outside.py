"""What random programs call that is never recorded: through it their frames come and go unseen.

Test support only; it checks nothing by itself.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable
from types import TracebackType
from typing import Any, Self, TypeVar

_T = TypeVar("_T")


class Door:
    """A room that is entered and left by waiting, and swallows every other exception."""

    def __init__(self, waits: Any) -> None:
        self.waits = waits % 3 if type(waits) is int else 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        return isinstance(error, Exception) and self.waits == 1

    async def __aenter__(self) -> Self:
        await asyncio.sleep(0)
        return self

    async def __aexit__(
        self, kind: object, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        for _ in range(self.waits):
            await asyncio.sleep(0)
        return self.__exit__(kind, error, trace)


async def led(awaitable: Awaitable[_T]) -> _T:
    """Await after and before others have had their turn."""
    await asyncio.sleep(0)
    try:
        return await awaitable
    finally:
        await asyncio.sleep(0)


async def ticks(count: int) -> AsyncIterator[int]:
    """Count, while others have their turns."""
    for n in range(count):
        await asyncio.sleep(0)
        yield n


def through(items: Iterable[_T]) -> Generator[_T, Any, None]:
    """Yield what the iterable does; what is sent in goes to it, if it is a generator."""
    yield from items


def calls(function: Callable[..., _T], *arguments: Any) -> _T:
    """Call."""
    return function(*arguments)
