"""redis-py, with and without asyncio: each command, and each pipeline as one.

Values under a key or field with a secret name are withheld, and so is what signs in or sets
something up.
"""

from typing import Any, Final

from rewind.config.redaction import WITHHELD
from rewind.integrations.beside import Beside, put_beside
from rewind.integrations.calls import Asking, Call
from rewind.model.events import REDIS

PIPELINE: Final = "PIPELINE"
"""Stands for the command of a pipeline, whose arguments are its commands."""

_SECRET: Final = frozenset(("AUTH", "HELLO", "ACL", "CONFIG", "MIGRATE"))
_MOST: Final = 100
"""Arguments that are looked at."""


def meet(module: Any, asking: Asking) -> str | None:  # noqa: ANN401 - one of the two
    """Tell of commands from now on; returns why that cannot be."""
    commands = _Commands(asking)
    client, pipeline = getattr(module, "Redis", None), getattr(module, "Pipeline", None)
    places = (
        (client, "execute_command", commands.begins),
        (pipeline, "immediate_execute_command", commands.begins),
        (pipeline, "execute", commands.begins_pipeline),
    )
    tried = (
        put_beside(owner, name, Beside(begins, _answered, _failed))
        for owner, name, begins in places
        if owner is not None
    )
    return next(filter(None, tried), None)


class _Commands:
    """Begins calls of Redis. Used by any thread."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def begins(self, _: object, words: tuple[object, ...], *__: object) -> Call | None:
        if not self._asking.asks(REDIS):
            return None
        command, arguments, withheld = self._shown(words)
        what = {"command": command, "arguments": arguments}
        return self._asking.begin(REDIS, what, withheld)

    def begins_pipeline(self, pipeline: Any, *_: object) -> Call | None:  # noqa: ANN401 - redis's
        queued = pipeline.command_stack
        if not queued or not self._asking.asks(REDIS):
            return None
        shown, withheld = [], 0
        for words, _ in queued[:_MOST]:
            command, arguments, hidden = self._shown(words)
            shown.append([command, *arguments])
            withheld += hidden
        what = {"command": PIPELINE, "arguments": shown}
        return self._asking.begin(REDIS, what, withheld)

    def _shown(self, words: tuple[object, ...]) -> tuple[object, list[object], int]:
        """Return a command, its arguments and how many of these are secret."""
        # `CONFIG SET` may be one word.
        command, *arguments = words[:_MOST] or ("",)
        name = command.upper() if type(command) is str else ""
        if name.partition(" ")[0] in _SECRET:
            return command, [WITHHELD] * len(arguments), len(arguments)
        shown: list[object] = []
        withheld, key_is_secret, is_secret = 0, False, False
        for at, argument in enumerate(arguments):
            hides = key_is_secret or is_secret
            shown.append(WITHHELD if hides else argument)
            withheld += hides
            text = argument.decode("latin-1") if type(argument) is bytes else argument
            is_secret = not hides and bool(self._asking.hidden(text, None)[1])
            key_is_secret = key_is_secret or (at == 0 and is_secret)
        return command, shown, withheld


def _answered(call: Call, _: object) -> None:
    call.ended()


def _failed(call: Call, error: BaseException) -> None:
    call.ended(error)
