"""What a source says that it imports."""

import pytest

from rewind.forecast.imports import Imported, Imports, imports_of


def visible(source: str, package: str = "") -> list[tuple[str, tuple[str, ...]]]:
    return [tuple(each) for each in imports_of(source.encode(), package).visible]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("source", "package", "expected"),
    [
        ("import a", "", [("a", ())]),
        ("import a.b as c, d", "", [("a.b", ()), ("d", ())]),
        ("from a import b as x, c", "", [("a", ("b", "c"))]),
        ("from a.b import *", "", [("a.b", ())]),
        ("from . import b", "p.q", [("p.q", ("b",))]),
        ("from .r import b", "p.q", [("p.q.r", ("b",))]),
        ("from .. import b", "p.q", [("p", ("b",))]),
        ("from ..r import b", "p.q", [("p.r", ("b",))]),
        ("from ... import b", "p.q", []),
        ("from . import b", "", []),
        ("def f():\n    async def g():\n        import a", "", [("a", ())]),
        ("class C:\n    try:\n        import a\n    except E:\n        import b", "", None),
        ("if TYPE_CHECKING:\n    import a\nelse:\n    import b", "", [("b", ())]),
        ("if typing.TYPE_CHECKING:\n    import a\nimport b", "", [("b", ())]),
        ("if not TYPE_CHECKING:\n    import a", "", [("a", ())]),
        ("def broken(:", "", []),
        ("x\0", "", []),
    ],
)
def test_imports_are_read_from_the_source(
    source: str, package: str, expected: list[tuple[str, tuple[str, ...]]] | None
) -> None:
    assert visible(source, package) == ([("a", ()), ("b", ())] if expected is None else expected)


def test_imports_stand_in_the_order_of_the_source() -> None:
    source = "import a\ndef f():\n    import b\nfrom c import d\nimport e\n"
    assert [name for name, _ in visible(source)] == ["a", "b", "c", "e"]


def test_imports_by_a_name_made_at_run_time_are_pointed_at() -> None:
    source = b"import importlib\nimportlib.import_module(x)\n__import__(y)\nprint(z)\n"
    assert imports_of(source, "") == Imports((Imported("importlib"),), (2, 3))


def test_a_source_is_read_in_its_own_encoding() -> None:
    assert imports_of("# coding: latin-1\nimport caf\xe9\n".encode("latin-1"), "").visible == (
        Imported("caf\xe9"),
    )
