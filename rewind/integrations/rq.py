"""RQ: each run of a job by a worker is a session, in its work horse or in the worker itself.

Where a queue runs its jobs at once (`is_async=False`), they are part of the session that enqueues.
"""

from functools import wraps
from typing import Any, Final

from rewind import sessions
from rewind.integrations.jobs import KEY, Job, failed

_CLASSES: Final = ("BaseWorker", "Worker")


def meet_jobs(module: Any) -> None:  # noqa: ANN401 - RQ's
    """Keep beside a job which session has made it: one field more of its hash in Redis."""
    job = module.Job
    to_dict, restore = job.to_dict, job.restore

    @wraps(to_dict)
    def with_origin(self: Any, *arguments: object, **keywords: object) -> Any:  # noqa: ANN401 - RQ's
        fields = to_dict(self, *arguments, **keywords)
        names = vars(self)
        if KEY not in names:
            names[KEY] = sessions.origin()
        if names[KEY] is not None:
            fields[KEY] = names[KEY]
        return fields

    @wraps(restore)
    def restore_origin(self: Any, raw_data: Any, *arguments: object, **keywords: object) -> Any:  # noqa: ANN401 - RQ's
        origin = raw_data.get(KEY.encode())
        vars(self)[KEY] = origin.decode("ascii", "replace") if type(origin) is bytes else None
        return restore(self, raw_data, *arguments, **keywords)

    job.to_dict, job.restore = with_origin, restore_origin


def meet_workers(module: Any) -> None:  # noqa: ANN401 - RQ's
    """Wrap what performs a job, and what takes the exception that has left it."""
    for name in _CLASSES:
        worker = getattr(module, name, None)
        if isinstance(worker, type) and worker.__module__ == module.__name__:
            if "perform_job" in vars(worker):
                _patch_perform(worker)
            if "handle_exception" in vars(worker):
                _patch_errors(worker)


def _patch_perform(worker: Any) -> None:  # noqa: ANN401 - RQ's
    theirs = worker.perform_job

    @wraps(theirs)
    def perform_job(self: object, job: Any, queue: Any, *rest: Any, **keywords: Any) -> Any:  # noqa: ANN401 - RQ's
        tags = {
            "id": job.id,
            "queue": getattr(queue, "name", None),
            "retries_left": getattr(job, "retries_left", None),
        }
        run = Job(_name_of(job), tags, vars(job).get(KEY))
        try:
            return theirs(self, job, queue, *rest, **keywords)
        except BaseException as error:
            run.error = error
            raise
        finally:
            run.end()

    worker.perform_job = perform_job


def _name_of(job: Any) -> str:  # noqa: ANN401 - RQ's
    try:
        return str(job.func_name)
    except Exception:  # noqa: BLE001 - what was enqueued cannot be read, as RQ will say itself
        return str(job.id)


def _patch_errors(worker: Any) -> None:  # noqa: ANN401 - RQ's
    theirs = worker.handle_exception

    @wraps(theirs)
    def handle_exception(self: object, job: object, *exc_info: Any) -> Any:  # noqa: ANN401 - RQ's
        failed(exc_info[1])
        return theirs(self, job, *exc_info)

    worker.handle_exception = handle_exception
