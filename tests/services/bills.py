"""What the applications under test work with: recorded, and every value tells whose it is."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from urllib.request import urlopen


def bill(number: int) -> int:
    total = 0
    for part in range(3):
        total += line(number, part)
    time.sleep(0.001)
    return total


def line(number: int, part: int) -> int:
    return number * 10 + part


async def bill_slowly(number: int) -> int:
    total = 0
    for part in range(3):
        await asyncio.sleep(0.001)
        total += line(number, part)
    return total


def parts(number: int) -> Iterator[str]:
    for part in range(3):
        time.sleep(0.001)
        yield f"{line(number, part)}\n"


async def parts_slowly(number: int) -> AsyncIterator[str]:
    for part in range(3):
        await asyncio.sleep(0.001)
        yield f"{line(number, part)}\n"


def fail(number: int) -> int:
    return line(number, 0) // 0


def ask(address: str) -> int:
    """Ask another service; return the status."""
    with urlopen(address) as answer:
        status: int = answer.status
    return status


def die(number: int) -> None:
    line(number, 0)
    os.kill(os.getpid(), signal.SIGKILL)
