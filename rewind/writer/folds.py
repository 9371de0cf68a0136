"""How an event changes the call stack, one function for each kind that does more than write.

Each takes the stack, the event's number, its site and its payload (all after `dt`). The top frame
is known to be the event's own, except where a fold brings a frame.
"""

from collections.abc import Callable

from rewind.writer.callstack import (
    CALLER,
    FUNCTION,
    LAST,
    CallStack,
    FrameFunction,
    Raised,
    called_from,
    handle_of,
    identity_of,
    resumption,
    variables,
)
from rewind.writer.steps import Step

Fold = Callable[[CallStack, int, int, bytes], None]


def call(function: FrameFunction) -> Fold:
    """Open a plain function's frame; its arguments are taken apart only when somebody asks."""

    def fold(stack: CallStack, n: int, site: int, payload: bytes) -> None:
        stack.frames.append([n, site, None, site, {}, function, payload, None])

    return fold


def call_resumable(function: FrameFunction) -> Fold:
    """Open a generator's or coroutine's frame: its handle comes before the arguments."""

    def fold(stack: CallStack, n: int, site: int, payload: bytes) -> None:
        handle, rest = handle_of(payload)
        stack.frames.append([n, site, handle, site, {}, function, payload[rest:], None])

    return fold


def resume(function: FrameFunction) -> Fold:
    """Bring a frame back; one that is not known here came from another session."""

    def fold(stack: CallStack, n: int, site: int, payload: bytes) -> None:
        handle, line = resumption(payload)
        frame = stack.bring_back(handle)
        if frame is None:
            stack.frames.append([n, site, handle, site, {}, function, None, line])
        else:
            frame[CALLER] = line or called_from(frame)
            if frame[FUNCTION] is function:
                frame[LAST] = site

    return fold


def leave(stack: CallStack, n: int, site: int, payload: bytes) -> None:  # noqa: ARG001
    """Take off the frame, which returns."""
    stack.frames.pop()


def suspend_top(stack: CallStack, n: int, site: int, payload: bytes) -> None:  # noqa: ARG001
    """Set aside the frame, which yields."""
    stack.set_aside([stack.frames.pop()])


def note(stack: CallStack, n: int, site: int, payload: bytes) -> None:  # noqa: ARG001
    """Remember where an exception was first seen: there a person will want to look."""
    identity = identity_of(payload)
    if stack.raised is None or stack.raised.identity != identity:
        stack.raised = Raised(identity, n)


def fail(stack: CallStack, n: int, site: int, payload: bytes) -> None:
    """Take off the frame, which an exception leaves."""
    note(stack, n, site, payload)
    stack.frames.pop()


def delete(name: str) -> Fold:
    """Unbind a name; with a payload it is an attribute or an item that goes."""

    def fold(stack: CallStack, n: int, site: int, payload: bytes) -> None:  # noqa: ARG001
        if not payload:
            variables(stack.frames[-1]).pop(name, None)

    return fold


def fold_of(step: Step, function: FrameFunction, name: str | None) -> Fold | None:
    """Return what a site's events do beyond a write; None: nothing."""
    if step == Step.DELETE and name is not None:
        return delete(name)
    brings = _BRINGING.get(step)
    return _CHANGING.get(step) if brings is None else brings(function)


_BRINGING = {Step.CALL: call, Step.CALL_RESUMABLE: call_resumable, Step.RESUME: resume}
_CHANGING: dict[Step, Fold] = {
    Step.LEAVE: leave,
    Step.SUSPEND: suspend_top,
    Step.NOTE: note,
    Step.FAIL: fail,
}
