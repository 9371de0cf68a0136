"""When recording is over, rewritten code runs on: in exit handlers, and as the last objects die.

Its probes then hand on what they are given, and need nothing of ours: the interpreter has begun to
take modules apart. Before it lets go of the last objects it also puts `builtins` back to what was
there at its start, and with that the probes would be gone.
"""

import builtins
from typing import Final

from rewind.model.probes import ATTRIBUTE_OF, ITEM_OF, NAMES, PREFIX, TOO_DEEP

_KEEPER: Final = f"{PREFIX}keeper"


def fall_silent() -> None:
    """Replace every probe by one that does nothing, for as long as code may call it."""
    silent: dict[str, object] = {PREFIX + name: _last for name in NAMES}
    silent |= dict.fromkeys((PREFIX + ATTRIBUTE_OF, PREFIX + ITEM_OF), _first)
    silent[PREFIX + TOO_DEEP] = RecursionError
    vars(builtins).update(silent)
    vars(builtins)[_KEEPER] = _Keeper(silent)


def _last(*arguments: object) -> object:
    """Return what an expression's probe gives back; a statement's gives back nothing of use."""
    return arguments[-1]


def _first(_: int, value: object, *__: object) -> object:
    """Return what goes into an attribute or item, whose owner is told behind it."""
    return value


class _Keeper:
    """Lies in `builtins` alone, so it dies where those are put back, and then adds the probes.

    The interpreter lets it die after that (`finalize_restore_builtins_dict` in
    Python/pylifecycle.c). What it needs it has with it, for nothing can be looked up any more.
    """

    def __init__(self, probes: dict[str, object]) -> None:
        self._probes = probes
        self._add = vars(builtins).update

    def __del__(self) -> None:
        self._add(self._probes)
