"""Which projects are run, from `projects.toml`."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rewind.hook import Selection

HERE: Final = Path(__file__).parent
CONSTRAINTS: Final = HERE / "constraints.txt"


@dataclass(frozen=True)
class Project:
    """One project; `projects.toml` says what the fields mean."""

    name: str
    version: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    requirements: tuple[str, ...]
    arguments: tuple[str, ...]
    small: tuple[str, ...]

    @property
    def selection(self) -> Selection:
        """What Rewind is told to record."""
        return Selection(self.include, self.exclude)


def projects() -> dict[str, Project]:
    """Return the table, by name."""
    rows = tomllib.loads((HERE / "projects.toml").read_text())
    return {name: _project(name, row) for name, row in rows.items()}


def _project(name: str, row: dict[str, str | list[str]]) -> Project:
    lists = ("include", "exclude", "requirements", "arguments", "small")
    version = row["version"]
    assert isinstance(version, str)
    return Project(name, version, *(tuple(row.get(each, ())) for each in lists))
