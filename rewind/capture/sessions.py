"""Sessions that somebody begins and ends by name, and what is told of them meanwhile.

The program does by `rewind.session`, integrations do for what they know of: a request, a job. What
runs on the strand meanwhile is recorded as the session's: on its thread, and there in its asyncio
task or greenlet alone. Where a session was on the strand before, that one is the parent and goes on
afterwards.
"""

from collections.abc import Callable, Mapping
from typing import Final

from rewind.capture.engine import Engine, Recorder, Session, Strand
from rewind.capture.guard import guarded
from rewind.capture.origins import Origins
from rewind.capture.said import Said
from rewind.capture.secrets import Secrets
from rewind.config.redaction import WITHHELD
from rewind.model.events import Control
from rewind.model.wire import pack

_LONGEST_TEXT: Final = 1000
_LONGEST_NAME: Final = 200
_MOST_TAGS: Final = 64
"""Of those that are told at once."""
_LARGEST: Final = (1 << 63) - 1

Tags = Mapping[str, object]


class Opened:
    """A session that was begun and is to be ended by `Sessions.end`.

    Used by whoever began it; a child of a fork cannot end what its parent began.
    """

    __slots__ = ("before", "held", "is_on", "outer", "owner", "recorder", "session", "strand")

    def __init__(self, owner: object, recorder: Recorder, session: Session, strand: Strand) -> None:
        self.owner = owner
        """Stands for the process."""
        self.recorder = recorder
        self.session = session
        self.strand = strand
        self.before: Session | None = None
        """What the strand was at before."""
        self.held = False
        """Whether that was held."""
        self.outer: Opened | None = None
        """The one that was begun on the strand before."""
        self.is_on = False
        """Neither over nor set aside."""

    @property
    def id(self) -> str | None:
        """The session's id while it runs; None where sampling passed it over."""
        return str(self.session.id) if self.session is not None and self.session.recorded else None


class Sessions:
    """The sessions of a process that were begun by name.

    Called by any thread, about itself. After a fork `after_fork` must run in the child. Raises
    nothing of ours: `fault` takes it, with the name of what failed, and raises what is not ours.
    """

    def __init__(
        self,
        engine: Engine,
        recorder: Callable[[], Recorder],
        origins: Origins,
        said: Said,
        secrets: Secrets,
        sampling_rate: float,
        fault: Callable[[str, Exception], None],
    ) -> None:
        self._engine = engine
        self._recorder = recorder
        """Gives the running thread's."""
        self._origins = origins
        self._secrets = secrets
        self.fault = fault
        self._said = said
        self._rate = sampling_rate
        self.after_fork()

    def after_fork(self) -> None:
        """Forget what is open: it is the parent's."""
        self._owner = object()
        self._innermost: dict[int, Opened] = {}
        """By `id()` of the strand, which the opened session holds."""

    @guarded
    def begin(
        self,
        kind: str,
        trigger: str,
        tags: Tags,
        origin: object = None,
        sampled: Callable[[float], bool] | None = None,
        function: tuple[str, str] = ("", ""),
    ) -> Opened | None:
        """Begin a session on the running strand; None where nothing is recorded any more.

        Its parent is the one that `origin` stands for, where that is known. `sampled` decides by
        the sampling rate whether it is recorded, where it has no parent. `function` is that in
        which it begins, by module and qualified name, where that is known.
        """
        recorder = self._recorder()
        if recorder.closed:
            return None
        strand = self._engine.running(recorder)
        before, held = strand.session, strand.held
        parent = self._origins.session(origin) or before
        if parent is None:
            parent = self._engine.creator(recorder, strand)
        shown = self._text(trigger)
        facts: dict[str, object] = {"kind": kind, "trigger": shown}
        facts["module"], facts["function"] = function
        recorded = None if sampled is None else sampled(self._rate)
        recorder.begin(strand, facts | {"task": None}, parent, recorded)
        opened = Opened(self._owner, recorder, strand.session, strand)
        opened.before, opened.held = before, held
        self._put_on(opened)
        self.tag(opened, tags)
        return opened

    @guarded
    def end(self, opened: Opened, error: BaseException | None) -> None:
        """End a session, by `error` if there is one. Any thread may; once."""
        if opened.owner is not self._owner or opened.session is None:
            return
        self.set_aside(opened)
        recorder = self._recorder() if opened.recorder.closed else opened.recorder
        captured = None if error is None else self._engine.captured(error)
        session, opened.session = opened.session, None
        recorder.end(session, captured)

    @guarded
    def set_aside(self, opened: Opened) -> None:
        """Let the strand go on with what it was at before; `take_up` may follow."""
        if opened.owner is not self._owner or not opened.is_on:
            return
        opened.is_on = False
        recorder, strand = opened.recorder, opened.strand
        if self._innermost.get(id(strand)) is not opened:
            # The one that was begun after it is still on: that one goes back to before both.
            return
        while opened.outer is not None and not opened.outer.is_on:
            opened = opened.outer
        strand.session, strand.held = opened.before, opened.held
        if opened.outer is None:
            del self._innermost[id(strand)]
        else:
            self._innermost[id(strand)] = opened.outer
        self._engine.let_go(recorder, strand)

    @guarded
    def take_up(self, opened: Opened) -> None:
        """Let the session that was set aside go on, on the strand that runs now."""
        if opened.owner is not self._owner or opened.is_on or opened.session is None:
            return
        recorder = self._recorder()
        strand = self._engine.running(recorder)
        opened.recorder, opened.strand = recorder, strand
        opened.before, opened.held = strand.session, strand.held
        strand.session = opened.session
        self._put_on(opened)

    def _put_on(self, opened: Opened) -> None:
        strand = opened.strand
        opened.outer = self._innermost.get(id(strand))
        self._innermost[id(strand)] = opened
        opened.is_on = strand.held = True

    def outermost(self, strand: Strand) -> Opened | None:
        """Return the one that was begun first of those that are on the strand."""
        opened = self._innermost.get(id(strand))
        while opened is not None and opened.outer is not None:
            opened = opened.outer
        return opened

    @property
    @guarded
    def origin(self) -> str | None:
        """What stands for the session just here where work is done that it asks for."""
        return self._origins.here()

    @property
    @guarded
    def current(self) -> str | None:
        """The id of the session that is recorded of the running strand, however it began."""
        session = self._said.session
        return None if session is None else str(session.id)

    @property
    @guarded
    def is_recorded(self) -> bool:
        """Whether a session is recorded of the running strand."""
        return self._said.session is not None

    @property
    @guarded
    def trace(self) -> str | None:
        """What a request that is made just here is to say of the trace that it belongs to."""
        session = self._said.session
        return None if session is None else session.trace or None

    @guarded
    def carry(self, opened: Opened, trace: str) -> None:
        """Have requests that the session leads to say that, and what it will ask others to do."""
        if opened.session is not None:
            opened.session.trace = trace

    # What is told

    @guarded
    def tag(self, opened: Opened, tags: Tags, trigger: str | None = None) -> None:
        """Add tags to a session; one of the same name is replaced.

        `trigger` is what began it, where that is known by now only.
        """
        session = opened.session
        if session is None or opened.owner is not self._owner:
            return
        if not tags and trigger is None:
            return
        record = self._engine.details(session.key, tags, trigger)
        if record is None:
            facts: dict[str, object] = {"tags": self._shown(opened, tags)} if tags else {}
            if trigger is not None:
                facts["trigger"] = self._text(trigger)
            record = pack([Control.DETAILS, session.key, facts])
        opened.recorder.tell(session, record)

    @guarded
    def note(self, name: object, value: object) -> None:
        """Record that the program says this of itself, in the session that runs, if one does."""
        self._said.note(name, value)

    @guarded
    def say(self, kind: str, value: object, withheld: int) -> None:
        """Record what it logs or asks of others, as an event of that kind, likewise.

        `withheld` values were left out of it before.
        """
        self._said.say(kind, value, withheld=withheld)

    def _shown(self, opened: Opened, tags: Tags) -> dict[str, object]:
        names = list(tags)[:_MOST_TAGS]
        shown = {name[:_LONGEST_NAME]: self._tag(name, tags[name]) for name in names}
        withheld = sum(value is WITHHELD for value in shown.values())
        session = opened.session
        if withheld and session is not None:
            opened.recorder.tell(session, pack([Control.REDACTED, session.key, withheld]))
        return shown

    def _tag(self, name: str, value: object) -> object:
        """Return a tag's value: itself where it is plain, or else what type it has."""
        if self._secrets.covers(name):
            return WITHHELD
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if type(value) is int and -_LARGEST <= value <= _LARGEST:
            return value
        return self._text(value) if type(value) is str else f"<{kind.__qualname__}>"

    def _text(self, text: str) -> str:
        if self._secrets.in_text(text, _LONGEST_TEXT):
            return WITHHELD
        return text[:_LONGEST_TEXT]
