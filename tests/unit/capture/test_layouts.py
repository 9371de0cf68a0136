"""What short probes write is never more than they look for room for."""

from mmap import mmap

from rewind.capture.brief import MOST_BRIEF, MOST_TOLD
from rewind.capture.layouts import layouts, put_otherwise
from rewind.spool.stream import AMPLE

LONGEST_PREFIX = bytes(10)
"""An array's header, and the number of a site in eight bytes and one that says so."""


def test_the_longest_records_of_one_probe_fit_where_there_is_ample_room() -> None:
    begins, at_once, later = layouts(LONGEST_PREFIX)
    place = mmap(-1, 4096)
    call = put_otherwise(place, 0, begins, (1 << 64) - 1, bytes(MOST_TOLD))
    head = put_otherwise(place, 0, begins, (1 << 64) - 1, b"")
    a_round = head + at_once[MOST_BRIEF][1]
    assert max(call, a_round, later[MOST_TOLD][1]) <= AMPLE


def test_a_record_is_the_same_however_it_is_put() -> None:
    prefix = bytes((0x93, 5))
    begins, at_once, later = layouts(prefix)
    for told in (b"", b"\x07", b"\xcd\x01\x02", bytes(MOST_BRIEF)):
        for (put, size), passed in ((at_once[len(told)], 0), (later[len(told)], 0x1234)):
            place = mmap(-1, 4096)
            put(place, 3, begins, *([passed] if passed else []), *([told] if told else []))
            other = mmap(-1, 4096)
            assert put_otherwise(other, 3, begins, passed, told) == size
            assert place[:] == other[:]
