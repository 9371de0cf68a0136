"""What it costs that prints are recorded: a loop that prints into a file, plain and recorded.

    .venv/bin/python -m benchmarks.output [--rounds 9] [--lines 200000]

Rounds are interleaved, each run is a process of its own, and the program takes the processor's time
of its own loop. Prints a row for each way: ns for one turn of the loop, and the ratio to plain.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

PROGRAM = """
import sys, time
def work(lines):
    for i in range(lines):
        print("line", i)
began = time.process_time_ns()
work(int(sys.argv[1]))
took = time.process_time_ns() - began
print(took, file=sys.stderr)
"""

PLAIN = "plain"
WAYS: dict[str, dict[str, str] | None] = {
    PLAIN: None,
    "recorded, output = false": {"REWIND_OUTPUT": "false"},
    "recorded": {},
    "recorded, Python core, output = false": {"REWIND_OUTPUT": "false", "REWIND_CORE": "python"},
    "recorded, Python core": {"REWIND_CORE": "python"},
}


def took_ns(folder: Path, way: str, lines: int) -> float:
    """Return ns of the processor for one turn of the loop."""
    settings = WAYS[way]
    recorded = [] if settings is None else ["-m", "rewind", "run", "--database", "memory"]
    command = [sys.executable, *recorded, "printing.py", str(lines)]
    environ = os.environ | (settings or {})
    with (folder / "printed").open("wb") as printed:
        done = subprocess.run(
            command, cwd=folder, stdout=printed, stderr=subprocess.PIPE, env=environ, check=True
        )
    return int(done.stderr.split()[0]) / lines


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--lines", type=int, default=200_000)
    asked = parser.parse_args()
    told: dict[str, list[float]] = {way: [] for way in WAYS}
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "printing.py").write_text(PROGRAM)
        for _ in range(asked.rounds):
            for way, found in told.items():
                found.append(took_ns(folder, way, asked.lines))
    for way, found in told.items():
        ratios = [each / plain for each, plain in zip(found, told[PLAIN], strict=True)]
        print(f"{way:40} {median(found):8.0f} ns {median(ratios):6.2f}")


if __name__ == "__main__":
    main()
