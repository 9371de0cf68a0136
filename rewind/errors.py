"""Everything Rewind raises on purpose, each with a slug that `docs/errors.md` explains.

A `RewindError` is a message for a person: it names what is wrong, where, and what to do. It
crosses no boundary into the recorded program; the command line turns it into one line and exit
code 2.
"""


class RewindError(Exception):
    """The root of every error Rewind raises on purpose; `slug` is its anchor in the docs."""

    slug = "error"


class ConfigError(RewindError):
    """A setting is unknown or its value is not usable; the message names key and origin."""

    slug = "config"


class SpoolError(RewindError):
    """The spool folder cannot be used, or a segment in it is not one of ours."""

    slug = "spool"


class StartError(RewindError):
    """`rewind.start` was called in a process whose recording was stopped."""

    slug = "start"


class FormatError(RewindError):
    """Recorded bytes do not follow `docs/format.md`."""

    slug = "format"


class StoreError(RewindError):
    """The database cannot be opened or does not answer."""

    slug = "store"


class ForeignDatabaseError(StoreError):
    """The database holds something that Rewind did not make; nothing in it was changed."""

    slug = "foreign-database"


class OldDatabaseError(StoreError):
    """The database was made by an older Rewind and waits for `rewind db upgrade`."""

    slug = "old-database"


class NewDatabaseError(StoreError):
    """The database was made by a newer Rewind than this one; nothing in it was changed."""

    slug = "new-database"


class DamagedError(StoreError):
    """An exported file was changed or cut short, and nothing of it can be used."""

    slug = "damaged"


class NoSuchSessionError(RewindError):
    """No session has that id, or more than one id begins with that prefix."""

    slug = "no-such-session"


class NoSuchEventError(RewindError):
    """The session holds no event of that number."""

    slug = "no-such-event"


class ExpressionError(RewindError):
    """A watch or print is not written in the language of expressions; says where and why."""

    slug = "expression"


class ForecastError(RewindError):
    """What would be recorded cannot be told: the interpreter that looks ahead ended early."""

    slug = "forecast"
