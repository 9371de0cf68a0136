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

    A generator's session is set aside while its consumer has an item of it.
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
        step, argument = made.send, None
        with new() as running:
            while True:
                try:
                    item = step(argument)
                except StopIteration as stop:
                    return stop.value
                running.set_aside()
                try:
                    step, argument = made.send, (yield item)
                except GeneratorExit:
                    running.take_up()
                    made.close()
                    raise
                except BaseException as error:  # noqa: BLE001 - the consumer's, for the generator
                    step, argument = made.throw, error
                running.take_up()

    return call


def _async_generator(function: Callable[..., Any], new: _New) -> Callable[..., Any]:
    @wraps(function)
    async def call(*arguments: object, **keywords: object) -> AsyncGenerator[Any, Any]:
        made = function(*arguments, **keywords)
        step, argument = made.asend, None
        with new() as running:
            while True:
                try:
                    item = await step(argument)
                except StopAsyncIteration:
                    return
                running.set_aside()
                try:
                    step, argument = made.asend, (yield item)
                except GeneratorExit:
                    running.take_up()
                    await made.aclose()
                    raise
                except BaseException as error:  # noqa: BLE001 - the consumer's, for the generator
                    step, argument = made.athrow, error
                running.take_up()

    return call
