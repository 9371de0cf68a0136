"""All probes in Python, for machines without the native core: what rewritten code calls."""

import builtins

from rewind.capture.exception_probes import ExceptionProbes
from rewind.capture.frame_probes import FrameProbes
from rewind.capture.store_probes import StoreProbes
from rewind.capture.value_probes import ValueProbes
from rewind.model.probes import NAMES, PREFIX


class Probes(FrameProbes, ExceptionProbes, ValueProbes, StoreProbes):
    """Every probe of `rewind.model.probes.NAMES`, as a method of that name."""

    def install(self) -> None:
        """Put the probes where rewritten code finds them."""
        for name in NAMES:
            setattr(builtins, PREFIX + name, getattr(self, name))
