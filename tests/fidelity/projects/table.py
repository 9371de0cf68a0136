"""Which projects are run, from `projects.toml` or a table of the same form."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rewind.hook import Selection

TABLE: Final = Path(__file__).parent / "projects.toml"


@dataclass(frozen=True)
class Project:
    """One project; `projects.toml` says what the fields mean."""

    name: str
    version: str
    constraints: Path
    """What else is installed is pinned there."""
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    requirements: tuple[str, ...]
    arguments: tuple[str, ...]
    small: tuple[str, ...]

    @property
    def selection(self) -> Selection:
        """What Rewind is told to record."""
        return Selection(self.include, self.exclude)


def projects(table: Path) -> dict[str, Project]:
    """Return what a table lists, by name; its `constraints.txt` lies beside it."""
    rows = tomllib.loads(table.read_text())
    constraints = table.with_name("constraints.txt")
    return {name: _project(name, row, constraints) for name, row in rows.items()}


def _project(name: str, row: dict[str, str | list[str]], constraints: Path) -> Project:
    lists = ("include", "exclude", "requirements", "arguments", "small")
    version = row["version"]
    assert isinstance(version, str)
    return Project(name, version, constraints, *(tuple(row.get(each, ())) for each in lists))
