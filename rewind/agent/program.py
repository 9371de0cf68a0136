"""Prepares the program under `rewind run` as `python SCRIPT` or `python -m MODULE` would.

What plain Python does in C is done here: finding the code, making `__main__`, and ending. The
bootstrap makes the call that runs it, so that one frame of ours lies below the program and no more;
that one is taken out of the traceback of an exception that nobody caught.
"""

import builtins
import json
import os
import runpy
import sys
from collections.abc import Callable
from functools import partial
from importlib.machinery import BuiltinImporter, SourceFileLoader
from importlib.util import decode_source
from pathlib import Path
from pkgutil import get_importer
from types import CodeType, ModuleType, TracebackType
from typing import NamedTuple, NoReturn
from zipimport import zipimporter

from rewind.agent.beginning import is_compiled, selection_for, shadowed, takes_main
from rewind.agent.wiring import Agent
from rewind.agent.worker import bring_workers
from rewind.config import Settings
from rewind.hook import Selection

_BOOTSTRAP = str(Path(__file__).with_name("bootstrap.py"))
_OURS = frozenset({__file__, _BOOTSTRAP})


class Program(NamedTuple):
    """A program that is ready: `start(*arguments)` runs it."""

    agent: Agent
    start: Callable[..., object]
    arguments: tuple[object, ...]
    namespace: dict[str, object] | None = None
    """Of a script. Python takes the file's name out of it before it calls exit handlers."""

    def finished(self) -> None:
        """Take note that the program came to its end."""
        self.agent.core.close_session(None)
        self._forget_file()

    def _forget_file(self) -> None:
        if self.namespace is not None:
            for name in ("__file__", "__cached__"):
                self.namespace.pop(name, None)

    def failed(self, error: BaseException) -> None:
        """Take note of what ended it, which is then to be raised again."""
        if isinstance(error, SystemExit):
            self.agent.core.close_session(error if error.code not in (None, 0) else None)
            if sys.flags.inspect:
                _show_without_us(error, self._forget_file)
        else:
            self.agent.core.close_session(error)
            _show_without_us(error, self._forget_file)


def prepare(loaded: frozenset[str]) -> Program:
    """Return what `rewind run` has handed over in the environment; recording has begun.

    `loaded` names the modules that were there before any of ours.
    """
    folder = Path(os.environ.pop("REWIND_RUN_FOLDER"))
    settings = Settings.from_json(os.environ.pop("REWIND_RUN_SETTINGS"))
    target = json.loads(os.environ.pop("REWIND_RUN_TARGET"))
    name: str = target["name"]
    place = sys.orig_argv.index(_BOOTSTRAP)
    sys.orig_argv[place : place + 1] = ["-m", name] if target["kind"] == "module" else [name]
    if target["kind"] == "module":
        return _module(folder, settings, name, loaded)
    if _is_package_path(name):
        return _package_path(folder, settings, name, loaded)
    return _script(folder, settings, name, loaded)


def _script(folder: Path, settings: Settings, name: str, loaded: frozenset[str]) -> Program:
    """Prepare to run a file, as `python FILE` does."""
    path = "<stdin>" if name == "-" else _absolute(name)
    source = sys.stdin.buffer.read() if name == "-" else _read(path)
    sys.argv[0] = name
    place = "" if name == "-" else os.path.dirname(os.path.realpath(path))
    selection = selection_for(settings, place)
    agent = _recording(folder, settings, selection)
    agent.core.open_session("script", name, "__main__", "<module>")
    loader = BuiltinImporter if name == "-" else SourceFileLoader("__main__", path)
    namespace = _fresh_main(path, loader).__dict__
    program = Program(agent, *_running(agent, selection, source, path, namespace), namespace)
    if not sys.flags.safe_path:
        _search_first(place, loaded)
    return program


def _recording(folder: Path, settings: Settings, selection: Selection) -> Agent:
    """Return what records this process, and has begun to."""
    agent = Agent(folder, settings, selection)
    bring_workers(agent, folder, settings, selection)
    agent.start(waits=True)
    return agent


def _running(
    agent: Agent, selection: Selection, source: bytes, path: str, namespace: dict[str, object]
) -> tuple[Callable[..., object], tuple[object, ...]]:
    """Return what is to be called to run a script, and with what."""
    try:
        return exec, (_code(agent, selection, source, path), namespace)
    except Exception as error:  # noqa: BLE001 - the program's own: it is shown as at its start
        shown = error.with_traceback(None)
        return _fail if _is_text(source) else partial(_let_python_say_it, agent), (shown,)


def _fail(error: Exception) -> NoReturn:
    raise error


def _is_text(source: bytes) -> bool:
    """Whether a source can be read in its encoding and holds no null byte."""
    try:
        return "\0" not in decode_source(source)
    except (SyntaxError, UnicodeDecodeError):
        return False


def _let_python_say_it(agent: Agent, error: Exception) -> None:
    """Become the plain interpreter, which has words of its own for a file that is no text.

    They are found only where it reads a file itself, and it only does so to run it. Compiled code
    it runs.
    """
    if sys.orig_argv[-len(sys.argv)] == "-":
        raise error  # What it would read is used up.
    agent.core.close_session(None if is_compiled(sys.argv[0]) else error)
    agent.stop()
    os.execv(sys.executable, sys.orig_argv)


def _module(folder: Path, settings: Settings, name: str, loaded: frozenset[str]) -> Program:
    """Prepare to run a module, as `python -m MODULE` does; by the same function of the library."""
    sys.argv[0] = "-m"
    selection = selection_for(settings, os.getcwd(), (name.partition(".")[0],))
    agent = _recording(folder, settings, selection)
    agent.core.open_session("module", f"-m {name}", "__main__", "<module>")
    _fresh_main()
    if not sys.flags.safe_path:
        _search_first(os.getcwd(), loaded)
    return Program(agent, _run_module_as_main(), (name,))


def _package_path(folder: Path, settings: Settings, name: str, loaded: frozenset[str]) -> Program:
    """Prepare to run a folder or zip file with a `__main__` module, as `python FOLDER` does."""
    sys.argv[0] = name
    place = _absolute(name)
    agent = _recording(folder, settings, selection_for(settings, place))
    agent.core.open_session("script", name, "__main__", "<module>")
    _fresh_main()
    _search_first(place, loaded)
    return Program(agent, partial(_run_module_as_main(), alter_argv=False), ("__main__",))


def _run_module_as_main() -> Callable[..., object]:
    # What `python -m` itself calls; so its frames stand in tracebacks as they do there.
    found: Callable[..., object] = runpy._run_module_as_main  # type: ignore[attr-defined]  # noqa: SLF001
    return found


def _absolute(name: str) -> str:
    # Not `abspath`: the interpreter leaves dots and double slashes as they were typed.
    return os.path.join(os.getcwd(), name)


def _search_first(place: str, loaded: frozenset[str]) -> None:
    """Put the program's folder first on `sys.path`, and let what lies there have its names.

    Last of all: what our own start imports is not to be found there.
    """
    sys.path.insert(0, place)
    for name in list(shadowed(place, sys.modules.keys() - loaded)):
        sys.modules.pop(name, None)


def _is_package_path(name: str) -> bool:
    if os.path.isdir(name):
        return True
    return isinstance(get_importer(name), zipimporter)


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        # The interpreter's own words and exit code (pymain_run_file in Modules/main.c).
        reason = f"[Errno {error.errno}] {error.strerror}"
        sys.stderr.write(f"{sys.orig_argv[0]}: can't open file {path!r}: {reason}\n")
        sys.exit(2)


def _code(agent: Agent, selection: Selection, source: bytes, path: str) -> CodeType:
    if takes_main(selection, path, agent.core.report):
        code = agent.instrument.code(source, path, "__main__", warns=True)
        if code is not None:
            return code
    return compile(source, path, "exec", dont_inherit=True)


def _fresh_main(path: str | None = None, loader: object = None) -> ModuleType:
    """Put a new `__main__` in place of the bootstrap's, with the names that plain Python gives."""
    module = ModuleType("__main__")
    module.__dict__.update(__annotations__={}, __builtins__=builtins)
    if path is not None:
        module.__loader__ = loader  # type: ignore[assignment]
        module.__file__ = path
        module.__dict__["__cached__"] = None
    sys.modules["__main__"] = module
    return module


def _show_without_us(error: BaseException, afterwards: Callable[[], None]) -> None:
    """Let the interpreter show the exception as if the program had been its own first frame.

    The interpreter calls the hook when the program is over, and then ends as it does for this
    exception: a `KeyboardInterrupt` kills by signal, everything else gives exit code 1.
    """
    theirs = sys.excepthook
    traceback = _of_the_program(error.__traceback__)

    def hook(kind: type[BaseException], shown: BaseException, full: TracebackType | None) -> None:
        sys.excepthook = theirs
        if shown is error:
            full = traceback
            shown.__traceback__ = sys.last_traceback = traceback
        try:
            theirs(kind, shown, full)
        except SystemExit:
            raise
        except BaseException as second:  # noqa: BLE001 - the interpreter's own last word, as it says it
            sys.stderr.write("Error in sys.excepthook:\n")
            within = second.__traceback__ and second.__traceback__.tb_next
            sys.__excepthook__(type(second), second.with_traceback(within), within)
            sys.stderr.write("\nOriginal exception was:\n")
            sys.__excepthook__(kind, shown, full)
        afterwards()

    sys.excepthook = hook


def _of_the_program(traceback: TracebackType | None) -> TracebackType | None:
    while traceback is not None and traceback.tb_frame.f_code.co_filename in _OURS:
        traceback = traceback.tb_next
    return traceback
