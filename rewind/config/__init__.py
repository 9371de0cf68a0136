"""What the user asked for: defaults < file < environment < command line, in one frozen object.

Decided once, before anything is recorded; nothing downstream reads the environment again. It is
imported in the recorded process, so it needs the standard library only and little of that.
`config.example.toml` documents every setting.
"""

from rewind.config.redaction import (
    REDACTED_NAMES,
    SecretNames,
    redacted_argv,
    without_password,
)
from rewind.config.resolution import Given, Resolution, is_disabled, load, resolve
from rewind.config.settings import Settings

__all__ = [
    "REDACTED_NAMES",
    "Given",
    "Resolution",
    "SecretNames",
    "Settings",
    "is_disabled",
    "load",
    "redacted_argv",
    "resolve",
    "without_password",
]
