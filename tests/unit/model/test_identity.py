"""Ids sort by creation and never meet."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from rewind.model.identity import new_id


def test_an_id_is_a_version_7_uuid() -> None:
    for _ in range(1000):
        identity = new_id()
        assert len(identity) == 32
        assert identity == identity.lower()
        parsed = uuid.UUID(identity)
        assert parsed.version == 7
        assert parsed.variant == uuid.RFC_4122


def test_an_id_begins_with_the_milliseconds_since_1970() -> None:
    before = time.time_ns() // 1_000_000
    identity = new_id()
    after = time.time_ns() // 1_000_000
    assert before <= int(identity[:12], 16) <= after


def test_a_later_id_sorts_behind() -> None:
    first = new_id()
    begun = int(first[:12], 16)
    while (later := new_id())[:12] == first[:12]:
        assert time.time_ns() // 1_000_000 - begun < 1000
    assert first < later


def test_ids_of_many_threads_are_all_different() -> None:
    with ThreadPoolExecutor(4) as threads:
        made = [*threads.map(lambda _: new_id(), range(20_000))]
    assert len(set(made)) == len(made)


def test_random_bits_all_take_part() -> None:
    """74 bits are random: over many ids each of them is met as one and as zero."""
    made = [int(new_id(), 16) for _ in range(200)]
    ever, always = 0, -1
    for one in made:
        ever |= one
        always &= one
    random = (0xFFF << 64) | ((1 << 62) - 1)
    assert ever & random == random
    assert always & random == 0
