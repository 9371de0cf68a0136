"""The variables that are shown at any moment of any program are what it had then."""

import ast
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given, settings

from rewind.replay.current import CurrentVariables
from rewind.replay.events import EventQuery
from rewind.replay.natural import natural
from rewind.replay.session import Session
from tests.instrumented import write
from tests.property.programs import choices, programs
from tests.property.test_equivalence import recorded
from tests.replayed import replayed

pytestmark = pytest.mark.timeout(0)  # hypothesis keeps the time

SCALARS = ("a", "b", "c", "d", "fuel")
NAMES = (*SCALARS, "xs", "table")
"""What programs bind in most ways; a pattern binds others, also where its guard then fails."""


class Shown(NamedTuple):
    """What is shown of one moment, and what is true then."""

    n: int
    frame: int
    truth: dict[str, object]
    variables: dict[str, object]
    changes: dict[str, int]
    """The events of their last changes."""
    unsure: frozenset[str]
    """Of which it is told that something may have become of them since."""
    shared: frozenset[str]
    """Written by other functions as well."""
    is_nested: bool
    """Whether `locals()` has variables of functions around it as well."""


def moments(session: Session) -> Iterator[Shown]:
    """Yield the moments at which the program has noted its variables."""
    variables = CurrentVariables(session)
    query = EventQuery(kinds=frozenset({"variable"}), variable="truth")
    for event in session.events(query):
        moment = session.moment(event.n)
        assert moment.chosen is not None
        current = variables.at(moment)
        yield Shown(
            event.n,
            moment.chosen.frame.number,
            ast.literal_eval(str(event.value)),
            {one.variable.name: simple(natural(one.value)) for one in current},
            {one.variable.name: one.last_change for one in current},
            frozenset(one.variable.name for one in current if one.since is not None),
            frozenset(session.shared(moment.chosen.frame)),
            "<locals>" in event.place.scope.function.qualname,
        )


def simple(value: Any) -> object:
    """Return a value as `known` says it; a dictionary of other keys than text is told in pairs."""
    if isinstance(value, dict) and "$dict" in value:
        pairs = value["$dict"]
        scalar = all(not isinstance(key, (list, dict)) for key, _ in pairs)
        return dict(map(tuple, pairs)) if scalar else value
    return value


def recordable(source: str) -> str:
    """Return a program without what `docs/language.md` says is not recorded."""
    assume(not re.search(r"@marked\(.*:=|@marked\(\(\n(?:.*\n)*?.*:=", source))
    assume(not re.search(r"with .* as \w+, ", source))
    assume(not re.search(r"del \w+\[.*:", source))
    source = source.replace("  # rewind: off", "")
    return source.replace("type(xs).insert(xs, 0,", "xs.insert(0,")


@given(programs(noting="truth = known(locals())"), choices())
@settings(max_examples=settings().max_examples // 10)
def test_variables_at_any_moment_are_what_the_program_had(
    source: str, more: dict[str, Any]
) -> None:
    hold_at_any_moment(recordable(source), more)


WITH_ITEMS = """
from tests.whereabouts import here, known
class Room:
    def __enter__(self): return 6
    def __exit__(self, *what): return False
def boom(): raise ValueError
def f():
    a = 3
    try:
        with Room() as a, boom() as b:
            pass
    except ValueError:
        truth = known(locals())
f()
"""


@pytest.mark.xfail(strict=True, raises=AssertionError, reason="told once all items are entered")
def test_what_an_item_of_a_with_binds_is_shown_where_a_later_one_raises() -> None:
    """Known to be false, and so left out of the random programs."""
    hold_at_any_moment(WITH_ITEMS, {})


SLICE = """
from tests.whereabouts import here, known
xs = [1, 2, 3]
del xs[2:7]
truth = known(locals())
"""


@pytest.mark.xfail(strict=True, raises=AssertionError, reason="shown as it was before")
def test_a_list_is_shown_without_a_slice_that_was_removed() -> None:
    """Known to be false, and so left out of the random programs."""
    hold_at_any_moment(SLICE, {})


def hold_at_any_moment(source: str, more: dict[str, Any]) -> None:
    """Raise `AssertionError` unless what is shown of a program is true at any moment."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = write(folder, source)
        recorded(folder, path, max_value_bytes=1 << 14, max_items=1000, **more)
        archive = replayed(folder, folder / "spool")
        try:
            sessions = archive.sessions()
            # What a task does to a container of others is in its own session, and not looked up.
            names = NAMES if len(sessions) == 1 else SCALARS
            for facts in sessions:
                before: dict[int, Shown] = {}
                for shown in moments(archive.session(facts.id)):
                    hold(shown, names)
                    if shown.frame in before:
                        hold_changes(before[shown.frame], shown, names)
                    before[shown.frame] = shown
        finally:
            archive.close()


def hold(shown: Shown, names: tuple[str, ...]) -> None:
    """Raise `AssertionError` unless what is shown of them is true, or said to be uncertain."""
    for name in names:
        if name in shown.unsure:
            continue
        if name in shown.truth and (name in shown.variables or not shown.is_nested):
            assert shown.variables[name] == shown.truth[name], name
        elif name in shown.variables and name not in shown.shared:
            # A function that binds a global shows it as well.
            assert isinstance(shown.variables[name], (list, dict)), name


def hold_changes(before: Shown, after: Shown, names: tuple[str, ...]) -> None:
    """Raise `AssertionError` unless what a frame's variable is now says when it became so."""
    for name in names:
        if name in before.unsure | after.unsure or name not in before.truth:
            continue
        if name in after.changes:
            changed = after.changes[name]
            assert changed <= after.n, name
            assert changed > before.n or after.truth.get(name) == before.truth[name], name
