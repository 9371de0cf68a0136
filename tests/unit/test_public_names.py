"""The package's public names, as programs and type checkers see them."""

import ast
from pathlib import Path

import rewind


def test_every_public_name_is_there() -> None:
    assert [name for name in rewind.__all__ if getattr(rewind, name, None) is None] == []
    assert dir(rewind) == sorted(rewind.__all__)


def test_type_checkers_see_the_same_names() -> None:
    stub = Path(rewind.__file__).with_suffix(".pyi")
    found = set()
    for node in ast.parse(stub.read_text()).body:
        if isinstance(node, ast.ImportFrom):
            found |= {alias.asname for alias in node.names if alias.asname}
        elif isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    assert found == set(rewind.__all__)
