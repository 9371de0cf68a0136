"""Loads a program as a tool needs it: as it is, with other source, or with decorated functions.

Only in the measured process. All but `as_it_is` compile the program's own file under its own path,
so that tools which look up source lines find them.
"""

import ast
import importlib
import sys
from collections.abc import Callable
from importlib.util import find_spec, module_from_spec
from types import CodeType, ModuleType

DECORATOR = "traced_by_a_peer"
Compile = Callable[[str, str, str], CodeType]


def as_it_is(name: str) -> ModuleType:
    """Import the program."""
    return importlib.import_module(name)


def compiled_by(name: str, compiler: Compile) -> ModuleType:
    """Load the program through a tool's own `compile`."""
    module, source, path = _fresh(name)
    exec(compiler(source, path, "exec"), vars(module))  # noqa: S102 - a program of ours
    return module


def decorated(name: str, decorator: Callable[[object], object]) -> ModuleType:
    """Load the program with that decorator on every function, innermost.

    Coroutine functions stay as they are: the tools that are used so refuse them.
    """
    module, source, path = _fresh(name)
    setattr(module, DECORATOR, decorator)
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.decorator_list.append(ast.Name(DECORATOR, ast.Load()))
    ast.fix_missing_locations(tree)
    exec(compile(tree, path, "exec"), vars(module))  # noqa: S102 - a program of ours
    return module


def path_of(name: str) -> str:
    """Return the program's file."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name)
    return spec.origin


def _fresh(name: str) -> tuple[ModuleType, str, str]:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name)
    module = module_from_spec(spec)
    sys.modules[name] = module
    with open(spec.origin, encoding="utf-8") as file:
        return module, file.read(), spec.origin
