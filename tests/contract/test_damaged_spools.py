"""A segment cut anywhere, and one with bits flipped: what can be read is stored, the rest is named.

Both followers of the writer meet them, and both cores' segments: the native core's hold echoes.
"""

import os
import random
import shutil
from pathlib import Path
from textwrap import dedent
from typing import Any

import msgpack
import pytest

from rewind.errors import RewindError
from rewind.replay.archive import Archive
from rewind.replay.events import EventQuery
from rewind.spool.segment import HEADER_SIZE, PUBLISHED_AT
from rewind.store import SessionFilter, open_store, read_sessions
from rewind.writer import WriterSettings, run
from tests.instrumented import CORES, recording, write
from tests.instrumented import run as play
from tests.spooled import dead_process

SOURCE = """
def work(n, kept):
    kept.append(n)
    text = "item %d" % n
    if n > 2:
        raise KeyError(text)
    return kept
def all_of_it():
    kept = ["first", {"key": (1, 2.5)}]
    for n in range(5):
        try:
            work(n, kept)
        except KeyError as error:
            found = error
all_of_it()
"""


@pytest.fixture(params=CORES)
def whole(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A recording's folder, as a process leaves it that is dead."""
    made = tmp_path / "made"
    with recording(made, core=request.param) as recorded:
        path = write(tmp_path, dedent(SOURCE))
        play(recorded.code(path), path)
        recorded.close()
    # Dead, so that a writer has nobody to wait for.
    for segment in list(made.glob("*.seg")):
        raw = segment.read_bytes()
        segment.unlink()
        # What was never written to need not be copied hundreds of times.
        end = int.from_bytes(raw[PUBLISHED_AT : PUBLISHED_AT + 8], "little")
        rest = segment.name.split("-", 2)[2]
        (made / f"{dead_process()}-0-{rest}").write_bytes(raw[:end])
    return made


def events_segment(folder: Path) -> Path:
    (found,) = folder.glob("*-1-0.seg")
    return found


class Harmed:
    """Copies of a recording, each harmed in its own way, and what a writer makes of them."""

    def __init__(self, whole: Path, tmp_path: Path) -> None:
        self.whole, self.folder = whole, tmp_path / "copies"
        self.raw = events_segment(whole).read_bytes()
        self.published = int.from_bytes(self.raw[PUBLISHED_AT : PUBLISHED_AT + 8], "little")
        self._count = 0
        self.known = self.told(self.raw)[0]

    def told(self, raw: bytes) -> tuple[list[Any], str]:
        """Store the recording with a segment of those bytes: its events as shown, and the log."""
        self._count += 1
        place = self.folder / str(self._count)
        shutil.copytree(self.whole, place / "spool")
        events_segment(place / "spool").write_bytes(raw)
        return stored(place)


def stored(place: Path) -> tuple[list[Any], str]:
    facts = '{"id": "a", "launcher": {"pid": %d, "start_ticks": 0}, "argv": [], "cwd": "/",'
    facts += '"python": "", "implementation": "", "platform": "", "host": "", "started_ns": 1}'
    (place / "spool" / "recording.json").write_text(facts % dead_process())
    url = f"sqlite:///{place}/rewind.db"
    code = run(place / "spool", WriterSettings(url, linger=0.0, flush_interval=60.0))
    log = place / "spool" / "writer.log"
    said = log.read_text() if log.exists() else ""
    assert (code == 0) == (not said)
    assert not list((place / "spool").glob("*.seg"))
    assert not said or list((place / "spool").glob("*.damaged"))
    return shown(url), said


def shown(url: str) -> list[Any]:
    """All events of all sessions as readers are given them, without what differs by itself."""
    store = open_store(url, upgrade=False)
    ids = [session.id for session in read_sessions(store, SessionFilter())]
    store.close()
    archive = Archive.open(url)
    try:
        return [told(event) for one in ids for event in archive.session(one).events(EventQuery())]
    finally:
        archive.close()


def told(event: Any) -> Any:
    return (event.n, event.place.site, event.time_ns, tuple(event.record)[2:])


def places(raw: bytes, published: int) -> list[int]:
    """Return where each record begins."""
    unpacker = msgpack.Unpacker(raw=True, strict_map_key=False)
    unpacker.feed(raw[HEADER_SIZE:published])
    return [HEADER_SIZE, *(HEADER_SIZE + unpacker.tell() for _ in unpacker)]


def test_a_segment_cut_at_any_byte_is_told_up_to_there(whole: Path, tmp_path: Path) -> None:
    harmed = Harmed(whole, tmp_path)
    assert len(harmed.known) > 40
    before = 0
    for cut in range(0, harmed.published, step()):
        events, said = harmed.told(harmed.raw[:cut])
        assert events == harmed.known[: len(events)], cut
        assert len(events) >= before, cut
        # Cut where a record ends, with all of it there, it is as one that has published no more.
        assert said, cut
        assert events_segment(whole).name.rsplit("-", 1)[0] in said
        before = len(events)
    assert before >= len(harmed.known) - 2 - step()


def test_what_was_published_up_to_any_byte_is_told(whole: Path, tmp_path: Path) -> None:
    """As a process leaves it that died there; a place within a record is damage."""
    harmed = Harmed(whole, tmp_path)
    for end in range(HEADER_SIZE, harmed.published, step()):
        raw = bytearray(harmed.raw)
        raw[PUBLISHED_AT : PUBLISHED_AT + 8] = end.to_bytes(8, "little")
        events, _ = harmed.told(bytes(raw))
        assert events == harmed.known[: len(events)], end


def step() -> int:
    """Return how many bytes lie between two places: one on demand, some dozens mostly."""
    return 1 if os.environ.get("REWIND_TEST_EVERY_BYTE") else 97


@pytest.mark.parametrize("seed", range(2))
def test_flipped_bits_never_crash_a_writer_or_a_reader(
    whole: Path, tmp_path: Path, seed: int
) -> None:
    """What stands before the harm is told as it was; of the rest only what is a whole record."""
    harmed = Harmed(whole, tmp_path)
    chance = random.Random(seed)  # noqa: S311 - the same each time
    for _ in range(1500 // step()):
        raw = bytearray(harmed.raw)
        at = chance.randrange(HEADER_SIZE, harmed.published)
        raw[at] ^= 1 << chance.randrange(8)
        try:
            events, _ = harmed.told(bytes(raw))
        except RewindError:
            # A reader names what it cannot read.
            continue
        good = sum(place < at for place in places(harmed.raw, harmed.published)) - 1
        same = min(len(events), max(good - 6, 0))
        assert events[:same] == harmed.known[:same], at
