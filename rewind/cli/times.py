"""Times as people write and read them: `2h` in, `3 min ago` out."""

import re
from datetime import UTC, datetime, timedelta

import click

_RELATIVE = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])\Z")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SECOND_NS = 1_000_000_000
_LARGEST = (1 << 63) - 1
_STEP = 1000
_RECENT = 10
_SPANS = ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h"), (7 * 86_400, 86_400, "d"))


class Moment(click.ParamType[datetime]):
    """A date, a time, or how long ago: `2026-03-01`, `2026-03-01T14:30`, `45m`, `2h`, `3d`, `1w`.

    Without a zone it is local time. Gives an aware `datetime`.
    """

    name = "when"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the moment; fails as click's types do."""
        text = str(value).strip()
        relative = _RELATIVE.match(text)
        try:
            if relative:
                amount, unit = relative.groups()
                return datetime.now(UTC) - timedelta(**{_UNITS[unit]: float(amount)})
            return datetime.fromisoformat(text).astimezone()
        except (ValueError, OverflowError):
            self.fail(f"{text!r} is no date, time or age such as 2h or 3d", param, ctx)


def nanoseconds(moment: datetime) -> int:
    """Return the moment as ns since 1970; one that no database holds as the nearest it does."""
    return max(-_LARGEST, min(round(moment.timestamp() * 1e6) * 1000, _LARGEST))


def ago(then_ns: int, now_ns: int) -> str:
    """Return how long ago that was, or its date if it was more than a week.

    Both are nanoseconds since 1970.
    """
    seconds = (now_ns - then_ns) / _SECOND_NS
    if seconds < _RECENT:
        return "just now"
    for end, unit, name in _SPANS:
        if seconds < end:
            return f"{int(seconds // unit)} {name} ago"
    return local(then_ns)[: len("2026-03-01")]


def local(wall_ns: int) -> str:
    """Return the moment as local date and time, to the second."""
    moment = datetime.fromtimestamp(wall_ns / _SECOND_NS).astimezone()
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def duration(ns: int) -> str:
    """Return a length of time with its first three digits: `999 ns`, `1.24 ms`, `12.0 s`."""
    if ns < _STEP:
        return f"{ns} ns"
    value = ns / _STEP
    for unit in ("µs", "ms"):
        if value < _STEP:
            return f"{_three_digits(value)} {unit}"
        value /= _STEP
    return f"{_three_digits(value)} s" if value < _STEP else f"{value:,.0f} s"


def _three_digits(value: float) -> str:
    return f"{value:#.3g}".rstrip(".")
