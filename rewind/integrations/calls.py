"""A call that leaves the program, while it lasts: what the files of single libraries share."""

from collections.abc import Collection
from typing import Any, Final, NamedTuple

from rewind import sessions
from rewind.config import SecretNames
from rewind.config.redaction import WITHHELD
from rewind.model.clock import monotonic_ns

_LONGEST: Final = 300
_name_of: Final = type.__dict__["__name__"].__get__
_arguments_of: Final = BaseException.__dict__["args"].__get__


class Call(NamedTuple):
    """What is known of a call as it begins."""

    kind: str
    """The kind of event that tells of it."""
    began_ns: int
    what: dict[str, Any]
    """What is asked, and of whom."""
    withheld: int
    """Secrets that were left out of that."""

    def ended(self, error: BaseException | None = None, **answer: object) -> None:
        """Tell of the call and of its answer."""
        facts = {
            # What is short comes first: there is one bound for all of a value.
            **answer,
            "duration_ns": monotonic_ns() - self.began_ns,
            "error": None if error is None else described(error),
            **self.what,
        }
        sessions.say(self.kind, facts, self.withheld)


def described(error: BaseException) -> str:
    """Return an exception's class and its text, without running any code of its own."""
    arguments = _arguments_of(error)
    texts = [each for each in arguments if type(each) is str]
    text = f": {texts[-1][:_LONGEST].strip()}" if texts else ""
    return f"{_name_of(type(error))}{text}"


class Asking:
    """Begins calls. Used by any thread."""

    def __init__(self, names: SecretNames, kinds: Collection[str], *, propagates: bool) -> None:
        self.names = names
        self._kinds = kinds
        self.propagates = propagates
        """Whether requests to other services tell them of the trace."""

    def asks(self, kind: str) -> bool:
        """Return whether a call of that kind is to be told of: in a session that is recorded."""
        return kind in self._kinds and sessions.is_recorded()

    def begin(self, kind: str, what: dict[str, Any], withheld: int = 0) -> Call:
        """Begin a call that is to be told of."""
        return Call(kind, monotonic_ns(), what, withheld)

    def hidden(self, name: object, value: object) -> tuple[object, int]:
        """Return the value, or what stands for it where its name is secret; and whether that is."""
        if type(name) is str and self.names.covers(name[:256]):
            return WITHHELD, 1
        return value, 0
