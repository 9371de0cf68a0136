"""A service in production is recorded only where somebody says so; and the hooks that ask."""

import os
import pkgutil
import sys
from pathlib import Path

import pytest

from tests.integration.terminal import ROOT, answers, python, rewind, run
from tests.integration.test_processes import await_writer


@pytest.fixture
def service(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text("def work(n):\n    return n\n")
    (tmp_path / "app.py").write_text("import shop\nprint(shop.work(1))\n")
    return tmp_path


def test_one_line_says_why_nothing_is_recorded(service: Path) -> None:
    done = python(service, "app.py", REWIND_ENABLED="1", FLASK_ENV="production")
    assert done.stdout == "1\n"
    assert done.stderr == (
        "rewind: not recording: FLASK_ENV=production says that this is production; "
        "production_enabled = true records it all the same\n"
    )
    assert not (service / ".rewind").exists()


@pytest.mark.parametrize(
    "environ", [{"REWIND_PRODUCTION_ENABLED": "1"}, {"REWIND_ENV": "staging"}, {}]
)
def test_it_is_recorded_where_somebody_says_so(service: Path, environ: dict[str, str]) -> None:
    if not environ:
        (service / "rewind.toml").write_text("production_enabled = true\n")
    done = python(service, "app.py", REWIND_ENABLED="1", ENV="production", **environ)
    assert (done.stdout, done.stderr) == ("1\n", "")
    await_writer(service)
    assert "shop.work" in [one["trigger"] for one in answers(service, "sessions")]


def test_disabled_wins_over_everything(service: Path) -> None:
    environ = {"REWIND_ENABLED": "1", "REWIND_PRODUCTION_ENABLED": "1", "REWIND_DISABLE": "1"}
    done = python(service, "app.py", **environ)
    assert (done.stdout, done.stderr) == ("1\n", "")
    assert not (service / ".rewind").exists()


def test_who_asks_for_a_command_has_said_so(service: Path) -> None:
    done = rewind(service, "run", "--", sys.executable, "app.py", ENV="production")
    assert done.stdout == "1\n"
    assert "shop.work" in [one["trigger"] for one in answers(service, "sessions")]


def test_a_program_that_starts_its_recording_is_asked_as_well(service: Path) -> None:
    (service / "app.py").write_text("import rewind\nrewind.start()\nimport shop\nshop.work(1)\n")
    done = python(service, "app.py", ENV="production")
    assert done.stderr.startswith("rewind: not recording: ENV=production says")
    assert not (service / ".rewind").exists()


def test_the_doctor_says_that_this_is_production(service: Path) -> None:
    told = rewind(service, "doctor", "app.py", ENV="production").stdout
    assert "ENV=production, so services are not recorded (production_enabled)" in told


def test_the_hook_of_later_pythons_does_what_the_other_does(service: Path) -> None:
    """As `site` of Python 3.15 calls it (PEP 829)."""
    (entry,) = (ROOT / "rewind.start").read_text().split()
    assert callable(pkgutil.resolve_name(entry))
    program = f"import pkgutil; pkgutil.resolve_name({entry!r})(); import app, sys"
    shown = f"{program}; print('rewind.agent' in sys.modules)"
    off = run(service, sys.executable, "-S", "-c", shown)
    assert (off.stdout, off.stderr) == ("1\nFalse\n", "")
    on = run(service, sys.executable, "-S", "-c", shown, REWIND_ENABLED="1")
    assert (on.stdout, on.stderr) == ("1\nTrue\n", "")
    await_writer(service)
    assert [one["trigger"] for one in answers(service, "sessions")] == ["app.<module>"]


def test_the_hook_of_later_pythons_lets_the_program_start(service: Path) -> None:
    program = "import rewind; rewind._HOMES; rewind._start_up(); print('started')"
    broken = {"REWIND_ENABLED": "1", "PYTHONPATH": os.pathsep.join((str(service), str(ROOT)))}
    (service / "json.py").write_text("raise ImportError('not that one')\n")
    done = run(service, sys.executable, "-S", "-c", program, **broken)
    assert done.stdout == "started\n"
    assert done.stderr.startswith("rewind: not recording: ImportError")
