"""Celery: each run of a task is a session, in workers of every pool and where it runs eagerly.

What traces a task is wrapped: the function that Celery makes for each task and calls for each run.
It lies outside of the program's frames in every traceback that Celery keeps.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from rewind import sessions
from rewind.integrations.jobs import KEY, Job

_FAILURE: Final = "FAILURE"
_RETRY: Final = "RETRY"


def meet_messages(module: Any) -> None:  # noqa: ANN401 - Celery's
    """Let a task's message tell which session has sent it: one header more."""
    theirs = module.AMQP.as_task_v2

    @wraps(theirs)
    def as_task_v2(*arguments: object, **keywords: object) -> Any:  # noqa: ANN401 - Celery's
        message = theirs(*arguments, **keywords)
        origin = sessions.origin()
        if origin is not None:
            message.headers[KEY] = origin
        return message

    module.AMQP.as_task_v2 = as_task_v2


def meet_tracing(module: Any) -> None:  # noqa: ANN401 - Celery's
    """Wrap what traces each task, as it is made."""
    theirs = module.build_tracer

    @wraps(theirs)
    def build_tracer(name: str, *arguments: object, **keywords: object) -> Callable[..., Any]:
        return _traced(name, theirs(name, *arguments, **keywords))

    module.build_tracer = build_tracer


def _traced(name: str, theirs: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(theirs)
    def trace(uuid: object, args: object, kwargs: object, request: Any = None) -> Any:  # noqa: ANN401 - Celery's
        facts = request if type(request) is dict else {}
        delivery = facts.get("delivery_info") or {}
        tags = {
            "id": uuid,
            "queue": delivery.get("routing_key"),
            "retries": facts.get("retries") or 0,
        }
        # The task is not to see it.
        job = Job(name, tags, facts.pop(KEY, None))
        try:
            outcome = theirs(uuid, args, kwargs, request)
            _tell(job, outcome)
        except BaseException as error:
            job.error = error
            raise
        finally:
            job.end()
        return outcome

    return trace


def _tell(job: Job, outcome: Any) -> None:  # noqa: ANN401 - Celery's
    """Tell how the run has ended: what a task raises is not raised by what traces it."""
    info = getattr(outcome, "info", None)
    state = getattr(info, "state", None)
    if state is None:
        return
    job.tag(state=state)
    raised = getattr(info, "retval", None)
    if state == _RETRY:
        raised = getattr(raised, "exc", None)
    if state in (_FAILURE, _RETRY) and isinstance(raised, BaseException):
        job.error = raised
