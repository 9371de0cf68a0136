"""Probes at which values change and ways part (see `rewind.capture.observer`)."""

from time import monotonic_ns

from rewind.capture.observer import NOTHING, Observer
from rewind.model.wire import append

_clock = monotonic_ns


class ValueProbes(Observer):
    """Names, branches, loops, sub-expressions, and containers that a method changes."""

    def variable(self, site: int, value: object) -> object:
        """A name is bound to `value`."""
        try:
            now = _clock()
            recorder = self._recorder()
            strand = self._at(recorder, site)
            if strand is not None:
                self._emit_value(recorder, strand, site, value, now)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return value

    value = variable

    def branch(self, site: int, outcome: object) -> object:
        """A condition had this outcome, or a `match` took the case of this index."""
        try:
            now = _clock()
            recorder = self._recorder()
            strand = self._at(recorder, site)
            if strand is not None:
                payload = bytearray()
                append(payload, outcome)
                recorder.emit(strand, self._registry.prefix[site], payload, now)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return outcome

    def loop(self, site: int) -> None:
        """A further iteration begins; or, as `deleted`, a name is unbound."""
        try:
            now = _clock()
            recorder = self._recorder()
            strand = self._at(recorder, site)
            if strand is not None:
                recorder.emit(strand, self._registry.prefix[site], NOTHING, now)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    deleted = line = loop

    def mutated_held(self, site: int, result: object) -> object:
        """The same on the receiver that `hold` keeps for the site."""
        try:
            now = _clock()
            recorder = self._recorder()
            strand = self._at(recorder, site)
            held = () if strand is None else strand.take_store(site)
            if strand is not None and held and self._snapshots.is_container(held[0]):
                self._emit_value(recorder, strand, site, held[0], now)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return result

    def mutated(self, site: int, receiver: object, result: object) -> object:
        """A method that changes containers was called on a name; its result is given back."""
        try:
            now = _clock()
            if self._snapshots.is_container(receiver):
                recorder = self._recorder()
                strand = self._at(recorder, site)
                if strand is not None:
                    self._emit_value(recorder, strand, site, receiver, now)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return result
