"""Names whose values are withheld, and the rule by which a name counts as one of them.

The rule works on words, so that `auth` covers `auth_header` and `X-Auth` but not `authenticate`.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

REDACTED_NAMES: Final = (
    "access_key",
    "api_key",
    "auth",
    "authorization",
    "card_number",
    "connection_string",
    "cookie",
    "credential",
    "credit_card",
    "csrf",
    "cvv",
    "database_url",
    "dsn",
    "jwt",
    "otp",
    "passphrase",
    "passwd",
    "password",
    "pin",
    "private_key",
    "pwd",
    "secret",
    "session",
    "ssn",
    "token",
)
"""The built-in list; `redact_fields` adds to it, and takes out with a `-` before the name."""

WITHHELD: Final = "[redacted]"
"""Stands in a command line where a secret was."""

_ADDRESS_PASSWORD = re.compile(r"(://[^/@:\s]*:)[^/@\s]+(@)")
_BOUNDARY = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class SecretNames:
    """Tells whether a name is secret. Immutable, so any thread may ask."""

    def __init__(self, names: Iterable[str]) -> None:
        words = [_words(name) for name in names]
        self.joined = frozenset("".join(parts) for parts in words)
        """The secret names with nothing between their words."""
        spaced = {" ".join(parts) for parts in words}
        self.phrases = frozenset(f" {phrase} " for phrase in spaced | self.joined)
        """The same and the names as words, each with a space on both sides."""

    def covers(self, name: str) -> bool:
        """Return whether one of the secret names occurs in `name`, as whole words.

        Words end at anything but letters and digits and where capitals begin: `api_key` covers
        `apiKey`, `X-API-Key`, `APIKEYS`, `stripe.api_key` and `stripe_apikey`.
        """
        parts = _words(name)
        phrase = f" {' '.join(parts)} "
        return "".join(parts) in self.joined or any(part in phrase for part in self.phrases)


def _words(name: str) -> list[str]:
    # A plural is as secret as its singular; the same cut on both sides keeps them comparable.
    parts = [part.lower() for part in _BOUNDARY.split(name) if part]
    return [part[:-1] if part.endswith("s") and not part.endswith("ss") else part for part in parts]


def redacted_argv(argv: Sequence[str], names: SecretNames) -> list[str]:
    """Return the command line with its secrets withheld.

    Those are the values of options and assignments with a secret name (`--token X`, `--token=X`,
    `TOKEN=X`), and passwords in addresses (`postgresql://me:X@host`).
    """
    shown: list[str] = []
    is_secret = False
    for word in argv:
        name, equals, _ = word.partition("=")
        if is_secret and not word.startswith("-"):
            shown.append(WITHHELD)
            is_secret = False
            continue
        is_secret = names.covers(name) and word.startswith("-") and not equals
        withheld = f"{name}={WITHHELD}" if equals and names.covers(name) else word
        shown.append(without_password(withheld))
    return shown


def database_digest(url: str) -> str:
    """Return what tells a database from another one, and may lie on a disk."""
    from hashlib import sha256  # noqa: PLC0415 - a recorded process has no use for it

    return sha256(without_password(url).encode()).hexdigest()


def without_password(text: str) -> str:
    """Return `text` with the passwords of the addresses in it withheld."""
    return _ADDRESS_PASSWORD.sub(rf"\1{WITHHELD}\2", text)
