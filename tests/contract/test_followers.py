"""Both followers of the writer make the same of the same bytes: chunks, keyframes, rows, refusals.

What they are given was recorded by the cores, made at random, cut at any place, or damaged.
"""

import random
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewind.errors import FormatError
from rewind.spool.reader import segments
from rewind.spool.segment import HEADER_SIZE
from rewind.store import Batch, Chunk, Process, Recording
from rewind.store.references import put_back
from rewind.writer import references as python_references
from rewind.writer import tail
from rewind.writer.decoder import Decoder
from rewind.writer.following import NATIVE, PYTHON, Following
from rewind.writer.process import RecordedProcess
from rewind.writer.resume import _set_clock
from rewind.writer.session import OpenSession
from rewind.writer.settings import WriterSettings
from rewind.writer.sites import Sites
from tests import stored
from tests.contract.many_kinds import SOURCE as MANY_KINDS
from tests.contract.test_echoed_spools import KNOWN
from tests.instrumented import CORES, recording, run, write
from tests.spool_bytes import whole
from tests.spooled import record
from tests.unit.writer import recorded
from tests.unit.writer.recorded import unpacked
from tests.unit.writer.test_writer_and_replay import RECORDS

BOTH = [PYTHON] if NATIVE is None else [PYTHON, NATIVE]
PROGRAMS = Path(__file__).parents[2] / "benchmarks" / "programs"
NAMES = ("many_kinds", "echoes", "fib", "loops", "objects", "parser", "tasks")

pytestmark = pytest.mark.skipif(NATIVE is None, reason="the follower in C was not built")


def source_of(name: str) -> str:
    if name == "many_kinds":
        return MANY_KINDS + "\nwork()\n"
    if name == "echoes":
        return dedent(KNOWN)
    return (PROGRAMS / f"{name}.py").read_text() + "\nrun(1)\n"


@pytest.fixture(scope="module")
def spooled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Records a program by each core, once, a session each; returns the folder of that name."""
    made: dict[str, Path] = {}

    def folder_of(name: str) -> Path:
        program, core = name.split("-")
        if name not in made:
            folder = made[name] = tmp_path_factory.mktemp(name)
            with recording(folder, core=core, segment_bytes=1 << 16) as recorder:
                code = recorder.code(write(folder, source_of(program)))
                recorder.core.open_session("script", program, "subject", "<module>")
                run(code, folder / "subject.py")
                recorder.core.close_session(None)
                recorder.close()
        return made[name]

    return folder_of


def told(
    following: Following, folder: Path, settings: WriterSettings, seed: int
) -> tuple[list[Batch], str | None]:
    """Everything that a writer would store of a folder, flushing now and then."""
    whole: Recording = stored.recording(id="r", started_ns=1)
    (name, *_) = sorted(name for name, _ in segments(folder))
    row = Process("p", whole.id, name.pid, name.start_ticks)
    process = RecordedProcess(folder, row, whole, settings)
    process.sites = Sites(following)
    flushes, batches = random.Random(seed), []  # noqa: S311 - the same for both
    found: dict[int, list[int]] = {}
    for one, _ in segments(folder):
        found.setdefault(one.stream, []).append(one.sequence)
    process.offer(found)
    while process.read_on():
        if flushes.random() < 0.2:
            batches.append(process.collect().batch)
    process.end()
    batches.append(process.collect().batch)
    process.close()
    return batches, process.damage


def assert_same(folder: Path, seed: int = 0, **settings: object) -> list[Batch]:
    wanted = WriterSettings("x", **settings)  # type: ignore[arg-type]
    first, second = (told(following, folder, wanted, seed) for following in BOTH)
    assert first == second
    return first[0]


@pytest.mark.parametrize("size", [1, 7, 4096])
@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_program_is_stored_the_same(
    name: str, core: str, size: int, spooled: Callable[[str], Path]
) -> None:
    batches = assert_same(spooled(f"{name}-{core}"), chunk_events=size)
    assert sum(len(chunk.data) for batch in batches for chunk in batch.chunks) > 1000
    assert not any(session.dropped for batch in batches for session in batch.sessions)


def without_echoes(folder: Path, to: Path) -> Path:
    """Copy a folder with what its echoes stand for in their place."""
    shutil.copytree(folder, to)
    for _, path in segments(to):
        data = whole(path)
        header = bytearray(path.read_bytes()[:HEADER_SIZE])
        header[8:16] = (HEADER_SIZE + len(data)).to_bytes(8, "little")
        header[80:88] = (HEADER_SIZE + len(data)).to_bytes(8, "little")
        path.write_bytes(bytes(header) + data)
    return to


def put_together(batches: list[Batch]) -> dict[tuple[str, int], Chunk]:
    """Return the chunks as a reader gets them, by session and first event."""
    return {
        (chunk.session_id, chunk.first): chunk._replace(data=put_back(chunk.data))
        for batch in batches
        for chunk in batch.chunks
    }


@pytest.mark.parametrize("size", [1, 7, 4096])
@pytest.mark.parametrize("name", NAMES)
def test_references_stand_for_what_would_be_there_without_echoes(
    name: str, size: int, spooled: Callable[[str], Path], tmp_path: Path
) -> None:
    """Records, keyframes and all else are the same for a reader."""
    folder = spooled(f"{name}-native")
    batches = assert_same(folder, chunk_events=size)
    plain = assert_same(without_echoes(folder, tmp_path / "plain"), chunk_events=size)
    assert put_together(batches) == put_together(plain)
    referring = sum(b"\xd7\x02" in chunk.data for batch in batches for chunk in batch.chunks)
    assert referring or size == 1 or name in {"fib", "loops", "tasks"}


def test_what_stands_for_too_much_is_written_out(
    spooled: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A chunk refers to no more than a reader puts back."""
    folder = spooled("echoes-native")
    monkeypatch.setattr(python_references, "MOST_REFERRED", 2000)
    (some, _), (plain, _) = (
        told(PYTHON, place, WriterSettings("x"), 0)
        for place in (folder, without_echoes(folder, tmp_path / "plain"))
    )
    assert put_together(some) == put_together(plain)
    assert 0 < sum(chunk.data.count(b"\xd7\x02") for b in some for chunk in b.chunks) < 40


def echo(at: int, size: int) -> bytes:
    return b"\xd7\x01" + at.to_bytes(4) + size.to_bytes(4)


def marked(site: int, *payload: bytes) -> bytes:
    return b"\xdc\x00" + bytes((2 + len(payload), site, 1)) + b"".join(payload)


NODES = (b"\x93\x01\x07\x00", b"\x94\x0c\x09\xa1E\x00", b"\x94\x01\x08\x01\xa2hi")
CALLED = record(recorded.CALL_WORK, 1, 1, 2)


@st.composite
def echoing(draw: st.DrawFn) -> bytes:
    """Records of a segment: nodes, echoes of these, echoes of what holds such, and damage."""
    data = bytes(HEADER_SIZE) + CALLED
    places = list[tuple[int, int]]()
    sites = (recorded.SET_X, recorded.SET_A, recorded.SEEN, recorded.MUTATE_X, recorded.HANDLED)
    for _ in range(draw(st.integers(1, 14))):
        node = draw(st.sampled_from(NODES))
        if len(places) > 0 and draw(st.booleans()):
            items = b"".join(
                echo(*draw(st.sampled_from(places))) for _ in range(draw(st.integers(1, 3)))
            )
            node = bytes((0x93 + len(items) // 10, 1, 5, 3)) + items
        if len(places) > 0 and draw(st.integers(0, 20)) == 0:
            at, size = draw(st.sampled_from(places))
            node = echo(at + draw(st.integers(-2, 2)), size + draw(st.integers(-2, 2)))
        elif len(places) > 0 and draw(st.booleans()):
            node = echo(*draw(st.sampled_from(places)))
        else:
            places.append((len(data) + 5, len(node)))
        data += marked(draw(st.sampled_from(sites)), node)
        data += draw(st.sampled_from((b"", record(recorded.LOOP, 3), b"\x91\xfa", CALLED)))
    return data


@given(echoing(), st.integers(1, 9), st.sampled_from((0, 1, 2**40)))
def test_random_echoes_are_followed_the_same(segment: bytes, size: int, origin: int) -> None:
    """Both write the same references, and the same as they stand for into keyframes."""
    outcomes = list[object]()
    before = recorded.following
    for following in BOTH:
        recorded.following = following
        work = recorded.Recorded(chunk_events=size)
        work.decoder.clock += origin
        said = ""
        try:
            work.decoder.decode(segment[HEADER_SIZE:], segment, HEADER_SIZE)
        except FormatError as error:
            said = str(error)
        rows = work.rows()
        whole = [unpacked(put_back(chunk.data)) for chunk in rows.chunks]
        follower = work.session.follower
        outcomes.append((said, rows, whole, follower.raised, work.state()))
        assert b"\xd7" not in work.state()
    recorded.following = before
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("limits", [(50, "oldest"), (50, "stop"), (3, "oldest")])
@pytest.mark.parametrize("name", NAMES)
def test_limits_are_kept_the_same(
    name: str, limits: tuple[int, str], spooled: Callable[[str], Path]
) -> None:
    most, overflow = limits
    assert_same(spooled(f"{name}-native"), max_events_per_session=most, overflow=overflow)


@pytest.mark.parametrize("at_once", [1, 64, 1000])
@pytest.mark.parametrize("name", ["many_kinds", "echoes"])
def test_reads_that_cut_records_change_nothing(
    name: str, at_once: int, spooled: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = spooled(f"{name}-native")
    whole = assert_same(folder, seed=1, chunk_events=64)
    monkeypatch.setattr(tail, "_AT_ONCE", at_once)
    cut = assert_same(folder, seed=1, chunk_events=64)
    full = [
        {(c.session_id, c.first): c for one in told for c in one.chunks} for told in (whole, cut)
    ]
    assert full[0] == full[1]


@pytest.mark.parametrize("seed", range(60))
def test_damage_is_met_the_same(seed: int, spooled: Callable[[str], Path], tmp_path: Path) -> None:
    """Bytes behind the header are changed, at random; nothing crashes, and both refuse alike."""
    dice = random.Random(seed)  # noqa: S311 - the same in each run
    folder = tmp_path / "damaged"
    shutil.copytree(spooled(f"{NAMES[seed % len(NAMES)]}-native"), folder)
    for name, path in segments(folder):
        data = bytearray(path.read_bytes())
        if name.stream == 0:
            continue
        end = int.from_bytes(data[8:16], "little")
        for _ in range(dice.choice((1, 3, 30))):
            at = dice.randrange(HEADER_SIZE, end)
            data[at] = dice.choice((0xC1, 0xDC, 0xDD, 0xD7, 0x90, 0xCF, dice.randrange(256)))
        path.write_bytes(data)
    assert_same(folder, seed, chunk_events=dice.choice((5, 100)))


def followed(following: Following, data: bytes, cuts: list[int], size: int) -> list[object]:
    before, recorded.following = recorded.following, following
    try:
        work = recorded.Recorded(chunk_events=size)
        taken, outcome = 0, list[object]()
        try:
            for cut in [*sorted(cuts), len(data)]:
                taken += work.decoder.decode(data[taken : max(cut, taken)])
        except FormatError as error:
            outcome.append(str(error))
        follower = work.session.follower
        outcome += [taken, work.decoder.clock, work.decoder.taken, work.lost, work.controls]
        outcome += [follower.raised, follower.last_site, follower.end_ns, work.state()]
        return [*outcome, work.rows()]
    finally:
        recorded.following = before


@given(st.lists(RECORDS, max_size=40), st.lists(st.integers(0, 400), max_size=3), st.integers(1, 9))
def test_random_events_are_followed_the_same(
    records: list[bytes], cuts: list[int], size: int
) -> None:
    data = b"".join(records)
    first, second = (followed(following, data, cuts, size) for following in BOTH)
    assert first == second


@given(
    st.lists(RECORDS, max_size=12),
    st.lists(st.tuples(st.integers(0, 200), st.binary(min_size=1, max_size=4)), max_size=4),
    st.integers(1, 9),
)
def test_random_bytes_are_refused_the_same(
    records: list[bytes], damage: list[tuple[int, bytes]], size: int
) -> None:
    data = b"".join(records)
    for at, what in damage:
        data = data[:at] + what + data[at + len(what) :]
    first, second = (followed(following, data, [], size) for following in BOTH)
    assert first == second


@pytest.mark.parametrize("deep", [1022, 1023, 1024, 5000])
def test_values_nested_too_deep_are_refused_the_same(deep: int) -> None:
    nested = b"\x93" + bytes((recorded.SET_X, 1)) + b"\x91" * deep + b"\xc0"
    first, second = (followed(following, nested, [], 5) for following in BOTH)
    assert first == second


@pytest.mark.parametrize("dt", [2**63 - 1, 2**64 - 1])
def test_a_clock_that_runs_away_stands_still(dt: int) -> None:
    """A damaged time is no reason for the writer to end."""
    data = record(recorded.CALL_WORK, dt, 1, 2) + record(recorded.LOOP, dt)
    first, second = (followed(following, data, [], 5) for following in BOTH)
    assert first == second
    assert first[1] == 2**63 - 1


@pytest.mark.parametrize("name", ["many_kinds", "echoes", "tasks"])
def test_a_writer_that_takes_over_goes_on_the_same(
    name: str, spooled: Callable[[str], Path]
) -> None:
    """A follower that has read a chunk again is where the one before it was."""
    batches, _ = told(PYTHON, spooled(f"{name}-native"), WriterSettings("x", chunk_events=50), -1)
    modules = [module for batch in batches for module in batch.modules]
    chunks = [chunk for batch in batches for chunk in batch.chunks]
    for told_chunk, after in pairwise(chunks[:40]):
        if told_chunk.session_id != after.session_id:
            continue
        chunk = told_chunk._replace(data=put_back(told_chunk.data))
        for following in BOTH:
            sites = Sites(following)
            for module in modules:
                sites.add(module)
            session = OpenSession(recorded.session_row(), sites, WriterSettings("x"))
            session.reopen(chunk, [chunk.first], [])
            decoder = Decoder(sites, _set_clock, lambda _: False, lambda: None)
            decoder.session = session
            decoder.decode(chunk.data)
            assert session.follower.chunk() == (chunk.data, chunk.sites)
            assert session.follower.keyframe() == after.keyframe
            assert session.follower.seal() == after.keyframe
            assert session.follower.seal() == after.keyframe
