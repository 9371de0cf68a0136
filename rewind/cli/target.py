"""What `rewind run` is asked to run, and where its own options end.

As with `python` itself, everything behind the script or module belongs to the program, be it
spelled like an option of ours or not.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

TargetKind = Literal["script", "module", "command"]


class Target(NamedTuple):
    """A program and its arguments."""

    kind: TargetKind
    name: str
    arguments: tuple[str, ...]

    @property
    def argv(self) -> list[str]:
        """The command line as the user would write it without Rewind, but for the interpreter."""
        start = ["-m", self.name] if self.kind == "module" else [self.name]
        return [*start, *self.arguments]


def split(words: Sequence[str], takes_value: Mapping[str, bool]) -> tuple[list[str], Target | None]:
    """Return our own options, and the target behind them (None if there is none).

    `takes_value` tells for each of our options whether the next word is its value. An option that
    it does not know is taken for one of ours without a value: the parser behind will refuse it.
    """
    place = 0
    while place < len(words):
        word = words[place]
        if word == "--":
            return list(words[:place]), _target("command", words[place + 1 :])
        if word.startswith("-m") and not word.startswith("--"):
            rest = [word[2:]] if word != "-m" else []
            return list(words[:place]), _target("module", [*rest, *words[place + 1 :]])
        if not word.startswith("-") or word == "-":
            return list(words[:place]), _target("script", words[place:])
        place += 2 if takes_value.get(word) else 1
    return list(words), None


def _target(kind: TargetKind, words: Sequence[str]) -> Target | None:
    return Target(kind, words[0], tuple(words[1:])) if words else None
