"""Sessions that somebody begins and ends by name, and what is told of them meanwhile.

The program does by `rewind.session`, integrations do for what they know of: a request, a job. What
runs on the strand meanwhile is recorded as the session's: on its thread, and there in its asyncio
task or greenlet alone. Where a session was on the strand before, that one is the parent and goes on
afterwards.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any, Final, Protocol, TypeVar

from rewind.capture.engine import Engine, Opened, Recorder
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
_T = TypeVar("_T")
_plain: Final = str.__str__
"""Returns the characters of a text, of which a child of `str` may say something else."""

# Not the attribute: that would ask the type's own type.
_qualname_of: Final = type.__dict__["__qualname__"].__get__
_status_of: Final = SystemExit.__dict__["code"].__get__


class PartOf(Protocol):
    """The trace that a session is part of; see `rewind.sessions`."""

    def sampled(self, rate: float, /) -> bool:
        """Return whether it is recorded, where that share of traces is."""

    def onward(self, session: str, /) -> str:
        """Return what requests that the session of that id leads to are to say of it."""


class Sessions:
    """The sessions of a process that were begun by name.

    Called by any thread, about itself; a fork carries it over. Raises nothing of ours: `fault`
    takes it, with the name of what failed, and raises what is not ours.
    """

    def __init__(
        self,
        engine: Engine,
        recorder: Callable[[], Recorder | None],
        origins: Origins,
        said: Said,
        secrets: Secrets,
        sampling_rate: float,
        fault: Callable[[str, Exception], None],
    ) -> None:
        self._engine = engine
        self._recorder = recorder
        """Gives the running thread's, if it has one."""
        self._here = partial(engine.here, recorder)
        self._origins = origins
        self._secrets = secrets
        self.fault = fault
        self._said = said
        self._rate = sampling_rate

    # As `guarded` has it, without its step between: these are asked for with each request, part of
    # an answer and statement.

    def begin(
        self,
        kind: str,
        trigger: str,
        tags: Tags,
        origin: object = None,
        trace: PartOf | None = None,
        function: tuple[str, str] = ("", ""),
    ) -> Opened | None:
        """Begin a session on the running strand; None where nothing is recorded any more.

        Its parent is the one that `origin` stands for, where that is known. The `trace` decides by
        the sampling rate whether it is recorded, where it has no parent; and what it has for the
        session is carried as by `carry`. `function` is that in which it begins, by module and
        qualified name, where that is known.
        """
        try:
            facts: dict[str, object] = {"kind": kind, "trigger": self._text(trigger)}
            facts["module"], facts["function"] = function
            parent = None if origin is None else self._origins.session(origin)
            # Of all nothing has to be asked.
            recorded = None if trace is None or self._rate >= 1 else trace.sampled(self._rate)
            opened = self._engine.open(facts, parent, recorded)
            if trace is not None and opened is not None and opened.id is not None:
                opened.session.trace = trace.onward(opened.id)  # type: ignore[union-attr] # it runs
        except Exception as error:
            self.fault("begin", error)
            return None
        if opened is not None:
            self.tag(opened, tags)
        return opened

    def end(self, opened: Opened, error: BaseException | None) -> None:
        """End a session, by `error` if there is one. Any thread may; once.

        An orderly exit and a closed generator are none.
        """
        try:
            failed = error is not None and not _is_orderly(error)
            self._engine.end(opened, self._engine.captured(error) if failed else None)
        except Exception as failure:
            self.fault("end", failure)

    def set_aside(self, opened: Opened) -> None:
        """Let the strand go on with what it was at before; `take_up` may follow."""
        try:
            self._engine.set_aside(opened)
        except Exception as error:
            self.fault("set_aside", error)

    def take_up(self, opened: Opened) -> None:
        """Let the session that was set aside go on, on the strand that runs now."""
        try:
            self._engine.take_up(opened)
        except Exception as error:
            self.fault("take_up", error)

    @property
    def is_recorded(self) -> bool:
        """Whether a session is recorded of the running strand."""
        try:
            return self._here() is not None
        except Exception as error:
            self.fault("is_recorded", error)
            return False

    @property
    @guarded
    def origin(self) -> str | None:
        """What stands for the session just here where work is done that it asks for."""
        return self._origins.here()

    @property
    @guarded
    def current(self) -> str | None:
        """The id of the session that is recorded of the running strand, however it began."""
        session = self._here()
        return None if session is None else str(session.id)

    @property
    @guarded
    def trace(self) -> str | None:
        """What a request that is made just here is to say of the trace that it belongs to."""
        session = self._here()
        return None if session is None else session.trace or None

    @guarded
    def follow(self, opened: Opened, parts: Iterable[_T]) -> Iterator[_T]:
        """Set a session aside, and return the parts one by one: for each step it goes on."""
        return self._engine.follow(opened, parts, self.fault)

    @guarded
    def carry(self, opened: Opened, trace: str) -> None:
        """Have requests that the session leads to say that, and what it will ask others to do."""
        if opened.session is not None:
            opened.session.trace = trace

    # What is told

    def tag(self, opened: Opened, tags: Tags, trigger: str | None = None) -> None:
        """Add tags to a session; one of the same name is replaced.

        `trigger` is what began it, where that is known by now only.
        """
        try:
            if (tags or trigger is not None) and not self._engine.tag(opened, tags, trigger):
                self._tell(opened, tags, trigger)
        except Exception as error:
            self.fault("tag", error)

    def _tell(self, opened: Opened, tags: Tags, trigger: str | None) -> None:
        """Tell of a session what is not usual, or all of it where the engine has no quicker way."""
        session = opened.session
        if session is None:
            return
        facts: dict[str, object] = {"tags": self._shown(opened, tags)} if tags else {}
        if trigger is not None:
            facts["trigger"] = self._text(trigger)
        opened.recorder.tell(session, pack([Control.DETAILS, session.key, facts]))

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

    @guarded
    def statements(self, kind: str, *of_driver: Any) -> object:  # noqa: ANN401 - the engine's
        """Return what tells of usual statements of SQL; None where nothing does."""
        return self._engine.statements(self._recorder, self._said.first_of(kind), *of_driver)

    def _shown(self, opened: Opened, tags: Tags) -> dict[str, object]:
        own = ((_plain(name), value) for name, value in islice(tags.items(), _MOST_TAGS))
        shown = {name[:_LONGEST_NAME]: self._tag(name, value) for name, value in own}
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
        if type(value) is str:
            return self._text(value)
        return f"<{_plain(_qualname_of(kind))}>"

    def _text(self, text: str) -> str:
        text = _plain(text)
        if self._secrets.in_text(text, _LONGEST_TEXT):
            return WITHHELD
        return text[:_LONGEST_TEXT]


def _is_orderly(error: BaseException) -> bool:
    # Nothing of the error's own is asked: no `__class__`, nor a status whether it equals another.
    if issubclass(type(error), SystemExit):
        status = _status_of(error)
        return status is None or (type(status) in (int, bool) and status == 0)
    return issubclass(type(error), GeneratorExit)
