"""Switches each tool on and off around a program; runs in the measured process.

`load` is called first, then the program's own preparation, then `start`, the measured work and
`stop`: what a tool does at its own start, and when it writes out what it holds, is not measured.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from peers import loading


class Plain:
    """Nothing at all; also Rewind, which the environment has switched on already."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, program: str) -> ModuleType:
        """Import the program, changed where the tool changes programs."""
        return loading.as_it_is(program)

    def start(self) -> None:
        """Record from now on."""

    def stop(self) -> None:
        """Record no more, and write out what was recorded."""


class EmptyTrace(Plain):
    """The least that `sys.settrace` can cost."""

    def start(self) -> None:
        def trace(_frame: FrameType, _event: str, _arg: object) -> object:
            return trace

        sys.settrace(trace)  # type: ignore[arg-type]

    def stop(self) -> None:
        sys.settrace(None)


class EmptyMonitoring(Plain):
    """The least that `sys.monitoring` can cost where every line and call is asked for."""

    def start(self) -> None:
        if sys.version_info >= (3, 12):
            tool, events = sys.monitoring.PROFILER_ID, sys.monitoring.events
            wanted = (
                *(events.PY_START, events.PY_RETURN, events.PY_YIELD, events.PY_RESUME),
                *(events.PY_THROW, events.PY_UNWIND, events.RAISE, events.EXCEPTION_HANDLED),
                events.LINE,
            )
            sys.monitoring.use_tool_id(tool, "empty")
            for event in wanted:
                sys.monitoring.register_callback(tool, event, lambda *_: None)
            sys.monitoring.set_events(tool, sum(wanted))

    def stop(self) -> None:
        if sys.version_info >= (3, 12):
            sys.monitoring.set_events(sys.monitoring.PROFILER_ID, 0)


class Kolo(Plain):
    """Its own filter leaves out what is installed; KOLO_PATH says where it writes."""

    line_events = True

    def start(self) -> None:
        import kolo

        config = {
            "line_events": self.line_events,
            # Without it an asyncio task is told with all the tasks that it waits for.
            "lightweight_repr": True,
            "auto_emit": False,
            "filters": {"ignore_frames": ["/benchmarks/peers/"]},
        }
        self.session: Any = kolo.enable(config, _save_in_thread=False)
        self.session.__enter__()

    def stop(self) -> None:
        self.session.__exit__(None, None, None)


class KoloCalls(Kolo):
    """Calls and returns, with the locals at each."""

    line_events = False


class VizTracerCalls(Plain):
    """Calls with arguments and return values."""

    variables = False

    def load(self, program: str) -> ModuleType:
        from viztracer import VizTracer

        self.tracer = VizTracer(
            # Ten times its default: its buffer forgets the oldest entries.
            tracer_entries=10_000_000,
            verbose=0,
            include_files=self._files(program),
            ignore_c_function=True,
            log_func_args=not self.variables,
            log_func_retval=True,
            file_info=False,
            output_file=str(self.folder / "viztracer.json"),
        )
        return self._loaded(program)

    def _files(self, program: str) -> list[str] | None:
        # A file that is left out takes along whatever it calls: of the tasks that asyncio runs,
        # nothing would be left.
        return None if program == "programs.tasks" else [loading.path_of(program)]

    def _loaded(self, program: str) -> ModuleType:
        return loading.as_it_is(program)

    def start(self) -> None:
        self.tracer.start()

    def stop(self) -> None:
        self.tracer.stop()
        self.tracer.save()


class VizTracer(VizTracerCalls):
    """All that it can log of a program; arguments are among the variables."""

    variables = True

    def _loaded(self, program: str) -> ModuleType:
        from viztracer.code_monkey import CodeMonkey

        monkey = CodeMonkey(loading.path_of(program))
        monkey.add_instrument("log_var", {"varnames": [".*"]})
        monkey.add_instrument("log_attr", {"varnames": [".*"]})
        monkey.add_instrument("log_exception", {})
        return loading.compiled_by(program, monkey.compile)


class ToFile(Plain):
    """A tool that writes text."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.text = (folder / "output.txt").open("w+", encoding="utf-8")

    def start(self) -> None:
        # What the program's preparation has printed does not count.
        self.text.seek(0)
        self.text.truncate()

    def stop(self) -> None:
        sys.settrace(None)
        self.text.close()


class Hunter(ToFile):
    """Its printer of calls and its printer of changed variables."""

    def load(self, program: str) -> ModuleType:
        self.program = program
        return super().load(program)

    def start(self) -> None:
        import hunter

        printers = [hunter.CallPrinter(stream=self.text), hunter.VarsSnooper(stream=self.text)]
        hunter.trace(hunter.Q(module=self.program, actions=printers))

    def stop(self) -> None:
        import hunter

        hunter.stop()
        self.text.close()


class Snoop(ToFile):
    """Its decorator, on every function."""

    def load(self, program: str) -> ModuleType:
        import snoop

        snoop.install(builtins=False, out=self.text, color=False)
        return loading.decorated(program, snoop.snoop)


class PySnooper(ToFile):
    """Its decorator, on every function; values as long as Rewind keeps them."""

    def load(self, program: str) -> ModuleType:
        import pysnooper

        decorator = pysnooper.snoop(self.text, max_variable_length=1000)
        return loading.decorated(program, decorator)


RECORDERS: dict[str, Callable[[Path], Plain]] = {
    "plain": Plain,
    "settrace": EmptyTrace,
    "monitoring": EmptyMonitoring,
    "rewind": Plain,
    "rewind-python": Plain,
    "kolo": Kolo,
    "kolo-calls": KoloCalls,
    "viztracer": VizTracer,
    "viztracer-calls": VizTracerCalls,
    "hunter": Hunter,
    "snoop": Snoop,
    "pysnooper": PySnooper,
}
