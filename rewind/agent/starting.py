"""`rewind.start` and `rewind.stop`: recording switched on and off by the program itself."""

import os
import sys

from rewind.own_builtins import own_builtins

with own_builtins():
    from rewind.agent.beginning import selection_of
    from rewind.agent.service import own_recording
    from rewind.agent.wiring import Agent
    from rewind.config import Given, is_disabled, refusal, resolve
    from rewind.errors import StartError


def start(**settings: object) -> None:
    """Record this process from now on, as `REWIND_ENABLED=1` does from its start.

    The settings are those of `config.example.toml`, and win over file and environment. Only modules
    that are imported afterwards are recorded: call it first of all. Where the process is recorded
    already, by `rewind run` or by its environment, nothing changes; with `REWIND_DISABLE=1` nothing
    is recorded, nor in production (`production_enabled`), which one line says. Processes that are
    started from now on take part if `REWIND_ENABLED=1` is in their environment.

    Raises `ConfigError` for an unknown setting or a value out of form, `SpoolError` where the spool
    cannot be used, and `StartError` after `stop`.
    """
    given = [Given(name, value, "rewind.start()") for name, value in settings.items()]
    enabled = Given("enabled", True, "rewind.start()")  # noqa: FBT003 - the setting's value
    chosen = resolve([*given, enabled]).settings
    running = Agent.running
    if is_disabled(os.environ) or (running is not None and not running.is_stopped):
        return
    why = refusal(os.environ, enabled=chosen.production_enabled)
    if why is not None:
        sys.stderr.write(f"rewind: not recording: {why}\n")
        return
    if running is not None:
        message = "rewind.start(): this process was recorded until rewind.stop(), and is so once"
        raise StartError(message)
    Agent(own_recording(chosen), chosen, selection_of(chosen)).start(waits=False)


def stop() -> None:
    """Record nothing more of this process, however it was switched on; the program goes on.

    What was recorded is stored as at a process's end. Sessions that are open then are `completed`
    with the tag `unfinished`. Where nothing is recorded it does nothing.
    """
    if Agent.running is not None:
        Agent.running.stop()
