"""The libraries that take a function's code for something else than to run it, by their modules.

They are shown the code without probes.
"""

from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any

from rewind.integrations.late import late

Plain = Callable[[CodeType], CodeType]
"""Returns code without probes, as `rewind.hook.originals.Originals.of`."""
Report = Callable[[str, str, str, int], None]
"""Tells a person what was not done in which module, why, and at which line."""


def code_takers(plain: Plain, report: Report) -> Mapping[str, Callable[[Any], None]]:
    """Return what to do with modules as soon as they are there, by their names.

    Copies of picklers lie in many packages: `*.` is any of these. A module that is made in another
    way than the known is left alone.
    """
    return {
        "*._dill": late("pickling.meet_dill", plain),
        "*.cloudpickle": late("pickling.meet_cloudpickle", plain),
        # Where versions before 3 keep the pickler.
        "*.cloudpickle_fast": late("pickling.meet_cloudpickle", plain),
        "*.detect": late("pickling.meet_dill_detect"),
        "numba.core.bytecode": late("bytecode_readers.meet_numba", plain, report),
        "numba.core.caching": late("bytecode_readers.meet_numba_caching", plain),
        "polars._utils.udfs": late("bytecode_readers.meet_polars", plain),
        "pony.orm.decompiling": late("bytecode_readers.meet_pony", plain),
    }
