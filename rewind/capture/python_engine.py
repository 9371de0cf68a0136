"""The engine in Python: for machines without the native one, and to hold that one against."""

import os
from _thread import get_ident
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import count
from typing import Final, TypeVar, cast

from rewind.capture.engine import Fault, RecorderOfThread, events_limit
from rewind.capture.greenlets import Greenlets
from rewind.capture.latest import Latest
from rewind.capture.opened import Followed, Opened
from rewind.capture.probes import Probes
from rewind.capture.recorder import Recorder
from rewind.capture.registry import Code, Registry
from rewind.capture.secrets import Secrets
from rewind.capture.short_probes import Means, OfThread
from rewind.capture.snapshot import Snapshots
from rewind.capture.strands import Session, Strand
from rewind.capture.walk import Limits
from rewind.config import SecretNames, Settings
from rewind.model.sites import RunTable
from rewind.spool.stream import Folder, Stream

_T = TypeVar("_T")


class PythonEngine:
    """See `rewind.capture.engine.Engine`. A fork carries it over; closed recorders end it."""

    name: Final = "python"

    def __init__(self, settings: Settings, recorder: RecorderOfThread, fault: Fault) -> None:
        secrets = Secrets(SecretNames(settings.redacted_names))
        limits = Limits(settings.max_depth, settings.max_items, settings.max_value_bytes)
        self.registry = Registry(secrets)
        self.snapshots = Snapshots(limits, secrets)
        limit = events_limit(settings)
        self._limit = float("inf") if limit is None else limit
        if limit is not None:
            # Short probes do not count a session's events.
            self.registry.go_without_short()
        self._latest = Latest()
        self._core_recorder = cast("Callable[[], Recorder]", recorder)
        """Gives the running thread's recorder, and has it made before that."""
        self._of_thread = OfThread()
        self._rate = settings.sampling_rate
        self.probes = Probes(
            self.registry,
            self.snapshots,
            self._recorder,
            self._begin,
            fault,
            settings.max_stacktrace_depth,
            short=Means(
                self._of_thread,
                self.registry.short,
                self._latest,
                self.snapshots.reference,
                fault,
            ),
        )

    def _recorder(self) -> Recorder:
        """Return the running thread's recorder, for what may do more than short probes. HOT."""
        recorder = self._of_thread.recorder
        if recorder is None or recorder.closed:
            recorder = self._core_recorder()
        recorder.short_in = None
        return recorder

    def start(self, folder: Folder) -> None:
        """Begin this process's part of the recording."""
        self._folder = folder
        self._latest.recorder = self._of_thread.recorder = None
        self._main_thread = get_ident()
        self._keys = count(1)
        self._owner = object()
        self.probes.forget_frames()

    def add(self, module: str, table: RunTable) -> int:
        """Take in a module's sites and return the number of the first."""
        return self.registry.add(module, table)

    def silence(self, site: int) -> None:
        """Let nothing more be recorded at a site whose probe failed."""
        self.registry.silence(site)
        self._latest.recorder = None

    def meet_greenlets(self, greenlets: Greenlets) -> None:
        """Tell greenlets apart from now on."""
        self.registry.go_without_short()
        self.probes.meet_greenlets(greenlets)

    def new_recorder(self, stream: int) -> Recorder:
        """Make the running thread's recorder."""
        made = Recorder(Stream(self._folder, stream), self._limit, self._new_session, self._latest)
        self._of_thread.recorder = made
        return made

    def captured(self, value: object) -> bytes:
        """Return a value as it is recorded."""
        written = bytearray()
        self.snapshots.write(written, value)
        return bytes(written)

    # Sessions

    def running(self, recorder: Recorder) -> Strand:
        """Return the strand that runs, for a session to begin on."""
        recorder.short_in = None
        return self.probes.running(recorder)

    def known(self, recorder: Recorder) -> Strand:
        """Return the strand that runs, as far as it is known."""
        return self.probes.known(recorder)

    def here(self, find: Callable[[], Recorder | None]) -> Session | None:
        """Return the session that is recorded just here."""
        recorder = find()
        session = None if recorder is None else self.known(recorder).session
        return session if session is not None and session.recorded else None

    def creator(self, recorder: Recorder, strand: Strand) -> Session | None:
        """Return the parent of a session that begins on the strand."""
        return self.probes.frames.creator(recorder, strand)

    def stand_in(self, id: str, *, recorded: bool) -> Session:  # noqa: A002 - as everywhere else
        """Return what stands for another's session as a parent."""
        session = Session(0, recorded=recorded)
        session.id = id
        return session

    def let_go(self, recorder: Recorder, strand: Strand) -> None:
        """Forget the strand of a task or greenlet if nothing is open on it."""
        recorder.short_in = None
        self.probes.frames.let_go(recorder, strand)

    def open(
        self,
        facts: dict[str, object],
        parent: Session | None,
        recorded: bool | None,  # noqa: FBT001 - as the native core has it
    ) -> Opened | None:
        """Begin a session by name on the strand that runs."""
        recorder = self._core_recorder()
        if recorder.closed:
            return None
        strand = self.running(recorder)
        parent = parent or strand.session or self.creator(recorder, strand)
        begin = partial(recorder.begin, strand, facts, parent, recorded)
        return Opened(self._owner, recorder, strand, begin)

    def set_aside(self, opened: Opened) -> None:
        """Let the strand go on with what it was at before, if it is on."""
        if opened.is_on and opened.owner is self._owner:
            opened.take_off(self.let_go)

    def take_up(self, opened: Opened) -> None:
        """Let it go on, on the strand that runs now, if it was set aside and is not over."""
        if opened.owner is self._owner and opened.session is not None and not opened.is_on:
            recorder = self._core_recorder()
            opened.go_on(recorder, self.running(recorder))

    def follow(
        self, opened: Opened, parts: Iterable[_T], fault: Callable[[str, Exception], None]
    ) -> Iterator[_T]:
        """Set it aside, and return the parts one by one: for each step it is taken up."""
        self.set_aside(opened)
        return Followed(opened, parts, self.take_up, self.set_aside, fault)

    def end(self, opened: Opened, error: bytes | None) -> None:
        """End it, unless it is over."""
        session = opened.session
        if session is None or opened.owner is not self._owner:
            return
        self.set_aside(opened)
        opened.session = None
        # Its own thread may be over.
        recorder = self._core_recorder() if opened.recorder.closed else opened.recorder
        recorder.end(session, error)

    def tag(self, opened: Opened, tags: Mapping[str, object], trigger: str | None) -> bool:  # noqa: ARG002
        """Tell nothing, if there is anything to tell: there is no quicker way here."""
        return opened.session is None or opened.owner is not self._owner

    def note(self, site: int, name: object, value: object) -> None:
        """Record what the program says of itself."""
        self.probes.note(site, name, value)

    def say(self, site: int, value: object) -> None:
        """Record what the program says, as the site tells."""
        self.probes.said(site, value)

    def statements(self, *_: object) -> None:
        """Return nothing: there is no quicker way than to say what was executed."""

    def _new_session(self, parent: Session | None, recorded: bool | None) -> Session:  # noqa: FBT001
        if parent is not None:
            recorded = parent.recorded
        elif recorded is None:
            recorded = self._sampled()
        session = Session(next(self._keys), recorded=recorded)
        if parent is not None:
            session.trace = parent.trace
        return session

    def _sampled(self) -> bool:
        # Not `random`: its numbers belong to the program, which may have seeded it.
        return self._rate >= 1 or int.from_bytes(os.urandom(4), "big") < self._rate * 2**32

    def _begin(self, recorder: Recorder, strand: Strand, code: Code) -> None:
        kind = "call" if get_ident() == self._main_thread else "thread"
        if code.qualname == "<module>":
            kind = "import"
        elif strand.task:
            kind = "task"
        elif strand.greenlet:
            kind = "greenlet"
        facts: dict[str, object] = {
            "kind": kind,
            "trigger": f"{code.module}.{code.qualname}",
            "module": code.module,
            "function": code.qualname,
        }
        recorder.begin(strand, facts, self.probes.frames.creator(recorder, strand))
