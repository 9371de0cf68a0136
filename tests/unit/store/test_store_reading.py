import pytest
from sqlalchemy import update

from rewind.errors import FormatError, StoreError
from rewind.store import (
    CODECS,
    Outline,
    Store,
    append,
    open_store,
    read_chunk,
    read_chunks,
    read_function_calls,
    read_last_chunk,
    read_modules,
    read_outlines,
    read_positions,
    read_process,
    read_processes,
    read_recording,
    read_reports,
    read_source,
    read_status,
    read_totals,
    schema,
)
from rewind.store.codec import compress, decompress
from tests import stored


@pytest.fixture
def long_session(store: Store) -> str:
    """A session of thirty events in three chunks; its id."""
    rows = stored.batch()
    owner = rows.sessions[0]
    rows.chunks = [stored.chunk(owner, first, first + 9) for first in (1, 11, 21)]
    stored.put(store, rows)
    return owner.id


@pytest.mark.parametrize("codec", CODECS)
def test_what_is_stored_comes_back(store: Store, codec: str) -> None:
    rows = stored.batch()
    append(store, rows, codec)
    owner, runner = rows.recordings[0], rows.processes[0]
    assert read_recording(store, owner.id) == owner
    assert read_processes(store, owner.id) == [runner]
    assert read_process(store, runner.id) == runner
    assert read_modules(store, runner.id) == rows.modules
    assert read_source(store, stored.HASH) == stored.SOURCE
    assert read_reports(store, owner.id) == rows.reports
    assert read_positions(store, runner.id) == rows.positions
    assert read_function_calls(store, rows.sessions[0].id) == rows.functions
    assert read_chunk(store, rows.sessions[0].id, 1) == rows.chunks[0]


def test_what_is_not_there_is_none(store: Store) -> None:
    assert read_recording(store, "r") is None
    assert read_process(store, "p") is None
    assert read_source(store, "h") is None
    assert read_chunk(store, "s", 1) is None
    assert read_last_chunk(store, "s") is None


@pytest.mark.parametrize(("n", "first"), [(1, 1), (10, 1), (11, 11), (30, 21)])
def test_the_chunk_of_an_event_is_found(
    store: Store, long_session: str, n: int, first: int
) -> None:
    found = read_chunk(store, long_session, n)
    assert found is not None
    assert found.first == first


@pytest.mark.parametrize("n", [0, 31])
def test_an_event_that_does_not_exist_has_no_chunk(store: Store, long_session: str, n: int) -> None:
    assert read_chunk(store, long_session, n) is None


@pytest.mark.parametrize(
    ("first", "last", "firsts"),
    [(1, None, [1, 11, 21]), (10, 11, [1, 11]), (12, 13, [11]), (31, 40, []), (25, None, [21])],
)
def test_chunks_of_a_range_come_in_order(
    store: Store, long_session: str, first: int, last: int | None, firsts: list[int]
) -> None:
    assert [chunk.first for chunk in read_chunks(store, long_session, first, last)] == firsts
    assert [line.first for line in read_outlines(store, long_session, first, last)] == firsts


def test_an_outline_says_what_a_chunk_is_about(store: Store, long_session: str) -> None:
    outline = read_outlines(store, long_session)[1]
    assert outline == Outline(
        long_session, 11, 20, 110, 200, outline.size, {0: 1, 1: 9}, {"call": 1, "return": 9}
    )
    assert 0 < outline.size < 1024


def test_the_last_chunk_is_the_newest(store: Store, long_session: str) -> None:
    found = read_last_chunk(store, long_session)
    assert found is not None
    assert found.first == 21


def test_figures_of_the_store(store: Store) -> None:
    rows = stored.put(store, stored.batch(3))
    status = read_status(store)
    assert (status.sessions, status.recording) == (3, 1)
    assert status.bytes > 10_000
    stored.put(store, stored.ended(rows))
    assert read_status(store).recording == 0


def test_totals_of_a_process(store: Store) -> None:
    rows = stored.batch(3)
    rows.sessions = [row._replace(dropped=1, redacted=2) for row in rows.sessions]
    stored.put(store, rows)
    totals = read_totals(store, rows.processes[0].id)
    assert totals[:4] == (3, 6, 3, 6)
    assert totals.bytes == sum(
        outline.size for row in rows.sessions for outline in read_outlines(store, row.id)
    )
    assert read_totals(store, "nobody") == (0, 0, 0, 0, 0)


def test_text_that_a_program_held_comes_back_readable(store: Store) -> None:
    """Neither U+0000 nor a lone surrogate keeps a recording out of the database."""
    rows = stored.batch(name="a\0b", argv=["\udce9", "\0"])
    rows.sessions = [rows.sessions[0]._replace(trigger="caf\udce9", tags={"k\0": "\ud800"})]
    stored.put(store, rows)
    found = read_recording(store, rows.recordings[0].id)
    assert found is not None
    assert found.name == "a\ufffdb"
    assert found.argv == ["\udce9", "\0"]


@pytest.mark.parametrize("codec", CODECS)
def test_a_codec_gives_back_what_it_took(codec: str) -> None:
    for raw in (b"", b"a", bytes(range(256)) * 1000):
        assert decompress(codec, compress(codec, raw)) == raw


@pytest.mark.parametrize("codec", ["zstd", "zlib", "rot13"])
def test_a_blob_that_is_damaged_is_a_format_error(codec: str) -> None:
    with pytest.raises(FormatError, match=f"cannot be read as {codec}"):
        decompress(codec, b"no such thing")


def test_a_damaged_chunk_is_a_format_error(store: Store, long_session: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(update(schema.chunks).values(data=b"\0"))
    with pytest.raises(FormatError):
        read_chunk(store, long_session, 1)


def test_a_failing_database_is_a_store_error_in_one_line(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE session_functions")
    with pytest.raises(StoreError, match="cannot be used") as caught:
        read_function_calls(store, "s")
    assert "\n" not in str(caught.value)


def test_a_store_can_be_read_by_another_while_one_writes(store: Store, database: str) -> None:
    reader = open_store(database, upgrade=False)
    stored.put(store, stored.batch())
    assert read_status(reader).sessions == 1
    reader.close()
