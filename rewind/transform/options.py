"""What a transform is told: which events are wanted and which functions stay plain."""

from fnmatch import fnmatchcase
from typing import NamedTuple

from rewind.model.events import DEFAULT_KINDS, FRAME_KINDS


class Options(NamedTuple):
    """Every setting that changes the output; part of the cache's key, so keep it printable."""

    kinds: frozenset[str] = frozenset(DEFAULT_KINDS)
    """Kinds of event to place probes for. Those of `FRAME_KINDS` are placed in any case."""
    exclude_functions: tuple[str, ...] = ()
    """Globs on `module.qualname`; a function that matches stays plain, with all inside it."""
    expressions: str = "none"
    """Whose values to record: of `calls`, of `all` sub-expressions, or of `none`."""
    lines: bool = False
    """Whether every statement makes an event."""
    comprehensions: bool = False
    """Whether to look into comprehensions."""
    lambdas: bool = False
    """Whether a lambda has a frame."""
    class_bodies: bool = False
    """Whether a class body has a frame."""

    @property
    def values(self) -> bool:
        """Whether any sub-expression's value is recorded."""
        return self.expressions != "none"

    @property
    def enters_comprehensions(self) -> bool:
        """Whether probes are placed inside comprehensions."""
        return self.comprehensions or self.values

    @property
    def enters_lambdas(self) -> bool:
        """Whether probes are placed inside lambdas."""
        return self.lambdas or self.values

    @property
    def quiet(self) -> "Options":
        """These options where only what keeps frames true is to be recorded."""
        return Options(frozenset(), self.exclude_functions)

    def wants(self, kind: str) -> bool:
        """Return whether probes of that kind are to be placed."""
        return kind in self.kinds or kind in FRAME_KINDS

    def wants_value(self, construct: str) -> bool:
        """Return whether the value of such an expression is to be recorded."""
        return self.expressions == "all" or (self.expressions == "calls" and construct == "call")

    def excludes(self, module: str, qualname: str) -> bool:
        """Return whether the function is to stay plain."""
        if not self.exclude_functions:
            return False
        name = f"{module}.{qualname}"
        return any(fnmatchcase(name, pattern) for pattern in self.exclude_functions)

    def key(self) -> str:
        """Return a text that differs wherever the output may."""
        kinds, *others = self
        return f"{sorted(kinds)}|{others}"
