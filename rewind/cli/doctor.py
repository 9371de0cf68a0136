"""`rewind doctor`: what is recorded, module by module, before a recording or after it."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from rewind.cli.modules import print_modules, summary
from rewind.cli.options import database_options, json_option, located, opened, resolution
from rewind.cli.screen import Piece, Screen
from rewind.cli.surroundings import Check, checks
from rewind.config import Resolution

if TYPE_CHECKING:
    from rewind.forecast import Forecast

Shown = Mapping[str, Any]
"""A JSON object of `docs/json.md`."""

_MOST_PLACES = 3


@click.command("doctor", context_settings={"ignore_unknown_options": True})
@click.option("-m", "module", metavar="MODULE", help="The program is this module.")
@click.option(
    "--include", metavar="GLOB", multiple=True, help="Modules to record (dotted name). Repeatable."
)
@click.option("--exclude", metavar="GLOB", multiple=True, help="Modules not to record. Repeatable.")
@click.option(
    "--session", metavar="SESSION", help="What became of the modules of a finished recording."
)
@click.argument("words", metavar="[SCRIPT] [ARGS]...", nargs=-1, type=click.UNPROCESSED)
@database_options
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    config: str | None,
    database: str | None,
    module: str | None,
    session: str | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    words: tuple[str, ...],
    as_json: bool,
) -> None:
    """Tell what would be recorded, module by module, and what not and why. Runs nothing.

    \b
      rewind doctor app.py                    a program, before it is recorded
      rewind doctor --include 'shop.*' -m shop.web
      rewind doctor --include 'shop.*'        all modules that the pattern covers
      rewind doctor                           all modules under the current folder
      rewind doctor --session last            what a recording has, and has not

    Of a program, its imports are followed by reading its source. An import by a name that is made
    at run time cannot be seen; the report of a recording has it.

    A module is recorded; in part, where a construct of it stays plain; or not. What nobody asked
    for, as the standard library, is not listed. The exit code is 1 if a program that was named, or
    all modules of a pattern of include, would not be recorded, or if the machine prevents it.
    """
    if words and words[0].startswith("-"):
        message = f"No such option: {words[0]}"
        raise click.UsageError(message)
    if session is not None:
        if module or include or exclude or words:
            message = "--session asks about a recording: it goes without a program and patterns"
            raise click.UsageError(message)
        _tell_recorded(*located(session, database), config, as_json)
        return
    found = resolution(config, database=database, include=include, exclude=exclude)
    # What stands behind the program are its own arguments.
    target = ("module", module) if module else ("script", words[0]) if words else None
    ctx.exit(0 if _tell_forecast(found, target, as_json) else 1)


def _tell_recorded(session: str, database: str | None, config: str | None, as_json: bool) -> None:
    from rewind.replay import present

    with opened(config, database) as archive:
        recording = archive.session(session).facts.recording_id
        found = archive.instrumentation(recording)
    shown: Shown = {"recording": recording, **present.instrumentation(found)}
    if as_json:
        click.echo(json.dumps(shown))
        return
    screen = Screen()
    print_modules(screen, shown["modules"])
    for fault in shown["faults"]:
        screen.line(Piece("a probe failed: ", "bold red"), f"{fault['function']}: {fault['why']}")
    for program in shown["replacements"]:
        screen.line(Piece("not recorded: ", "bold red"), f"{program['program']}: {program['why']}")
    screen.line(summary(shown["counts"]))


def _tell_forecast(found: Resolution, target: tuple[str, str] | None, as_json: bool) -> bool:
    """Print what would be recorded, and return whether that is what was asked for."""
    from rewind.cli.launch import switches
    from rewind.forecast import ask

    progress = _Progress()
    forecast = ask(found.settings, target, switches(dropped="xi"), progress.show)
    progress.clear()
    looked_at = list(checks(found, forecast.core, forecast.no_output))
    complaints = list(_complaints(forecast))
    if as_json:
        click.echo(json.dumps(_object(forecast, looked_at)))
    else:
        _print_forecast(Screen(), forecast, looked_at, complaints)
    return not complaints and all(check.is_well for check in looked_at)


def _object(forecast: "Forecast", looked_at: Sequence[Check]) -> Shown:
    from rewind.replay import present

    start = forecast.start
    return {
        "environment": [check._asdict() for check in looked_at],
        "start": None if start is None else start._asdict(),
        **present.modules(forecast.modules),
        "uncovered": list(forecast.uncovered),
        "unseen": [place._asdict() for place in forecast.unseen],
    }


def _complaints(forecast: "Forecast") -> Iterator[str]:
    start = forecast.start
    if start is not None and start.status == "not" and start.is_asked:
        yield f"{start.name} is not recorded: {start.why}"
    for pattern in forecast.uncovered:
        yield f"the pattern {pattern!r} of include: no module that can be recorded matches it"


def _print_forecast(
    screen: Screen, forecast: "Forecast", looked_at: Sequence[Check], complaints: Sequence[str]
) -> None:
    from rewind.replay import present

    for check in looked_at:
        style = "" if check.is_well else "bold red"
        screen.line(Piece(f"{check.name:15}", "dim"), Piece(check.text, style))
    screen.line()
    shown: Shown = present.modules(forecast.modules)
    print_modules(screen, shown["modules"])
    start = forecast.start
    if start is not None and not start.is_asked:
        screen.line(f"{start.name} itself is not recorded: {start.why}")
    if forecast.unseen:
        screen.line(Piece(_unseen(forecast), "dim"))
    for complaint in complaints:
        screen.line(Piece(complaint, "bold red"))
    screen.line(summary(shown["counts"]))


def _unseen(forecast: "Forecast") -> str:
    places = [f"{place.path}:{place.line}" for place in forecast.unseen[:_MOST_PLACES]]
    more = len(forecast.unseen) - len(places)
    places += [f"{more} more"] if more else []
    return f"imports by a name made at run time cannot be seen: {', '.join(places)}"


class _Progress:
    """One line on the terminal while modules are looked at. For the main thread."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()

    def show(self, looked_at: int, name: str) -> None:
        if self._is_shown:
            sys.stderr.write(f"\rrewind: looked at {looked_at:,} modules, {name:.40}\x1b[K")
            sys.stderr.flush()

    def clear(self) -> None:
        if self._is_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
