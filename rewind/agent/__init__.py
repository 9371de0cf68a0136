"""Wires and owns the recording half: start, stop, fork, exit, and the writer's start.

Two ways in: `rewind.agent.bootstrap` for a program under `rewind run`, `rewind.agent.autostart`
where the environment switches Rewind on.
"""
