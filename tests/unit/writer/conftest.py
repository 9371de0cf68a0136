"""Every test of the writer's events runs with each follower that this interpreter has."""

from collections.abc import Iterator

import pytest

from rewind.writer.following import NATIVE, PYTHON
from tests.unit.writer import recorded

FOLLOWINGS = {"python": PYTHON} | ({} if NATIVE is None else {"native": NATIVE})


@pytest.fixture(scope="module", params=FOLLOWINGS, autouse=True)
def following(request: pytest.FixtureRequest) -> Iterator[str]:
    """The follower of `Recorded`."""
    before, recorded.following = recorded.following, FOLLOWINGS[request.param]
    yield request.param
    recorded.following = before
