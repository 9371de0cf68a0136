"""Type checkers that rewrite modules as well: typeguard's and beartype's loaders.

Each is a `SourceFileLoader` whose `source_to_code` puts checks into the tree and compiles it.
Probes are put into that tree after them, so that what a check raises is seen. Their caches are
neither read nor written: a module's file has then no time that `SourceLoader.get_code` could go by.
"""

import ast
import sys
from importlib.machinery import SourceFileLoader
from types import CodeType, FunctionType
from typing import Any, Final, NoReturn

from rewind.hook.cache import state
from rewind.hook.instrument import Instrument
from rewind.transform import Options, Transformed, transform, transform_rewritten

CHECKERS: Final = {"TypeguardLoader": "typeguard", "BeartypeSourceFileLoader": "beartype"}
"""The loaders' classes and where they come from."""


def is_taken(loader: object) -> bool:
    """Return whether the loader was taken over already: where their finder stands behind ours."""
    return type(loader).__name__ in CHECKERS and "source_to_code" in vars(loader)


class Checked:
    """One module that a checker's loader is about to load."""

    def __init__(self, loader: SourceFileLoader, name: str, instrument: Instrument) -> None:
        self._loader = loader
        self._name = name
        self._instrument = instrument
        kind = type(loader)
        self._checker = CHECKERS[kind.__name__]
        # On the class a function or a static method; bound, it is what the loader calls.
        self._theirs: Any = kind.source_to_code

    def take_over(self) -> None:
        """Let the loader run code with checks and probes, if that can be made."""
        # Another loader of its kind: how it prepares itself for a module is its own business.
        trial: Any = type(self._loader)(self._loader.name, self._loader.path)
        made: list[CodeType | None] = []

        def source_to_code(data: bytes, path: str, *_: object, **__: object) -> CodeType:
            made.append(self._made(trial, data, path))
            return _NOTHING

        trial.path_stats = _has_no_stats
        trial.source_to_code = source_to_code
        try:
            trial.get_code(self._name)
        except Exception:  # noqa: BLE001 - theirs: it comes up again when the module loads
            return
        if made and made[0] is not None:
            self._hand_over(made[0])

    def _hand_over(self, code: CodeType) -> None:
        own = vars(self._loader)

        def source_to_code(*_: object, **__: object) -> CodeType:
            # Once, as with `rewind.hook.handover`.
            for name in ("path_stats", "source_to_code"):
                own.pop(name, None)
            return code

        own.update(path_stats=_has_no_stats, source_to_code=source_to_code)

    def _made(self, trial: SourceFileLoader, data: bytes, path: str) -> CodeType | None:
        def make(source: bytes, path: str, module: str, options: Options) -> Transformed:
            result = _compiled_by(self._theirs, trial, source, path, module, options)
            # Their loader may leave a module alone, and then compiles as Python does.
            return result or transform(source, path, module, options)

        return self._instrument.code_of_file(
            path, self._name, lambda: data, make, self._variant(trial)
        )

    def _variant(self, trial: SourceFileLoader) -> str:
        # No version: importlib.metadata imports much that the program's folder may shadow by now.
        path = str(sys.modules[type(trial).__module__].__file__)
        configured = getattr(trial, "_module_conf", None)
        return f"|{self._checker} {path} {state(path)}|{configured!r}"


def _compiled_by(
    theirs: FunctionType,
    trial: SourceFileLoader,
    source: bytes,
    path: str,
    module: str,
    options: Options,
) -> Transformed | None:
    """Run their `source_to_code` with a `compile` of ours, which gets the tree they have made."""
    found: list[Transformed] = []

    def give(tree: object, *arguments: Any, **keywords: Any) -> object:  # noqa: ANN401 - the builtin's
        if not isinstance(tree, ast.Module):
            return compile(tree, *arguments, **keywords)  # type: ignore[call-overload]
        found.append(transform_rewritten(tree, source, path, module, options))
        return _NOTHING

    same = with_names(theirs, compile=give)
    takes_itself = theirs.__code__.co_varnames[:1] == ("self",)
    same(*((trial,) if takes_itself else ()), source, path)
    return found[0] if found else None


def with_names(function: FunctionType, **names: object) -> FunctionType:
    """Return the same function, for which some global names mean something else."""
    changed = FunctionType(
        function.__code__,
        {**function.__globals__, **names},
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    changed.__kwdefaults__ = function.__kwdefaults__
    return changed


def _has_no_stats(path: str) -> NoReturn:
    raise OSError(path)


_NOTHING: Final = compile("", "<nothing>", "exec")
