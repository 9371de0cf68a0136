"""What the writer was told: where the database is, and the bounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rewind.config import Settings
from rewind.config.settings import TABLE
from rewind.errors import ConfigError
from rewind.store import CODECS, Bounds

OLDEST: Final = "oldest"
STOP: Final = "stop"


@dataclass(frozen=True)
class WriterSettings:
    """Settings of one writer process; durations in seconds."""

    database: str
    """URL; it may hold a password."""
    compression: str = CODECS[0]
    bounds: Bounds = Bounds.of(Settings())  # noqa: RUF009 - a frozen value
    """What the database keeps."""
    keep: tuple[str, ...] = ("all",)
    """Which sessions are kept when they end."""
    max_events_per_session: int = 0
    """0: no limit."""
    overflow: str = OLDEST
    """At that limit: `OLDEST` (the first events go) or `STOP` (nothing more is kept)."""
    chunk_events: int = 4096
    """Events of a full chunk, where the limit allows."""
    flush_interval: float = 0.25
    poll_interval: float = 0.03
    retry_first: float = 0.1
    """Wait after the first refusal of the database; it doubles with each further one."""
    retry_longest: float = 5.0
    patience: float = 600.0
    """How long a database may stay away once every recorded process has ended."""
    linger: float = 5.0
    """How long the summary is left for a launcher that lives on."""

    def __post_init__(self) -> None:
        if self.compression not in CODECS:
            message = f"compression is {self.compression!r}; it can be {', '.join(CODECS)}"
            raise ConfigError(message)
        if self.overflow not in (OLDEST, STOP):
            message = f"overflow is {self.overflow!r}; it can be {OLDEST} or {STOP}"
            raise ConfigError(message)

    @property
    def chunk_size(self) -> int:
        """Events of a full chunk: few enough that the limit can be kept by dropping whole ones."""
        if not self.max_events_per_session:
            return self.chunk_events
        return min(self.chunk_events, max(1, self.max_events_per_session // 4))

    @classmethod
    def from_recording(cls, database: str, settings: Mapping[str, object]) -> "WriterSettings":
        """Take what concerns the writer out of a recording's settings.

        Raises `ConfigError` for a value that cannot be.
        """
        default = cls(database)
        return cls(
            database,
            compression=str(settings.get("compression") or default.compression),
            bounds=_bounds(settings),
            keep=_parsed("keep", settings.get("keep", default.keep)),
            max_events_per_session=_count(settings, "max_events_per_session", 0),
            overflow=str(settings.get("overflow") or default.overflow),
        )


def _bounds(settings: Mapping[str, object]) -> Bounds:
    """Take the bounds of the database; one that is not said has its default."""
    names = ("max_sessions", "max_age", "max_bytes", "keep_longer")
    given = {name: _parsed(name, settings[name]) for name in names if name in settings}
    return Bounds.of(Settings()._replace(**given))


def _parsed(name: str, value: object) -> Any:  # noqa: ANN401 - each setting has its own type
    form = TABLE[name].form
    try:
        return None if value is None else form.parse(value)
    except ValueError:
        message = f"{name} is {value!r}; it must be {form.allowed}"
        raise ConfigError(message) from None


def _count(settings: Mapping[str, object], key: str, default: int) -> int:
    value = settings.get(key)
    if value is None:
        return default
    if type(value) is not int or value < 0:
        message = f"{key} is {value!r}; it can be a number from 0"
        raise ConfigError(message)
    return value
