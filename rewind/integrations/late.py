"""An integration is loaded when its library is: most programs use few of them.

That is in the middle of the program's own imports, on any of its threads. So it is done with the
builtins of before the program, and a fork waits for the end of it: the child would wait for ever
for a module that was half loaded by a thread that it does not have. And nothing of the standard
library may be loaded along with one: the program may have a file of that name on its path.
"""

import contextvars  # noqa: F401 - see above: several need it
import os
from collections.abc import Callable
from importlib import import_module
from threading import RLock
from typing import Any

from rewind.own_builtins import own_builtins

_loading = RLock()
os.register_at_fork(
    before=_loading.acquire, after_in_parent=_loading.release, after_in_child=_loading.release
)


def late(place: str, *given: object, **named: object) -> Callable[[Any], Any]:
    """Return `place`, a "file.function" of this package, to be called with a library's module.

    It is called with what is given as well. Its file is imported at the first call.
    """
    file, _, function = place.partition(".")

    def meet(module: Any) -> Any:  # noqa: ANN401 - the library's; what that function returns
        with _loading, own_builtins():
            integration = import_module(f"{__package__}.{file}")
        return getattr(integration, function)(module, *given, **named)

    return meet
