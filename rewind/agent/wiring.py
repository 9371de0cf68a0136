"""The recording half in one piece: started before the program's first line, stopped after its last.

Wires hook, transform, capture and spool from frozen settings. It never imports the writer; that is
another process, which `rewind run` or `rewind.agent.autostart` has started.
"""

import atexit
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from rewind.agent.silence import fall_silent
from rewind.capture import Core, create_core
from rewind.config import SecretNames, Settings, redacted_argv
from rewind.hook import CodeCache, Finder, Instrument, Selection, options_of
from rewind.hook.missed import missed
from rewind.integrations import libraries, threads
from rewind.integrations.plain_code import code_takers
from rewind.integrations.queues import queues
from rewind.integrations.web import frameworks
from rewind.model.clock import monotonic_ns, time_ns
from rewind.own_builtins import own_builtins
from rewind.sessions import Recording, attach
from rewind.spool.drain import Drain


class Agent:
    """Records this process into a recording's folder.

    Made and started by the main thread before the program runs. A fork carries it over, and the
    child records into streams of its own. `stop` runs at exit, after what the program registered.
    """

    running: ClassVar["Agent | None"] = None
    """The one that records this process, or did: no process has a second one."""

    def __init__(self, folder: Path, settings: Settings, selection: Selection) -> None:
        self._folder = folder
        self._settings = settings
        self._started_ns = monotonic_ns()
        self._pid = os.getpid()
        self._stopped = False
        self._waits = False
        self._known: set[str] = set()
        """Names of the modules that need no report at the end."""
        # It imports one of the engines.
        with own_builtins():
            self.core: Core = create_core(folder, settings, _process_facts(settings))
        options = options_of(settings)
        cache = CodeCache(settings.cache, options)
        self.instrument = Instrument(options, cache, self.core.add_module, self.core.report)
        self.finder = Finder(selection, self.instrument, self.core.report)
        plain = self.instrument.originals.of
        met = {
            **code_takers(plain, self.core.report),
            **frameworks(),
            **queues(self.core.runs),
            **libraries.libraries(settings, self.core.report),
        }
        for name, meet in met.items():
            self.finder.meet(name, self._guarded(name, meet))
        self.finder.meet("greenlet", self.core.meet_greenlets)

    def _guarded(self, name: str, meet: Callable[[Any], None]) -> Callable[[Any], None]:
        """Report where a library is made in another way than the known; it loads all the same."""

        def met(module: Any) -> None:  # noqa: ANN401 - the library's
            try:
                meet(module)
            except Exception as error:  # noqa: BLE001 - the boundary
                why = f"it is not met: {type(error).__name__}: {error}"
                self.core.report("probe-fault", name, why)

        return met

    def start(self, *, waits: bool) -> None:
        """Record from now on; `waits`: at exit, until the recording is stored, and say so."""
        self._waits = waits
        self.core.probes.install()
        self._report_missed()
        self._known = {"__main__", "__mp_main__", *sys.modules}
        threads.patch(self.core.thread_starts)
        os.register_at_fork(after_in_child=self._after_fork)
        # First in, last out: the program's own exit handlers are recorded.
        atexit.register(self.stop)
        # Before anything is met: what is put into libraries asks for it.
        attach(self.core.sessions, Recording(self._folder.name, self._settings.service))
        self.finder.install()
        self.core.see_output()
        Agent.running = self

    def _report_missed(self) -> None:
        """Name the modules that were loaded before anything could give them probes."""
        for name, why in missed(self.finder.loading.selection, list(sys.modules.items())):
            self.core.report("module-skipped", name, why)

    def _report_unseen(self) -> None:
        """Name the modules that were loaded past everything that gives them probes."""
        for name, module in sorted(sys.modules.copy().items()):
            path = getattr(module, "__file__", None)
            if name in self._known or name in self.instrument.met or type(path) is not str:
                continue
            own = getattr(module, "__name__", None)
            if own != name and type(own) is str and sys.modules.get(own) is module:
                # A second name, as `requests.packages` gives to others.
                continue
            if path.endswith(".py") and self.finder.loading.selects(name, path):
                self.core.report("module-skipped", name, "it was loaded in a way that is not seen")

    @property
    def is_stopped(self) -> bool:
        """Whether nothing is recorded any more."""
        return self._stopped

    def _after_fork(self) -> None:
        self._waits = False
        self.core.after_fork()

    def stop(self) -> None:
        """Say goodbye; where `rewind run` is at the terminal, wait and say what was recorded."""
        if self._stopped:
            return
        self._stopped = True
        attach(None)
        self.finder.remove()
        libraries.forget()
        self._report_unseen()
        ran_ns = monotonic_ns() - self._started_ns
        goodbye: dict[str, object] = {
            "wall_ns": time_ns(),
            "monotonic_ns": monotonic_ns(),
        }
        counted = self.core.close(goodbye)
        fall_silent()
        if not self._waits:
            return
        if counted is None:
            sys.stderr.write(f"rewind: not recorded whole: no room in {self._folder}\n")
        else:
            Drain(self._folder, *counted, ran_ns, has_probes=self.instrument.has_given_probes).wait(
                sys.stderr
            )


def _process_facts(settings: Settings) -> dict[str, object]:
    return {
        "argv": redacted_argv(sys.orig_argv, SecretNames(settings.redacted_names)),
        "executable": sys.executable,
        "python": sys.version.split()[0],
        "monotonic_ns": monotonic_ns(),
        "wall_ns": time_ns(),
    }
