"""`python -m page`: measures the dashboard's page; see `--help`."""

import argparse
import os
import shutil
import sys

from playwright.sync_api import sync_playwright
from store import command
from store.figures import table
from store.recordings import adopt_orphans, folder, recorded

from page import living, opening

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    options = _options()
    named = os.environ.get("REWIND_CHROMIUM")
    executable = named or next(filter(None, map(shutil.which, _NAMES)), None)
    figures = []
    adopt_orphans()
    with folder() as place:
        url = f"sqlite:///{place}/large.db"
        # Before there is a browser: its writer is waited for as every child is.
        large = None if options.only == "live" else recorded(place, url, "journey", options.events)
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=executable, args=["--headless", "--no-sandbox", "--disable-gpu"]
            )
            if large is not None:
                figures += opening.opened(chromium, place, url, large[1], options.samples)
            if options.only != "open":
                figures += living.lived(chromium, place, options.rate, options.seconds)
            chromium.close()
    command.tell(figures, table(figures), as_json=options.json)
    return 0


def _options() -> argparse.Namespace:
    parser = command.parser(
        "page",
        "How long the first view of a large session takes, and how smooth a page stays that "
        "follows a session while it is recorded; in a headless Chromium that paints by the "
        "processor.",
    )
    parser.add_argument("--samples", type=int, default=9, help="of first views")
    parser.add_argument("--rate", type=float, default=20_000, help="events a second, live")
    parser.add_argument("--seconds", type=float, default=60.0, help="for which it is followed")
    parser.add_argument("--only", choices=("open", "live"), help="one of both parts")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
