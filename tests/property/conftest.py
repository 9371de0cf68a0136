"""How long the properties are searched: `HYPOTHESIS_PROFILE=long` for about an hour."""

import os

from hypothesis import HealthCheck, settings

_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)

# `print_blob` gives the line that runs a failure again; nothing is the same twice otherwise.
settings.register_profile(
    "ci",
    max_examples=600,
    deadline=None,
    print_blob=True,
    derandomize=False,
    suppress_health_check=_SLOW,
)
settings.register_profile("long", settings.get_profile("ci"), max_examples=30_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
