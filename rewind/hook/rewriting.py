"""pytest's assertion rewriting: test modules keep their detail and are recorded.

pytest's loader runs what `_read_pyc` finds, or rewrites and compiles. Here `_read_pyc` finds code
with probes, made of the tree that pytest's own rewriting has left. All else is pytest's: loader,
frames, messages; its caches are not touched.
"""

import ast
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

from rewind.hook.checkers import with_names
from rewind.hook.loading import Loading
from rewind.transform import Options, Transformed, transform_rewritten

_CALLED: Final = {"_read_pyc", "_rewrite_test"}
"""What the loader's `exec_module` has to call for this to work."""


def read_pyc(rewrite: Any, loading: Loading) -> Callable[..., CodeType | None] | None:  # noqa: ANN401 - pytest's module
    """Return what takes the place of `_read_pyc`; None where this pytest works another way."""
    theirs = rewrite._read_pyc  # noqa: SLF001 - there is no public way
    runs = rewrite.AssertionRewritingHook.exec_module.__code__
    if not _CALLED.issubset(runs.co_names) or "module" not in runs.co_varnames:
        loading.report("module-skipped", "_pytest.assertion", "it loads tests in an unknown way")
        return None

    def _read_pyc(source: Path, *arguments: object, **keywords: object) -> CodeType | None:
        calling = sys._getframe(1).f_locals  # noqa: SLF001 - `exec_module`, which knows the module
        module = calling.get("module")
        if isinstance(module, ModuleType) and loading.selects(module.__name__, str(source)):
            code = _code(rewrite, loading, source, module.__name__, calling["self"].config)
            if code is not None:
                return code
        found: CodeType | None = theirs(source, *arguments, **keywords)
        return found

    return _read_pyc


def _code(rewrite: Any, loading: Loading, source: Path, name: str, config: Any) -> CodeType | None:  # noqa: ANN401 - pytest's
    def make(data: bytes, path: str, module: str, options: Options) -> Transformed:
        found: list[Transformed] = []

        def give(tree: ast.Module, *_: object, **__: object) -> None:
            found.append(transform_rewritten(tree, data, path, module, options))

        theirs: FunctionType = rewrite._rewrite_test  # noqa: SLF001 - see above
        with_names(theirs, compile=give)(source, config)
        return found[0]

    passes = config.getini("enable_assertion_pass_hook")
    variant = f"|pytest {rewrite.PYTEST_TAG}|{passes}"
    try:
        return loading.instrument.code_of_file(str(source), name, source.read_bytes, make, variant)
    except OSError:
        return None
