"""Wires and owns the recording half: start, stop, fork, exit, and the writer's start.

Two ways in: `rewind.agent.bootstrap` for a program under `rewind run`, `rewind.agent.autostart`
where the environment switches Rewind on.
"""

from rewind.agent.own_builtins import own_builtins

with own_builtins():
    from rewind.agent.wiring import Agent

__all__ = ["Agent"]
