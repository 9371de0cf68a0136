"""An event in words."""

import pytest

from rewind.cli.screen import KIND_STYLES
from rewind.cli.sentences import sentence
from rewind.model.events import KINDS

EVENT = {"function": "f", "name": "x", "detail": None, "text": "1"}
SQL = {"rows": 3, "error": None, "statement": "SELECT\n 1"}
OWNER = {"$type": "shop.model.Order", "id": 7}


@pytest.mark.parametrize(
    ("event", "text"),
    [
        ({"kind": "call", "text": "(a=1)"}, "f(a=1)"),
        ({"kind": "return"}, "f → 1"),
        ({"kind": "variable"}, "x = 1"),
        ({"kind": "attribute", "owner": OWNER}, "<Order>.x = 1"),
        ({"kind": "item", "key": "k"}, "x['k'] = 1"),
        ({"kind": "item", "key": 0, "name": None, "owner": OWNER}, "<Order>[0] = 1"),
        ({"kind": "mutate", "detail": "append", "text": "[1]"}, "x.append: x = [1]"),
        ({"kind": "delete", "text": ""}, "del x"),
        ({"kind": "delete", "owner": OWNER}, "del <Order>.x"),
        ({"kind": "delete", "owner": OWNER, "key": 0, "name": None}, "del <Order>[0]"),
        ({"kind": "branch", "detail": "if", "name": "x > 0", "text": "True"}, "if x > 0 → True"),
        ({"kind": "loop", "detail": "for", "name": None, "text": ""}, "for: next iteration"),
        ({"kind": "exception", "text": "KeyError('x')"}, "KeyError('x')"),
        (
            {"kind": "exception", "text": "KeyError('x')", "detail": "exit"},
            "KeyError('x') leaves f",
        ),
        ({"kind": "handled", "text": "KeyError('x')"}, "except as x: KeyError('x')"),
        ({"kind": "handled", "text": "KeyError('x')", "name": None}, "except: KeyError('x')"),
        ({"kind": "note", "text": "[1]"}, "note x: [1]"),
        (
            {"kind": "log", "value": {"level": "INFO", "logger": "shop", "message": "a\nb"}},
            "log INFO shop: a b",
        ),
        ({"kind": "sql", "value": SQL}, "sql SELECT 1 → 3"),
        ({"kind": "sql", "value": SQL | {"rows": None}}, "sql SELECT 1"),
        ({"kind": "sql", "value": SQL | {"error": "E: x"}}, "sql SELECT 1 → E: x"),
        (
            {"kind": "sql", "value": SQL | {"statement": {"$cut": "bytes", "value": "SEL"}}},
            "sql SEL… → 3",
        ),
        ({"kind": "sql", "value": {"$cut": "bytes", "value": {"rows": 1}}}, "sql 1"),
        (
            {
                "kind": "http",
                "value": {"method": "GET", "url": "http://h/", "status": 200, "error": None},
            },
            "http GET http://h/ → 200",
        ),
        (
            {
                "kind": "redis",
                "value": {"command": "SET", "arguments": ["k", 1], "error": None},
            },
            "redis SET k 1",
        ),
        ({"kind": "output", "text": "'a'"}, "x: 'a'"),
        ({"kind": "yield", "name": None}, "1"),
        ({"kind": "await", "name": None, "text": ""}, ""),
    ],
)
def test_an_event_is_told_in_words(event: dict[str, object], text: str) -> None:
    assert sentence(EVENT | event).text == text


def test_every_kind_has_its_colour() -> None:
    assert set(KIND_STYLES) == set(KINDS)
