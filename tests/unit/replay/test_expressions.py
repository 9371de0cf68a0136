import pytest

from rewind.errors import ExpressionError
from rewind.replay.evaluation import evaluate
from rewind.replay.expressions import (
    MAX_COLUMNS,
    MAX_DEPTH,
    MAX_LENGTH,
    names_of,
    parse_columns,
    parse_expression,
)
from rewind.replay.operations import Unanswerable
from rewind.replay.text import one_line
from rewind.replay.values import Value, parse

ORDER = (6, 9, "shop.Order", 2, "total", 3, "lines", (1, 8, 2, "tea", "cake"))
RECORDED: dict[str, object] = {
    "n": 7,
    "half": 0.5,
    "yes": True,
    "nothing": None,
    "word": "tea",
    "order": ORDER,
    "other": (6, 10, "shop.Order", 0),
    "prices": (5, 20, 2, "tea", 4, 1, "one"),
    "cut": (1, 30, 900, 1, 2, (17, 2)),
    "pair": (2, 31, 2, 1, "x"),
    "some": (3, 32, 2, 1, 2),
    "rate": (20, 40, "decimal.Decimal", "Decimal('0.30')"),
    "secret": (16, 1, "builtins.str"),
    "big": (10, 80, hex(1 << 79)),
    "lost": (12, 50, "builtins.KeyError", 1, "gold"),
    "ordered": (19, "collections.OrderedDict", (5, 60, 1, "a", 1)),
    "cutext": (8, 900, "long"),
}


def value_of(text: str) -> Value:
    return evaluate(parse_expression(text).tree, lambda name: parse(RECORDED[name]))


@pytest.mark.parametrize(
    "text",
    [
        "n + 1 == 8",
        "-n ** 2 == -49 and 2 ** -1 == 0.5",
        "2 + 3 * 4 == 14 and (2 + 3) * 4 == 20 and 7 - 2 - 1 == 4",
        "7 // 2 == 3 and 7 % 4 == 3 and 1 / 4 == 0.25",
        "1 < n <= 7 != 8",
        "not n < 1",
        "nothing is None and word is not None",
        "word + 's' == \"teas\" and word * 2 == 'teatea'",
        "word[0] == 't' and word[-1] == 'a' and 'ea' in word",
        "order.total == 3 and order.lines[1] == 'cake'",
        "len(order.lines) == 2 and len(cut) == 900 and len(cutext) == 900",
        "prices['tea'] == 4 and prices[1] == 'one' and 'milk' not in prices",
        "'tea' in order.lines",
        "1 in cut",
        "pair == pair and pair[1] == 'x'",
        "some == some and 2 in some",
        "rate * 2 > 0.5 or rate + 1 == rate + 1",
        "big > n and big == big",
        "lost.args[0] == 'gold'",
        "ordered['a'] == 1 and len(ordered) == 1",
        "order is order and order is not other and order != None",
        "yes and True",
        "nothing or n",
        "1_000.5e1 == 10005.0 and .5 == half",
        r"'a\x41\u0042\n' == 'aAB' + '\n'",
    ],
)
def test_an_expression_has_the_value_that_python_gives_it(text: str) -> None:
    assert one_line(value_of(text)) in {"True", "7"}


def test_and_and_or_give_the_operand_that_decided() -> None:
    assert value_of("0 or word") == "tea"
    assert value_of("n and word") == "tea"
    assert value_of("nothing and missing") is None


def test_arithmetic_of_decimals_stays_decimal() -> None:
    assert one_line(value_of("rate * 2")) == "Decimal('0.60')"
    assert one_line(value_of("big * big")) == str((1 << 79) ** 2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("order == other", "known to the program alone"),
        ("len(order)", "known to the program alone"),
        ("not order", "known to the program alone"),
        ("order['x']", "known to the program alone"),
        ("order.price", "no attribute price of this shop.Order"),
        ("secret.x", "withheld"),
        ("secret == 1", "withheld"),
        ("cut[5]", "item 5 is not among the 2"),
        ("cut == cut", "was cut"),
        ("3 in cut", "was cut"),
        ("cutext == word", "was cut"),
        ("prices['milk']", "no such key"),
        ("pair[2]", "only 2 items"),
        ("pair['x']", "whole number"),
        ("word < n", "not worked out"),
        ("1 / 0", "division by zero"),
        ("word - 1", "known to the program alone"),
        ("rate + half", "do not mix"),
        ("10 ** 100000", "more than 4096 bits"),
        ("word * 1000000000", "more than 100000 characters"),
        ("2.0 ** 100000", "too large"),
    ],
)
def test_what_was_not_recorded_has_no_value_and_says_why(text: str, reason: str) -> None:
    with pytest.raises(Unanswerable, match=reason):
        value_of(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "holds 0"),
        ("a, b", "holds 2"),
        ("a b", "character 3: 'b' is not expected"),
        ("a +", "character 4: a value is expected"),
        ("a.", "name of an attribute"),
        ("a.1", "'.1' is not expected"),
        ("a[1", "']' is expected here, not the end"),
        ("(1", "'\\)' is expected"),
        ("f(1)", "nothing is called here but len"),
        ("a.upper()", "nothing is called"),
        ("__import__('os').system('true')", "nothing is called"),
        ("a = 1", "'=' does not belong"),
        ("lambda: 1", "':' does not belong|is not expected"),
        ("[x for x in y]", "a value is expected here, not '\\['"),
        ("a not b", "'in' is expected"),
        ("'open", "does not belong"),
        ("1abc", "does not belong|not expected"),
        ("a; b", "does not belong"),
        ("a\x00", "does not belong"),
        ("1" * (MAX_LENGTH + 1), "at most 500 characters"),
        ("(" * (MAX_DEPTH + 1) + "1" + ")" * (MAX_DEPTH + 1), "nested more than"),
        ("not " * (MAX_DEPTH + 1) + "1", "nested more than"),
        ("a" + ".b" * (MAX_DEPTH + 1), "nested more than"),
        ("+".join("1" * (MAX_DEPTH + 2)), "nested more than"),
        (" or ".join("1" * (MAX_DEPTH + 2)), "nested more than"),
        ("2" + "**2" * (MAX_DEPTH + 1), "nested more than"),
    ],
)
def test_what_is_not_in_the_language_is_refused_where_it_stands(text: str, reason: str) -> None:
    with pytest.raises(ExpressionError, match=reason):
        parse_expression(text)


def test_commas_separate_columns_that_keep_their_text() -> None:
    columns = parse_columns(" order.total ,len( lines ), 'a,b' ")
    assert [column.text for column in columns] == ["order.total", "len( lines )", "'a,b'"]
    assert parse_columns("  ") == ()
    with pytest.raises(ExpressionError, match="at most 12 expressions"):
        parse_columns(",".join("a" * (MAX_COLUMNS + 1)))


def test_the_names_that_are_asked_for_are_known() -> None:
    tree = parse_expression("a.b[c] + len(d) < -e and (f or 'g') is None").tree
    assert names_of(tree) == set("acdef")
