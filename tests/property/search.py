"""Searches the properties for as many minutes as one gives (`make search`).

Each round is a process of its own: hypothesis remembers all that it has tried, some 0.2 MB for each
program. Ends with the first program that fails, made as small as hypothesis can.
"""

import argparse
import random
import subprocess
import sys
from pathlib import Path
from time import monotonic

TESTS = ("test_equivalence.py", "test_twins.py")


def search(minutes: float) -> int:
    """Return the status of the round that failed, else 0; each round's seed is printed."""
    end, rounds, status = monotonic() + 60 * minutes, 0, 0
    while status == 0 and monotonic() < end:
        seed = random.getrandbits(32)
        rounds += 1
        sys.stdout.write(f"round {rounds}: seed {seed}\n")
        sys.stdout.flush()
        status = _round(seed)
    return status


def _round(seed: int) -> int:
    tests = [str(Path(__file__).with_name(name)) for name in TESTS]
    options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", f"--hypothesis-seed={seed}"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, *tests], check=False
    ).returncode


def main() -> int:
    """Run what the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser("python -m tests.property.search", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60, help="to search for; default: 60")
    return search(parser.parse_args().minutes)


if __name__ == "__main__":
    sys.exit(main())
