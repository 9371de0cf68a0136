"""Runs source text plain and instrumented in this process, and reads what was recorded.

The real parts in their real order: `Instrument` makes the code, a `Core` provides the probes and
writes a spool. Test support only; it checks nothing by itself.
"""

import builtins
import io
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from rewind.capture import Core, create_core, why_not_native
from rewind.config import Settings
from rewind.hook import CodeCache, Instrument, options_of
from rewind.model.probes import NAMES, PREFIX
from rewind.sessions import attach
from tests.spool_reading import Spool, read

NAME = "subject"
"""The name under which the sources run."""

CORES = ("python", "native") if why_not_native() is None else ("python",)
"""The cores that this interpreter has."""

PROCESS_FACTS = {"argv": [], "executable": "", "python": "", "wall_ns": 0, "monotonic_ns": 0}
"""What a recording says of its process."""

default_core = "auto"
"""The core that records where a test asks for none."""


@dataclass
class Outcome:
    """All of a run that its program or its user can see."""

    stdout: str
    stderr: str
    traceback: str
    namespace: dict[str, Any]

    @property
    def seen(self) -> tuple[str, str, str]:
        """What the user sees."""
        return self.stdout, self.stderr, self.traceback


class Recording:
    """A running recording of this process; `tests.instrumented.recording` makes one."""

    def __init__(self, folder: Path, core: Core, instrument: Instrument) -> None:
        self.folder = folder
        self.core = core
        self.instrument = instrument
        self._closed = False

    def code(self, path: Path, name: str = NAME) -> CodeType:
        """Return the instrumented code of a file."""
        code = self.instrument.code(path.read_bytes(), str(path), name)
        assert code is not None, read(self.folder).reports
        return code

    def close(self) -> None:
        """End the recording."""
        if not self._closed:
            self._closed = True
            self.core.close({"wall_ns": 0, "monotonic_ns": 0})

    def read(self) -> Spool:
        """End the recording and return what it holds."""
        self.close()
        return read(self.folder)


@contextmanager
def recording(folder: Path, **settings: Any) -> Iterator[Recording]:
    """Record until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = Settings(**{"core": default_core} | settings)
    core = create_core(folder, chosen, PROCESS_FACTS)
    options = options_of(chosen)
    instrument = Instrument(
        options, CodeCache(folder / "cache", options), core.add_module, core.report
    )
    core.probes.install()
    if "greenlet" in sys.modules:
        # As the finder would have it.
        core.meet_greenlets(sys.modules["greenlet"])
    attach(core.sessions)
    core.see_output()
    made = Recording(folder, core, instrument)
    try:
        yield made
    finally:
        made.close()
        attach(None)
        for name in NAMES:
            delattr(builtins, PREFIX + name)
        # A recorder and its engine keep each other until the thread ends, which here is not soon.
        core._local = None  # type: ignore[assignment]
        core._recorders.clear()


def run(code: CodeType, path: Path, name: str = NAME) -> Outcome:
    """Run a module's code as an import would, and tell what came of it."""
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    out, err, text = io.StringIO(), io.StringIO(), ""
    try:
        with redirect_stdout(out), redirect_stderr(err):
            try:
                exec(code, module.__dict__)
            except BaseException as error:  # noqa: BLE001 - the program's own end, whatever it is
                # Without this function's frame.
                text = "".join(traceback.format_exception(error.with_traceback(_below(error))))
    finally:
        del sys.modules[name]
    return Outcome(out.getvalue(), err.getvalue(), text, module.__dict__)


def _below(error: BaseException) -> Any:
    assert error.__traceback__ is not None
    return error.__traceback__.tb_next


def plain_code(path: Path) -> CodeType:
    """Return the code that Python itself makes of a file."""
    return compile(path.read_bytes(), str(path), "exec", dont_inherit=True)


def record(folder: Path, source: str, **settings: Any) -> tuple[Outcome, Spool]:
    """Run source text instrumented; return what came of it and what was recorded."""
    path = write(folder, source)
    with recording(folder / "spool", **settings) as made:
        outcome = run(made.code(path), path)
        return outcome, made.read()


def write(folder: Path, source: str) -> Path:
    """Write the source to the file it runs from."""
    path = folder / f"{NAME}.py"
    path.write_text(source, "utf-8")
    return path


def both(folder: Path, source: str, **settings: Any) -> tuple[Outcome, Outcome]:
    """Run source text plain, then instrumented."""
    path = write(folder, source)
    without = run(plain_code(path), path)
    return without, record(folder, source, **settings)[0]
