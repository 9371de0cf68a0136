"""Assertions that pytest has taken apart: what the program itself does in them is told."""

import ast

import pytest
from _pytest.assertion.rewrite import rewrite_asserts

from rewind.model.sites import Site
from rewind.transform import Options, transform_rewritten


def sites_of(source: str) -> list[Site]:
    raw = source.encode()
    tree = ast.parse(raw)
    rewrite_asserts(tree, raw, "/m.py", None)
    return list(transform_rewritten(tree, raw, "/m.py", "m", Options()).table.sites)


@pytest.mark.parametrize(
    ("assertion", "told"),
    [
        ("assert a.pop() == 3", [("mutate", "a")]),
        ("assert b, a.pop()", [("mutate", "a")]),
        ("assert b, f'{a.pop()}'", [("mutate", "a")]),
        ("assert a.pop(), a.pop()", [("mutate", "a"), ("mutate", "a")]),
        ("assert a, (c := 1)", [("variable", "c")]),
        ("assert a, await b", [("await", None), ("resume", None)]),
        ("assert await a, await b", [("await", None), ("resume", None)] * 2),
        ("assert a, b if c else d", [("branch", "c")]),
    ],
)
def test_test_and_message_are_told_once(assertion: str, told: list[tuple[str, str | None]]) -> None:
    """Beside the frames' own events and the outcome of the whole."""
    made = sites_of(f"async def f(a, b, c, d):\n    {assertion}\n")
    inside = [one for one in made if one.line == 2 and one.detail not in ("exit", "assert")]
    found = [(one.kind, one.name) for one in inside if (one.kind, one.detail) != ("return", None)]
    assert sorted(found, key=str) == sorted([*told, ("resume", None)], key=str)
