"""Which modules are recorded: by the user's patterns, or by where the module's file lies."""

import os
import re
import sysconfig
from fnmatch import translate
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

_NEVER: Final = ("rewind", "wrapt")
"""Rewind itself, and what its recording half imports: a probe there would call itself."""
_FOREIGN: Final = frozenset({"site-packages", "dist-packages", "node_modules", "__pypackages__"})


def _environments() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    wanted = ("stdlib", "platstdlib", "purelib", "platlib")
    return tuple({os.path.abspath(paths[key]) for key in wanted})


class Selection(NamedTuple):
    """Answers for modules. Immutable, so any importing thread may ask."""

    include: tuple[str, ...] = ()
    """Globs on dotted names; empty for the rule by location."""
    exclude: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    """Packages that belong to what is run, wherever they lie; only with the rule by location."""
    roots: tuple[str, ...] = ()
    """Folders whose files are recorded by the rule by location, absolute."""
    environments: tuple[str, ...] = _environments()
    """Folders of the interpreter and of virtual environments, never recorded by location."""

    def refuses(self, *names: str) -> bool:
        """Return whether the names that one module goes by say that it is not recorded."""
        if any(_matches(name, _NEVER) or _matches(name, self.exclude) for name in names):
            return True
        return bool(self.include) and not any(_matches(name, self.include) for name in names)

    def excluded_by(self, name: str) -> str | None:
        """Return the pattern that keeps out a module which would be asked for without it."""
        if _matches(name, _NEVER) or (self.include and not _matches(name, self.include)):
            return None
        return next((each for each in self.exclude if _matches(name, (each,))), None)

    def accepts(self, name: str, path: str) -> bool:
        """Return whether a module that `refuses` let pass is recorded, its file being `path`."""
        if self.include:
            return True
        if _matches(name, self.own):
            return True
        real = os.path.abspath(path)
        return any(self._belongs(real, root) for root in self.roots)

    def _belongs(self, path: str, root: str) -> bool:
        if not _inside(path, root):
            return False
        if any(_inside(path, each) and not _inside(root, each) for each in self.environments):
            return False
        return not _is_foreign(root, os.path.dirname(path))


@lru_cache(maxsize=4096)
def _is_foreign(root: str, folder: str) -> bool:
    """Whether a folder under `root`, or one between, holds what others have written.

    Remembered, as a package has many modules and the answer asks the disk.
    """
    parts = Path(folder).relative_to(root).parts
    between = Path(root)
    for part in parts:
        between /= part
        if part in _FOREIGN or part.startswith(".") or (between / "pyvenv.cfg").exists():
            return True
    return False


def _inside(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip(os.sep) + os.sep) or path == folder


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a pattern covers the name.

    One without wildcards covers submodules as well, and one for submodules the package itself.
    """
    return bool(patterns) and _any_of(patterns).match(name) is not None


@lru_cache(maxsize=64)
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    # One expression for all: every import asks, those of modules that are not recorded too.
    each = (
        rf"{translate(pattern)}|{translate(pattern.removesuffix('.*'))}|{re.escape(pattern)}\."
        for pattern in patterns
    )
    return re.compile("|".join(each))
