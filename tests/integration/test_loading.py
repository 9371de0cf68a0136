"""Modules load under other tools' hooks as they do without Rewind, and are recorded."""

import os
import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.integration.terminal import answers, errors_of, python, rewind


class Project:
    """A folder with files of a project, run plain and recorded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, source: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(source).lstrip("\n"))

    def plain(self, *command: str) -> tuple[int, str]:
        done = python(self.folder, *command)
        return done.returncode, _nameless(done.stdout + done.stderr)

    def recorded(self, *command: str) -> tuple[int, str]:
        done = rewind(self.folder, "run", *command)
        return done.returncode, _nameless(done.stdout + errors_of(done))

    def same(self, *command: str) -> str:
        """Run both ways, recorded from nothing and from the cache; return what both showed."""
        plain = self.plain(*command)
        assert self.recorded(*command) == plain
        assert self.recorded(*command) == plain
        assert self.plain(*command) == plain
        return plain[1]

    def events(self, *, module: str) -> list[dict[str, Any]]:
        """Return what the last run has recorded of a module."""
        return [each for each in answers(self.folder, "events", "last") if each["module"] == module]

    def functions(self, module: str) -> set[str]:
        """Return the functions of the module that the last run has recorded."""
        return {each["function"] for each in self.events(module=module)}

    def triggers(self) -> set[str]:
        """Return what began the sessions of all runs."""
        return {each["trigger"] for each in answers(self.folder, "sessions")}

    def compiled(self) -> list[Path]:
        """Return the files of bytecode that Python, pytest and the checkers have left."""
        return sorted(self.folder.rglob("*.pyc"))


def _nameless(text: str) -> str:
    """Leave out what is another in every run."""
    for pattern in (r"0x[0-9a-f]{6,}", r"\d+\.\d+s", r"(?m)^cachedir: .*$", r"(?m)^rootdir: .*$"):
        text = re.sub(pattern, "...", text)
    return re.sub(r"={3,}", "=", text)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    # Else pytest inside of pytest takes on what is meant for the outer one.
    for name in [one for one in os.environ if one.startswith("PYTEST_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "work"
    folder.mkdir()
    return Project(folder)


TESTS = '''
"""Tests that fail in every way that pytest explains."""
import pytest
import shop
import bystander
import plain_helper


class Thing:
    def __init__(self, n): self.n = n
    def __repr__(self): return f"<Thing {self.n}>"
    def __eq__(self, other): return isinstance(other, Thing) and other.n == self.n
    __hash__ = None


class Held:
    def __init__(self): self.items = [1, 2]
    def asked(self, other): return None if other is self else self.items


def test_call(three):
    values = [1, 2, three]
    assert shop.double(three) == 7


def test_changing_call_and_message():
    items = [1]
    assert items.append(2) or items == [1, 3], f"why {items}"


def test_changing_what_another_holds():
    held = Held()
    assert held.items.pop() == 2
    assert held.asked(held) is None


def test_walrus():
    assert (n := shop.double(2)) == 4 and n > 4


def test_walrus_that_is_used():
    assert (n := shop.double(2)) == 4
    assert n == 5


def test_membership():
    assert "x" in {"a": 1, "b": [1, 2, 3]}


def test_objects():
    assert Thing(1) == Thing(2)


def test_not():
    x = 5
    assert not x


def test_name():
    x = 0
    assert x


def test_chain():
    assert 1 < shop.double(1) < 2


def test_all():
    assert all(i < 2 for i in range(3))


def test_long_texts():
    assert "a" * 30 + "b" + "c" * 200 == "a" * 30 + "x" + "c" * 200


def test_or_and_ternary():
    a, b = 0, []
    assert a or b or (1 if b else 0)


def test_star_and_subscript():
    found = {"a": [1, 2]}
    assert max(*found["a"], key=lambda one: -one) == found["a"][1]


def test_helpers():
    bystander.check(1)


def test_plain_helper():
    plain_helper.check(2)


@pytest.mark.parametrize("x", [1, 2])
def test_generator(x):
    def made():
        assert (yield x) == 3
    one = made()
    next(one)
    one.send(x)


async def ask():
    assert await answer() == 2

async def answer():
    return 1

def test_coroutine():
    import asyncio
    asyncio.run(ask())


def test_passes():
    for i in range(3):
        assert shop.double(i) == 2 * i
    with pytest.raises(ZeroDivisionError):
        1 / 0


def test_error():
    def inner():
        raise ValueError("inner")
    inner()


def test_fixture_fails(broken):
    pass
'''


@pytest.fixture
def tested(project: Project) -> Project:
    project.write("shop.py", "def double(x):\n    return x * 2\n")
    project.write("bystander.py", "def check(x):\n    y = x + 1\n    assert x == y\n")
    project.write(
        "plain_helper.py", '"""PYTEST_DONT_REWRITE"""\ndef check(x):\n    assert x == x + 1\n'
    )
    project.write(
        "conftest.py",
        """
        import pytest
        pytest.register_assert_rewrite("bystander", "plain_helper")

        @pytest.fixture
        def three():
            return 3

        @pytest.fixture
        def broken():
            wanted = [1]
            assert wanted == [2]
        """,
    )
    project.write("test_shop.py", TESTS)
    return project


@pytest.mark.parametrize(("detail", "mode"), [("-vv", "prepend"), ("-q", "importlib")])
def test_pytest_explains_assertions_as_without(detail: str, mode: str, tested: Project) -> None:
    """Also those of helpers that are registered, and no more than without."""
    shown = tested.same("-m", "pytest", "-p", "no:randomly", f"--import-mode={mode}", detail)
    assert "assert 6 == 7" in shown or detail == "-q"
    assert "19 failed" in shown, shown
    assert tested.functions("test_shop") >= {"<module>", "test_call", "test_passes", "ask"}
    assert {"three", "broken"} <= tested.functions("conftest")
    assert tested.functions("bystander") == {"<module>", "check"}
    assert tested.functions("plain_helper") == {"<module>", "check"}


def test_assertions_of_tests_are_recorded_as_written(tested: Project) -> None:
    """As the outcome of the test that the source shows; nothing of what pytest puts there."""
    tested.recorded("-m", "pytest", "-q")
    events = tested.events(module="test_shop")
    asserted = [each for each in events if each["kind"] == "branch"]
    assert {each["detail"] for each in asserted} == {"assert", "ternary"}
    assert {(each["name"], each["value"]) for each in asserted} >= {
        ("shop.double(three) == 7", False),
        ("(n := shop.double(2)) == 4", True),
        ("shop.double(i) == 2 * i", True),
        ("await answer() == 2", False),
    }
    changed = [each for each in events if each["kind"] == "mutate"]
    assert [(each["name"], each["detail"], each["value"]) for each in changed] == [
        ("items", "append", [1, 2]),
        ("held.items", "pop", [1]),
    ]
    names = {each["name"] for each in events if each["kind"] == "variable"}
    assert names >= {"values", "items", "n", "i"}
    assert all(name.isidentifier() for name in names)


def test_pytest_runs_plain_after_and_between(tested: Project) -> None:
    """What pytest keeps of rewritten modules holds no probe, and ours holds what changes."""
    assert tested.plain("-m", "pytest", "-q") == tested.recorded("-m", "pytest", "-q")
    assert tested.compiled()
    assert not any(b"rewind." in each.read_bytes() for each in tested.compiled())
    tested.write("shop.py", "def double(x):\n    return 2 * x + 1\n")
    tested.write("test_shop.py", "import shop\ndef test_it():\n    assert shop.double(1) == 2\n")
    assert "assert 3 == 2" in tested.same("-m", "pytest", "-q")


def test_setting_of_pytest_that_changes_its_rewriting_is_minded(tested: Project) -> None:
    tested.recorded("-m", "pytest", "-q")
    tested.write("pytest.ini", "[pytest]\nenable_assertion_pass_hook = true\n")
    with (tested.folder / "conftest.py").open("a") as file:
        file.write(
            "def pytest_assertion_pass(item, lineno, orig, expl):\n"
            "    print('passed:', lineno, orig, expl)\n"
        )
    shown = tested.same("-m", "pytest", "-q", "-rP")
    assert "passed:" in shown
    assert tested.functions("test_shop") >= {"test_passes"}


CHECKED = """
from __future__ import annotations

def double(x: int) -> int:
    y: int = x
    return y * 2

def wrong() -> int:
    return "text"

def assigns(v):
    z: int = v
    return z

class Shop:
    def first(self, names: list[str]) -> str:
        first, *rest = names
        return first
"""
ATTEMPTS = """
import sys, traceback
import checked

def attempt(function, *arguments):
    try:
        print(function(*arguments))
    except Exception:
        traceback.print_exc()

attempt(checked.double, 2)
attempt(checked.double, "x")
attempt(checked.wrong)
attempt(checked.assigns, "s")
attempt(checked.Shop().first, ["a"])
attempt(checked.Shop().first, [1])
print(type(checked.__loader__), vars(checked.__loader__).keys(), sorted(vars(checked)))
"""
HOOKS = {
    "typeguard": "from typeguard import install_import_hook as on; on('checked')\n",
    "beartype": "from beartype.claw import beartype_package as on; on('checked')\n",
}
LATER = """
import os, sys
os.environ["REWIND_ENABLED"] = "1"
import rewind.agent.autostart
"""


@pytest.mark.parametrize("checker", HOOKS)
def test_type_checkers_check_and_rewind_records(checker: str, project: Project) -> None:
    project.write("checked.py", CHECKED)
    (project.folder / "app.py").write_text(HOOKS[checker] + ATTEMPTS)
    shown = project.same("app.py")
    assert shown.count("Traceback") >= 3
    assert project.functions("checked") == {"<module>", "double", "wrong", "assigns", "Shop.first"}
    events = project.events(module="checked")
    values = {each["name"]: each["value"] for each in events if each["kind"] == "variable"}
    assert values == {"y": 2, "z": "s", "first": "a", "rest": []} or checker == "typeguard"
    assert any(each["kind"] == "exception" for each in events)
    assert not any(b"rewind." in each.read_bytes() for each in project.compiled())
    # Without the checker there are no checks in what was kept.
    (project.folder / "app.py").write_text(ATTEMPTS)
    assert "TypeCheckError" not in project.same("app.py")


@pytest.mark.parametrize("checker", HOOKS)
def test_type_checkers_may_come_first(checker: str, project: Project) -> None:
    project.write("checked.py", CHECKED)
    (project.folder / "app.py").write_text(HOOKS[checker] + ATTEMPTS)
    plain = project.plain("app.py")
    (project.folder / "app.py").write_text(HOOKS[checker] + LATER + ATTEMPTS)
    done = python(project.folder, "app.py", PYTHONWARNINGS="error")
    lines = LATER.count("\n")
    shown = re.sub(
        r'(app.py", line )(\d+)',
        lambda found: found[1] + str(int(found[2]) - lines),
        _nameless(done.stdout + errors_of(done)),
    )
    assert (done.returncode, shown) == plain
    rewind(project.folder, "recover")
    assert {"checked.double", "checked.wrong", "checked.Shop.first"} <= project.triggers()
