"""What commands that measure large recordings have in common: their options, what they print."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence

from store.figures import Figure


def parser(name: str, description: str) -> argparse.ArgumentParser:
    """Return a command's parser, to which it adds what is its own."""
    options = argparse.ArgumentParser(prog=name, description=description)
    options.add_argument("--events", type=int, default=10_000_000, help="of the large session")
    options.add_argument("--json", action="store_true", help="print the figures as JSON")
    return options


def tell(figures: Sequence[Figure], lines: Iterable[str], *, as_json: bool) -> None:
    """Print lines for people, and figures for programs where these are asked for."""
    print("\n".join(lines), file=sys.stderr if as_json else sys.stdout)
    if as_json:
        print(json.dumps([one.to_json() for one in figures], indent=2))
