"""Probes at which attributes and items change (see `rewind.capture.observer`)."""

from rewind.capture.observer import Observer
from rewind.capture.strands import Strand
from rewind.model.clock import monotonic_ns
from rewind.model.values import Omission, Tag

_clock = monotonic_ns


class StoreProbes(Observer):
    """Attributes and items: stored, bound by a statement of its own, deleted.

    An owner and a key are seen as they pass by, and so is the value; what belongs together is kept
    by the strand under the site's number.
    """

    def store(self, site: int, value: object) -> object:
        """A value is on its way into an attribute or item, whose own probe comes next."""
        try:
            strand = self._at(self._recorder(), site)
            if strand is not None:
                strand.hold_store(site, value)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return value

    hold = hold_key = item_owner = store

    def attribute(self, site: int, owner: object) -> object:
        """The value kept for the site goes into an attribute of `owner`."""
        try:
            now = _clock()
            self._emit_store(site, now, owner, None, self._take(site))
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return owner

    def item_slice(self, site: int, owner: object) -> object:
        """The value kept for the site goes into a slice of `owner`."""
        try:
            now = _clock()
            self._emit_store(site, now, owner, (), self._take(site))
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return owner

    def item_key(self, site: int, key: object) -> object:
        """The value stored before the owner goes into the owner's item `key`."""
        try:
            now = _clock()
            owner, value = self._take(site), self._take(site)
            if owner:
                self._emit_store(site, now, owner[0], (key,), value)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return key

    def stored_attribute(self, site: int) -> None:
        """A statement has set an attribute of the owner held last."""
        try:
            now = _clock()
            held = self._take(site)
            if held:
                value = self._snapshots.peek_attribute(held[0], self._registry.name[site])
                self._emit_store(site, now, held[0], None, value)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    def stored_attribute_of(self, site: int, owner: object) -> object:
        """A statement has set an attribute of `owner`."""
        try:
            now = _clock()
            if self._at(self._recorder(), site) is not None:
                value = self._snapshots.peek_attribute(owner, self._registry.name[site])
                self._emit_store(site, now, owner, None, value)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return owner

    def stored_attributes_of(self, site: int, *owners: object) -> None:
        """The same of several attributes, of sites in a row: each with its owner."""
        try:
            for place, owner in enumerate(owners, site):
                self.stored_attribute_of(place, owner)
        except RecursionError:
            pass

    def stored_item(self, site: int) -> None:
        """A statement has set the item whose owner and key were held last."""
        try:
            now = _clock()
            key, owner = self._take(site), self._take(site)
            if key and owner:
                value = self._snapshots.peek_item(owner[0], key[0])
                self._emit_store(site, now, owner[0], key, value)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    def attribute_of(self, site: int, value: object, owner: object) -> object:
        """A value goes into an attribute of `owner`."""
        try:
            self._emit_store(site, _clock(), owner, None, (value,))
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return value

    def item_of(self, site: int, value: object, owner: object, key: object) -> object:
        """A value goes into the item `key` of `owner`."""
        try:
            self._emit_store(site, _clock(), owner, (key,), (value,))
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return value

    def _take(self, site: int) -> tuple[object, ...]:
        strand = self._at(self._recorder(), site)
        return () if strand is None else strand.take_store(site)

    def _emit_store(
        self,
        site: int,
        now: int,
        owner: object,
        key: tuple[object, ...] | None,
        value: tuple[object, ...],
    ) -> None:
        """Record an attribute (no `key`) or item; empty tuples stand for what is not known."""
        recorder = self._recorder()
        strand = self._at(recorder, site)
        if strand is None or strand.session is None or not strand.session.recorded:
            return
        payload = bytearray(self._snapshots.reference(owner))
        secret = self._registry.secret[site]
        if key is not None:
            self._write_known(strand, payload, key)
            if key and type(key[0]) is str:
                secret = secret or self._snapshots.is_secret(key[0])
        if secret and value:
            strand.session.redacted += self._snapshots.withhold(payload, value[0])
        else:
            self._write_known(strand, payload, value)
        recorder.emit(strand, self._registry.prefix[site], payload, now)

    def _write_known(self, strand: Strand, payload: bytearray, value: tuple[object, ...]) -> None:
        if value:
            self._write(strand, payload, value[0])
        else:
            payload += bytes((0x92, Tag.OMITTED, Omission.HIDDEN))

    def deleted_attribute(self, site: int, owner: object) -> object:
        """An attribute or slice of `owner` is about to be deleted."""
        try:
            now = _clock()
            self._emit_deletion(site, now, owner, ())
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return owner

    def deleted_item(self, site: int, key: object) -> object:
        """The item `key` of the owner held last is about to be deleted."""
        try:
            now = _clock()
            owner = self._take(site)
            if owner:
                self._emit_deletion(site, now, owner[0], (key,))
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return key

    def _emit_deletion(self, site: int, now: int, owner: object, key: tuple[object, ...]) -> None:
        recorder = self._recorder()
        strand = self._at(recorder, site)
        if strand is None:
            return
        payload = bytearray(self._snapshots.reference(owner))
        for one in key:
            self._write(strand, payload, one)
        prefix = self._registry.prefix[site]
        if not prefix:
            return
        # The site of a deletion does not tell how much its payload holds; the array's header does.
        recorder.emit(strand, bytes((prefix[0] + 1 + len(key),)) + prefix[1:], payload, now)
