"""The clocks that all of the recorded process reads, as they were before the program began.

Wrapped, so that nobody finds them: freezegun and its like look through all modules for the
functions of `time`, whatever their names there, and put stopped clocks in their place.
"""

import time
from collections.abc import Callable
from functools import partial

monotonic: Callable[[], float] = partial(time.monotonic)
"""In seconds."""
monotonic_ns: Callable[[], int] = partial(time.monotonic_ns)
perf_counter_ns: Callable[[], int] = partial(time.perf_counter_ns)
time_ns: Callable[[], int] = partial(time.time_ns)
"""Since 1970."""
