"""Functions whose every call is a session by name, as `rewind.session` decorates them."""

import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

_F = TypeVar("_F", bound=Callable[..., Any])


class _Running(Protocol):
    def set_aside(self) -> None:
        """Let what was recorded before go on for a while."""

    def take_up(self) -> None:
        """Go on."""


_New = Callable[[], AbstractContextManager[_Running]]


def decorated(function: _F, new: _New) -> _F:
    """Return the function in a wrapper of its own kind that begins a `new` session with each call.

    A generator's session is set aside while its consumer has an item of it. What goes in and out is
    in a list until it is handed on: a variable would keep it for as long as the generator waits.
    """
    if inspect.iscoroutinefunction(function):
        made = _coroutine(function, new)
    elif inspect.isasyncgenfunction(function):
        made = _async_generator(function, new)
    elif inspect.isgeneratorfunction(function):
        made = _generator(function, new)
    else:
        made = _plain(function, new)
    return cast("_F", made)


def _plain(function: Callable[..., Any], new: _New) -> Callable[..., Any]:
    @wraps(function)
    def call(*arguments: object, **keywords: object) -> Any:  # noqa: ANN401 - the function's own
        with new():
            return function(*arguments, **keywords)

    return call


def _coroutine(function: Callable[..., Any], new: _New) -> Callable[..., Any]:
    @wraps(function)
    async def call(*arguments: object, **keywords: object) -> Any:  # noqa: ANN401 - the function's own
        with new():
            return await function(*arguments, **keywords)

    return call


def _generator(function: Callable[..., Any], new: _New) -> Callable[..., Any]:
    @wraps(function)
    def call(*arguments: object, **keywords: object) -> Generator[Any, Any, Any]:
        made = function(*arguments, **keywords)
        step = made.send
        handed: list[Any] = [None]
        with new() as running:
            while True:
                try:
                    handed.append(step(handed.pop()))
                except StopIteration as stop:
                    return stop.value
                running.set_aside()
                try:
                    handed.append((yield handed.pop()))
                    step = made.send
                except BaseException as error:  # noqa: BLE001 - the consumer's, for the generator
                    handed.append(error)
                    step = made.throw
                running.take_up()

    return call


def _async_generator(function: Callable[..., Any], new: _New) -> Callable[..., Any]:
    @wraps(function)
    async def call(*arguments: object, **keywords: object) -> AsyncGenerator[Any, Any]:
        made = function(*arguments, **keywords)
        step = made.asend
        handed: list[Any] = [None]
        with new() as running:
            while True:
                try:
                    handed.append(await step(handed.pop()))
                except StopAsyncIteration:
                    return
                running.set_aside()
                try:
                    handed.append((yield handed.pop()))
                    step = made.asend
                except BaseException as error:  # noqa: BLE001 - the consumer's, for the generator
                    handed.append(error)
                    step = made.athrow
                running.take_up()

    return call
