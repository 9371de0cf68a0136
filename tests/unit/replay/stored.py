"""What was told, in a real database: one recording, one process, one session for each `Told`.

Test support only.
"""

from pathlib import Path

from sqlalchemy import update

from rewind import store
from rewind.replay.archive import Archive
from rewind.store import rows, schema
from rewind.store.appending import _module_row
from tests.unit.replay.told import FILE, FILE_HASH, SESSION, Told

RECORDING = "a" * 32
PROCESS = f"{RECORDING}-7-1"
START_NS = 1_767_225_600_123_456_789
OPENED: list[Archive] = []
"""Every archive that `stored` has opened; `closed_archives` closes them."""
SOURCE = b"".join(b"    line %d\n" % n for n in range(1, 101))


def stored(folder: Path, told: Told, size: int = 4096, **facts: object) -> Archive:
    """Return an archive that holds what was told, in chunks of that many events."""
    url = f"sqlite:///{folder}/rewind.db"
    database = store.open_store(url, upgrade=True)
    put(database, told, size, **facts)
    database.close()
    archive = Archive.open(url)
    OPENED.append(archive)
    return archive


def put(database: store.Store, told: Told, size: int = 4096, **facts: object) -> None:
    """Store everything told so far; again when more was told."""
    chunks = list(told.held(size))
    if chunks and facts.get("status") == rows.RUNNING:
        chunks[-1] = chunks[-1]._replace(growing=True)
    batch = store.Batch(
        recordings=[recording()],
        processes=[rows.Process(PROCESS, RECORDING, 7, 1, events=told.last, probe_ns=900)],
        files=[rows.File(FILE_HASH, SOURCE)],
        modules=[rows.Module(PROCESS, 0, "shop", FILE, FILE_HASH, *told.table)],
        sessions=[session(told, **facts)],
        chunks=chunks,
        reports=[rows.Report(PROCESS, 0, "module-skipped", "shop.plugins", "a zip file")],
    )
    with database.engine.begin() as connection:
        # What is stored of a module is never changed; here one stands for all that load later.
        *_, functions, sites = _module_row(batch.modules[0], "zstd")
        connection.execute(update(schema.modules).values(functions=functions, sites=sites))
    store.append(database, batch, "zstd")


def recording() -> rows.Recording:
    return rows.Recording(
        RECORDING,
        "nightly",
        ("shop.py", "--fast"),
        "/srv",
        "3.12.1",
        "cpython",
        "Linux-x86_64",
        "box",
        "shop",
        "8d1f0c2",
        {},
        START_NS,
        {},
    )


def session(told: Told, **facts: object) -> rows.Session:
    whole = rows.Session(
        SESSION, RECORDING, PROCESS, 1, "shop.py", "script", "completed", START_NS, 0
    )
    return whole._replace(duration_ns=10 * told.last, events=told.last)._replace(**facts)  # type: ignore[arg-type]
