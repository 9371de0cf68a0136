"""A thousand asyncio tasks that await each other."""

import asyncio

TASKS = 1000


async def link(previous: "asyncio.Task[int] | None", number: int) -> int:
    """Wait for the task before, and add to what it found."""
    found = 0
    if previous is not None:
        found = await previous
    await asyncio.sleep(0)
    total = found + number
    if number % 100 == 0:
        total = await rounded(total)
    return total


async def rounded(total: int) -> int:
    """A coroutine awaited in place."""
    await asyncio.sleep(0)
    return total - total % 10


async def chain(length: int) -> int:
    """Start all tasks, then wait for the last."""
    task: asyncio.Task[int] | None = None
    for number in range(length):
        task = asyncio.create_task(link(task, number))
    return 0 if task is None else await task


def run(size: int) -> int:
    """Run one chain of a thousand tasks for each unit of size."""
    total = 0
    for _ in range(size):
        total += asyncio.run(chain(TASKS))
    return total
