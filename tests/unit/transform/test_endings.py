"""Where the end of a function stands on a Python that needs it in several places."""

import ast
from textwrap import dedent

import pytest

from rewind.transform.endings import End, close

CASES = {
    "nothing to do": ("if a:\n    b()", "if a:\n    b()"),
    "handlers": (
        "try:\n    a()\nexcept E:\n    b()\nexcept F:\n    raise",
        "try:\n    a()\nexcept E:\n    b()\n    end(None)\nexcept F:\n    raise",
    ),
    "with": ("with a:\n    b()", "with a:\n    b()\nend(1)"),
    "a group's handlers may not return": (
        "try:\n    a()\nexcept* E:\n    b()",
        "try:\n    a()\nexcept* E:\n    b()\nend(1)",
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


@pytest.mark.parametrize("name", CASES)
def test_an_end_stands_where_it_is_reached_backwards(name: str) -> None:
    source, expected = CASES[name]
    block = ast.parse(source).body
    close(block, told())
    tree = ast.fix_missing_locations(ast.Module(block, []))
    assert ast.unparse(tree) == dedent(expected)


def told() -> End:
    def end(at: ast.stmt | None) -> list[ast.stmt]:
        line = ast.Constant(None if at is None else at.lineno)
        return [ast.Expr(ast.Call(ast.Name("end", ast.Load()), [line], []))]

    return end
