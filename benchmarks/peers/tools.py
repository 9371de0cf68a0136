"""The tools that are measured, each at the setting nearest to what Rewind records by default."""

from dataclasses import dataclass, replace

PLAIN = "plain"
REWIND = "rewind"
PYTHON_CORE = "rewind-python"
SETTRACE = "settrace"
MONITORING = "monitoring"


@dataclass(frozen=True)
class Tool:
    """One way to run a program."""

    name: str
    setting: str
    """What is switched on, in the tool's own words."""
    share: int
    """It is given this many times fewer units of work, so that it ends in reasonable time."""
    is_peer: bool = False
    """Whether it is somebody else's tool that records values."""


TOOLS = (
    Tool(PLAIN, "nothing", 1),
    Tool(SETTRACE, "sys.settrace with a function that only returns itself", 1),
    Tool(MONITORING, "sys.monitoring, nine events, callbacks that only return", 1),
    Tool(REWIND, "the default settings, the fastest core there is", 1),
    Tool(PYTHON_CORE, "the default settings, the core written in Python", 20),
    Tool("kolo", "line_events and lightweight_repr", 20, is_peer=True),
    Tool("kolo-calls", "lightweight_repr", 20, is_peer=True),
    Tool(
        "viztracer",
        "--log_var .* --log_attr .* --log_exception --log_func_retval --ignore_c_function",
        20,
        is_peer=True,
    ),
    Tool(
        "viztracer-calls",
        "--log_func_args --log_func_retval --ignore_c_function",
        20,
        is_peer=True,
    ),
    Tool("hunter", "CallPrinter and VarsSnooper, to a file", 250, is_peer=True),
    Tool("snoop", "@snoop on every function, to a file", 250, is_peer=True),
    Tool("pysnooper", "@pysnooper.snoop on every function, to a file", 250, is_peer=True),
)


def chosen(names: list[str], python: str, core: str) -> list[Tool]:
    """Return the tools of those names, and `plain`, where Rewind's fastest core is `core`."""
    # `sys.monitoring` came with 3.12.
    missing = MONITORING if python == "3.11" else ""
    found = [tool for tool in TOOLS if tool.name in {*names, PLAIN} and tool.name != missing]
    if core == "native":
        return found
    # Rewind's own row is then the Python core's: no need of two.
    slow = next(tool for tool in TOOLS if tool.name == PYTHON_CORE).share
    return [
        replace(tool, share=slow) if tool.name == REWIND else tool
        for tool in found
        if tool.name != PYTHON_CORE or REWIND not in names
    ]
