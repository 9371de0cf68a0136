"""Rewritten code runs: its probes look, bound, redact and write, and touch nothing.

`create_core` chooses the core that captures; all cores have the face of `rewind.capture.core.Core`.
"""

from pathlib import Path

from rewind.capture.core import Core
from rewind.config import Settings

__all__ = ["Core", "create_core"]


def create_core(folder: Path, settings: Settings, facts: dict[str, object]) -> Core:
    """Return the capture core that the settings ask for, writing to a recording's folder.

    `facts` describe the process (`docs/format.md`, control record -16). Raises `OSError` where
    the folder cannot be used.
    """
    return Core(folder, settings, facts)
