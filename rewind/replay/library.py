"""What replay keeps of a database between two questions: decoded chunks, places, source lines.

Stands between the store and the sessions. What is kept never becomes wrong: chunks only grow,
sources are known by their hash, and places are read again when a site is met that they lack.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Final

from rewind import store
from rewind.errors import FormatError
from rewind.replay.chunks import Chunk, ChunkCache, decoding, stack_before
from rewind.replay.frames import Frame
from rewind.replay.outlines import OutlineCache, Outlines
from rewind.replay.sharing import SharedNames, shared_names
from rewind.replay.sites import Module, Places, Scope
from rewind.replay.sources import source_lines
from rewind.store.rows import Session as Facts

KEPT_PROCESSES: Final = 64
KEPT_SOURCES: Final = 256

_BY_NAME: Final = "session"
"""The kind of what `rewind.session` begins."""


class Library:
    """Reads from the store what is not kept yet. For any thread; a forked child makes its own."""

    def __init__(self, database: store.Store) -> None:
        self._store = database
        self._chunks = ChunkCache()
        self._outlines = OutlineCache()
        self._places = lru_cache(KEPT_PROCESSES)(self._read_places)
        self._lines = lru_cache(KEPT_SOURCES)(self._read_lines)
        self.unread: set[str] = set()
        """Paths of modules whose source was asked for and could not be read."""
        self._shared = lru_cache(KEPT_SOURCES)(self._read_shared)

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
            chunk = Chunk(row, self.places(facts), self._around(facts))
            if keep:
                self._chunks.keep(chunk)
        return chunk

    def _around(self, facts: Facts) -> Scope | None:
        """Return the function in which a session was begun by name, if that is recorded."""
        if facts.kind != _BY_NAME or facts.module is None or facts.function is None:
            return None
        return self.places(facts).scope_of(facts.module, facts.function)

    def outlines(self, facts: Facts) -> Outlines:
        """Return what the session's chunks are about."""
        with decoding(f"session {facts.id}, outlines of its chunks"):
            return self._outlines.find(
                facts.id, facts.events, lambda n: store.read_outlines(self._store, facts.id, n)
            )

    def stacks(self, facts: Facts, firsts: Sequence[int]) -> dict[int, Frame | None]:
        """Return the top of the stack before each of these chunks, by its first event."""
        places = self.places(facts)
        with decoding(f"session {facts.id}, keyframes of its chunks"):
            keyframes = store.read_keyframes(self._store, facts.id, firsts)
            return {first: stack_before(raw, places) for first, raw in keyframes.items()}

    def bounds(self, facts: Facts) -> list[tuple[int, int]]:
        """Return the first and last event of each of a session's chunks, in order."""
        return store.read_bounds(self._store, facts.id)

    def places(self, facts: Facts) -> Places:
        """Return the places of the session's process."""
        return self._places(facts.process_id)

    def lines(self, module: Module) -> tuple[str, ...]:
        """Return the lines of a module's source as it was recorded; none where it was not kept."""
        lines = self._lines(module.file_hash)
        if lines is None:
            self.unread.add(module.path)
        return lines or ()

    def shared(self, module: Module) -> SharedNames:
        """Return which of a module's variables several functions write."""
        return self._shared(module.file_hash)

    def is_called_elsewhere(
        self, facts: Facts, module: Module, functions: AbstractSet[str]
    ) -> bool:
        """Return whether another session of the process called one of a module's functions."""

        def others(function: str | None) -> bool:
            wanted = store.SessionFilter(process=facts.process_id, function=function)
            found = store.read_sessions(self._store, wanted, limit=2)
            return any(one.id != facts.id for one in found)

        return others(None) and any(others(f"{module.name}.{one}") for one in functions)

    def _read_shared(self, file_hash: str) -> SharedNames:
        return shared_names("\n".join(self._lines(file_hash) or ()))

    def _read_places(self, process_id: str) -> Places:
        return Places(lambda: self._read_modules(process_id))

    def _read_modules(self, process_id: str) -> Iterator[Module]:
        with decoding(f"process {process_id}, modules"):
            rows = store.read_modules(self._store, process_id)
        for row in rows:
            yield Module(row.name, row.path, row.file_hash, row.base, row.functions, row.sites)

    def _read_lines(self, file_hash: str) -> tuple[str, ...] | None:
        try:
            source = store.read_source(self._store, file_hash)
        except FormatError:  # what happened is worth showing without its source
            source = None
        return None if source is None else source_lines(source)
