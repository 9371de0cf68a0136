"""Where the end of a function stands on a Python that needs it in several places."""

import ast
from textwrap import dedent

import pytest

from rewind.transform import endings
from rewind.transform.endings import End, close

SAME = {
    "nothing to do": ("if a:\n    b()", "if a:\n    b()"),
    "with": ("with a:\n    b()", "with a:\n    b()\nend(1)"),
    "a group's handlers may not return": (
        "try:\n    a()\nexcept* E:\n    b()",
        "try:\n    a()\n    end(None)\nexcept* E:\n    b()",
    ),
    "in a branch": (
        "if a:\n    with b:\n        c()\nelse:\n    d()",
        "if a:\n    with b:\n        c()\n    end(2)\nelse:\n    d()",
    ),
    "in a case": (
        "match a:\n    case 1:\n        with b:\n            c()",
        "match a:\n    case 1:\n        with b:\n            c()\n        end(3)",
    ),
    "before a finally": (
        "try:\n    a()\nexcept E:\n    b()\nfinally:\n    c()",
        "try:\n    a()\nexcept E:\n    b()\nfinally:\n    c()",
    ),
}
HANDLERS = "try:\n    a()\nexcept E:\n    b()\nexcept F:\n    raise"
BRANCHES = "if a:\n    if b:\n        c()\nelse:\n    d()"
CASES = {
    False: SAME
    | {
        "handlers": (HANDLERS, HANDLERS.replace("a()", "a()\n    end(None)")),
        "a branch in a branch": (
            BRANCHES,
            BRANCHES.replace("c()", "c()\n        end(None)\n    end(None)"),
        ),
    },
    True: SAME
    | {
        "handlers": (
            HANDLERS,
            HANDLERS.replace("a()", "a()\n    end(None)").replace("b()", "b()\n    end(None)"),
        ),
        "a branch in a branch": (BRANCHES, BRANCHES),
    },
}
"""Sources and what becomes of them, by whether 3.12's way to hand lines on is at work."""


@pytest.mark.parametrize("later", CASES)
@pytest.mark.parametrize("name", CASES[True])
def test_an_end_stands_where_no_single_jump_leads(
    name: str, monkeypatch: pytest.MonkeyPatch, *, later: bool
) -> None:
    monkeypatch.setattr(endings, "_BACKWARDS_TOO", later)
    source, expected = CASES[later][name]
    block = ast.parse(source).body
    close(block, told())
    tree = ast.fix_missing_locations(ast.Module(block, []))
    assert ast.unparse(tree) == dedent(expected)


def told() -> End:
    def end(at: ast.stmt | None) -> list[ast.stmt]:
        line = ast.Constant(None if at is None else at.lineno)
        return [ast.Expr(ast.Call(ast.Name("end", ast.Load()), [line], []))]

    return end
