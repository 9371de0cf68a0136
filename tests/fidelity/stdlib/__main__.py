"""CPython's own tests, plain and recorded: `python -m tests.fidelity.stdlib --help`.

Exit status 1: a test ended in another way while it was recorded and `explained.toml` does not say
why, an explanation explains nothing, or a run proves nothing.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fidelity.interpreters import interpreter, own_version
from tests.fidelity.stdlib.modules import TestModule, test_modules
from tests.fidelity.stdlib.running import Result, Runner
from tests.fidelity.venvs import CACHE, Venv


def main() -> int:
    """Run what the command line asks for; return the exit status."""
    asked = _arguments()
    results = [
        result for version in asked.python or [own_version()] for result in _on(version, asked)
    ]
    sys.stdout.write("\n" + _table(results))
    return int(not all(result.holds for result in results))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.fidelity.stdlib", description=__doc__)
    add = parser.add_argument
    add(
        "--test",
        action="append",
        choices=list(test_modules()),
        metavar="test_enum",
        help="only this; repeatable",
    )
    add("--python", action="append", metavar="3.12", help="on this; repeatable; default: this one")
    add("--core", choices=("auto", "native", "python"), default="auto", help="that captures")
    add("--jobs", type=int, default=2, help="test modules at once")
    add("--timeout", type=float, default=1200, metavar="S", help="of each of the three runs")
    add("--folder", type=Path, default=CACHE, help="for environments and logs")
    return parser.parse_args()


def _on(version: str, asked: argparse.Namespace) -> list[Result]:
    home = asked.folder / version / "stdlib"
    venv = Venv(home / "venv", interpreter(version))
    if not venv.python.exists():
        venv.make()
    venv.install_rewind()
    runner = Runner(venv, home, asked.timeout, asked.core)
    known = test_modules()
    chosen = [known[name] for name in asked.test or known]
    with ThreadPoolExecutor(asked.jobs) as pool:
        running = [pool.submit(_run, runner, module, version) for module in chosen]
        return [each.result() for each in running]


def _run(runner: Runner, module: TestModule, version: str) -> Result:
    result = runner.compare(module, version)
    times = f"{result.plain_s:.1f} s plain, {result.recorded_s:.1f} s recorded"
    lines = [f"{module.name} on {version}: {result.tests} tests, {times}"]
    lines += [f"    PROVES NOTHING: {doubt}" for doubt in result.doubts]
    for one in result.differences:
        lines.append(f"    DIFFERS: {one.test}: {one.aspect}")
        lines += [f"        plain:    {one.plain}", f"        recorded: {one.recorded}"]
    lines += [f"    EXPLAINS NOTHING: {entry}" for entry in result.needless]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    return result


def _table(results: list[Result]) -> str:
    lines = []
    for version in dict.fromkeys(result.python for result in results):
        of_it = [result for result in results if result.python == version]
        tests = sum(result.tests for result in of_it)
        differences = sum(len(result.differences) for result in of_it)
        known = sum(len(result.known) for result in of_it)
        plain = sum(result.plain_s for result in of_it)
        recorded = sum(result.recorded_s for result in of_it)
        failed = [result.name for result in of_it if not result.holds]
        lines.append(
            f"Python {version}: {len(of_it)} test modules, {tests:,} tests, {differences} tests"
            f" differ, {known} more explained; {plain:.0f} s plain, {recorded:.0f} s recorded"
            f" ({recorded / (plain or 1):.1f} times)"
        )
        lines += [f"    {name}: FAILED" for name in failed]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
