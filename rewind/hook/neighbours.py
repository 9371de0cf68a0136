"""Ways to load a module that lead past `sys.meta_path`, or whose owner stands before our finder.

Some modules of others get one name replaced as soon as they are there, and get it back at the end.
What stands there calls what stood there before, and has returned before any code of the program
runs: so no frame of ours lies below it. importlib's own machinery is never touched.
"""

import builtins
import sys
from collections.abc import Callable
from functools import partial, wraps
from importlib.machinery import FrozenImporter, ModuleSpec, SourceFileLoader
from types import FrameType, ModuleType
from typing import Any, Final

from rewind.hook.handover import leave_traceback
from rewind.hook.loading import Loading
from rewind.hook.rewriting import read_pyc

_MISSING: Final = object()
_MAIN_NAMES: Final = frozenset({"__main__", "__mp_main__"})

Meet = Callable[[Any], None]
"""Given a module as soon as it is there; raises nothing."""


class Neighbours:
    """The names that are replaced. Called by importing threads; `remove` puts all of them back."""

    def __init__(self, loading: Loading) -> None:
        self._loading = loading
        self._before: list[tuple[Any, str, object]] = []
        self._meet: dict[str, Meet] = {
            "importlib.util": self._meet_importlib_util,
            "runpy": self._meet_runpy,
            "_pytest.assertion.rewrite": self._meet_pytest,
            "typeguard._importhook": self._meet_typeguard,
        }

    def install(self) -> None:
        """Meet those that are there already."""
        for name, module in list(sys.modules.items()):
            meet = self._meeting(name)
            if meet is not None:
                meet(module)

    def add(self, name: str, meet: Meet) -> None:
        """Meet a module of somebody else's as well; call it before `install`.

        `name` is whole, or the last part of one behind `*.`: copies lie in many packages.
        """
        self._meet[name] = meet

    def remove(self) -> None:
        """Put everything back."""
        for owner, name, before in reversed(self._before):
            if before is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
        self._before.clear()

    def expect(self, spec: ModuleSpec) -> None:
        """Meet the module as soon as it has run, if it is one of them."""
        meet = self._meeting(spec.name)
        if meet is None:
            return
        loader: Any = spec.loader
        if loader is FrozenImporter:
            spec.loader = _Frozen(meet)  # type: ignore[assignment] # as importlib does
        elif type(loader) is SourceFileLoader:
            self._meet_after(loader, meet)

    @staticmethod
    def _meet_after(loader: Any, meet: Callable[[Any], None]) -> None:  # noqa: ANN401 - it gets an attribute
        run = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            del loader.exec_module
            try:
                run(module)
            except BaseException as error:
                leave_traceback(error)
                raise
            meet(module)

        loader.exec_module = exec_module

    def is_one(self, name: str) -> bool:
        """Return whether a module of that name is to be met."""
        return self._meeting(name) is not None

    def _meeting(self, name: str) -> Meet | None:
        return self._meet.get(name) or self._meet.get(f"*.{name.rpartition('.')[2]}")

    def _replace(self, owner: Any, name: str, replacement: object) -> None:  # noqa: ANN401 - a module or class
        self._before.append((owner, name, vars(owner).get(name, _MISSING)))
        setattr(owner, name, replacement)

    def _meet_importlib_util(self, module: Any) -> None:  # noqa: ANN401 - see `_replace`
        """Alembic loads migrations, and others their plug-ins, by path and without a finder."""
        theirs = module.spec_from_file_location

        @wraps(theirs)
        def spec_from_file_location(*arguments: object, **keywords: object) -> ModuleSpec | None:
            spec: ModuleSpec | None = theirs(*arguments, **keywords)
            if (
                spec is not None
                and type(spec.loader) is SourceFileLoader
                and self._loading.selects(spec.name, spec.loader.path)
            ):
                self._loading.take_over(spec)
            return spec

        self._replace(module, "spec_from_file_location", spec_from_file_location)

    def _meet_runpy(self, module: Any) -> None:  # noqa: ANN401 - see `_replace`
        """`runpy.run_path` compiles by itself, and so does the main module of a spawned process.

        The others take the code of a spec, which may be that of a module which is loaded already.
        """
        self._replace(module, "compile", self._compile)
        util = _Seen(module.importlib.util, find_spec=partial(self._find_to_run, module.importlib))
        self._replace(module, "importlib", _Seen(module.importlib, util=util))

    def _find_to_run(
        self,
        importlib: Any,  # noqa: ANN401 - see `_replace`
        name: str,
        package: str | None = None,
    ) -> ModuleSpec | None:
        loading, is_loaded = self._loading, name in sys.modules
        loading.runs_as[name] = _run_name(sys._getframe(1)) or name  # noqa: SLF001 - as above
        try:
            spec: ModuleSpec | None = importlib.util.find_spec(name, package)
            if spec is not None and is_loaded and self._is_selected(spec):
                loading.take_over(spec)
        except BaseException as error:
            leave_traceback(error)
            raise
        finally:
            loading.runs_as.pop(name, None)
        return spec

    def _is_selected(self, spec: ModuleSpec) -> bool:
        if spec.origin is None or not spec.has_location:
            return False
        return self._loading.selects(spec.name, spec.origin)

    def _compile(self, source: Any, filename: Any, *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - as the builtin
        name = _run_name(sys._getframe(1))  # noqa: SLF001 - says as what the file runs
        if name is not None and type(source) is bytes and self._runs(name, str(filename)):
            code = self._loading.instrument.code(source, str(filename), name, warns=True)
            if code is not None:
                return code
        return builtins.compile(source, filename, *arguments, **keywords)

    def _runs(self, name: str, path: str) -> bool:
        if name not in _MAIN_NAMES:
            return self._loading.selects(name, path)
        # The program's own file, wherever it lies; a spawned process has it under another name.
        return not self._loading.selection.refuses(name, "__main__")

    def _meet_pytest(self, module: Any) -> None:  # noqa: ANN401 - see `_replace`
        """Test modules are compiled by pytest itself, with more detail in their assertions."""
        ours = read_pyc(module, self._loading)
        if ours is not None:
            self._replace(module, "_read_pyc", ours)

    def _meet_typeguard(self, module: Any) -> None:  # noqa: ANN401 - see `_replace`
        """Ask where typeguard's finder stands before ours."""
        theirs = module.TypeguardFinder.find_spec

        @wraps(theirs)
        def find_spec(*arguments: object, **keywords: object) -> ModuleSpec | None:
            spec: ModuleSpec | None = theirs(*arguments, **keywords)
            if spec is not None and self._is_selected(spec):
                self._loading.take_over(spec)
            return spec

        self._replace(module.TypeguardFinder, "find_spec", find_spec)


class _Frozen:
    """Loads one module that is frozen into the interpreter, meets it, and leaves no trace."""

    create_module = staticmethod(FrozenImporter.create_module)

    def __init__(self, meet: Callable[[Any], None]) -> None:
        self._meet = meet

    def exec_module(self, module: Any) -> None:  # noqa: ANN401 - as importlib has it
        """Run the module's code."""
        module.__spec__.loader = module.__loader__ = FrozenImporter
        FrozenImporter.exec_module(module)
        self._meet(module)


class _Seen(ModuleType):
    """A module as one other module sees it: some names of it mean something else there."""

    def __init__(self, theirs: ModuleType, **names: object) -> None:
        super().__init__(theirs.__name__)
        vars(self).update(names, _theirs=theirs)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the module has
        return getattr(vars(self)["_theirs"], name)


def _run_name(frame: FrameType | None) -> str | None:
    """Return the name under which runpy is about to run what it compiles or has found."""
    while frame is not None and frame.f_globals.get("__name__") == "runpy":
        name = frame.f_locals.get("run_name")
        if type(name) is str:
            return name
        if frame.f_code.co_name == "_run_module_as_main":
            return "__main__"
        frame = frame.f_back
    return None
