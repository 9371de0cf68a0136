"""Methods that are written in C are seen by the native extension, whichever core records.

Types and methods stay the objects that they are, as `rewind.integrations.beside` has it of
functions. Nothing is seen where the extension is not.
"""

import importlib
from collections.abc import Callable
from typing import Any

from rewind import sessions

Begin = Callable[[Any, tuple[Any, ...], dict[str, Any]], object]
"""With the object, arguments and keywords. What it returns is given to `End`; None: that is not
called for this call."""
End = Callable[[Any, Any, BaseException | None], object]
"""With that, the result or None, and the error or None."""


def see_method(
    owner: type, name: str, begin: Begin, end: End, statements: object = None
) -> str | None:
    """Call something as a method of a type begins and ends; returns why that cannot be.

    `statements` tells of usual ones of SQL instead, if that is what the method executes.
    """

    def begins(self: object, arguments: tuple[Any, ...], keywords: dict[str, Any] | None) -> object:
        try:
            return begin(self, arguments, keywords or {})
        except RecursionError:
            raise
        except Exception as error:  # noqa: BLE001 - the boundary
            sessions.fault(f"{owner.__module__}.{name}", error)
            return None

    def ends(begun: object, result: object, error: BaseException | None) -> None:
        try:
            end(begun, result, error)
        except RecursionError:
            raise
        except Exception as fault:  # noqa: BLE001 - the boundary
            sessions.fault(f"{owner.__module__}.{name}", fault)

    try:
        _native().see_method(vars(owner).get(name), begins, ends, statements)
    except (ImportError, AttributeError, TypeError) as error:
        return str(error)
    return None


def forget_methods() -> None:
    """Call nothing any more."""
    try:
        _native().forget_methods()
    except (ImportError, AttributeError):
        return


def _native() -> Any:  # noqa: ANN401 - the extension
    return importlib.import_module("rewind.capture._native")
