"""Functions are known by the names that their code has: frames are recognised by them."""

import argparse
import asyncio.tasks
import collections
import dataclasses
import enum
import inspect
import statistics
import typing
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from rewind.model.events import DEFAULT_KINDS
from rewind.transform import Options, transform

EVERYTHING = Options(
    kinds=frozenset(DEFAULT_KINDS),
    expressions="all",
    lines=True,
    comprehensions=True,
    lambdas=True,
    class_bodies=True,
)

NESTED = """
m = [lambda: 1 for x in (lambda: 2)()]
class C:
    a = [lambda: 1 for x in (1,)]
    b = {lambda: 1 for x in (1,)}
    c = {lambda: 1: lambda: 2 for x in [lambda: 3 for y in (1,)]}
    def f(self):
        g = [[lambda: 1 for y in (lambda: x, 2)] for x in (1,) if (lambda: x)]
        async def k(): return [lambda: x async for x in g if await (lambda: x)]
        return lambda: [lambda: x for x in g]
def o():
    class D:
        def m(self, a=lambda: 1): return [lambda: self for x in self]
        @property
        def __n(self): return lambda: 1
    global G, z
    class G:
        def m(self): return lambda: 1
    def z(): return lambda: 1
    return lambda: (lambda: 1)
async def p():
    yield lambda: [lambda: 1 for x in (1,)]
"""

MODULES = (argparse, asyncio.tasks, collections, dataclasses, enum, inspect, statistics, typing)


def codes(code: CodeType) -> Iterator[CodeType]:
    """Yield the code and all that is nested in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


def check(source: bytes) -> int:
    """Compare the names of a module; return how many functions were told."""
    made = transform(source, "m.py", "m", EVERYTHING)
    told = Counter(function.qualname for function in made.table.functions)
    there = Counter(one.co_qualname for one in codes(compile(source, "m.py", "exec")))
    assert told - there == Counter()
    return told.total()


def test_names_of_what_is_nested() -> None:
    assert check(NESTED.encode()) > 30


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_names_of_the_standard_library(module: ModuleType) -> None:
    assert module.__file__
    assert check(Path(module.__file__).read_bytes()) > 30
