"""What loading costs: a package of 50,000 lines, plain from `.pyc` and with probes from the cache.

Each import is a process of its own, plain and recorded ones in turn, and what it costs is the time
of the processor, so that it does not matter what else the machine does. The package is made here.
Its modules define things and call nothing of their own: what recording costs is measured elsewhere.

Without a cache, code with probes has to be made: all that is done before a module's body runs (to
read and hash its source, to rewrite, compile and keep it, to make its sites known) stands against a
plain `compile` of the same source, one right after the other. What the bodies then take, with
their events, is told apart.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from shutil import rmtree
from typing import NamedTuple

import pytest

MODULES = 125
ROUNDS = 9
COLD_ROUNDS = 5
MOST_WARM = 1.3
"""How many times a plain import from `.pyc` a warm recorded one may take."""
MOST_COLD = 4
"""How many times a plain compile it may take to make code with probes."""

HEAD = '''"""Module {number} of the package: accounts, orders and what is written about them."""

from __future__ import annotations

import enum
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import Any, NamedTuple, Protocol

__all__ = ["Account0", "Order0", "parse_0"]

_WORD = re.compile(r"\\s*(\\w+){{{number},}}")
_LIMITS = {{"small": {number}, "large": 10_000}}

'''

DECLARED = '''
class Kind{n}(enum.Enum):
    """What an order is for."""

    STOCK = "stock"
    SALE = "sale"
    RETURN = "return"


@dataclass(frozen=True)
class Line{n}:
    """One line of an order.

    Frozen, so that an order that was sent stays what it was; see `Order{n}.add`.
    """

    name: str
    price: float
    count: int = 1
    tags: tuple[str, ...] = field(default_factory=tuple)

    def total(self) -> float:
        """Return what the line costs, in the currency of its order."""
        return self.price * self.count


class Place{n}(NamedTuple):
    """Where an account is kept."""

    country: str
    number: int
'''

PART = '''
class Store{n}(Protocol):
    """What accounts are read from."""

    def load(self, name: str) -> Account{n}: ...


class Account{n}:
    """Holds a balance and its history.

    Attributes are plain; nothing is computed when they are read. An account
    that was closed takes no more deposits, but may be read for ever.
    """

    limit = {n}

    def __init__(self, owner: str, balance: float = 0) -> None:
        self.owner = owner
        self.balance = balance
        self.history: list[tuple[str, float, str | None]] = []

    def deposit(self, amount: float, note: str = "") -> float:
        """Add an amount and return the new balance.

        Raises `ValueError` for an amount that is none.
        """
        if amount <= 0:
            raise ValueError(f"not an amount: {{amount!r}}")
        self.balance += amount
        self.history.append(("deposit", amount, note))
        return self.balance

    def withdraw(self, amount: float) -> float:
        """Take an amount off."""
        if amount > self.balance and not self.allowed(amount):
            raise LookupError("too little")
        before = self.balance
        try:
            self.balance = before - amount
        finally:
            # Also what failed is part of the history.
            self.history.append(("withdraw", amount, None))
        return before

    @property
    def empty(self) -> bool:
        """Whether nothing is left."""
        return not self.balance

    @lru_cache(maxsize=None)
    def allowed(self, amount: float) -> bool:
        """Return whether the limit covers what is missing."""
        return self.limit >= amount - self.balance


def logged_{n}(function: Any) -> Any:
    """Return the function, which then writes what it is called with."""

    @wraps(function)
    def call(*arguments: Any, **keywords: Any) -> Any:
        result = function(*arguments, **keywords)
        print(function.__name__, arguments, keywords, result)
        return result

    return call


def total_{n}(accounts: Iterable[Account{n}], rate: float = 0.5) -> tuple[float, list[str]]:
    """Return a sum that nobody needs, and the owners.

    The rate is applied to what lies above the limit only. Accounts without
    an owner are left out, as they belong to the house.
    """
    result = 0.0
    for account in accounts:
        if account.balance > {n}:
            result += account.balance * rate
        elif account.owner is None:
            continue
        else:
            result -= 1
    names = [account.owner for account in accounts if account.owner]
    while result > 10:
        result //= 2
    return result, names


def parse_{n}(text: str) -> Iterator[tuple[str, object]]:
    """Yield names and values of a text of lines.

    A line is `name = value`; a value that is no word is given as the line's
    number, counted from zero.
    """
    for number, line in enumerate(text.splitlines()):
        key, _, value = line.partition("=")
        match = _WORD.match(value)
        if match is None:
            yield key, number
        else:
            yield key.strip(), match[1]
'''

DECORATED = '''
@logged_{n}
def told_{n}(account: Account{n}) -> float:
    """Return what an account holds."""
    return account.balance
'''

IMPORT = """
import sys, time
sys.path.insert(0, {folder!r})
{before}
started = time.process_time()
import big_package
print(time.process_time() - started)
"""
WARMED = "import dataclasses, enum, functools, os, re, typing"
RECORDED = f"""
{WARMED}
from pathlib import Path
from rewind.capture import create_core
from rewind.config import Settings
from rewind.hook import CodeCache, Finder, Instrument, Selection
from rewind.transform import Options
folder = Path({{spool!r}})
folder.mkdir(exist_ok=True)
for old in folder.iterdir():
    old.unlink()
settings = Settings()
core = create_core(folder, settings, {{{{"argv": []}}}})
options = Options(settings.captured_kinds, settings.exclude_functions)
cache = CodeCache(Path({{cache!r}}), options)
instrument = Instrument(options, cache, core.add_module, core.report)
core.probes.install()
Finder(Selection(include=("big_package",)), instrument, core.report).install()
"""
COLD = f"""
{RECORDED}
def timed_code_of_file(path, *others):
    global compiling, making
    with open(path, "rb") as file:
        source = file.read()
    begun = time.process_time()
    compile(source, path, "exec", dont_inherit=True)
    compiled = time.process_time()
    code = code_of_file(path, *others)
    making += time.process_time() - compiled
    compiling += compiled - begun
    return code
compiling = making = 0.0
code_of_file, instrument.code_of_file = instrument.code_of_file, timed_code_of_file
"""


class Cold(NamedTuple):
    """Seconds of the processor that an import without a cache takes for each of its parts."""

    compiling: float
    """What a plain compile takes, which is no part of it."""
    making: float
    bodies: float
    """Module bodies with their events, and what importlib does."""


def make_package(folder: Path, *, decorated: bool = False) -> int:
    """Write the package and return its number of lines.

    `decorated`: each part of a module calls a decorator of its own as it is imported, 500 in all.
    """
    folder.mkdir()
    lines = 0
    for number in range(MODULES):
        parts = [DECLARED.format(n=0), *(PART.format(n=each) for each in range(4))]
        if decorated:
            parts += [DECORATED.format(n=each) for each in range(4)]
        source = HEAD.format(number=number) + "\n".join(parts)
        lines += source.count("\n")
        (folder / f"module_{number}.py").write_text(source)
    imports = "".join(f"from big_package import module_{each}\n" for each in range(MODULES))
    (folder / "__init__.py").write_text(imports)
    return lines


def seconds(program: str) -> float:
    return float(output(program))


def output(program: str) -> str:
    environ = {name: value for name, value in os.environ.items() if name[:6] != "PYTHON"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    return done.stdout


def cold_seconds(folder: Path, places: dict[str, str]) -> Cold:
    rmtree(places["cache"], ignore_errors=True)
    program = IMPORT.format(folder=str(folder), before=COLD.format(**places))
    whole, compiling, making = map(float, output(f"{program}\nprint(compiling, making)").split())
    return Cold(compiling, making, whole - making - compiling)


def told(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        print(f"\n{text}", end="")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the package."""
    folder = tmp_path_factory.mktemp("imports")
    assert make_package(folder / "big_package") >= 50_000
    return folder


@pytest.fixture(scope="module")
def decorated_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the package whose parts call a decorator."""
    folder = tmp_path_factory.mktemp("decorated")
    assert make_package(folder / "big_package", decorated=True) >= 50_000
    return folder


def places(home: Path) -> dict[str, str]:
    return {"spool": str(home / "spool"), "cache": str(home / "cache")}


@pytest.mark.parametrize("package", ["home", "decorated_home"])
def test_warm_import(
    package: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    """An import from the cache costs at most 1.3 times a plain one from `.pyc`.

    So it does where each part of a module calls a decorator.
    """
    home: Path = request.getfixturevalue(package)
    plain = IMPORT.format(folder=str(home), before=WARMED)
    recorded = IMPORT.format(folder=str(home), before=RECORDED.format(**places(home)))
    seconds(plain)
    # The cache goes by a file's time only when the file has rested for a while.
    time.sleep(2.5)
    seconds(recorded)
    pairs = [(seconds(plain), seconds(recorded)) for _ in range(ROUNDS)]
    # What others do only adds to it: the least is nearest to what it costs.
    before, after = (min(column) for column in zip(*pairs, strict=True))
    told(capsys, f"warm, {package}: plain {before * 1000:.0f} ms, recorded {after / before:.2f}x")
    assert after <= MOST_WARM * before


def test_cold_import(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To make code with probes costs at most so many times what a plain compile does."""
    rounds = [cold_seconds(home, places(home)) for _ in range(COLD_ROUNDS)]
    least = Cold(*(min(column) for column in zip(*rounds, strict=True)))
    making, bodies = least.making / least.compiling, least.bodies / least.compiling
    whole = f"compile {least.compiling * 1000:.0f} ms, made in {making:.2f}x"
    told(capsys, f"cold: {whole}, bodies and their events {bodies:.2f}x of it")
    assert making <= MOST_COLD
