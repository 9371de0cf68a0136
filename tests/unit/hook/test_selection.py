"""Which modules are recorded: by pattern, or by where their file lies."""

import sysconfig
from pathlib import Path

import pytest

from rewind.hook import Selection


def selected(selection: Selection, name: str, path: str) -> bool:
    return not selection.refuses(name) and selection.accepts(name, path)


@pytest.mark.parametrize(
    ("patterns", "name", "taken"),
    [
        (("shop",), "shop", True),
        (("shop",), "shop.cart", True),
        (("shop",), "shopping", False),
        (("shop*",), "shopping.cart", True),
        (("shop.*",), "shop", True),
        (("shop.*",), "shopping", False),
        (("shop.*",), "shop.cart.line", True),
        (("*.models",), "shop.models", True),
        (("*.models",), "shop.models.user", False),
        (("shop", "__main__"), "__main__", True),
        (("shop",), "__main__", False),
        (("s[ab]op",), "sbop", True),
        (("Shop",), "shop", False),
        (("*",), "json", True),
    ],
)
def test_patterns_select_by_dotted_name(patterns: tuple[str, ...], name: str, taken: bool) -> None:
    assert selected(Selection(include=patterns), name, "/anywhere/x.py") is taken


def test_exclude_wins_over_include_and_place() -> None:
    named = Selection(include=("shop",), exclude=("shop.secret",))
    placed = Selection(roots=("/w",), exclude=("*.secret", "private"))
    assert not selected(named, "shop.secret.keys", "/x.py")
    assert selected(named, "shop.open", "/x.py")
    assert not selected(placed, "shop.secret", "/w/shop/secret.py")
    assert not selected(placed, "private", "/w/private.py")


@pytest.mark.parametrize("name", ["rewind", "rewind.capture.core", "wrapt", "wrapt.wrappers"])
def test_rewind_itself_is_never_recorded(name: str) -> None:
    assert not selected(Selection(include=("*",)), name, "/w/x.py")
    assert not selected(Selection(roots=("/w",)), name, "/w/x.py")


def test_name_that_only_begins_like_ours_is_recorded() -> None:
    assert selected(Selection(roots=("/w",)), "rewinder", "/w/rewinder.py")


def test_place_decides_without_patterns(tmp_path: Path) -> None:
    root = tmp_path / "work"
    for folder in ("pkg", "venv/lib", ".hidden/a", "site-packages/a", "node_modules", "x/.tox/y"):
        (root / folder).mkdir(parents=True)
    (root / "venv" / "pyvenv.cfg").touch()
    selection = Selection(roots=(str(root),))

    def taken(path: str) -> bool:
        return selected(selection, "m", str(root / path))

    assert taken("m.py")
    assert taken("pkg/m.py")
    assert not taken("venv/lib/m.py")
    assert not taken(".hidden/a/m.py")
    assert not taken("site-packages/a/m.py")
    assert not taken("node_modules/m.py")
    assert not taken("x/.tox/y/m.py")
    assert not selected(selection, "m", str(tmp_path / "workshop" / "m.py"))
    assert not selected(selection, "m", str(tmp_path / "m.py"))


def test_folder_inside_a_hidden_one_is_recorded_where_it_is_the_root(tmp_path: Path) -> None:
    root = tmp_path / ".cache" / "job"
    root.mkdir(parents=True)
    assert selected(Selection(roots=(str(root),)), "m", str(root / "m.py"))


def test_standard_library_and_environment_are_never_recorded_by_place() -> None:
    stdlib = sysconfig.get_paths()["stdlib"]
    purelib = sysconfig.get_paths()["purelib"]
    selection = Selection(roots=("/",))
    assert not selected(selection, "json", f"{stdlib}/json/__init__.py")
    assert not selected(selection, "flask", f"{purelib}/flask/app.py")


def test_own_package_is_recorded_wherever_it_lies() -> None:
    selection = Selection(own=("tool",), roots=("/w",))
    purelib = sysconfig.get_paths()["purelib"]
    assert selected(selection, "tool.cli", f"{purelib}/tool/cli.py")
    assert not selected(selection, "other", f"{purelib}/other.py")


def test_file_in_the_root_folder_of_the_system_is_recorded() -> None:
    assert selected(Selection(roots=("/",)), "m", "/m.py")
