"""`rewind show`: a session at a glance, or one moment of it."""

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

import click

from rewind.cli.events import print_event
from rewind.cli.modules import summary
from rewind.cli.options import database_options, json_option, opened
from rewind.cli.screen import STATUS_STYLES, Column, Piece, Screen
from rewind.cli.times import duration, local

Shown = Mapping[str, Any]
"""A JSON object of `docs/json.md`."""

CONTEXT_LINES = 5
"""Source lines before and after the current one, which a terminal has room for."""

_ARROW = "\N{RIGHTWARDS ARROW}"


@click.command("show")
@click.argument("session")
@click.option("--event", "n", type=click.IntRange(min=1), help="Stand at this event.")
@click.option(
    "--frame", type=click.IntRange(min=1), help="Whose variables: a frame's number in the stack."
)
@database_options
@json_option
def command(
    session: str,
    config: str | None,
    database: str | None,
    n: int | None,
    frame: int | None,
    as_json: bool,
) -> None:
    """Show SESSION (a beginning of its id, or last), or a moment of it.

    A moment is what the program looked like right after an event: the source around it,
    the call stack, and the variables of the innermost frame or of the one --frame names.

    \b
      rewind show last
      rewind show last --event 42
      rewind show last --event 42 --frame 7 --json
    """
    from rewind.replay import present

    modules: Shown = {}
    with opened(config, database) as archive:
        found = archive.session(session)
        if n is None:
            recording = archive.recording(found.facts.recording_id)
            modules = present.instrumentation(archive.instrumentation(found.facts.recording_id))
            shown: Shown = present.session_details(found.facts, recording)
        else:
            shown = present.moment(found, found.moment(n, frame))
    if as_json:
        click.echo(json.dumps(shown))
    elif n is None:
        _print_session(Screen(), shown, modules, found.facts.start_ns)
    else:
        _print_moment(Screen(), shown)


def _print_session(screen: Screen, session: Shown, modules: Shown, start_ns: int) -> None:
    status = str(session["status"])
    screen.line(
        Piece(session["trigger"], "bold"), "  ", Piece(status, STATUS_STYLES.get(status, ""))
    )
    for label, text in (*_facts(session, start_ns), *_module_facts(session, modules)):
        screen.line(Piece(f"  {label:10}", "dim"), text)
    error = session["error"]
    if error is not None:
        shown = f"{error['type'].removeprefix('builtins.')}: {error['message']}"
        screen.line(Piece(f"  {'error':10}", "dim"), Piece(shown, "red"))
    screen.line()
    name = session["id"]
    last = (error or {}).get("event") or session["events"]
    screen.line(Piece("  every event      ", "dim"), f"rewind events {name}")
    screen.line(Piece("  the last moment  ", "dim"), f"rewind show {name} --event {last}")


def _facts(session: Shown, start_ns: int) -> Iterable[tuple[str, str]]:
    yield "id", session["id"]
    if session["name"]:
        yield "name", session["name"]
    took = session["duration_ns"]
    yield "started", local(start_ns) + ("" if took is None else f", took {duration(took)}")
    yield "events", _events(session)
    yield "where", _where(session)
    if session["parent"]:
        yield "parent", session["parent"]
    if session["children"]:
        yield "children", f"{session['children']} sessions"
    if session["recording"] is not None:
        yield from _recording_facts(session["recording"])


def _recording_facts(recording: Shown) -> Iterable[tuple[str, str]]:
    commit = recording["git_commit"]
    yield "command", " ".join(recording["argv"])
    yield "folder", recording["cwd"]
    yield "python", recording["python"] + (f", commit {commit[:12]}" if commit else "")


def _module_facts(session: Shown, modules: Shown) -> Iterable[tuple[str, str]]:
    yield "modules", f"{summary(modules['counts'])}: rewind doctor --session {session['id']}"
    for fault in modules["faults"]:
        yield "fault", f"{fault['function']}: {fault['why']}"


def _events(session: Shown) -> str:
    parts = [f"{session['events']:,}"]
    if session["first_event"] > 1:
        parts.append(f"kept from {session['first_event']:,} on")
    if session["dropped"]:
        parts.append(f"{session['dropped']:,} not recorded")
    if session["redacted"]:
        parts.append(f"{session['redacted']:,} values withheld")
    return ", ".join(parts)


def _where(session: Shown) -> str:
    parts = [f"{session['host']}, process {session['process']}"]
    parts += [f"{key.partition('_')[0]} {session[key]}" for key in _PLACES if session[key]]
    return ", ".join(parts)


_PLACES = ("thread_name", "task", "service")


def _print_moment(screen: Screen, moment: Shown) -> None:
    session = moment["session"]
    screen.line(
        Piece(f"event {moment['n']:,} of {session['events']:,}", "bold"),
        Piece(f"  {session['trigger']}, session {session['id']}", "dim"),
    )
    print_event(screen, moment["event"])
    if moment["source"] is not None:
        _print_source(screen, moment["source"])
    if moment["stack"]:
        _print_stack(screen, moment)
        _print_variables(screen, moment)


def _print_source(screen: Screen, source: Shown) -> None:
    screen.line()
    screen.line(Piece(_shortest(source["file"]), "dim"))
    for number, text in enumerate(source["lines"], source["first"]):
        if abs(number - source["line"]) > CONTEXT_LINES:
            continue
        if number == source["line"]:
            screen.line(Piece(f"{_ARROW}{number:5}  {text}", "bold yellow"))
        else:
            screen.line(Piece(f"{number:6}  ", "dim"), text)


def _print_stack(screen: Screen, moment: Shown) -> None:
    screen.line()
    screen.table(
        (Column(""), Column("FRAME", is_number=True), Column("AT"), Column("STACK")),
        [
            (
                _ARROW if entry["frame"] == moment["frame"] else "",
                str(entry["frame"]),
                Piece(f"{entry['module']}:{entry['line']}", "dim"),
                Piece(f"{entry['function']}{entry['text']}", "blue"),
            )
            for entry in moment["stack"]
        ],
    )


def _print_variables(screen: Screen, moment: Shown) -> None:
    screen.line()
    screen.table(
        (Column(""), Column("SINCE", is_number=True), Column("VARIABLE"), Column("VALUE")),
        [
            (
                "*" if variable["changed"] else "",
                str(variable["n"]),
                Piece(variable["name"], "green"),
                _value(variable),
            )
            for variable in moment["variables"]
        ],
    )


def _shortest(file: str) -> str:
    inside = os.path.relpath(file) if os.path.isabs(file) else file
    return file if inside.startswith("..") else inside


def _value(variable: Shown) -> str:
    if variable["changed"] and variable["previous"] is not None:
        return f"{variable['text']}  (was {variable['previous']})"
    text: str = variable["text"]
    return text
