"""What a transform is told: which events are wanted and which functions stay plain."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from rewind.model.events import FRAME_KINDS, KINDS


@dataclass(frozen=True, slots=True)
class Options:
    """Every setting that changes the output; part of the cache's key, so keep it printable."""

    kinds: frozenset[str] = frozenset(KINDS)
    """Kinds of event to place probes for. Those of `FRAME_KINDS` are placed in any case."""
    exclude_functions: tuple[str, ...] = ()
    """Globs on `module.qualname`; a function that matches stays plain, with all inside it."""

    def wants(self, kind: str) -> bool:
        """Return whether probes of that kind are to be placed."""
        return kind in self.kinds or kind in FRAME_KINDS

    def excludes(self, module: str, qualname: str) -> bool:
        """Return whether the function is to stay plain."""
        name = f"{module}.{qualname}"
        return any(fnmatchcase(name, pattern) for pattern in self.exclude_functions)

    def key(self) -> str:
        """Return a text that differs wherever the output may."""
        return f"{sorted(self.kinds)}|{self.exclude_functions}"
