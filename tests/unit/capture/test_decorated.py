"""A decorated generator does what it would do without its session."""

import asyncio
import sys
import weakref
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any

import pytest

import rewind

Steps = Callable[[], Generator[Any, Any, Any]]


@pytest.fixture(autouse=True)
def core() -> None:
    """No core has to record for that."""


class Thing:
    """Something of which it can be told whether it is still there."""


def both(function: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    return function, rewind.session("steps")(function)


def stubborn() -> Generator[int, None, str]:
    try:
        yield 1
    except GeneratorExit:
        yield 2
    return "over"


def returning() -> Generator[int, None, str]:
    try:
        yield 1
    except GeneratorExit:
        return "closed"
    return "over"


async def stubborn_too() -> AsyncGenerator[int, None]:
    try:
        yield 1
    except GeneratorExit:
        yield 2


def outcome_of(step: Callable[[], object]) -> object:
    try:
        return step()
    except BaseException as error:  # noqa: BLE001 - that is what is looked at
        return type(error), str(error)


@pytest.mark.parametrize("function", [stubborn, returning])
def test_a_generator_that_is_told_to_exit(function: Steps) -> None:
    def thrown(steps: Generator[Any, Any, Any]) -> list[object]:
        return [next(steps), outcome_of(lambda: steps.throw(GeneratorExit)), *steps]

    def closed(steps: Generator[Any, Any, Any]) -> list[object]:
        return [next(steps), outcome_of(steps.close)]

    plain, decorated = both(function)
    assert thrown(decorated()) == thrown(plain())
    assert closed(decorated()) == closed(plain())


def test_an_asynchronous_one_that_is_told_to_exit() -> None:
    async def thrown(steps: AsyncGenerator[int, None]) -> list[object]:
        return [await anext(steps), await steps.athrow(GeneratorExit), [n async for n in steps]]

    async def closed(steps: AsyncGenerator[int, None]) -> object:
        await anext(steps)
        try:
            await steps.aclose()
        except RuntimeError as error:
            return str(error)
        return None

    plain, decorated = both(stubborn_too)
    assert asyncio.run(thrown(decorated())) == asyncio.run(thrown(plain())) == [1, 2, []]
    said = asyncio.run(closed(decorated()))
    assert said == asyncio.run(closed(plain()))


def test_what_a_generator_hands_on_is_not_kept() -> None:
    def giving() -> Generator[Thing | None, Thing | None, None]:
        yield Thing()
        yield None

    for function in both(giving):
        steps = function()
        given = weakref.ref(next(steps))
        assert given() is None, function
        sent = Thing()
        kept = weakref.ref(sent)
        steps.send(sent)
        del sent
        assert kept() is None, function


def test_what_an_asynchronous_one_hands_on_is_not_kept() -> None:
    async def giving() -> AsyncGenerator[Thing | None, Thing | None]:
        yield Thing()
        yield None

    async def goes_on(function: Callable[..., Any]) -> None:
        steps = function()
        given = weakref.ref(await anext(steps))
        assert given() is None, function
        sent = Thing()
        kept = weakref.ref(sent)
        await steps.asend(sent)
        del sent
        assert kept() is None, function
        await steps.aclose()

    for function in both(giving):
        asyncio.run(goes_on(function))


def test_an_error_that_goes_through_a_generator_is_not_kept() -> None:
    class OwnError(Exception):
        """An error of which it can be told whether it is still there."""

    def plainly() -> Generator[int, None, None]:
        yield 1

    # Interruptions of single instructions, in tests before this one, may have left something there.
    outside = sys.exc_info()
    for function in both(plainly):
        steps = function()
        next(steps)
        kept: weakref.ref[BaseException] | None = None
        try:
            steps.throw(OwnError())
        except OwnError as error:
            kept = weakref.ref(error)
        assert kept is not None
        assert kept() is None, function
        assert sys.exc_info() == outside
