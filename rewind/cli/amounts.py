"""Numbers of bytes and of things, as people read them."""

_STEP = 1000


def size(number: int) -> str:
    """Return bytes with their first digits: `999 B`, `1.2 kB`, `3.4 GB`."""
    if number < _STEP:
        return f"{number} B"
    value = float(number)
    for unit in ("kB", "MB", "GB"):
        value /= _STEP
        if value < _STEP:
            return f"{value:.1f} {unit}"
    return f"{value / _STEP:,.1f} TB"


def counted(number: int, what: str) -> str:
    """Return `1 session`, `2,000 sessions`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
