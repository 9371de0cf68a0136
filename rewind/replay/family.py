"""The sessions that were started from one another: a request, its threads, their tasks.

Bounded: of a program that starts thousands from one session, the first are told, and that there are
more.
"""

from collections import deque
from typing import Final, NamedTuple

from rewind.errors import NoSuchSessionError
from rewind.replay.archive import Archive, SessionFilter
from rewind.store.rows import Session as Facts

MOST: Final = 200
"""Sessions of a family that are told."""


class Family(NamedTuple):
    """A session's family."""

    sessions: tuple[Facts, ...]
    """The eldest first, each behind its parent, of one parent in the order of their beginnings."""
    complete: bool


def family_of(archive: Archive, facts: Facts) -> Family:
    """Return the family of a session, which is in it itself whatever else is left out."""
    found: list[Facts] = []
    waiting = deque([_eldest(archive, facts)])
    complete = True
    while waiting and len(found) < MOST:
        one = waiting.popleft()
        found.append(one)
        if one.children == 0:
            continue
        # The list is newest first: the eldest children are its end.
        offset = max(0, one.children - MOST)
        wanted = SessionFilter(parent=one.id)
        children = archive.sessions(wanted, limit=MOST, offset=offset)
        complete = complete and offset == 0
        waiting.extendleft(children)
    if facts.id not in {one.id for one in found}:
        found.append(facts)
    return Family(tuple(found), complete and not waiting)


def _eldest(archive: Archive, facts: Facts) -> Facts:
    """Return the ancestor that has no parent any more; a family that is a circle has none."""
    seen = {facts.id}
    # A request of another service is the parent of what it asked of this one.
    while (parent := facts.parent_id or facts.asked_by) is not None and parent not in seen:
        try:
            facts = archive.session(parent).facts
        except NoSuchSessionError:
            break
        seen.add(facts.id)
    return facts
