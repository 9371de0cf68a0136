"""Sessions that a person wants to keep, whatever the bounds say."""

from collections.abc import Collection

from sqlalchemy import update

from rewind.store import schema
from rewind.store.opening import Store, refuse_exported, writing
from rewind.store.watch import notify


def pin(store: Store, ids: Collection[str], *, pinned: bool = True) -> None:
    """Keep the sessions of those ids, or with `pinned` false let them go again when it is time.

    Raises `StoreError`, for an exported file among others.
    """
    refuse_exported(store)
    sessions = schema.sessions
    with writing(store) as connection, connection.begin():
        change = update(sessions).where(sessions.c.id.in_(ids)).values(pinned=pinned)
        connection.execute(change)
        notify(connection)
