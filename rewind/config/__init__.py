"""What the user asked for: defaults < file < environment < command line, in one frozen object.

Decided once, before anything is recorded; nothing downstream reads the environment again. It is
imported in the recorded process, so it needs the standard library only and little of that.
`config.example.toml` documents every setting.
"""

from rewind.config.forms import EXPORT_SUFFIX, MEMORY, seconds, slower_than
from rewind.config.production import PRODUCTION_VARIABLES, production_said_by, refusal
from rewind.config.redaction import (
    REDACTED_NAMES,
    SecretNames,
    database_digest,
    redacted_argv,
    without_password,
)
from rewind.config.resolution import Given, Resolution, is_disabled, load, resolve
from rewind.config.settings import Settings

__all__ = [
    "EXPORT_SUFFIX",
    "MEMORY",
    "PRODUCTION_VARIABLES",
    "REDACTED_NAMES",
    "Given",
    "Resolution",
    "SecretNames",
    "Settings",
    "database_digest",
    "is_disabled",
    "load",
    "production_said_by",
    "redacted_argv",
    "refusal",
    "resolve",
    "seconds",
    "slower_than",
    "without_password",
]
