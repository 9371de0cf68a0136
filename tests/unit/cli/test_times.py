"""Times as people write and read them."""

from datetime import UTC, datetime, timedelta

import click
import pytest

from rewind.cli.times import Moment, ago, duration, nanoseconds

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("90s", timedelta(seconds=90)),
        ("45m", timedelta(minutes=45)),
        ("2h", timedelta(hours=2)),
        ("1.5 h", timedelta(minutes=90)),
        ("3d", timedelta(days=3)),
        ("1w", timedelta(weeks=1)),
    ],
)
def test_an_age_counts_back_from_now(text: str, age: timedelta) -> None:
    found = Moment().convert(text, None, None)
    assert abs(datetime.now(UTC) - age - found) < timedelta(seconds=5)


def test_a_date_without_a_zone_is_local() -> None:
    found = Moment().convert("2026-03-01T14:30", None, None)
    assert found == datetime(2026, 3, 1, 14, 30).astimezone()
    assert Moment().convert("2026-03-01", None, None).hour == 0


def test_a_zone_is_respected() -> None:
    found = Moment().convert("2026-03-01T14:30+00:00", None, None)
    assert found == datetime(2026, 3, 1, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2x", "2026-13-01", "-2h", "9" * 20 + "d"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(click.BadParameter, match="such as 2h or 3d"):
        Moment().convert(text, None, None)


def test_a_moment_that_no_database_holds_is_the_nearest_that_it_does() -> None:
    second = datetime(2026, 3, 1, 14, 30, 1, 5, tzinfo=UTC)
    assert nanoseconds(second) == 1_772_375_401_000_005_000
    assert nanoseconds(datetime(9999, 1, 1, tzinfo=UTC)) == (1 << 63) - 1
    assert nanoseconds(datetime(1, 1, 2, tzinfo=UTC)) == 1 - (1 << 63)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "just now"),
        (0, "just now"),
        (42, "42 s ago"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (7200, "2 h ago"),
        (86_400 * 3, "3 d ago"),
    ],
)
def test_the_recent_past_is_told_by_its_age(seconds: int, text: str) -> None:
    now = 1_790_000_000 * SECOND
    assert ago(now - seconds * SECOND, now) == text


def test_the_distant_past_is_told_by_its_date() -> None:
    noon = int(datetime(2026, 3, 1, 12).astimezone().timestamp()) * SECOND
    assert ago(noon, noon + 8 * 86_400 * SECOND) == "2026-03-01"


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0 ns"),
        (999, "999 ns"),
        (1_240, "1.24 µs"),
        (12_345_678, "12.3 ms"),
        (11_000_000, "11.0 ms"),
        (750_000_000, "750 ms"),
        (1_500_000_000, "1.50 s"),
        (3_600_000_000_000, "3,600 s"),
    ],
)
def test_a_duration_shows_the_digits_that_matter(ns: int, text: str) -> None:
    assert duration(ns) == text
