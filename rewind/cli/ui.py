"""`rewind ui`: the dashboard, at the terminal that started it."""

import os
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import click

from rewind.cli.leftovers import finish_leftovers
from rewind.cli.options import database_options, located, opened, settings
from rewind.config import EXPORT_SUFFIX

if TYPE_CHECKING:
    from rewind.web.server import Address


@click.command("ui")
@click.argument("session", required=False)
@click.option("--event", "n", type=click.IntRange(min=1), help="The moment of SESSION to open.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    help="The port; 0 is any free one.  [default: the first free one from 8765 on]",
)
@click.option(
    "--token",
    envvar="REWIND_UI_TOKEN",
    help="What a browser must show to be let in. Beyond this machine one is needed: it is made,"
    " and printed with the address, unless you give yours. REWIND_UI_TOKEN keeps that out of the"
    " list of processes.",
)
@click.option(
    "--open/--no-open",
    "opens",
    default=True,
    help="Open a browser, where there is a display for one.  [default: --open]",
)
@database_options
def command(
    session: str | None,
    n: int | None,
    config: str | None,
    database: str | None,
    host: str,
    port: int | None,
    token: str | None,
    opens: bool,
) -> None:
    """Show recordings in the browser, until Ctrl-C; with SESSION, begin at its replay.

    In place of SESSION may stand a file that rewind export has made.

    It may be started before, during or after a recording: new events arrive by themselves.

    \b
      rewind ui
      rewind ui last --event 42
      rewind ui bug.rewind
      rewind ui --port 9000 --no-open
      REWIND_UI_TOKEN=... rewind ui --host 0.0.0.0 --database postgresql://me@host/rewind
    """
    from rewind.web.server import serve

    is_file = session is not None and session.endswith(EXPORT_SUFFIX)
    if session is not None:
        session, database = located(session, database)
    # A file with several sessions is for the list, unless a moment of the newest is asked for.
    place = _place(None if is_file and n is None else session, n, config, database)

    def ready(address: "Address") -> None:
        url = address_of(address, place, n)
        click.echo(f"Rewind's dashboard is at {url} (Ctrl-C ends it)")
        sys.stdout.flush()
        if opens:
            _open_aside(url)

    found = settings(config, database=database)
    finish_leftovers(found)
    serve(found.database, host, port, token, ready)


def _place(session: str | None, n: int | None, config: str | None, database: str | None) -> str:
    """Return the page to begin at; raises `NoSuchSessionError`."""
    if session is None:
        if n is not None:
            message = "--event is a moment of a SESSION: name one, or last"
            raise click.UsageError(message)
        return ""
    with opened(config, database) as archive:
        return f"sessions/{archive.session(session).facts.id}"


def address_of(address: "Address", place: str = "", n: int | None = None) -> str:
    """Return the URL of a page of the dashboard, with the token that it asks for."""
    asked = {"token": address.token, "n": n}
    given = {name: value for name, value in asked.items() if value is not None}
    query = urlencode(given, quote_via=quote)
    return f"{address._replace(token=None).url}{place}" + (f"?{query}" if query else "")


def _open_aside(url: str) -> None:
    # A browser may take seconds to come back, or may stay: the dashboard does not wait for it.
    from threading import Thread

    Thread(target=open_browser, args=(url,), daemon=True).start()


def open_browser(url: str) -> None:
    """Open `url` where there is a display; a text browser would take the terminal over."""
    if not has_display():
        return
    import webbrowser

    webbrowser.open(url)


def has_display() -> bool:
    """Return whether a window can be opened here."""
    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
