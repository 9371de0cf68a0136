"""Which values are withheld: those known by a telling name, and texts that are credentials.

Asked before anything is written, so that a secret reaches no file.
"""

import re
from typing import Final

from rewind.config import SecretNames

_SHORTEST = 16
LOOKED_BEYOND: Final = 4096
"""Characters looked at beyond those that are written: a secret may begin before the cut."""

_CREDENTIALS = re.compile(
    r"eyJ[\w-]{6,}\.[\w-]{6,}\."  # JSON Web Token: base64 of '{"', RFC 7519
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"  # PEM, RFC 7468
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"  # AWS access key id
    r"|\bgh[pousr]_\w{20,}"  # GitHub token
    r"|\bgithub_pat_\w{20,}"
    r"|\bxox[abeoprs]-[\w-]{10,}"  # Slack
    r"|\b[rs]k_(?:live|test)_\w{10,}"  # Stripe
    r"|\bAIza[\w-]{30,}"  # Google
    r"|\b(?:Bearer|Basic) [\w.~+/-]{12,}"  # Authorization header, RFC 6750 and 7617
    r"|\w://[^/\s:@]+:[^/\s:@]+@"  # a URL with a password
)
_MARKS: Final = (
    *("eyJ", "-----BEGIN", "AKIA", "ASIA", "gh", "github_pat_", "xox", "k_live_", "k_test_"),
    *("AIza", "Bearer ", "Basic ", "://"),
)
"""One of them is in each credential. To look for them takes a tenth of the expression's time."""


class Secrets:
    """Answers for names and texts. Asked by probes of all threads; needs no stop.

    Answers for names are kept, as the same few names come again and again; a program that makes up
    names without end (keys of a large dictionary) only empties that memory.
    """

    _REMEMBERED = 10_000

    def __init__(self, names: SecretNames) -> None:
        self.names = names
        """The rule."""
        self._answers: dict[str, bool] = {}

    def covers(self, name: str) -> bool:
        """Return whether a value of that name is withheld."""
        answer = self._answers.get(name)
        if answer is None:
            if len(self._answers) >= self._REMEMBERED:
                self._answers.clear()
            answer = self._answers[name] = self.names.covers(name[:256])
        return answer

    def in_text(self, text: str, shown: int) -> bool:
        """Return whether there is what looks like a credential in the `shown` first characters."""
        text = text[: shown + LOOKED_BEYOND]
        if len(text) < _SHORTEST or not _is_marked(text):
            return False
        found = _CREDENTIALS.search(text)
        return found is not None and found.start() < shown


def _is_marked(text: str) -> bool:
    for mark in _MARKS:  # noqa: SIM110 - `any` of a generator takes three times as long
        if mark in text:
            return True
    return False
