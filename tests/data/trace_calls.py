"""An independent witness: runs `python -m PACKAGE ARGS...` under `sys.settrace` and says what ran.

Usage: `python trace_calls.py OUTPUT PACKAGE ARGS...`. Writes a JSON array to OUTPUT, one element
for each frame of the package in the order in which they began:
`[module, qualified name, {local: last value}]`, with locals of plain types only.
"""

import inspect
import json
import runpy
import sys
from types import FrameType
from typing import Any

PLAIN = (int, str, bool, float, type(None))
NOT_RECORDED = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>")

output, package = sys.argv[1:3]
frames: dict[FrameType, tuple[str, str, dict[str, Any]]] = {}


def is_recorded(frame: FrameType) -> bool:
    """Tell whether it is a function or module body; a class body is neither."""
    code = frame.f_code
    if code.co_name in NOT_RECORDED:
        return False
    if code.co_name != "<module>" and not code.co_flags & inspect.CO_OPTIMIZED:
        return False
    spec = frame.f_globals.get("__spec__")
    name = spec.name if spec is not None else ""
    return name == package or name.startswith(f"{package}.")


def trace(frame: FrameType, event: str, _: object) -> Any:
    """Note a frame the first time it runs, and its locals each time it leaves."""
    if event == "call":
        if frame not in frames:
            if not is_recorded(frame):
                return None
            frames[frame] = (frame.f_globals["__name__"], frame.f_code.co_qualname, {})
        frame.f_trace_lines = False
        return trace
    if event == "return" and frame.f_code.co_name != "<module>":
        free = frame.f_code.co_freevars
        locals_ = frame.f_locals.items()
        held = {k: v for k, v in locals_ if type(v) in PLAIN and k not in free}
        frames[frame][2].clear()
        frames[frame][2].update(held)
    return trace


sys.argv = ["-m", *sys.argv[3:]]
sys.settrace(trace)
try:
    runpy._run_module_as_main(package)  # type: ignore[attr-defined]
finally:
    sys.settrace(None)
    with open(output, "w") as file:
        json.dump(list(frames.values()), file)
