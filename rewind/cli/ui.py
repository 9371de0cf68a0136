"""`rewind ui`: the dashboard, at the terminal that started it."""

import os
import sys
from typing import TYPE_CHECKING

import click

from rewind.cli.options import database_options, settings

if TYPE_CHECKING:
    from rewind.web.server import Address


@click.command("ui")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    help="The port; 0 is any free one.  [default: the first free one from 8765 on]",
)
@click.option(
    "--token",
    envvar="REWIND_UI_TOKEN",
    help="What a browser must show to be let in; needed beyond this machine. REWIND_UI_TOKEN"
    " keeps it out of the list of processes.",
)
@click.option(
    "--open/--no-open",
    "opens",
    default=True,
    help="Open a browser, where there is a display for one.  [default: --open]",
)
@database_options
def command(
    config: str | None,
    database: str | None,
    host: str,
    port: int | None,
    token: str | None,
    opens: bool,
) -> None:
    """Show recordings in the browser, until Ctrl-C.

    It may be started before, during or after a recording: new events arrive by themselves.

    \b
      rewind ui
      rewind ui --port 9000 --no-open
      REWIND_UI_TOKEN=... rewind ui --host 0.0.0.0 --database postgresql://me@host/rewind
    """
    from rewind.web.server import serve

    def ready(address: "Address") -> None:
        click.echo(f"Rewind's dashboard is at {address.url} (Ctrl-C ends it)")
        sys.stdout.flush()
        if opens:
            _open_aside(address.url)

    serve(settings(config, database=database).database, host, port, token, ready)


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
