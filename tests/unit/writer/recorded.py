"""Records in memory, and what the writer makes of them, without files or a database."""

from typing import Any

import msgpack

from rewind.model.sites import COROUTINE, GENERATOR, PLAIN, Function, Site
from rewind.store import Chunk, Module, Session
from rewind.writer.decoder import Decoder, Record
from rewind.writer.following import BEST
from rewind.writer.session import OpenSession, Rows
from rewind.writer.settings import WriterSettings
from rewind.writer.sites import Sites
from tests.spooled import record, timed

FUNCTIONS = (
    Function("work", 1, PLAIN, ("a", "b")),
    Function("helper", 10, PLAIN, ()),
    Function("numbers", 20, GENERATOR, ("n",)),
    Function("fetch", 30, COROUTINE, ()),
)
SITES = (
    Site("call", 0, 1, 0, 1, 10),
    Site("variable", 0, 2, 0, 2, 5, "x"),
    Site("variable", 0, 3, 0, 3, 5, "a"),
    Site("delete", 0, 4, 0, 4, 5, "a"),
    Site("loop", 0, 5, 0, 5, 5, None, "for"),
    Site("exception", 0, 6, 0, 6, 5),
    Site("exception", 0, 1, 0, 1, 5, None, "exit"),
    Site("return", 0, 7, 0, 7, 5),
    Site("call", 1, 10, 0, 10, 5),
    Site("variable", 1, 11, 0, 11, 5, "y"),
    Site("return", 1, 12, 0, 12, 5),
    Site("call", 2, 20, 0, 20, 5),
    Site("variable", 2, 21, 0, 21, 5, "z"),
    Site("yield", 2, 22, 0, 22, 5),
    Site("resume", 2, 22, 0, 22, 5),
    Site("return", 2, 23, 0, 23, 5),
    Site("call", 3, 30, 0, 30, 5),
    Site("await", 3, 31, 0, 31, 5),
    Site("resume", 3, 31, 0, 31, 5),
    Site("variable", 3, 32, 0, 32, 5, "answer"),
    Site("handled", 0, 8, 0, 8, 5, "error", "except"),
    Site("mutate", 0, 9, 0, 9, 5, "x", "append"),
    Site("attribute", 0, 9, 0, 9, 5, "total"),
)
(
    CALL_WORK,
    SET_X,
    SET_A,
    DELETE_A,
    LOOP,
    SEEN,
    FAILED,
    RETURN_WORK,
    CALL_HELPER,
    SET_Y,
    RETURN_HELPER,
    CALL_NUMBERS,
    SET_Z,
    YIELD,
    RESUME_NUMBERS,
    RETURN_NUMBERS,
    CALL_FETCH,
    AWAIT,
    RESUME_FETCH,
    SET_ANSWER,
    HANDLED,
    MUTATE_X,
    SET_TOTAL,
) = range(len(SITES))

ORIGIN = 1_000_000

following = BEST
"""What follows the events of what is made; a fixture sets it."""


def sites(base: int = 0) -> Sites:
    """Return a process's sites with the one module loaded."""
    known = Sites(following)
    known.add(Module("p", base, "app", "/app.py", "hash", FUNCTIONS, SITES))
    return known


def session_row(**facts: Any) -> Session:
    """Return the row of a session that has just begun."""
    row = Session("s", "r", "p", 1, "app.py", "script", "running", 5_000, ORIGIN)
    return row._replace(**facts)


class Recorded:
    """One session in one stream; events go in, rows come out."""

    def __init__(self, base: int = 0, **settings: Any) -> None:
        self.sites = sites(base)
        self.session = OpenSession(session_row(), self.sites, WriterSettings("x", **settings))
        self.lost = 0
        self.controls: list[Record] = []
        self.decoder = Decoder(self.sites, self._control, lambda _: False, self._lose)
        self.decoder.begin(ORIGIN)
        self.decoder.session = self.session

    def _control(self, decoder: Decoder, control: Record) -> None:  # noqa: ARG002
        self.controls.append(control)

    def _lose(self) -> None:
        self.lost += 1

    def feed(self, *records: bytes) -> int:
        """Decode the records as one piece."""
        return self.decoder.decode(b"".join(records))

    def event(self, site: int, *payload: object, dt: int = 10) -> None:
        """Decode one event."""
        raw = record(site, dt, *payload)
        assert self.decoder.decode(raw) == len(raw)

    def state(self) -> bytes:
        """Return the state after the latest event, as a keyframe."""
        return self.session.follower.keyframe()

    def rows(self) -> Rows:
        """Return what a flush would store."""
        return self.session.take()


def events(chunk: Chunk) -> list[Any]:
    """Return a chunk's records, decoded, with times since the session's start."""
    return timed(unpacked(chunk.data))


def unpacked(raw: bytes) -> list[Any]:
    """Return the values in `raw`."""
    unpacker = msgpack.Unpacker(use_list=True, unicode_errors="surrogatepass")
    unpacker.feed(raw)
    return list(unpacker)


def keyframe(raw: bytes) -> dict[str, Any]:
    """Return a keyframe, decoded."""
    (value,) = unpacked(raw)
    return dict(value)
