"""A module is about to load: the finder that gives its code probes, where it was asked to."""

from rewind.hook.cache import CodeCache
from rewind.hook.finder import Finder
from rewind.hook.instrument import Instrument, options_of
from rewind.hook.selection import Selection

__all__ = ["CodeCache", "Finder", "Instrument", "Selection", "options_of"]
