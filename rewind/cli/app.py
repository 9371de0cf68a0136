"""The `rewind` command: finds a subcommand's file when it is asked for, and reports errors.

A message goes to standard error as one line that begins with `rewind:`; the exit code is 2 for what
the user can mend. A traceback means a bug in Rewind.
"""

import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module

import click

from rewind import __version__
from rewind.errors import RewindError

COMMANDS = {
    "run": "rewind.cli.run",
    "doctor": "rewind.cli.doctor",
    "sessions": "rewind.cli.sessions",
    "show": "rewind.cli.show",
    "events": "rewind.cli.events",
    "output": "rewind.cli.output",
    "queries": "rewind.cli.queries",
    "diff": "rewind.cli.diff",
    "ui": "rewind.cli.ui",
    "export": "rewind.cli.export",
    "prune": "rewind.cli.prune",
    "delete": "rewind.cli.delete",
    "recover": "rewind.cli.recover",
    "db": "rewind.cli.db",
    "config": "rewind.cli.config",
}
"""Subcommands in the order of the help, and the module that holds each as `command`."""

_MISUSED = 2
_BROKEN_PIPE = 141


class LazyCommands(click.Group):
    """A group whose commands are imported when they are called (or listed)."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command of that name, or None."""
        home = COMMANDS.get(cmd_name)
        if home is None:
            return None
        command: click.Command = import_module(home).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may have been meant."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            ctx.fail(f"there is no command {name!r}{_suggestion(name)}")
        return super().resolve_command(ctx, args)


def _suggestion(name: str) -> str:
    if name.endswith(".py"):
        return f"; did you mean 'rewind run {name}'?"
    close = get_close_matches(name, COMMANDS, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="rewind %(version)s")
def app() -> None:
    """Record what a Python program really did, and walk through it backwards and forwards.

    \b
    Record a program:              rewind run app.py
    What would be recorded of it:  rewind doctor app.py
    See what was recorded:         rewind sessions
    Stand at a moment of it:       rewind show last --event 42
    Search its events:             rewind events last --variable total
    Replay it in the browser:      rewind ui
    """


def run_app(arguments: Sequence[str]) -> int:
    """Run a command line and return the exit code; raises `KeyboardInterrupt` at Ctrl-C."""
    try:
        code = app.main(list(arguments), prog_name="rewind", standalone_mode=False)
        # Now, while a reader that went away can still be told from a fault.
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as question:
        click.echo(question.format_message())
        return 0
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "rewind"
        return _fail(f"{error.format_message()} (see '{command} --help')")
    except (click.ClickException, RewindError) as error:
        return _fail(str(error))
    except click.Abort as stopped:
        # What click makes of it.
        raise KeyboardInterrupt from stopped
    except BrokenPipeError:
        # The interpreter flushes standard output once more at exit; let that find no fault.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    return code if isinstance(code, int) else 0


def _fail(message: str) -> int:
    click.echo(f"rewind: {message}", err=True)
    return _MISUSED
