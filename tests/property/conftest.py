"""How long each run of the tests searches the properties; `make search` goes on for longer."""

import os

from hypothesis import HealthCheck, settings

# Further Pythons are asked for fewer.
EXAMPLES = int(os.environ.get("REWIND_TEST_EXAMPLES", "300"))

# `print_blob` gives the line that runs a failure again; nothing is the same twice otherwise.
settings.register_profile(
    "rewind",
    max_examples=EXAMPLES,
    deadline=None,
    print_blob=True,
    derandomize=False,
    suppress_health_check=(
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
    ),
)
settings.load_profile("rewind")
