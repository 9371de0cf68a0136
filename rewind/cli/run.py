"""`rewind run`: records a program, which then takes this process over."""

import click

from rewind.cli.options import database_options, settings
from rewind.cli.target import Target, split
from rewind.config import MEMORY, Settings


class RunCommand(click.Command):
    """Leaves everything from the script or module on to the program."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Split off the target, then parse what stands before it."""
        takes_value = {
            name: not option.is_flag
            for option in self.params
            if isinstance(option, click.Option)
            for name in option.opts
        }
        own, target = split(args, takes_value)
        rest = super().parse_args(ctx, own)
        if target is None and not ctx.resilient_parsing:
            ctx.fail("nothing to run: name a SCRIPT, -m MODULE or -- COMMAND")
        ctx.params["target"] = target
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Show the three ways to name a program."""
        pieces = super().collect_usage_pieces(ctx)
        return [*pieces, "(SCRIPT | -m MODULE | -- COMMAND)", "[ARGS]..."]


@click.command("run", cls=RunCommand)
@click.option(
    "--include", metavar="GLOB", multiple=True, help="Modules to record (dotted name). Repeatable."
)
@click.option("--exclude", metavar="GLOB", multiple=True, help="Modules not to record. Repeatable.")
@click.option("--name", metavar="NAME", help="A name for the recording, to find it by.")
@click.option(
    "--redact",
    "redact_fields",
    metavar="NAME",
    multiple=True,
    help="A further name whose values are withheld; -NAME lets a built-in one be recorded.",
)
@click.option(
    "--expressions",
    metavar="WHICH",
    help="Sub-expressions whose values to record: calls or all.",
)
@click.option("--lines", is_flag=True, default=None, help="Record every executed line.")
@click.option(
    "--sampling-rate", metavar="SHARE", help="The share of sessions to record, from 0 to 1."
)
@click.option(
    "--max-events",
    "max_events_per_session",
    metavar="N",
    help="Events kept of one session; the oldest make room.",
)
@database_options
@click.option("--ui", is_flag=True, help="Open the dashboard as well, to watch the program run.")
def command(target: Target, config: str | None, ui: bool, **options: object) -> None:
    """Record a program while it runs.

    The program is what it is without Rewind: same arguments, output, signals and exit code. What
    stands behind the SCRIPT or the MODULE belongs to it, even --help.

    \b
      rewind run app.py --verbose
      rewind run --include 'shop.*' -m shop
      rewind run -- gunicorn shop:app
      rewind run --database memory --ui app.py

    The database "memory" is gone once the program, and the dashboard that --ui opened, have ended.

    Without --include, Rewind records __main__, the package named by -m, and every module under the
    current folder and the script's folder that is in no virtual environment.
    """
    found = settings(config, enabled=True, **options)
    from rewind.cli.launch import launch, launch_plain

    if not found.enabled:
        launch_plain(target)
    if found.database == MEMORY:
        from rewind.spool.temporary import own_database

        found = found._replace(database=own_database())
    _prepare(found)
    if ui:
        from rewind.cli.dashboard import show_dashboard

        show_dashboard(found)
    launch(found, target)


def _prepare(found: Settings) -> None:
    """Have spool and database ready, so that what is wrong is said before the program starts."""
    from rewind.agent.recording import make_spool
    from rewind.sqlite_file import is_current

    if not is_current(found.database):
        # Only here: this import takes longer than all else that happens before the program runs.
        from rewind.store import open_store

        open_store(found.database, record=True).close()
    make_spool(found.spool)
