"""`rewind show`: a session at a glance, or one moment of it."""

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

import click

from rewind.cli.events import print_event
from rewind.cli.modules import summary
from rewind.cli.options import database_options, json_option, located, opened
from rewind.cli.screen import STATUS_STYLES, Column, Piece, Screen
from rewind.cli.times import duration, local
from rewind.config import EXPORT_SUFFIX

Shown = Mapping[str, Any]
"""A JSON object of `docs/json.md`."""

CONTEXT_LINES = 5
"""Source lines before and after the current one, which a terminal has room for."""

CRASHED = "crashed"

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
    """Show SESSION (a beginning of its id, last, or an exported file), or a moment of it.

    A moment is what the program looked like right after an event: the source around it,
    the call stack, and the variables of the innermost frame or of the one --frame names. Of a
    session that crashed, the last one is shown as well: what it was doing when it died.

    \b
      rewind show last
      rewind show last --event 42
      rewind show last --event 42 --frame 7 --json
      rewind show bug.rewind
    """
    from rewind.replay import present

    modules: Shown = {}
    asked = session
    last: Shown | None = None
    session, database = located(session, database)
    with opened(config, database) as archive:
        found = archive.session(session)
        reference = asked if asked.endswith(EXPORT_SUFFIX) else found.facts.id
        if n is None:
            recording = archive.recording(found.facts.recording_id)
            modules = present.instrumentation(archive.instrumentation(found.facts.recording_id))
            shown: Shown = present.session_details(found.facts, recording)
            if shown["status"] == CRASHED and found.facts.error_event is not None:
                moment = found.moment(found.facts.error_event, frame)
                last = present.moment(found, moment)
        else:
            shown = present.moment(found, found.moment(n, frame))
    if as_json:
        click.echo(json.dumps(shown))
    elif n is None:
        _print_session(Screen(), shown, modules, found.facts.start_ns, reference)
        if last is not None:
            _print_death(Screen(), last)
    else:
        _print_moment(Screen(), shown)


def _print_session(
    screen: Screen, session: Shown, modules: Shown, start_ns: int, name: str
) -> None:
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
    if session["tags"]:
        yield "tags", ", ".join(f"{name}={value}" for name, value in session["tags"].items())
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
    for program in modules["replacements"]:
        yield "missing", f"{program['program']}: {program['why']}"


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
    _print_state(screen, moment)


def _print_death(screen: Screen, moment: Shown) -> None:
    at = moment["event"]
    screen.line()
    screen.line(Piece("what it was doing when it died", "bold"))
    last = f"event {moment['n']:,}, line {at['line']} of {at['function']}"
    for text in (
        f"The last that was recorded: {last}. There, or in what that code did next,",
        "the process was gone without a word: killed, os._exit, a fault in C code, out of memory.",
    ):
        screen.line(Piece(f"  {text}", "dim"))
    screen.line()
    _print_state(screen, moment)


def _print_state(screen: Screen, moment: Shown) -> None:
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
        (Column(""), Column("CHANGED", is_number=True), Column("VARIABLE"), Column("VALUE")),
        [
            (
                "*" if variable["changed"] else "",
                str(variable["last_change"]),
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
    return text if variable["since"] is None else f"{text}  (as of event {variable['since']})"
