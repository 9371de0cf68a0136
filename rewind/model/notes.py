"""Where what the program says by itself stands in a recording: modules of ours with a few sites.

A note may be made anywhere, by code with probes and without, under any name; and so may a text be
printed or logged, and a database be asked. So such an event tells its line itself, and belongs to
the frame that is open on top of the stack then. Its module is announced by a process with its first
event; it has no source and is nobody's.
"""

import zlib
from hashlib import sha256
from typing import Final, NamedTuple

from rewind.model.events import LOG, NOTE, OUTGOING_KINDS, OUTPUT, Control
from rewind.model.sites import PLAIN, Function, Site, SiteTable, packed_sites
from rewind.model.wire import pack

STREAMS: Final = ("stdout", "stderr")
"""Names of the standard streams, in the order of their sites."""


class Saying(NamedTuple):
    """A module for what is said, of one function."""

    module: str
    table: SiteTable

    @property
    def path(self) -> str:
        """What stands for its file: no file has it."""
        return f"<{self.module}>"

    def announcement(self) -> bytes:
        """Return the module's record (`docs/format.md`, -17) up to the number of its site."""
        described = {
            "source": b"",
            "functions": [tuple(function) for function in self.table.functions],
            "sites": tuple(packed_sites(self.table.sites)),
        }
        facts = {
            "name": self.module,
            "path": self.path,
            "hash": sha256(b"").hexdigest(),
            "packed": zlib.compress(pack(described)),
        }
        # The number's place is held by a zero, which is one byte.
        return pack([Control.MODULE, facts | {"base": 0}])[:-1]


def _saying(kind: str, names: tuple[str | None, ...]) -> Saying:
    sites = tuple(Site(kind, 0, 1, 0, 1, 0, name) for name in names)
    return Saying(f"rewind.{kind}", SiteTable((Function(kind, 1, PLAIN, ()),), sites))


NOTES: Final = _saying(NOTE, (None,))
"""`rewind.note`."""
OUTPUT_TEXTS: Final = _saying(OUTPUT, STREAMS)
"""What is written to the standard streams, each of which is a site."""
MAPS: Final = {kind: _saying(kind, (None,)) for kind in (LOG, *OUTGOING_KINDS)}
"""What is told by a map, by its kind of event: what is logged, and calls that left the program."""
PATHS: Final = frozenset(saying.path for saying in (NOTES, OUTPUT_TEXTS, *MAPS.values()))
