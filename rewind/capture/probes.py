"""All probes in Python, for machines without the native core: what rewritten code calls."""

import builtins
from typing import Any

from rewind.capture.exception_probes import ExceptionProbes
from rewind.capture.frame_probes import FrameProbes
from rewind.capture.short_probes import (
    Means,
    short_call,
    short_round,
    short_site,
    short_store,
    short_value,
)
from rewind.capture.store_probes import StoreProbes
from rewind.capture.value_probes import ValueProbes
from rewind.model import probes as names


class Probes(FrameProbes, ExceptionProbes, ValueProbes, StoreProbes):
    """Every probe of `rewind.model.probes.NAMES`, as a method of that name."""

    def __init__(self, *needed: Any, short: Means) -> None:  # noqa: ANN401 - the observer's
        super().__init__(*needed)
        for name in (names.LOOP, names.LINE, names.DELETED):
            setattr(self, name, short_site(short, getattr(self, name)))
        setattr(self, names.LOOP_SOON, short_site(short, self.loop_soon, soon=True))
        setattr(self, names.CALL, short_call(short, self.call))
        setattr(self, names.ROUND, short_round(short, self.round))
        for name in (names.ATTRIBUTE_OF, names.ITEM_OF):
            setattr(self, name, short_store(short, getattr(self, name)))
        for name in (names.VARIABLE, names.VALUE, names.BRANCH, names.RETURN):
            leaves = name == names.RETURN
            setattr(self, name, short_value(short, getattr(self, name), leaves=leaves))
            soon = name + names.SOON
            if soon in names.NAMES:
                longer = getattr(self, soon)
                setattr(self, soon, short_value(short, longer, soon=True, leaves=leaves))

    def install(self) -> None:
        """Put the probes where rewritten code finds them."""
        for name in names.NAMES:
            setattr(builtins, names.PREFIX + name, getattr(self, name))
