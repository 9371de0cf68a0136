"""What it costs to record all of a library at work: large objects that refer to each other.

    .venv/bin/python -m benchmarks.libraries [--rounds 5] [--core python]

The programs of `benchmarks/programs` make their objects themselves, and these are small. Here a
method's `self` leads to more than is shown of a value. Rounds are interleaved, each run is a
process of its own, and the program takes the processor's time of its own work. Prints a row for
each library: the ratio to plain, and ns above plain for each event.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

JINJA2 = """
from jinja2 import Environment

SOURCE = '''
{% macro field(name, value="") %}<input name="{{ name }}" value="{{ value|e }}">{% endmacro %}
{% for user in users %}{% if user.active %}
<li class="{{ loop.cycle("a", "b") }}">{{ user.name|upper }}
{{ field("x", user.name) }}{% for k, v in user.data.items() %}{{ k }}={{ v + 1 }}{% endfor %}</li>
{% else %}<li>none</li>{% endif %}{% endfor %}{% set total = users|length * 3 %}{{ total }}
'''
USERS = [{"name": f"u{i}", "active": i % 3, "data": {"a": i, "b": 2}} for i in range(10)]

def work():
    Environment().from_string(SOURCE).render(users=USERS)
"""

SQLALCHEMY = """
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, func, select

META = MetaData()
USERS = Table("users", META, Column("id", Integer, primary_key=True), Column("name", String(40)))
ORDERS = Table("orders", META, Column("id", Integer, primary_key=True),
               Column("user", ForeignKey("users.id")), Column("cents", Integer))

def work():
    total = func.sum(ORDERS.c.cents).label("total")
    joined = USERS.join(ORDERS, USERS.c.id == ORDERS.c.user)
    asked = select(USERS.c.name, total).select_from(joined).where(ORDERS.c.cents > 100)
    str(asked.group_by(USERS.c.name).having(total > 1000).order_by(total.desc()).limit(10))
"""

PROGRAMS = {"jinja2": (JINJA2, 40), "sqlalchemy": (SQLALCHEMY, 60)}
"""By the library what is done so many times."""

TIMED = """
import sys, time
work()
began = time.process_time_ns()
for _ in range({times}):
    work()
print(time.process_time_ns() - began)
"""


def took(folder: Path, name: str, core: str | None) -> tuple[int, int]:
    """Return ns of the processor, and how many events were recorded: of one round more."""
    selected = ["--include", f"{name}.*", "--include", "__main__"]
    recorded = ["-m", "rewind", "run", "--database", "memory", *selected] if core else []
    environ = os.environ | {"REWIND_CORE": core or "auto"}
    command = [sys.executable, *recorded, f"with_{name}.py"]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, check=True)
    events = re.search(rb"([\d,]+) events", done.stderr)
    return int(done.stdout), int(events[1].replace(b",", b"")) if events else 0


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--core", default="native", choices=["native", "python"])
    asked = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        for library, (source, times) in PROGRAMS.items():
            (folder / f"with_{library}.py").write_text(source + TIMED.format(times=times))
            ratios, costs = [], []
            took(folder, library, asked.core)
            for _ in range(asked.rounds):
                plain, _ = took(folder, library, None)
                recorded, events = took(folder, library, asked.core)
                events = events * times // (times + 1)
                ratios.append(recorded / plain)
                costs.append((recorded - plain) / events)
            print(f"{library:12} {median(ratios):6.1f} times {median(costs):6.0f} ns {events:10,}")


if __name__ == "__main__":
    main()
