"""What replay keeps of a database between two questions: decoded chunks, places, source lines.

Stands between the store and the sessions. What is kept never becomes wrong: chunks only grow,
sources are known by their hash, and places are read again when a site is met that they lack.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from rewind import store
from rewind.replay.chunks import Chunk, ChunkCache, decoding
from rewind.replay.sites import Module, Places
from rewind.replay.sources import source_lines
from rewind.store.rows import Outline
from rewind.store.rows import Session as Facts

KEPT_PROCESSES: Final = 64
KEPT_SOURCES: Final = 256


class Library:
    """Reads from the store what is not kept yet. For any thread; a forked child makes its own."""

    def __init__(self, database: store.Store) -> None:
        self._store = database
        self._chunks = ChunkCache()
        self._places = lru_cache(KEPT_PROCESSES)(self._read_places)
        self._lines = lru_cache(KEPT_SOURCES)(self._read_lines)

    def chunk(self, facts: Facts, n: int, *, keep: bool = True) -> Chunk | None:
        """Return the chunk that holds event `n`, or None where the session has no such event.

        One that is looked at in passing is not to be kept: it would push out those in use.
        """
        chunk = self._chunks.find(facts.id, n)
        if chunk is None:
            with decoding(f"session {facts.id}, chunk of event {n}"):
                row = store.read_chunk(self._store, facts.id, n)
            if row is None:
                return None
            chunk = Chunk(row, self.places(facts))
            if keep:
                self._chunks.keep(chunk)
        return chunk

    def outlines(self, facts: Facts, first: int = 1, last: int | None = None) -> list[Outline]:
        """Return what the chunks that overlap events `first` to `last` are about, in order."""
        with decoding(f"session {facts.id}, outlines of its chunks"):
            return store.read_outlines(self._store, facts.id, first, last)

    def places(self, facts: Facts) -> Places:
        """Return the places of the session's process."""
        return self._places(facts.process_id)

    def lines(self, module: Module) -> tuple[str, ...]:
        """Return the lines of a module's source as it was recorded; none where it was not kept."""
        return self._lines(module.file_hash)

    def _read_places(self, process_id: str) -> Places:
        return Places(lambda: self._read_modules(process_id))

    def _read_modules(self, process_id: str) -> Iterator[Module]:
        with decoding(f"process {process_id}, modules"):
            rows = store.read_modules(self._store, process_id)
        for row in rows:
            yield Module(row.name, row.path, row.file_hash, row.base, row.functions, row.sites)

    def _read_lines(self, file_hash: str) -> tuple[str, ...]:
        return source_lines(store.read_source(self._store, file_hash) or b"")
