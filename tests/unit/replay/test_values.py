import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewind.errors import FormatError
from rewind.model.values import Omission, Redaction, Tag
from rewind.replay.natural import natural
from rewind.replay.text import arguments_line, one_line
from rewind.replay.tree import tree
from rewind.replay.values import MAX_NESTING, parse

ORDER = (Tag.INSTANCE, 40, "shop.Order", 1, "total", 3)
MORE = (Tag.OMITTED, Omission.ITEMS)
NAME, PATTERN = Redaction.NAME, Redaction.PATTERN

SHAPES: list[tuple[Any, Any, str, dict[str, Any]]] = [
    (None, None, "None", {"type": "NoneType"}),
    (True, True, "True", {"type": "bool"}),
    (7, 7, "7", {"type": "int"}),
    (0.5, 0.5, "0.5", {"type": "float"}),
    (float("inf"), {"$float": "inf"}, "inf", {"type": "float"}),
    ("it's", "it's", '"it\'s"', {"type": "str"}),
    (b"\0a", {"$bytes": "AGE="}, "b'\\x00a'", {"type": "bytes"}),
    ((Tag.LIST, 1, 2, 5, "a"), [5, "a"], "[5, 'a']", {"type": "list", "id": 1, "size": 2}),
    ((Tag.TUPLE, 1, 1, 5), [5], "(5,)", {"type": "tuple", "size": 1}),
    ((Tag.TUPLE, 1, 0), [], "()", {"type": "tuple", "size": 0}),
    ((Tag.SET, 1, 1, 5), {"$set": [5]}, "{5}", {"type": "set", "id": 1, "size": 1}),
    ((Tag.SET, 1, 0), {"$set": []}, "set()", {"type": "set", "id": 1, "size": 0}),
    (
        (Tag.FROZENSET, 1, 1, 5),
        {"$frozenset": [5]},
        "frozenset({5})",
        {"type": "frozenset", "size": 1},
    ),
    ((Tag.FROZENSET, 1, 0), {"$frozenset": []}, "frozenset()", {"type": "frozenset", "size": 0}),
    ((Tag.DICT, 1, 1, "a", 5), {"a": 5}, "{'a': 5}", {"type": "dict", "id": 1, "size": 1}),
    ((Tag.DICT, 1, 1, 2, 5), {"$dict": [[2, 5]]}, "{2: 5}", {"type": "dict", "id": 1, "size": 1}),
    (
        (Tag.DICT, 1, 1, "$x", 5),
        {"$dict": [["$x", 5]]},
        "{'$x': 5}",
        {"type": "dict", "id": 1, "size": 1},
    ),
    (
        ORDER,
        {"$type": "shop.Order", "id": 40, "attributes": {"total": 3}},
        "Order(total=3)",
        {"type": "shop.Order", "id": 40, "size": 1},
    ),
    (
        (Tag.INSTANCE, 40, "shop.Order", 9, "total", 3, MORE),
        {
            "$cut": "items",
            "size": 9,
            "value": {"$type": "shop.Order", "id": 40, "attributes": {"total": 3}},
        },
        "Order(total=3, …)",
        {"type": "shop.Order", "id": 40, "size": 9, "note": "cut: items"},
    ),
    (
        (Tag.OPAQUE, 41, "shop.Order"),
        {"$type": "shop.Order", "id": 41},
        "<shop.Order>",
        {"type": "shop.Order", "id": 41},
    ),
    (
        (Tag.TEXT, 900, "abc"),
        {"$cut": "bytes", "size": 900, "value": "abc"},
        "'abc…'",
        {"type": "str", "size": 900, "note": "cut: bytes"},
    ),
    (
        (Tag.BYTES, 900, b"abc"),
        {"$cut": "bytes", "size": 900, "value": {"$bytes": "YWJj"}},
        "b'abc…'",
        {"type": "bytes", "size": 900, "note": "cut: bytes"},
    ),
    (
        (Tag.BYTEARRAY, 42, 3, b"abc"),
        {"$bytearray": "YWJj"},
        "bytearray(b'abc')",
        {"type": "bytearray", "id": 42, "size": 3},
    ),
    (
        (Tag.INTEGER, 66, "0x30000000000000000"),
        {"$int": "0x30000000000000000", "bits": 66},
        str(3 << 64),
        {"type": "int"},
    ),
    (
        (Tag.INTEGER, 80000, ""),
        {"$int": "", "bits": 80000},
        "<int of 80000 bits>",
        {"type": "int"},
    ),
    (
        (Tag.COMPLEX, 1.0, float("nan")),
        {"$complex": [1.0, {"$float": "nan"}]},
        "(1+nanj)",
        {"type": "complex"},
    ),
    (
        (Tag.EXCEPTION, 43, "builtins.KeyError", 1, "x"),
        {"$type": "builtins.KeyError", "id": 43, "args": ["x"], "message": "'x'"},
        "KeyError('x')",
        {"type": "KeyError", "id": 43, "size": 1},
    ),
    ((Tag.TYPE, 44, "shop.Order"), {"$class": "shop.Order"}, "<class 'shop.Order'>", {}),
    ((Tag.FUNCTION, 45, "shop.pay"), {"$function": "shop.pay"}, "<function shop.pay>", {}),
    ((Tag.MODULE, 46, "shop"), {"$module": "shop"}, "<module 'shop'>", {}),
    (
        (Tag.REDACTED, NAME, "builtins.str"),
        {"$redacted": "name", "type": "builtins.str"},
        "\u2039redacted\u203a",
        {"type": "str", "note": "redacted: by name"},
    ),
    (
        (Tag.REDACTED, PATTERN, "builtins.str"),
        {"$redacted": "pattern", "type": "builtins.str"},
        "\u2039redacted\u203a",
        {"type": "str", "note": "redacted: by pattern"},
    ),
    *(
        (
            (Tag.OMITTED, reason),
            {"$cut": reason.name.lower()},
            "\u2039unbound\u203a" if reason is Omission.UNBOUND else "…",
            {"type": "", "note": f"cut: {reason.name.lower()}"},
        )
        for reason in Omission
    ),
    ((Tag.SEEN, 1), {"$seen": 1}, "…", {"note": "seen above"}),
    (
        (Tag.SUBCLASS, "collections.OrderedDict", (Tag.DICT, 1, 1, "a", 5)),
        {"$subclass": "collections.OrderedDict", "value": {"a": 5}},
        "OrderedDict({'a': 5})",
        {"type": "collections.OrderedDict", "id": 1, "size": 1},
    ),
    (
        (Tag.KNOWN, 47, "decimal.Decimal", "Decimal('0.30')"),
        {"$type": "decimal.Decimal", "text": "Decimal('0.30')"},
        "Decimal('0.30')",
        {"type": "decimal.Decimal"},
    ),
]


@pytest.mark.parametrize(("raw", "json_form", "text", "node"), SHAPES)
def test_every_value_has_its_three_forms(
    raw: object, json_form: object, text: str, node: dict[str, object]
) -> None:
    value = parse(raw)
    assert natural(value) == json_form
    assert one_line(value) == text
    shown = tree(value)
    assert shown["text"] == text
    assert node.items() <= shown.items()
    assert ("note" in shown) == ("note" in node)
    assert ("id" in shown) == ("id" in node)


def test_every_tag_is_among_the_tested_values() -> None:
    tested = {raw[0] for raw, *_ in SHAPES if isinstance(raw, tuple)}
    assert tested == set(Tag)


def test_a_whole_containers_last_item_may_be_omitted_for_its_depth() -> None:
    """Then it is an item: nothing of the list itself was left out."""
    value = parse((Tag.LIST, 1, 2, 5, (Tag.OMITTED, Omission.DEPTH)))
    assert natural(value) == [5, {"$cut": "depth"}]
    assert "note" not in tree(value)


def test_a_cut_list_says_its_true_size() -> None:
    value = parse((Tag.LIST, 1, 1204, 5, 6, MORE))
    assert natural(value) == {"$cut": "items", "size": 1204, "value": [5, 6]}
    assert one_line(value) == "[5, 6, …]"
    assert tree(value)["size"] == 1204


def test_a_tree_opens_into_named_children() -> None:
    value = parse((Tag.DICT, 1, 2, "order", ORDER, 2, (Tag.LIST, 2, 1, None)))
    children: Any = tree(value)["children"]
    assert [child["name"] for child in children] == ["'order'", "2"]
    (total,) = children[0]["tree"]["children"]
    assert total == {"name": "total", "tree": {"text": "3", "type": "int"}}
    (first,) = children[1]["tree"]["children"]
    assert first["name"] == "0"


@pytest.mark.parametrize(
    ("type_name", "arguments", "message"),
    [
        ("builtins.ValueError", (), ""),
        ("builtins.ValueError", ("no",), "no"),
        ("builtins.KeyError", ("no",), "'no'"),
        ("builtins.ValueError", (3,), "3"),
        ("builtins.ValueError", ("a", 1), "('a', 1)"),
        ("builtins.FileNotFoundError", (2, "No such file"), "[Errno 2] No such file"),
        ("builtins.ValueError", ((Tag.TEXT, 900, "long"),), "long…"),
    ],
)
def test_an_exceptions_message_is_what_str_says(
    type_name: str, arguments: tuple[object, ...], message: str
) -> None:
    shown: Any = natural(parse((Tag.EXCEPTION, 1, type_name, len(arguments), *arguments)))
    assert shown["message"] == message


def test_arguments_read_like_a_call() -> None:
    assert arguments_line([("order", parse(ORDER)), ("code", "SPRING")]) == (
        "(order=Order(total=3), code='SPRING')"
    )
    assert arguments_line([]) == "()"


@given(st.integers(2, 60), st.text(max_size=80))
def test_a_text_is_never_longer_than_asked_for(length: int, word: str) -> None:
    value = parse((Tag.LIST, 1, 2, word, (Tag.DICT, 2, 1, word, word)))
    text = one_line(value, length)
    assert len(text) <= length
    assert text.isprintable()
    if len(text) == length and text != one_line(value, 10_000):
        assert text.endswith("…")


def test_names_and_well_known_texts_stay_on_one_line() -> None:
    """A type may be named anything, escape sequences among it."""
    assert one_line(parse((Tag.KNOWN, 1, "numpy.ndarray", "array([1,\n       2])"))) == (
        "array([1, 2])"
    )
    assert "\x1b" not in one_line(parse((Tag.OPAQUE, 1, "shop.\x1b[31mOrder")))


def test_lone_surrogates_survive_to_json() -> None:
    assert json.loads(json.dumps(natural(parse("\ud800")))) == "\ud800"


def test_what_is_nested_too_deep_counts_as_cut() -> None:
    raw: object = 5
    for _ in range(900):
        raw = (Tag.LIST, 1, 1, raw)
    value = parse(raw)
    assert json.dumps(natural(value)).count("[") == MAX_NESTING
    assert "depth" in json.dumps(natural(value))
    assert len(one_line(value)) <= 200
    tree(value)


@pytest.mark.parametrize(
    "raw",
    [
        (),
        (99, 1, 2),
        ("text",),
        (Tag.LIST,),
        (Tag.LIST, "id", 1, 5),
        (Tag.DICT, 1, 1, "key without value"),
        (Tag.INSTANCE, 1, "shop.Order", 1, 5, 5),
        (Tag.TEXT, 5, b"bytes"),
        (Tag.BYTES, 5, "text"),
        (Tag.BYTEARRAY, 1, 5, "text"),
        (Tag.COMPLEX, "1", 2),
        (Tag.OMITTED, 99),
        (Tag.REDACTED, 0, "builtins.str"),
        (Tag.SUBCLASS, "shop.Orders"),
        {"a": "map"},
        [Tag.LIST, 1, 0],
        [Tag.INTEGER, 0, ":"],
        [Tag.INTEGER, 70, "0x1"],
    ],
)
def test_a_malformed_value_is_a_format_error(raw: object) -> None:
    with pytest.raises(FormatError):
        parse(raw)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 25) | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=6).map(tuple),
    max_leaves=20,
)


@given(JUNK)
def test_any_msgpack_has_three_forms_or_is_a_format_error(raw: object) -> None:
    try:
        value = parse(raw)
    except FormatError:
        return
    json.dumps(natural(value))
    json.dumps(tree(value))
    assert one_line(value).isprintable()
