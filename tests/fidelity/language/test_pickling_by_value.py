"""What ships functions as code ships plain code: it runs where Rewind is not."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.fidelity.language.conftest import Same

WORK = r"""
import functools, re
K = 3
DIGITS = re.compile("\d")
def closing(n):
    held = []
    def add(x, *more, y=2):
        nonlocal n
        for each in (x, *more):
            n += each * K
            held.append(n)
        return [h + y for h in held if (lambda a: a)(h)]
    return add
def counting(n):
    try:
        for i in range(n):
            got = yield i
            if got:
                return (i, got)
    finally:
        n = 0
def decorated(function):
    @functools.wraps(function)
    def around(*a):
        return ("around", function(*a))
    return around
@decorated
def plainly(a, b=(1, 2)):
    "A docstring."
    with open("/dev/null") as f:
        assert a, "message"
        return a, b, f.read()
def failing(x):
    try:
        return 1 // x
    except ZeroDivisionError as error:
        raise ValueError("no") from error
class Base:
    kept = [1]
    def who(self): return type(self).__name__, self.kept
class Derived(Base):
    def __init__(self, x): self.x = x
    def who(self): return super().who(), self.x
    @property
    def twice(self):
        x = self.x
        return x * 2
two, three = (lambda x: x * 2), (lambda x: x * 3)
def work(add, plainly, failing, counting, Derived, two, three):
    print(add(1, 2), plainly(1), list(counting(2)), two(1), three(1))
    print(Derived(4).who(), Derived(5).twice)
    try:
        failing(0)
    except ValueError as error:
        print(repr(error.__cause__), error.__traceback__.tb_next.tb_lineno)
things = (work, closing(1), plainly, failing, counting, Derived, two, three)
"""
ELSEWHERE = """
import subprocess, sys
read = '''
import sys, {0}
work, *things = {0}.loads(sys.stdin.buffer.read())
work(*things)
'''
def elsewhere(name, data):
    there = subprocess.run([sys.executable, "-Wignore", "-c", read.format(name)], input=data,
                           capture_output=True, text=False)
    print(there.stdout.decode(), there.stderr.decode())
"""


@pytest.mark.parametrize("name", ["cloudpickle", "copied.cloudpickle.cloudpickle", "dill"])
def test_a_process_without_rewind_runs_what_was_pickled_by_value(same: Same, name: str) -> None:
    """As packages do that bring a copy along; in the program's folder it is recorded as well."""
    found = find_spec("cloudpickle.cloudpickle")
    assert found is not None
    text = Path(str(found.origin)).read_text("utf-8")
    recurse = ", recurse=True" if name == "dill" else ""
    source = f"""
import {name}
{WORK}
{ELSEWHERE}
elsewhere("{name}", {name}.dumps(things{recurse}))
# What stands twice is written once.
twice = {name}.loads({name}.dumps((two, two, two.__code__, two.__code__)))
print(twice[0] is twice[1], twice[2] is twice[3])
here = {name}.loads({name}.dumps(things{recurse}))
here[0](*here[1:])
work(*things[1:])
"""
    copied: dict[str, Any] = {
        "copied/cloudpickle/__init__": "",
        "copied/cloudpickle/cloudpickle": text,
    }
    assert "Error" not in same(source, **copied).stdout.replace("ZeroDivisionError", "")


def test_what_cloudpickle_writes_is_the_same_to_the_byte(same: Same) -> None:
    source = f"""
import cloudpickle, hashlib, marshal
{WORK}
for one in (closing(1), failing, counting):
    print(hashlib.sha256(cloudpickle.dumps(one)).hexdigest())
# Of these, constants may be written twice that plain Python has once.
for one in (plainly.__wrapped__, two, three, Derived.__init__, Base.who):
    there = cloudpickle.loads(cloudpickle.dumps(one)).__code__
    print(hashlib.sha256(marshal.dumps(there, 0)).hexdigest(), list(there.co_positions()))
"""
    same(source)


def test_a_module_that_is_to_be_pickled_by_value(same: Same) -> None:
    source = f"""
import shipped, cloudpickle
{ELSEWHERE}
cloudpickle.register_pickle_by_value(shipped)
elsewhere("cloudpickle", cloudpickle.dumps(shipped.things))
"""
    same(source, shipped=WORK)


def test_joblib_runs_functions_of_the_program_in_other_processes(same: Same) -> None:
    source = """
from joblib import Parallel, delayed
K = 3
def work(x):
    found = []
    for i in range(x):
        found.append(i * K)
    return found
class Worker:
    def run(self, x):
        return work(x) + [self.__class__.__name__]
print(Parallel(n_jobs=2)(delayed(work)(i) for i in range(4)))
print(Parallel(n_jobs=2)(delayed(Worker().run)(i) for i in range(2)))
"""
    same(source)
