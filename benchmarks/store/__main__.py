"""`python -m store`: measures large recordings; see `--help`."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from store import command, following, listing, questions, recordings
from store.figures import Figure, growth, table

PARTS = ("write", "ask", "list", "follow")
SIZED = {"loops": 2_000_000, "objects": 1_000_000}
"""Events of the workloads whose stored size is told."""


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    options = _options()
    recordings.adopt_orphans()
    with recordings.folder() as place:
        found = list(_measured(place, options))
    lines = [*table(found), "", *growth(found, _named(options.small), _named(options.events))]
    command.tell(found, lines, as_json=options.json)
    return 0


def _measured(place: Path, options: argparse.Namespace) -> Iterator[Figure]:
    url = options.database or f"sqlite:///{place}/large.db"
    if "write" in options.only:
        for program, events in SIZED.items():
            _tell(f"recording {program}")
            _, one = recordings.recorded(place, url, program, events)
            yield from recordings.figures(one)
    if {"ask", "write"} & set(options.only):
        for events in (options.small, options.events):
            _tell(f"recording {events:,} events")
            few, one = recordings.recorded(place, url, "journey", events)
            yield from recordings.figures(one)
            if "ask" in options.only:
                yield from questions.asked(url, one, few, _named(events), options.samples, _tell)
    if "list" in options.only:
        many = options.database or f"sqlite:///{place}/many.db"
        yield from listing.listed(many, options.sessions, max(5, options.samples // 4), _tell)
    if "follow" in options.only:
        _tell("following")
        live = options.database or f"sqlite:///{place}/live.db"
        yield from following.followed(place, live, options.readers, options.seconds)


def _named(events: int) -> str:
    return f"{events / 1e6:.1f}M events"


def _tell(line: str) -> None:
    """Say on standard error what is being done."""
    sys.stderr.write(f"{line}\n")


def _options() -> argparse.Namespace:
    parser = command.parser(
        "store",
        "How long large recordings take to be stored and to answer. The large and the small "
        "session are made and asked in one run; each time is told by the wall, and by the "
        "processor's clock of what asks.",
    )
    parser.add_argument("--small", type=int, default=1_000_000, help="of the small session")
    parser.add_argument("--samples", type=int, default=100, help="for each figure, about")
    parser.add_argument("--sessions", type=int, default=100_000, help="in the list")
    parser.add_argument("--readers", type=int, default=4, help="that follow at once")
    parser.add_argument("--seconds", type=float, default=8.0, help="for which they follow")
    parser.add_argument("--database", help="URL of an empty database; a new SQLite file without it")
    parser.add_argument("--only", type=_parts, default=PARTS, help=",".join(PARTS))
    return parser.parse_args()


def _parts(names: str) -> tuple[str, ...]:
    chosen = tuple(names.split(","))
    unknown = set(chosen) - set(PARTS)
    if unknown:
        message = f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}"
        raise argparse.ArgumentTypeError(message)
    return chosen


if __name__ == "__main__":
    sys.exit(main())
