import pytest

from rewind.errors import FormatError
from rewind.model.events import Control
from rewind.model.values import Tag
from rewind.store import Module
from rewind.writer.records import LATEST, clock_of, pack_clock, read_head, read_unsigned
from tests.spooled import Raw, record
from tests.unit.writer.recorded import (
    CALL_HELPER,
    CALL_WORK,
    FUNCTIONS,
    LOOP,
    ORIGIN,
    RETURN_HELPER,
    SET_TOTAL,
    SET_X,
    SITES,
    Recorded,
    events,
    unpacked,
)


def test_times_become_those_since_the_sessions_start() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2, dt=40)
    work.event(LOOP, dt=300)
    work.event(LOOP, dt=70_000)
    (chunk,) = work.rows().chunks
    assert [time for _, time, *_ in events(chunk)] == [40, 340, 70_340]
    assert (chunk.start_ns, chunk.end_ns) == (40, 70_340)


@pytest.mark.parametrize("dt", [0, 127, 128, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**40])
def test_every_width_of_a_time_is_read(dt: int) -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2, dt=dt)
    work.event(LOOP, dt=1)
    (chunk,) = work.rows().chunks
    assert [time for _, time, *_ in events(chunk)] == [dt, dt + 1]


@pytest.mark.parametrize("base", [0, 100, 127, 128, 200, 255, 256, 60_000, 65_535, 65_536, 2**33])
def test_every_width_of_a_site_is_read(base: int) -> None:
    work = Recorded(base)
    work.event(base + CALL_WORK, 1, 2)
    work.event(base + SET_X, "text")
    (chunk,) = work.rows().chunks
    assert events(chunk) == [[base + CALL_WORK, 10, 1, 2], [base + SET_X, 20, "text"]]
    assert chunk.sites == {base + CALL_WORK: 1, base + SET_X: 1}


def test_a_record_of_many_elements_is_read() -> None:
    work = Recorded()
    arguments = list(range(40))
    work.event(CALL_WORK, *arguments)
    work.event(LOOP)
    (chunk,) = work.rows().chunks
    assert events(chunk) == [[CALL_WORK, 10, *arguments], [LOOP, 20]]


def test_values_are_stored_byte_for_byte() -> None:
    """Text with lone surrogates, deep nesting and big integers included."""
    nested = Raw(record(Tag.LIST, 2**63, 2, Raw(record(Tag.DICT, 7, 1, "k", b"\xff")), "\ud800"))
    work = Recorded()
    work.event(CALL_WORK, nested, -(2**63))
    (chunk,) = work.rows().chunks
    assert chunk.data.endswith(nested + record(-(2**63))[1:])


def test_an_event_before_the_sessions_start_is_at_its_start() -> None:
    work = Recorded()
    work.decoder.begin(ORIGIN - 500)
    work.decoder.session = work.session
    work.event(CALL_WORK, 1, 2, dt=100)
    (chunk,) = work.rows().chunks
    assert events(chunk)[0][1] == 0


def test_pieces_may_be_cut_anywhere() -> None:
    """Whatever the pieces, the chunk is the same."""
    raw = b"".join(
        (
            record(CALL_WORK, 300, "a" * 40, Raw(record(Tag.LIST, 9, 3, 1, 2, 3))),
            record(SET_X, 1, "text"),
            record(Control.UNWIND, 1),
            record(CALL_HELPER, 70_000),
        )
    )
    whole = Recorded()
    assert whole.feed(raw) == len(raw)
    expected = whole.rows().chunks
    for cut in range(len(raw)):
        work = Recorded()
        taken = work.feed(raw[:cut])
        assert taken <= cut
        assert work.feed(raw[taken:]) == len(raw) - taken
        assert work.rows().chunks == expected


def test_an_event_without_a_session_is_counted_and_its_time_passes() -> None:
    work = Recorded()
    work.decoder.session = None
    work.event(CALL_WORK, 1, 2, dt=500)
    work.decoder.session = work.session
    work.event(CALL_WORK, 1, 2, dt=5)
    assert work.lost == 1
    assert events(work.rows().chunks[0])[0][1] == 505


def test_a_time_before_the_last_one_is_told_by_a_further_clock() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2, dt=500)
    work.decoder.clock = ORIGIN + 100
    work.event(SET_X, 1, dt=5)
    work.event(LOOP, dt=300)
    (chunk,) = work.rows().chunks
    assert [time for _, time, *_ in events(chunk)] == [500, 105, 405]
    assert [one[:2] for one in unpacked(chunk.data)] == [
        [Control.CLOCK, 0],
        [CALL_WORK, 500],
        [Control.CLOCK, 105],
        [SET_X, 0],
        [LOOP, 300],
    ]
    assert (chunk.start_ns, chunk.end_ns) == (500, 405)


@pytest.mark.parametrize("passed", [2**63, 2**64 - 1])
def test_a_clock_that_a_control_record_lets_run_away_stands_still(passed: int) -> None:
    """Both followers go on from there; what comes then has the latest time there is."""
    work = Recorded()
    work.decoder.pass_time(passed)
    work.event(CALL_WORK, 1, 2)
    assert work.decoder.clock == LATEST
    assert work.rows().chunks[0].start_ns == LATEST - ORIGIN


@pytest.mark.parametrize("passed", [-1, None, "1", 1.0, True])
def test_a_time_of_a_control_record_is_a_number(passed: object) -> None:
    with pytest.raises(ValueError, match="a time is no number from 0 on"):
        Recorded().decoder.pass_time(passed)


def test_an_event_of_a_site_that_nobody_announced_is_counted() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2)
    work.event(999, "what")
    work.event(LOOP)
    rows = work.rows()
    assert rows.session.dropped == 1
    assert [site for site, *_ in events(rows.chunks[0])] == [CALL_WORK, LOOP]


def test_a_site_that_is_announced_late_is_asked_for() -> None:
    work = Recorded()
    asked = []

    def learn(site: int) -> bool:
        asked.append(site)
        work.sites.add(
            Module("p", site, "late", "/late.py", "hash", FUNCTIONS, SITES[LOOP : LOOP + 1])
        )
        return True

    work.decoder._learn = learn
    work.feed(record(CALL_WORK, 1, 1, 2), record(500, 1), record(500, 1))
    assert asked == [500]
    assert work.rows().session.events == 3


def test_control_records_are_handed_on() -> None:
    work = Recorded()
    work.feed(record(CALL_WORK, 1, 1, 2), record(Control.SWITCH, 4), record(-99, "later"))
    assert work.controls == [(Control.SWITCH, 4), (-99, "later")]


def test_moves_of_frames_stay_among_the_events_without_a_number() -> None:
    work = Recorded()
    work.feed(record(CALL_WORK, 1, 1, 2), record(Control.UNWIND, 1), record(CALL_HELPER, 1))
    rows = work.rows()
    assert events(rows.chunks[0])[1] == [Control.UNWIND, 1]
    assert rows.session.events == 2


@pytest.mark.parametrize("damage", [b"\xc1", b"\x05", b"\x91\xa1a", b"\x92\xa1a\x01", b"\x90"])
def test_what_is_no_record_is_a_format_error(damage: bytes) -> None:
    work = Recorded()
    with pytest.raises(FormatError, match="no record at byte 5"):
        work.feed(record(CALL_WORK, 1, 1, 2), damage, record(LOOP, 1))
    assert work.rows().session.events == 1


def test_elements_that_a_later_version_adds_are_kept() -> None:
    work = Recorded()
    work.event(CALL_WORK, 1, 2)
    work.event(SET_TOTAL, "owner", "value", "new")
    assert events(work.rows().chunks[0])[1] == [SET_TOTAL, 20, "owner", "value", "new"]


def test_a_generator_that_goes_over_pieces_is_one_session() -> None:
    work = Recorded()
    for _ in range(3):
        work.feed(record(CALL_HELPER, 1), record(RETURN_HELPER, 1, None))
    assert work.rows().session.events == 6


@pytest.mark.parametrize("time", [0, 1, 2**32 - 1, 2**32, 2**60])
def test_a_clock_is_written_as_msgpack(time: int) -> None:
    assert unpacked(pack_clock(time)) == [[Control.CLOCK, time]]
    assert clock_of(pack_clock(time) + record(LOOP, 5)) == time
    assert clock_of(record(LOOP, time)) is None


def test_heads_that_cannot_be_are_value_errors() -> None:
    with pytest.raises(ValueError, match="no array begins with 0xc0"):
        read_head(b"\xc0\x01", 0)
    with pytest.raises(ValueError, match="no unsigned integer begins with 0xa1"):
        read_unsigned(b"\xa1a", 0)
