"""Integrations that load in the middle of the program's run."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest

from rewind.integrations import late as late_loading
from rewind.integrations.late import late

FILES = sorted(
    path.stem for path in Path(late_loading.__file__).parent.glob("*.py") if path.stem != "__init__"
)

ADDED = """
import sys
import rewind.agent.program
import rewind.agent.worker
# Every library whose integration needs it has imported it.
import urllib.parse
before = set(sys.modules)
import rewind.integrations.{file}
print(*sorted(name for name in set(sys.modules) - before if not name.startswith("rewind.")))
"""


@pytest.mark.parametrize("file", FILES)
def test_no_file_that_the_program_may_have_is_imported_along(file: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", ADDED.format(file=file)], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []


def test_a_file_is_imported_at_the_first_call_and_with_the_builtins_of_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = "rewind.integrations.bytecode_readers"
    monkeypatch.delitem(sys.modules, name, raising=False)
    meet = late("bytecode_readers.meet_numba", lambda code: code, print)
    assert name not in sys.modules
    monkeypatch.setattr("builtins.pow", None)
    meet(ModuleType("numba.core.bytecode"))
    loaded = vars(sys.modules[name])
    monkeypatch.undo()
    assert loaded["__builtins__"]["pow"] is pow


def test_a_fork_waits_until_nothing_is_half_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def half_loaded(name: str) -> ModuleType:
        begun.set()
        assert goes_on.wait(30)
        module = ModuleType(name)
        vars(module)["meet"] = met.append
        return module

    met: list[object] = []
    monkeypatch.setattr(late_loading, "import_module", half_loaded)
    loading = threading.Thread(target=late("any.meet"), args=("it",))
    loading.start()
    assert begun.wait(30)
    order: list[str] = []

    def fork() -> None:
        child = os.fork()
        if child == 0:
            os._exit(0)
        order.append("forked")
        os.waitpid(child, 0)

    forking = threading.Thread(target=fork)
    forking.start()
    forking.join(0.2)
    order.append("loaded")
    goes_on.set()
    forking.join(30)
    loading.join(30)
    assert order == ["loaded", "forked"]
    assert met == ["it"]
