"""The probes' names in `builtins`, where rewritten code finds them to the very end."""

import builtins
from collections.abc import Mapping
from typing import Final

from rewind.model.probes import NAMES, PREFIX, TOO_DEEP

_GUARD: Final = f"{PREFIX}guard"


class _Guard:
    """Stands among the probes; when it is thrown out with them, it puts names back.

    The interpreter ends by restoring `builtins` to what it held at the start, and collects garbage
    only then: the `__del__` methods that run so late are rewritten like all others. What they find
    needs nothing of ours, as our modules may be taken apart already.
    """

    def __init__(self) -> None:
        self._builtins = vars(builtins)
        self._inert: dict[str, object] = {PREFIX + name: _pass_on for name in NAMES}
        self._inert[PREFIX + TOO_DEEP] = RecursionError

    def __del__(self) -> None:
        self._builtins.update(self._inert)


def _pass_on(_: int, *values: object) -> object:
    return values[-1] if values else None


def install(probes: Mapping[str, object]) -> None:
    """Put the probes, by their names, where rewritten code finds them."""
    # The guard first: one that it replaces goes, and puts its names back.
    setattr(builtins, _GUARD, _Guard())
    for name, probe in probes.items():
        setattr(builtins, PREFIX + name, probe)
