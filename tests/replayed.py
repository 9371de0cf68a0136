"""Replays what was recorded in this process, as a writer would have stored it.

Test support only; it checks nothing by itself.
"""

import tempfile
from functools import cache
from pathlib import Path

from rewind.replay.archive import Archive
from rewind.store import append, open_store
from rewind.writer import WriterSettings
from rewind.writer.following import NATIVE, PYTHON
from tests.contract.test_followers import told


@cache
def _empty() -> bytes:
    """Return a database as a recording finds it at first: to make one takes a while."""
    with tempfile.TemporaryDirectory() as name:
        open_store(f"sqlite:///{name}/rewind.db", upgrade=True).close()
        return Path(name, "rewind.db").read_bytes()


def replayed(folder: Path, spool: Path) -> Archive:
    """Return what a writer stores of a spool, in a new database in `folder`; to be closed."""
    url = f"sqlite:///{folder}/rewind.db"
    (folder / "rewind.db").write_bytes(_empty())
    store = open_store(url, upgrade=False)
    batches, damage = told(NATIVE or PYTHON, spool, WriterSettings(url), seed=1)
    assert damage is None
    for batch in batches:
        append(store, batch, "zstd")
    store.close()
    return Archive.open(url)
