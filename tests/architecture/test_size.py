"""Files and functions stay small enough to be read in one go."""

import ast
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_LINES = 400
MOST_BODY_LINES = 60
MOST_C_LINES = 450
VAGUE = {"utils", "util", "helpers", "common", "misc", "base", "manager", "handler"}

SOURCES = sorted(
    path
    for folder in ("rewind", "migrations", "examples", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts
)
NATIVE = sorted((ROOT / "rewind").glob("*/native/*.[ch]"))


def bodies(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each function's name and how many lines its body has, without the docstring."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body
            documented = ast.get_docstring(node) is not None and len(body) > 1
            first = body[1] if documented else body[0]
            yield node.name, (node.end_lineno or 0) - first.lineno + 1


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short_and_says_what_it_is_for(path: Path) -> None:
    with tokenize.open(path) as file:
        text = file.read()
    assert len(text.splitlines()) <= MOST_LINES
    assert {name: size for name, size in bodies(path) if size > MOST_BODY_LINES} == {}
    assert path.stem not in VAGUE
    assert ast.get_docstring(ast.parse(text)), "no docstring says what the module is for"


@pytest.mark.parametrize("path", NATIVE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_in_c_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= MOST_C_LINES
    assert path.stem not in VAGUE
    assert text.startswith("/* "), "no comment says what the file is for"
