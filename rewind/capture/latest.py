"""Whose record is the last: only that thread's next may bear the same time."""


class Latest:
    """Knows whose record with a time is the last of all threads'; one for each engine.

    Any recorder puts itself here; what a thread reads here it only compares.
    """

    __slots__ = ("recorder",)

    def __init__(self) -> None:
        self.recorder: object = None
