"""What the library `greenlet` tells of the running greenlet.

gevent, eventlet and the ORM under SQLAlchemy's asyncio are built on it. It is never imported: until
the program does, no greenlet runs. Nothing here switches, and nothing of a greenlet is kept.
"""

import weakref
from collections.abc import Callable
from types import GetSetDescriptorType, MemberDescriptorType
from typing import Any, Final

_FURTHEST: Final = 32
"""Greenlets to look through for one that something is recorded of."""
_DESCRIPTORS: Final = (GetSetDescriptorType, MemberDescriptorType)


class Greenlets:
    """Asked by any thread about itself; a fork carries it over. There is nothing to stop."""

    def __init__(self, module: object) -> None:
        """Take over what `module` has. `KeyError` or `TypeError`: it is another library's."""
        names = vars(module)
        self.interface: object = names.get("_C_API")
        """The capsule of its C functions; None on PyPy."""
        self._current: Callable[[], object] = names["getcurrent"]
        self.exit: type[BaseException] = names["GreenletExit"]
        """By which a greenlet ends that is told to; no error."""
        self._parent: Any = vars(names["greenlet"])["parent"]

    def running(self) -> int:
        """Return the `id()` of the running greenlet, 0 for a thread's main one.

        Raises `RuntimeError` when the interpreter ends.
        """
        current = self._current()
        return 0 if self._parent.__get__(current) is None else id(current)

    def lineage(self) -> tuple[int, ...]:
        """Return where the running greenlet comes from, the nearest first, but for the main one.

        That is by whom it was spawned, or else its parent.
        """
        found: list[int] = []
        current = self._origin(self._current())
        while current is not None and len(found) < _FURTHEST:
            found.append(id(current))
            current = self._origin(current)
        return tuple(found)

    def _origin(self, current: object) -> object | None:
        spawner = _read(current, "spawning_greenlet")
        if type(spawner) is weakref.ref:
            known: object | None = spawner()
            if known is not None:
                return known
        parent: object | None = self._parent.__get__(current)
        return parent


def _read(owner: object, name: str) -> object | None:
    """Return what a type in C keeps under that name in its instances: no code of the program's."""
    found: object | None = None
    for each in type(owner).__mro__:
        attribute: Any = vars(each).get(name)
        if attribute is not None:
            if isinstance(attribute, _DESCRIPTORS):
                found = attribute.__get__(owner)
            break
    return found
