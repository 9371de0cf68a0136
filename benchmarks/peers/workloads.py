"""What the tools are given to do: the programs of `benchmarks/programs`, and how much of each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Workload:
    """A program whose `run(size)` does `size` units of work."""

    name: str
    module: str
    """What is recorded."""
    size: int
    """Units that take the plain program some 0.05 to 0.3 seconds."""
    driver: str = ""
    """The module whose `run` is called, where it is another one."""

    def units(self, share: int) -> int:
        """The units for a tool that gets so many times fewer; at least one."""
        return max(1, self.size // share)


WORKLOADS = (
    Workload("fib", "programs.fib", 700),
    Workload("loops", "programs.loops", 200),
    Workload("objects", "programs.objects", 1000),
    Workload("parser", "programs.parser", 2000),
    Workload("async", "programs.tasks", 10),
    # The shop is what is recorded; who buys there is not.
    Workload("web", "programs.shop", 60, driver="programs.web"),
)
