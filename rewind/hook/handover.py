"""Lets a loader run code of ours once, and be in all else what it is without Rewind.

The loader keeps its class; what is put among its own attributes leaves them when it is asked for
code, which is before the module's first line.
"""

from collections.abc import Callable
from types import CodeType
from typing import Any, Protocol
from weakref import ref


class Gives(Protocol):
    """A loader of any kind that gives code."""

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code of the module."""


class Handover:
    """Stands in for a loader's `get_code`, until that is called.

    Made for one spec; called by the thread that loads the module. It compares equal to others of
    its kind, so that loaders do, and is copied and pickled as the method in whose place it stands.
    """

    def __init__(
        self, loader: Gives, plain: Gives, fullname: str, due: Callable[[], CodeType | None]
    ) -> None:
        """Make `loader` give what `due` returns; where that is None, what `plain` gives."""
        self._loader = ref(loader)
        self._plain = plain
        self._fullname = fullname
        self._due = due
        vars(loader)["get_code"] = self

    def __call__(self, fullname: str) -> CodeType | None:
        """Return the code of the module, as `importlib.abc.InspectLoader.get_code`."""
        code = None
        if fullname == self._fullname:
            loader = self._loader()
            if loader is not None:
                vars(loader).pop("get_code", None)
            code = self._due()
        if code is not None:
            return code
        try:
            return self._plain.get_code(fullname)
        except BaseException as error:
            leave_traceback(error)
            raise

    def __eq__(self, other: object) -> bool:
        return type(other) is Handover

    __hash__ = None  # type: ignore[assignment] # as nothing keeps it but the loader

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, str]]:
        return getattr, (self._plain, "get_code")


def is_handing(loader: object) -> bool:
    """Return whether a loader is about to run our code."""
    return type(getattr(loader, "__dict__", {}).get("get_code")) is Handover


def leave_traceback(error: BaseException, file: str = "") -> None:
    """Take the frame that has just caught an error out of its traceback.

    With it go those that follow and are of the same `file`, where one is named. A bare `raise` does
    not put it there again.
    """
    inner = error.__traceback__ and error.__traceback__.tb_next
    while inner is not None and inner.tb_frame.f_code.co_filename == file:
        inner = inner.tb_next
    error.__traceback__ = inner
