"""Probes at which values change and ways part (see `rewind.capture.observer`)."""

import sys
from types import FrameType

from rewind.capture.frames import known_strand
from rewind.capture.lines import line_below
from rewind.capture.observer import NOTHING, Observer
from rewind.model.clock import monotonic_ns
from rewind.model.wire import append, append_integer

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

    def variable_soon(self, site: int, value: object) -> object:
        """The same; the simplest steps part it from the event before it."""
        try:
            recorder = self._recorder()
            now = recorder.time_soon(value)
            strand = self._at(recorder, site)
            if strand is not None:
                self._emit_value(recorder, strand, site, value, now)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)
        return value

    def variables(self, site: int, first: object, *others: object) -> None:
        """Names are bound to the values, of sites in a row."""
        try:
            self.variable(site, first)
            self.variables_soon(site + 1, *others)
        except RecursionError:
            pass

    def variables_soon(self, site: int, *values: object) -> None:
        """The same; the simplest steps part the first from the event before it."""
        try:
            for place, value in enumerate(values, site):
                self.variable_soon(place, value)
        except RecursionError:
            pass

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

    def branch_soon(self, site: int, outcome: object) -> object:
        """The same; the simplest steps part it from the event before it."""
        try:
            recorder = self._recorder()
            now = recorder.time_soon(outcome)
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

    def branch_round(self, site: int, outcome: object) -> object:
        """A condition had this outcome; if it holds, the iteration of the next site begins."""
        try:
            self.branch(site, outcome)
            if outcome is True:
                self.loop_soon(site + 1)
        except RecursionError:
            pass
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

    def loop_soon(self, site: int) -> None:
        """A further iteration begins; the simplest steps part it from the event before it."""
        try:
            recorder = self._recorder()
            now = recorder.time_soon(None)
            strand = self._at(recorder, site)
            if strand is not None:
                recorder.emit(strand, self._registry.prefix[site], NOTHING, now)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

    def round(self, site: int, value: object) -> object:
        """A further iteration begins, and has bound `value` to the name of the next site."""
        try:
            self.loop(site)
            self.variable_soon(site + 1, value)
        except RecursionError:
            pass
        return value

    def round_of(self, site: int, *values: object) -> None:
        """The same of several names, of as many sites that follow."""
        try:
            self.loop(site)
            self.variables_soon(site + 1, *values)
        except RecursionError:
            pass

    def note(self, site: int, name: object, value: object) -> None:
        """The program says something of itself, wherever it runs: a name and a value."""
        self._said(site, (name,), value, sys._getframe(1))

    def said(self, site: int, value: object) -> None:
        """The same where the site says what it is: a text that it prints, a call of its own."""
        self._said(site, (), value, sys._getframe(1))

    def _said(self, site: int, names: tuple[object, ...], value: object, caller: FrameType) -> None:
        try:
            now = _clock()
            recorder = self._recorder()
            strand = known_strand(recorder)
            self.frames.settle(recorder, strand, caller)
            session = strand.session
            if session is None or not session.recorded:
                return
            payload = bytearray()
            secret = False
            for name in names:
                self._write(strand, payload, name)
                secret = type(name) is str and self._snapshots.is_secret(name)
            write = self._snapshots.withhold if secret else self._snapshots.write
            session.redacted += write(payload, value)
            append_integer(payload, line_below(caller, strand.stack[-1] if strand.stack else None))
            recorder.emit(strand, self._registry.prefix[site], payload, now)
        except RecursionError:
            pass
        except Exception as error:
            self._fault(site, error)

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
