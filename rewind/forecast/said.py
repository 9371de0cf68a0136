"""What a forecast says."""

from typing import NamedTuple

from rewind.model.instrumentation import ModuleReport


class Start(NamedTuple):
    """What becomes of the program's own first module."""

    name: str
    status: str
    why: str
    is_asked: bool
    """Whether somebody wanted it to be recorded; patterns may leave it out."""


class Unseen(NamedTuple):
    """An import by a name that is made at run time."""

    path: str
    line: int


class Forecast(NamedTuple):
    """What would be recorded."""

    start: Start | None
    """Of the program's first module; None where no program was named."""
    modules: tuple[ModuleReport, ...]
    uncovered: tuple[str, ...]
    """Patterns of `include` by which no module would be recorded."""
    unseen: tuple[Unseen, ...]
    core: str
    """The capture core that would be used."""
    no_output: str | None
    """Why what the program prints could not be recorded; None: it could."""
