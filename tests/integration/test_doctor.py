"""`rewind doctor`: what it tells of a program is what a recording of that program then says."""

import json
import os
import py_compile
import shutil
import sqlite3
import sys
import sysconfig
import zipfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.integration.terminal import ORDERS, Done, answers, python, rewind, run

Row = tuple[str, str | None, tuple[tuple[int, str], ...]]
"""Status, reason, gaps."""


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, source in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(source))


def extension(folder: Path) -> str:
    """Put an extension module into a folder and return its name."""
    found = Path(sysconfig.get_config_var("DESTSHARED")).glob("_lsprof.*.so")
    chosen = next(found)
    shutil.copy(chosen, folder)
    return chosen.name.partition(".")[0]


def sourceless(path: Path) -> None:
    py_compile.compile(str(path), cfile=str(path.with_suffix(".pyc")))
    path.unlink()


def forecast(folder: Path, *arguments: object, **environ: str) -> dict[str, Any]:
    done = rewind(folder, "doctor", "--json", *arguments, **environ)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def recorded(folder: Path) -> dict[str, Any]:
    (found,) = answers(folder, "doctor", "--session", "last")
    return found


def rows(shown: Mapping[str, Any]) -> dict[str, Row]:
    return {
        module["name"]: (
            module["status"],
            module["why"],
            tuple((gap["line"], gap["why"]) for gap in module["gaps"]),
        )
        for module in shown["modules"]
    }


def ran(folder: Path, *arguments: object, **environ: str) -> Done:
    done = rewind(folder, "run", *arguments, **environ)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A program with every kind of module that can be imported, all of which it does import."""
    write(
        tmp_path,
        {
            "app.py": """\
                from typing import TYPE_CHECKING
                import shop.web, shop.deep.er.still
                from shop import cart, pay as paying
                from spaces.inner import leaf
                import json
                if TYPE_CHECKING:
                    import shop.never
                def late():
                    from shop.private import key
                    import packed
                    try:
                        import shop.bad
                    except SyntaxError:
                        pass
                    try:
                        import shop.missing
                    except ImportError:
                        pass
                    from importlib import import_module
                    import_module("shop." + "by_name")
                if __name__ == "__main__":
                    late()
                """,
            "shop/__init__.py": "from shop.compiled import five\nfrom .web import page\n",
            "shop/web.py": "from . import cart\nfrom .private import *\ndef page(): pass\n",
            "shop/cart.py": "import shop.web\nimport shop._lsprof\ntotal = 1\n",
            "shop/pay.py": "def pay(): return 1\n",
            "shop/never.py": "",
            "shop/bad.py": "def broken(:\n",
            "shop/by_name.py": "",
            "shop/compiled.py": "five = 5\n",
            "shop/private.py": "from shop.reached import x\nkey = 1\n",
            "shop/reached.py": "x = 1\n",
            "shop/deep/er/still.py": "",
            "spaces/inner/leaf.py": "from .beside import y\n",
            "spaces/inner/beside.py": "y = 1\n",
        },
    )
    assert extension(tmp_path / "shop") == "_lsprof"
    sourceless(tmp_path / "shop" / "compiled.py")
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("packed.py", "z = 1\n")
    return tmp_path


def test_the_forecast_is_what_the_recording_then_says(project: Path) -> None:
    more = {"REWIND_EXCLUDE": "shop.private", "PYTHONPATH": python_path(project / "archive.zip")}
    told = rows(forecast(project, "app.py", **more))
    ran(project, "app.py", **more)
    said = rows(recorded(project))
    assert said.pop("shop.by_name") == ("recorded", None, ())
    assert told == said
    assert told["shop.private"] == ("not", "excluded by the pattern 'shop.private'", ())
    assert told["shop.compiled"] == (
        "not",
        "it is loaded from a compiled file, not from its source",
        (),
    )
    assert "extension module" in str(told["shop._lsprof"][1])
    assert told["packed"] == ("recorded", None, ())
    assert str(told["shop.bad"][1]).startswith("Python refuses it: SyntaxError: ")
    for name in ("__main__", "shop", "shop.reached", "shop.deep.er.still", "spaces.inner.beside"):
        assert told[name] == ("recorded", None, ())


def python_path(*folders: Path) -> str:
    return os.pathsep.join(map(str, (Path(__file__).parents[2], *folders)))


def test_modules_that_load_past_the_hook_are_reported_and_second_names_are_not(
    tmp_path: Path,
) -> None:
    """As `requests.packages.idna` is `idna`, which is recorded under its own name or not at all."""
    write(
        tmp_path,
        {
            "app.py": """\
                import sys
                from importlib.machinery import SourceFileLoader
                from types import ModuleType
                import shop
                import beside
                sys.modules["shop.second"] = beside
                past = ModuleType("shop.past")
                past.__file__ = "shop/past.py"
                sys.modules["shop.past"] = past
                SourceFileLoader("shop.past", "shop/past.py").exec_module(past)
                print(past.x)
                """,
            "shop/__init__.py": "",
            "shop/past.py": "x = 1\n",
            "beside.py": "",
        },
    )
    assert ran(tmp_path, "--include", "shop", "app.py").stdout == "1\n"
    assert rows(recorded(tmp_path)) == {
        "shop": ("recorded", None, ()),
        "shop.past": ("not", "it was loaded in a way that is not seen", ()),
    }


def test_modules_with_constructs_that_stay_plain_are_recorded_in_part(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "import shop\nprint(shop.f())\n"})
    write(tmp_path, {"shop.py": "def f():\n    return 1\n\ndef g():\n    return 2\n"})
    more = {"REWIND_EXCLUDE_FUNCTIONS": "shop.g"}
    told = forecast(tmp_path, "app.py", **more)
    ran(tmp_path, "app.py", **more)
    said = recorded(tmp_path)
    assert rows(told) == rows(said)
    assert told["counts"] == said["counts"]
    for shown in (told, said):
        assert sum(shown["counts"].values()) == len(shown["modules"])


@pytest.mark.parametrize(
    ("target", "name"),
    [(["-m", "tool"], "tool"), (["-m", "tool.cli"], "tool.cli"), (["tool"], "tool")],
)
def test_whatever_python_can_run_is_forecast(tmp_path: Path, target: list[str], name: str) -> None:
    write(
        tmp_path,
        {
            "tool/__init__.py": "",
            "tool/__main__.py": "import tool_of_mine\n",
            "tool/cli.py": "import tool_of_mine\nfrom tool import more\n",
            "tool/more.py": "",
            "tool_of_mine.py": "",
            "tool/tool_of_mine.py": "",
        },
    )
    told = forecast(tmp_path, *target)
    ran(tmp_path, *target)
    assert rows(told) == rows(recorded(tmp_path))
    assert told["start"] == {"name": name, "status": "recorded", "why": "", "is_asked": True}


def test_a_module_that_shadows_one_of_the_library_is_recorded_and_never_run(tmp_path: Path) -> None:
    shadow = "open('ran', 'w').close()\n"
    names = ("tokenize", "inspect", "json", "fnmatch", "csv", "zlib")
    write(tmp_path, {f"{name}.py": shadow for name in names})
    write(tmp_path, {"app.py": "".join(f"import {name}\n" for name in names)})
    # Not by `python -m`, which puts the folder before Rewind's own modules as well.
    command = Path(sys.executable).with_name("rewind")
    told = rows(json.loads(run(tmp_path, command, "doctor", "--json", "app.py").stdout))
    assert not (tmp_path / "ran").exists()
    assert {name for name, row in told.items() if row[0] == "recorded"} >= set(names[:5])


def test_nothing_of_the_program_runs(project: Path) -> None:
    for path in project.rglob("*.py"):
        if path.name != "bad.py":
            path.write_text("open('ran', 'w').close()\n" + path.read_text())
    assert forecast(project, "app.py")["counts"]["recorded"] > 5
    assert forecast(project)["counts"]["recorded"] > 5
    assert not (project / "ran").exists()
    assert list(project.rglob("__pycache__")) == []
    assert not (project / ".rewind").exists()


def test_a_finder_of_an_editable_install_is_asked(tmp_path: Path) -> None:
    """As setuptools makes them: a finder that maps names to folders elsewhere."""
    elsewhere, work = tmp_path / "elsewhere", tmp_path / "work"
    write(elsewhere, {"real/__init__.py": "from . import part\n", "real/part.py": "x = 1\n"})
    write(
        tmp_path / "site",
        {
            "sitecustomize.py": f"""\
                import sys
                from importlib.util import spec_from_file_location

                class Finder:
                    @classmethod
                    def find_spec(cls, name, path=None, target=None):
                        if name == "real":
                            file = {str(elsewhere / "real" / "__init__.py")!r}
                            return spec_from_file_location(name, file)

                sys.meta_path.append(Finder)
                """
        },
    )
    write(work, {"app.py": "import real.part\n"})
    more = {"REWIND_INCLUDE": "real", "PYTHONPATH": python_path(tmp_path / "site")}
    told = rows(forecast(work, "app.py", **more))
    ran(work, "app.py", **more)
    assert (
        told == rows(recorded(work)) == dict.fromkeys(("real", "real.part"), ("recorded", None, ()))
    )


def test_what_was_imported_before_is_what_the_recorded_process_has(tmp_path: Path) -> None:
    """With all modules asked for, those that cannot be had are the same in both."""
    write(tmp_path, {"app.py": "import colorsys\n"})
    told = rows(forecast(tmp_path, "app.py", "--include", "*"))
    ran(tmp_path, "--include", "*", "app.py")
    said = rows(recorded(tmp_path))
    before = {name for name, row in told.items() if "before Rewind" in str(row[1])}
    assert before == {name for name, row in said.items() if "before Rewind" in str(row[1])}
    assert {"os", "rewind.agent"} & before == {"os"}
    assert told["colorsys"] == said["colorsys"] == ("recorded", None, ())


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["app.py"], 0, "3 recorded, 0 in part, 0 not"),
        (["app.py", "--verbose", "x"], 0, "3 recorded"),
        (["--include", "shop.*", "app.py"], 0, "app.py itself is not recorded: no pattern"),
        (["--include", "shop.*"], 0, "2 recorded, 0 in part, 0 not"),
        (["--include", "shop*"], 0, "2 recorded"),
        (["--include", "*.web"], 0, "shop.web"),
        (["--exclude", "__main__", "app.py"], 1, "excluded by the pattern '__main__'"),
        (["--include", "shop", "--include", "shopp", "app.py"], 1, "the pattern 'shopp'"),
        (["--include", "shop.plugin"], 1, "the pattern 'shop.plugin'"),
        (["gone.py"], 1, "gone.py is not recorded: it cannot be read: No such file"),
        (["-m", "gone"], 1, "gone is not recorded: there is no module of that name"),
        (["-m", "shop"], 1, "without a module __main__"),
        (["--exclude", "shop", "-m", "shop.web"], 1, "shop.web is not recorded: excluded"),
    ],
)
def test_the_exit_code_says_whether_what_was_named_is_recorded(
    tmp_path: Path, arguments: list[str], code: int, says: str
) -> None:
    write(tmp_path, {"app.py": "import shop.web\n", "shop/__init__.py": "", "shop/web.py": ""})
    done = rewind(tmp_path, "doctor", *arguments)
    assert (done.returncode, done.stderr) == (code, "")
    assert says in done.stdout


def test_without_a_program_all_modules_of_the_folder_are_looked_at(project: Path) -> None:
    told = rows(forecast(project))
    assert told["shop.never"] == told["shop.deep.er.still"] == ("recorded", None, ())
    assert told["shop.bad"][0] == "not"
    assert "json" not in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--inclde", "x"], "No such option: --inclde"),
        (["--session", "last", "app.py"], "--session asks about a recording"),
        (["--session", "last"], "there are no recordings"),
        (["--config", "none.toml"], "there is no configuration file"),
    ],
)
def test_a_question_that_cannot_be_asked_is_one_line(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    done = rewind(tmp_path, "doctor", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("rewind: ")
    assert message in done.stderr


def test_imports_that_cannot_be_seen_are_pointed_at(project: Path) -> None:
    told = forecast(project, "app.py")
    assert told["unseen"] == [{"path": str(project / "app.py"), "line": 20}]
    shown = rewind(project, "doctor", "app.py").stdout
    assert f"cannot be seen: {project / 'app.py'}:20" in shown


def environment_of(folder: Path, **environ: str) -> dict[str, tuple[bool, str]]:
    told = forecast(folder, **environ)
    return {row["name"]: (row["is_well"], row["text"]) for row in told["environment"]}


def test_the_surroundings_are_told(tmp_path: Path) -> None:
    found = environment_of(tmp_path, REWIND_MAX_ITEMS="7")
    assert list(found) == [
        *("python", "core", "output", "start-up hook", "settings"),
        *("database", "spool", "cache"),
    ]
    assert found["output"][1] == "what a program prints is recorded"
    off = environment_of(tmp_path, REWIND_OUTPUT="false")["output"][1]
    assert off.endswith("is not recorded, as output = false says")
    assert all(is_well for is_well, _ in found.values())
    assert sys.executable in found["python"][1]
    assert "max_items (REWIND_MAX_ITEMS in the environment)" in found["settings"][1]
    assert "rewind run makes it" in found["database"][1]


@pytest.mark.parametrize(
    ("name", "environ"),
    [
        ("spool", {"REWIND_SPOOL": "file/spool"}),
        ("database", {"REWIND_DATABASE": "sqlite:///file/x.db"}),
        ("database", {"REWIND_DATABASE": "sqlite:///file"}),
        ("database", {"REWIND_DATABASE": "postgresql://u:secret@127.0.0.1:1/none"}),
        ("database", {"REWIND_DATABASE": "sqlite:///other.db"}),
        ("settings", {"REWIND_DISABLE": "1"}),
    ],
)
def test_a_machine_that_prevents_recordings_is_told_and_fails(
    tmp_path: Path, name: str, environ: dict[str, str]
) -> None:
    (tmp_path / "file").write_text("no folder, and no database")
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE theirs (x)")
    done = rewind(tmp_path, "doctor", "--json", **environ)
    found = {row["name"]: row for row in json.loads(done.stdout)["environment"]}
    assert (done.returncode, found[name]["is_well"]) == (1, False)
    assert "secret" not in done.stdout


def test_the_example_is_recorded_whole(tmp_path: Path) -> None:
    done = rewind(tmp_path, "doctor", ORDERS)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].startswith("5 recorded, 0 in part, 0 not")


def test_a_session_points_at_the_report_of_its_recording(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "import shop\n", "shop.py": ""})
    ran(tmp_path, "--exclude", "shop", "app.py")
    shown = rewind(tmp_path, "show", "last").stdout
    assert "1 recorded, 0 in part, 1 not: rewind doctor --session" in shown


def test_a_package_of_many_modules_comes_from_the_cache_the_second_time(tmp_path: Path) -> None:
    count = 60
    more = {"PYTHONDONTWRITEBYTECODE": ""}
    source = "def f(x):\n    if x:\n        y = x + 1\n    return y\n" * 5
    write(tmp_path, {f"many/m{n}.py": source for n in range(count)})
    write(tmp_path, {"many/__init__.py": "".join(f"from . import m{n}\n" for n in range(count))})
    assert forecast(tmp_path, "--include", "many", **more)["counts"]["recorded"] == count + 1
    entries = len(list((tmp_path / "cache").rglob("*.code")))
    assert entries == count + 1
    assert forecast(tmp_path, "--include", "many", **more)["counts"]["recorded"] == count + 1


def test_plain_python_agrees_that_the_project_runs(project: Path) -> None:
    more = {"PYTHONPATH": python_path(project / "archive.zip")}
    assert python(project, "app.py", **more).returncode == 0
