"""An event in words."""

import pytest

from rewind.cli.screen import KIND_STYLES
from rewind.cli.sentences import sentence
from rewind.model.events import KINDS

EVENT = {"function": "f", "name": "x", "detail": None, "text": "1"}
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
        ({"kind": "yield", "name": None}, "1"),
        ({"kind": "await", "name": None, "text": ""}, ""),
    ],
)
def test_an_event_is_told_in_words(event: dict[str, object], text: str) -> None:
    assert sentence(EVENT | event).text == text


def test_every_kind_has_its_colour() -> None:
    assert set(KIND_STYLES) == set(KINDS)
