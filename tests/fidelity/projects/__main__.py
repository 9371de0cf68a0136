"""Other projects' own test suites, plain and recorded: `python -m tests.fidelity.projects --help`.

Exit status 1: a test ended in another way while it was recorded, or a run proves nothing.
"""

import argparse
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tests.fidelity.interpreters import interpreter, own_version
from tests.fidelity.projects.environment import Environment
from tests.fidelity.projects.report import as_json, table
from tests.fidelity.projects.suite import Result, Say, Suite
from tests.fidelity.projects.table import TABLE, Project, projects
from tests.fidelity.venvs import CACHE

_SHOWN: Final = 40


def main() -> int:
    """Run what the command line asks for; return the exit status."""
    asked = _arguments()
    pythons = {version: interpreter(version) for version in asked.python or [own_version()]}
    jobs = [
        (project, version, path)
        for version, path in pythons.items()
        for name, project in projects(asked.projects).items()
        if not asked.project or name in asked.project
    ]
    with ThreadPoolExecutor(asked.jobs) as pool:
        running = [pool.submit(_run, *job, asked) for job in jobs]
        results = [each.result() for each in running]
    sys.stdout.write("\n" + table(results))
    if asked.json:
        Path(asked.json).write_text(as_json(results))
    return int(not all(result.holds for result in results))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.fidelity.projects", description=__doc__)
    add = parser.add_argument
    add("--projects", type=Path, default=TABLE, metavar="FILE", help="a table of other projects")
    add("--project", action="append", metavar="NAME", help="only this; repeatable")
    add("--python", action="append", metavar="3.12", help="on this; repeatable; default: this one")
    add("--share", choices=("small", "whole"), default="whole", help="of each suite")
    add("--select", nargs="+", metavar="TEST", help="run these instead, as pytest names them")
    add("--core", choices=("auto", "native", "python"), default="auto", help="that captures")
    add("--jobs", type=int, default=1, help="suites at once; more than 1 blurs the ratios")
    add("--timeout", type=float, default=3600, metavar="S", help="of each of the three runs")
    add("--folder", type=Path, default=CACHE, help="for environments and logs")
    add("--json", metavar="FILE", help="write the results there as well")
    asked = parser.parse_args()
    unknown = set(asked.project or ()) - projects(asked.projects).keys()
    if unknown:
        parser.error(f"not in {asked.projects}: {', '.join(sorted(unknown))}")
    return asked


def _run(project: Project, version: str, python: str, asked: argparse.Namespace) -> Result:
    def say(text: str) -> None:
        sys.stdout.write(f"{project.name} on {version}: {text}\n")
        sys.stdout.flush()

    environment = Environment(
        project, python, asked.folder / "archives", asked.folder / version / project.name
    )
    try:
        environment.prepare()
    except subprocess.SubprocessError as error:
        return Result(project.name, project.version, version, doubts=[f"not installed: {error}"])
    arguments = asked.select or (project.small if asked.share == "small" else project.arguments)
    result = Suite(project, environment, arguments, asked.timeout, asked.core).compare(version, say)
    _say_differences(result, say)
    return result


def _say_differences(result: Result, say: Say) -> None:
    for construct in result.recording.held_back[:_SHOWN]:
        say(f"left plain: {construct}")
    for doubt in result.doubts[:_SHOWN]:
        say(f"PROVES NOTHING: {doubt}")
    for one in result.comparison.differences[:_SHOWN]:
        say(f"DIFFERS: {one.test}: {one.aspect}")
        say(f"    plain:    {one.plain}")
        say(f"    recorded: {one.recorded}")


if __name__ == "__main__":
    sys.exit(main())
