"""Who may import whom: the table of `docs/architecture.md`, held exactly.

Every import statement counts, wherever it stands: inside a function and under TYPE_CHECKING too.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "rewind"

GROUND = {"model", "errors"}
ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "own_builtins": set(),
    "model": {"errors"},
    "config": GROUND,
    "transform": GROUND,
    "spool": GROUND,
    "hook": {"transform", "config", *GROUND},
    "capture": {"spool", "config", *GROUND},
    "decorated": set(),
    "sessions": {"decorated", "errors"},
    "integrations": {"capture", "sessions", "config", "own_builtins", *GROUND},
    "agent": {
        "hook",
        "transform",
        "capture",
        "spool",
        "integrations",
        "sessions",
        "config",
        "own_builtins",
        *GROUND,
    },
    "forecast": {"agent", "hook", "transform", "capture", "config", *GROUND},
    "sqlite_file": {"errors"},
    "store": {"config", "sqlite_file", *GROUND},
    "writer": {"spool", "store", "config", *GROUND},
    "replay": {"store", "config", *GROUND},
    "web": {"replay", "config", *GROUND},
    "cli": {
        "forecast",
        "agent",
        "writer",
        "web",
        "replay",
        "store",
        "sqlite_file",
        "spool",
        "config",
        *GROUND,
    },
    "__main__": {"cli"},
}
"""Parts of `rewind/` and what each may import of the others. The root itself gives the version."""

RECORDED = {
    *GROUND,
    "own_builtins",
    "config",
    "spool",
    "transform",
    "hook",
    "capture",
    "decorated",
    "sessions",
    "integrations",
    "agent",
}
"""What is loaded in the recorded process: the standard library only."""

ALIKE = {*RECORDED, "forecast"}
"""And what begins as the recorded process does."""

OWNERS = {
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "psycopg": {"store"},
    "flask": {"web"},
    "flask_socketio": {"web"},
    "werkzeug": {"web"},
    "click": {"cli"},
    "rich": {"cli"},
    "msgpack": {"writer", "store", "replay"},
    "zstandard": {"store"},
}
"""Libraries, and the parts that may know them."""


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Return the dotted name of everything a file imports."""
    return tuple(names(path))


def names(path: Path) -> Iterator[str]:
    package = path.parent.relative_to(ROOT).parts
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


@cache
def sources() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "static" not in path.parts)


def edges() -> Iterator[tuple[str, str, Path]]:
    """Yield (part, imported part, file) for every import of one part of Rewind by another."""
    parts = {part_of(path) for path in sources()}
    for path in sources():
        for name in imported(path):
            first, _, rest = name.partition(".")
            target = rest.partition(".")[0]
            if first == "rewind" and target in parts and target != part_of(path):
                yield part_of(path), target, path


def test_every_part_is_in_the_table() -> None:
    found = {part_of(path) for path in sources()} - {"__init__"}
    assert found <= set(ALLOWED), "a new part: say in the table what it may import"
    assert set(ALLOWED) - found == set(), "the table names parts that are gone"


def test_imports_keep_to_the_table() -> None:
    broken = {
        f"{path.relative_to(ROOT)} imports rewind.{target}"
        for part, target, path in edges()
        if part != "__init__" and target not in ALLOWED[part]
    }
    assert broken == set()


def test_the_root_imports_nothing() -> None:
    assert [target for part, target, _ in edges() if part == "__init__"] == []


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_is_known_to_its_owner_only(library: str) -> None:
    knowing = {
        part_of(path)
        for path in sources()
        if any(name.partition(".")[0] == library for name in imported(path))
    }
    assert knowing <= OWNERS[library]


def test_the_recorded_half_imports_the_standard_library_only() -> None:
    foreign = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources()
        if part_of(path) in ALIKE
        for name in imported(path)
        if name.partition(".")[0] not in {"rewind", *sys.stdlib_module_names}
    }
    assert foreign == set()


def test_import_linter_holds_the_indirect_chains() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
