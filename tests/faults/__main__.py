"""Kills recorded programs and their writers at random moments: `python -m tests.faults --help`.

Exit status 1: an event that a program had published is not in the database, or is there twice, out
of order or unreadable. The folder of that round is kept.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from random import Random, SystemRandom
from tempfile import mkdtemp

import pytest

from rewind.store import open_store
from tests.databases import any_server, fresh_database
from tests.faults.kept import LostError
from tests.faults.rounds import Outcome, Plan, play
from tests.instrumented import CORES

_A_ROUND = 25
"""Processes of one recording."""


def main() -> int:
    """Run what the command line asks for; return the exit status."""
    asked = _arguments()
    folder = Path(mkdtemp(prefix="rewind-faults-"))
    _say(f"seed {asked.seed}, in {folder}")
    total, began = Outcome(0, 0, 0, 0), time.monotonic()
    with ExitStack() as stack:
        databases = list(_databases(asked, folder, stack))
        for number, plan in enumerate(_plans(asked, databases)):
            if time.monotonic() - began > asked.minutes * 60:
                _say(f"\nstopped after {asked.minutes} minutes")
                break
            place = folder / str(number)
            try:
                done = play(plan, place, Random(f"{asked.seed} {number}"))  # noqa: S311
            except LostError as error:
                _say(f"\n{plan.name}, seed {asked.seed}: {error}; see {place}")
                return 1
            total = Outcome(*(sum(pair) for pair in zip(total, done, strict=True)))
            _progress(total, plan, time.monotonic() - began)
    seconds = time.monotonic() - began
    _say(f"\nnothing was lost: {_told(total)}, in {seconds:.0f} s")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.faults", description=__doc__)
    add = parser.add_argument
    add("--kills", type=int, default=1000, help="recorded processes to kill; default 1000")
    add("--writers", type=int, default=300, help="writers to kill; default 300")
    add("--minutes", type=float, default=60.0, help="begin no round after so many; default 60")
    add("--longest", type=float, default=0.05, help="seconds a process works at most; default 0.05")
    add("--seed", default=str(SystemRandom().randrange(10**6)), help="to kill at the same moments")
    add("--core", choices=(*CORES, "both"), default="both", help="that captures; default both")
    add(
        "--database",
        choices=("sqlite", "postgres", "both"),
        default="both",
        help="half on each by default; the server is the one that the tests use",
    )
    return parser.parse_args()


def _databases(
    asked: argparse.Namespace, folder: Path, stack: ExitStack
) -> Iterator[tuple[str, str]]:
    """Yield the name and URL of each database, made and empty."""
    if asked.database != "postgres":
        yield "sqlite", f"sqlite:///{folder}/rewind.db"
    if asked.database == "sqlite":
        return
    try:
        address = stack.enter_context(any_server())
        yield "postgres", stack.enter_context(fresh_database(address))
    except pytest.skip.Exception as error:
        _say(f"nothing on postgres: {error}")


def _plans(asked: argparse.Namespace, databases: list[tuple[str, str]]) -> Iterator[Plan]:
    for _, url in databases:
        open_store(url, upgrade=True).close()
    cores = CORES if asked.core == "both" else (asked.core,)
    kinds = cycle([(*database, core) for core in cores for database in databases])
    rounds = -(-asked.kills // _A_ROUND)
    for number, (name, url, core) in zip(range(rounds), kinds, strict=False):
        kills, writers = (
            whole * (number + 1) // rounds - whole * number // rounds
            for whole in (asked.kills, asked.writers)
        )
        yield Plan(f"{name}, {core} core", url, core, kills, writers, asked.longest)


def _progress(total: Outcome, plan: Plan, seconds: float) -> None:
    text = f"{_told(total)}, {seconds:.0f} s ({plan.name})"
    sys.stdout.write(f"\r{text}\x1b[K" if sys.stdout.isatty() else f"{text}\n")
    sys.stdout.flush()


def _told(total: Outcome) -> str:
    return (
        f"{total.killed:,} processes and {total.writers:,} writers killed,"
        f" {total.steps:,} steps told, {total.events:,} events in place"
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
