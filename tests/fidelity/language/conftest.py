"""What every test of this catalogue does: run a program plain and recorded, and compare."""

from difflib import unified_diff
from pathlib import Path
from typing import Protocol

import pytest

from tests.twice import Ended, Kind, Programs


class Same(Protocol):
    """Runs a source both ways and checks that nothing tells them apart."""

    def __call__(
        self,
        source: str,
        *,
        code: int = 0,
        stdin: str = "",
        flags: tuple[str, ...] = (),
        kind: Kind = "script",
        **modules: str,
    ) -> Ended:
        """Return how the program ended; `modules` are the sources of what it imports by name.

        Output, error text and exit status are equal to the byte, but for addresses and for
        the name of our loader. The exit status is `code`, so that a program that fails
        before its point is noticed. The recording holds events, and no probe failed.
        """


@pytest.fixture
def same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Same:
    # What is compiled is kept, as on most machines.
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    folder = tmp_path / "work"
    folder.mkdir()

    def both(
        source: str,
        *,
        code: int = 0,
        stdin: str = "",
        flags: tuple[str, ...] = (),
        kind: Kind = "script",
        **modules: str,
    ) -> Ended:
        programs = Programs(folder, tmp_path / "spool")
        for name, text in modules.items():
            programs.write(f"{name}.py", text)
        programs.write("program.py", source)
        target = "program" if kind == "module" else "program.py"
        plain = programs.plain(target, kind=kind, stdin=stdin, flags=flags)
        assert plain.code == code, plain.stderr
        recorded = programs.recorded(target, kind=kind, stdin=stdin, flags=flags)
        differences = "\n".join(unified_diff(told(plain), told(recorded), lineterm=""))
        assert not differences, differences
        spool = programs.read()
        assert spool.events
        # What Python itself refuses cannot be recorded, and is told.
        missing = {"core-missing", "output-missing"}
        told_of = [report for report in spool.reports if report["what"] not in missing]
        whys = [str(report["why"]) for report in told_of]
        assert all(why.startswith("Python refuses it") for why in whys), whys
        return plain

    return both


def told(ended: Ended) -> list[str]:
    """Return line by line how a program ended."""
    return [f"exit status {ended.code}", *ended.stdout.split("\n"), *ended.stderr.split("\n")]
