"""OpenTelemetry: a request is part of the trace of the span that is active, which tells of it."""

import sys
from collections.abc import Mapping
from typing import Any, Final

from rewind.integrations.traces import Trace

MODULE: Final = "opentelemetry.trace"


def active() -> Trace | None:
    """Return the trace of the span that is active here; None where there is none."""
    module: Any = sys.modules[MODULE]
    context = module.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return Trace(f"{context.trace_id:032x}", f"{context.span_id:016x}", int(context.trace_flags))


def tell(facts: Mapping[str, str]) -> None:
    """Have that span tell these, as attributes."""
    span = sys.modules[MODULE].get_current_span()
    for name, fact in facts.items():
        span.set_attribute(name, fact)
