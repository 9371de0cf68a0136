"""Sentry: a request is part of the trace of the transaction that is active, which tells of it.

As all does that Sentry takes of the request. Its tracing need not be on: a transaction is active
all the same.
"""

import sys
from collections.abc import Mapping
from typing import Any, Final

from rewind.integrations.traces import RECORDED, Trace

MODULE: Final = "sentry_sdk.scope"


def active() -> Trace | None:
    """Return the trace of the transaction or span that is active here; None where there is none."""
    module: Any = sys.modules[MODULE]
    # Its property `span` has none that is streamed.
    span = module.Scope.get_current_scope()._span  # noqa: SLF001
    if span is None:
        return None
    # Whether Sentry samples it is no business of others.
    return Trace(span.trace_id, span.span_id, RECORDED)


def tell(facts: Mapping[str, str]) -> None:
    """Have the events of this request tell these, as tags."""
    scope: Any = sys.modules[MODULE]
    for name, fact in facts.items():
        scope.Scope.get_isolation_scope().set_tag(name, fact)
