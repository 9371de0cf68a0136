"""A moment: what the program looked like right after one event.

Read models only: `session.Session` makes them, `present` writes them down.
"""

from collections.abc import Callable
from typing import NamedTuple

from rewind.model import events
from rewind.replay.events import Event
from rewind.replay.frames import Frame, Variable, stack_of, variables_of, writes_of
from rewind.replay.values import Value, parse


class StackEntry(NamedTuple):
    """A frame of the call stack at a moment."""

    frame: Frame
    line: int
    """Where it stands: the line that it calls the next frame from, or that of its latest event."""
    arguments: tuple[tuple[str, Value], ...]
    """With which it was called; empty for a frame that came from another session."""


class Moment(NamedTuple):
    """The state at event `n`, with the variables of one frame."""

    event: Event
    stack: tuple[StackEntry, ...]
    """Innermost first."""
    chosen: StackEntry | None
    """The frame whose variables these are; None where the stack is empty."""
    variables: tuple[Variable, ...]


def moment_of(
    event: Event, frame: int | None, arguments: Callable[[Frame], tuple[tuple[str, Value], ...]]
) -> Moment:
    """Return the moment at `event`, with the variables of that frame or else of the innermost."""
    frames = tuple(stack_of(event.top))
    stack = tuple(
        StackEntry(entry, _line(entry, above, event), arguments(entry))
        for entry, above in zip(frames, (None, *frames), strict=False)
    )
    asked = (entry for entry in stack if entry.frame.number == frame)
    chosen = next(asked, stack[0] if stack else None)
    return Moment(event, stack, chosen, variables_of(chosen.frame) if chosen is not None else ())


def arguments_of(frame: Frame) -> tuple[tuple[str, Value], ...] | None:
    """Return with what the frame was called, as far as its own writes still tell.

    None where a keyframe has forgotten an argument because it was written again since.
    """
    if frame.opened.site.kind != events.CALL:
        return ()
    parameters = frame.opened.scope.function.parameters
    writes = {write.name: write for write in writes_of(frame) if write.n == frame.number}
    if not all(name in writes for name in parameters):
        return None
    return tuple((name, parse(writes[name].value)) for name in parameters)


def _line(entry: Frame, above: Frame | None, event: Event) -> int:
    if entry is event.frame:
        return event.line
    called_at = 0 if above is None else above.called_at
    return called_at or entry.latest.site.line
