"""The measured process: runs one program under one tool, and prints how long its work took.

`python -m peers.child TOOL PROGRAM DRIVER SIZE FOLDER`; the clock runs around the work alone.
"""

import gc
import importlib
import json
import sys
import time
from pathlib import Path

from peers.recorders import RECORDERS


def measure(tool: str, program: str, driver: str, size: int, folder: Path) -> dict[str, object]:
    """Run a program; return its seconds by the clock and on the processor, and its result."""
    recorder = RECORDERS[tool](folder)
    recorder.load(program)
    module = importlib.import_module(driver)
    prepare = getattr(module, "prepare", None)
    if prepare is not None:
        prepare()
    gc.collect()
    recorder.start()
    on_processor = time.process_time()
    began = time.perf_counter()
    result = module.run(size)
    wall = time.perf_counter() - began
    processor = time.process_time() - on_processor
    recorder.stop()
    return {"wall": wall, "processor": processor, "result": repr(result)}


if __name__ == "__main__":
    tool, program, driver, size, folder = sys.argv[1:]
    print(json.dumps(measure(tool, program, driver, int(size), Path(folder))))
