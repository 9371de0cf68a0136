"""The wheel in an empty environment: everything that Rewind needs is inside it."""

import json
import os
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "orders"

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by way of a source distribution, as a package index would be served."""
    target = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(target), str(ROOT)],
        check=True,
        capture_output=True,
        env=environment(),
    )
    (built,) = target.glob("rewind-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment that holds the wheel and what it depends on."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=True)
    subprocess.run(
        [home / "bin" / "pip", "install", "--quiet", wheel], check=True, env=environment()
    )
    return home / "bin"


@pytest.fixture(scope="module")
def work(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside the checkout in which the example was recorded."""
    folder = tmp_path_factory.mktemp("work")
    program = EXAMPLE / "orders.py"
    plain = run(folder, installed / "python", program)
    recorded = run(folder, installed / "rewind", "run", program)
    assert (recorded.stdout, recorded.returncode) == (plain.stdout, plain.returncode)
    return folder


def environment(**more: str) -> dict[str, str]:
    """Return an environment in which nothing leads back to the checkout."""
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return {name: value for name, value in kept.items() if not name.startswith("REWIND")} | more


def run(folder: Path, *command: object, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        check=False,
    )


def sessions(folder: Path, installed: Path) -> list[dict[str, object]]:
    listed = run(folder, installed / "rewind", "sessions", "--json")
    assert listed.returncode == 0, listed.stderr
    return [json.loads(line) for line in listed.stdout.splitlines()]


@contextmanager
def dashboard(folder: Path, installed: Path) -> Iterator[str]:
    """Give the address of a dashboard on a free port, as its first line tells it."""
    command = [str(installed / "rewind"), "ui", "--port", "0", "--no-open"]
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield "http://" + process.stdout.readline().partition("http://")[2].split()[0]
        finally:
            process.terminate()


def test_the_wheel_holds_page_migrations_and_start_up_hook(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "rewind.pth",
        "rewind.start",
        "rewind/__init__.pyi",
        "rewind/py.typed",
        "rewind/web/static/index.html",
    } <= names
    scripts = {path.name for path in (ROOT / "migrations" / "versions").glob("*.py")}
    assert {f"rewind/_migrations/versions/{name}" for name in scripts} <= names
    strangers = [name for name in names if not name.startswith("rewind")]
    assert strangers == []


def test_the_example_is_recorded_and_its_database_migrated(work: Path, installed: Path) -> None:
    (session,) = sessions(work, installed)
    assert session["status"] == "completed"
    status = run(work, installed / "rewind", "db", "status")
    assert "is up to date" in status.stdout


def test_a_new_database_is_made_by_the_wheels_own_migrations(
    tmp_path: Path, installed: Path
) -> None:
    made = run(tmp_path, installed / "rewind", "db", "upgrade", "--database", "sqlite:///new.db")
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "new.db").exists()


def test_the_dashboard_serves_the_page_and_the_sessions(work: Path, installed: Path) -> None:
    with dashboard(work, installed) as address:
        with urlopen(address) as page:
            assert b"<html" in page.read()
        with urlopen(f"{address}/api/sessions") as answer:
            assert len(json.load(answer)["sessions"]) == 1


def test_the_environment_switches_recording_on(tmp_path: Path, installed: Path) -> None:
    program = EXAMPLE / "orders.py"
    plain = run(tmp_path, installed / "python", program)
    switched_on = {"REWIND_ENABLED": "1", "REWIND_INCLUDE": "shop.*"}
    recorded = run(tmp_path, installed / "python", program, **switched_on)
    assert (recorded.stdout, recorded.stderr) == (plain.stdout, "")
    spool = tmp_path / ".rewind" / "spool"
    # The writer ends on its own time, and takes the recording's folder with it.
    while list(spool.glob("*/recording.json")):
        time.sleep(0.05)
    found = sessions(tmp_path, installed)
    assert {"bill_for", "orders_in"} <= {session["function"] for session in found}


def test_the_start_up_hook_of_a_removed_package_says_so_and_no_more(
    tmp_path: Path, installed: Path
) -> None:
    """Whoever deletes the package by hand leaves the hook behind: Python must still start."""
    hook = (installed.parent / relative_library() / "rewind.pth").read_text()
    (tmp_path / "rewind.pth").write_text(hook)
    program = f"import site; site.addsitedir({str(tmp_path)!r}); print('started')"
    started = run(tmp_path, sys.executable, "-I", "-S", "-c", program, REWIND_ENABLED="1")
    assert started.stdout == "started\n"
    assert started.stderr.count("\n") == 1
    assert started.stderr.startswith("rewind: not recording: ")


def test_the_start_up_hook_imports_nothing_unless_asked(tmp_path: Path, installed: Path) -> None:
    program = "import sys; print('rewind' in sys.modules)"
    assert run(tmp_path, installed / "python", "-c", program).stdout == "False\n"


def relative_library() -> Path:
    purelib = sysconfig.get_path("purelib", vars={"base": "."})
    return Path(purelib)
