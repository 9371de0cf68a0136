"""The package's public names, as programs and type checkers see them."""

import ast
from pathlib import Path

import rewind


def test_every_public_name_is_there() -> None:
    assert [name for name in rewind.__all__ if getattr(rewind, name, None) is None] == []
    assert dir(rewind) == sorted(rewind.__all__)


def test_type_checkers_see_the_same_names_from_the_same_modules() -> None:
    stub = Path(rewind.__file__).with_suffix(".pyi")
    homes: dict[str, str | None] = {}
    own: set[str] = set()
    listed: list[str] = []
    for node in ast.parse(stub.read_text()).body:
        if isinstance(node, ast.ImportFrom):
            homes |= {alias.asname: node.module for alias in node.names if alias.asname}
        elif isinstance(node, ast.FunctionDef):
            own.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            own.add(node.target.id)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            listed = ast.literal_eval(node.value)
    assert homes == vars(rewind)["_HOMES"]
    assert listed == rewind.__all__
    assert own | set(homes) == set(listed)
