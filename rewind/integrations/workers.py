"""Workers that multiprocessing starts anew are told what the recorded program has joined.

They get it with what multiprocessing sends to each of them before anything else, through a pipe of
its own: so no other child of the program learns of it, and neither `os.environ` nor any command
line tells of it. A worker that is forked carries the recorder over and needs none of this.
"""

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any, Final

SPAWN: Final = "multiprocessing.spawn"
"""The module that makes what is sent, for the start methods `spawn` and `forkserver` alike."""

_KEY: Final = "rewind"


class _Run:
    """Source text that runs where this is unpickled."""

    def __init__(self, source: str) -> None:
        self._source = source

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, dict[str, object]]]:
        return exec, (self._source, {})


def patch(spawn: ModuleType, source: Callable[[], str]) -> None:
    """Let every worker run what `source` returns, asked as the worker starts, first of all."""
    theirs: Callable[..., dict[str, Any]] = vars(spawn)["get_preparation_data"]

    @wraps(theirs)
    def get_preparation_data(*arguments: object, **keywords: object) -> dict[str, Any]:
        # In front: the rest is not to be unpickled, nor made use of, before this has run.
        return {_KEY: _Run(source()), **theirs(*arguments, **keywords)}

    vars(spawn)["get_preparation_data"] = get_preparation_data
