"""`python -m peers`: measures what recording costs beside other tools; see `--help`."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator

from peers import instructions, report
from peers.environment import ChildError, Environment, MissingPythonError, scratch
from peers.figures import Comparison, figure
from peers.rounds import LIMIT_SECONDS, Measurement
from peers.tools import REWIND, TOOLS, chosen
from peers.workloads import WORKLOADS, Workload


def main() -> int:
    """Run what the command line asks for; return the exit code."""
    options = _options()
    try:
        comparisons = [
            _compared(environment, workload, options)
            for environment in _environments(options.python)
            for workload in options.workloads
        ]
    except (MissingPythonError, ChildError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    _tell(report.summary(comparisons), options)
    if options.json:
        print(json.dumps([comparison.to_json() for comparison in comparisons], indent=2))
    return 0


def _environments(versions: list[str]) -> Iterator[Environment]:
    for version in versions:
        sys.stderr.write(f"Python {version}: installing\n")
        environment = Environment(version)
        environment.install()
        yield environment


def _compared(
    environment: Environment, workload: Workload, options: argparse.Namespace
) -> Comparison:
    sys.stderr.write(f"Python {environment.version}: {workload.name} ")
    core = _core(environment, workload)
    tools = chosen(options.tools, environment.version, core)
    measurement = Measurement(environment, workload, tools, options.clock)
    events = measurement.events()
    for number in range(options.rounds):
        measurement.round(number)
    sys.stderr.write("\n")
    figures = [figure(runs, events) for runs in measurement.runs]
    comparison = Comparison(environment.version, workload.name, core, events, figures)
    said = list(report.lines(comparison))
    if options.instructions == workload.name:
        said.append(instructions.line(environment, REWIND, workload, events))
    _tell(said, options)
    return comparison


def _tell(lines: Iterable[str], options: argparse.Namespace) -> None:
    """Print lines for people: where JSON is asked for, beside it."""
    print("\n".join(lines), file=sys.stderr if options.json else sys.stdout, flush=True)


def _core(environment: Environment, workload: Workload) -> str:
    """Return which core Rewind takes when it may choose."""
    with scratch() as folder:
        environment.run(REWIND, workload, 1, folder, LIMIT_SECONDS)
        return str(environment.captured("total", workload.module, folder)["core"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="peers", description="What Rewind costs beside other tools that record values."
    )
    tools = [tool.name for tool in TOOLS]
    parser.add_argument("--tools", type=_of(tools), default=tools, help=",".join(tools))
    names = {workload.name: workload for workload in WORKLOADS}
    parser.add_argument(
        "--workloads",
        type=lambda text: [names[name] for name in _of(list(names))(text)],
        default=list(WORKLOADS),
        help=",".join(names),
    )
    parser.add_argument(
        "--python", type=lambda text: text.split(","), default=["3.12", "3.13"], help="3.12,3.13"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--clock",
        choices=("wall", "processor"),
        default="wall",
        help="processor: the program's own time on the processor, for a busy machine",
    )
    parser.add_argument("--instructions", metavar="WORKLOAD", choices=list(names))
    parser.add_argument("--json", action="store_true", help="to standard output, tables beside it")
    return parser.parse_args()


def _of(known: list[str]) -> Callable[[str], list[str]]:
    def listed(text: str) -> list[str]:
        names = text.split(",")
        unknown = set(names) - set(known)
        if unknown:
            message = f"{', '.join(sorted(unknown))}: choose from {', '.join(known)}"
            raise argparse.ArgumentTypeError(message)
        return names

    return listed


if __name__ == "__main__":
    sys.exit(main())
