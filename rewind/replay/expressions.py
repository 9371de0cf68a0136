"""The language of watches and prints: expressions over recorded values, parsed into a tree.

A small grammar of our own, by recursive descent: names, attributes, items, `len`, arithmetic,
comparisons, `in`, `is`, `and`, `or`, `not`, numbers and text. There are no calls, no
comprehensions and no assignments, so nothing of a program can be run; what the tree means is for
`evaluation`. Length and depth are bounded before anything is built.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, NoReturn

from rewind.errors import ExpressionError

MAX_LENGTH: Final = 500
"""Characters of a text that is parsed at all."""
MAX_DEPTH: Final = 40
"""Levels of brackets and of operators within operators."""
MAX_COLUMNS: Final = 12
"""Expressions that one text may hold."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, True, False or None."""

    value: bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class Name:
    """A variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """`owner.name`."""

    owner: "Expression"
    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """`owner[key]`."""

    owner: "Expression"
    key: "Expression"


@dataclass(frozen=True, slots=True)
class Length:
    """`len(operand)`."""

    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Unary:
    """`-`, `+` or `not` before an operand."""

    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic of two operands."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`first < second <= third`: each operand is compared with the one before it."""

    first: "Expression"
    rest: "tuple[tuple[str, Expression], ...]"


@dataclass(frozen=True, slots=True)
class Junction:
    """`and` or `or` of two operands."""

    operator: str
    left: "Expression"
    right: "Expression"


Expression = Literal | Name | Attribute | Item | Length | Unary | Binary | Comparison | Junction


class Column(NamedTuple):
    """An expression and the text it was parsed from."""

    text: str
    tree: Expression


def parse_expression(text: str) -> Column:
    """Return the one expression that `text` holds.

    Raises `ExpressionError`, which says at which character and why.
    """
    columns = parse_columns(text)
    if len(columns) != 1:
        message = f"one expression is wanted, and {text!r} holds {len(columns)}"
        raise ExpressionError(message)
    return columns[0]


def parse_columns(text: str) -> tuple[Column, ...]:
    """Return the expressions of `text`, which commas separate; none for an empty one.

    Raises `ExpressionError`, which says at which character and why.
    """
    if len(text) > MAX_LENGTH:
        message = f"an expression has at most {MAX_LENGTH} characters, not {len(text)}"
        raise ExpressionError(message)
    return tuple(_Parser(text).columns())


class _Token(NamedTuple):
    kind: str
    """`name`, `number`, `text`, `sign` (operators, brackets and words of the grammar) or `end`."""
    text: str
    at: int


_WORDS: Final = frozenset(("and", "or", "not", "in", "is"))
_CONSTANTS: Final = {"True": True, "False": False, "None": None}
_COMPARISONS: Final = frozenset(("==", "!=", "<", "<=", ">", ">=", "in", "is", "not"))
_SUMS: Final = frozenset(("+", "-"))
_PRODUCTS: Final = frozenset(("*", "/", "//", "%"))
_TOKEN: Final = re.compile(
    r"""(?P<number>(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?(?![\w.]))
    |(?P<name>[^\W\d]\w*)
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<sign>\*\*|//|==|!=|<=|>=|[-+*/%<>()\[\].,])""",
    re.VERBOSE,
)
_ESCAPE: Final = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            _refuse(at, f"{text[at]!r} does not belong to the language of expressions")
        kind = "sign" if found.group() in _WORDS else found.lastgroup
        yield _Token(kind, found.group(), at)
        at = found.end()
    yield _Token("end", "", at)


class _Parser:
    """Parses one text, and is then dropped."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._index = 0
        self._depth = 0

    def columns(self) -> Iterator[Column]:
        if self._token.kind == "end":
            return
        for count in range(MAX_COLUMNS + 1):
            start = self._token.at
            if count == MAX_COLUMNS:
                _refuse(start, f"there are at most {MAX_COLUMNS} expressions")
            tree = self._disjunction()
            yield Column(self._text[start : self._token.at].strip(), tree)
            if not self._takes(","):
                break
        if self._token.kind != "end":
            _refuse(self._token.at, f"{self._token.text!r} is not expected here")

    @property
    def _token(self) -> _Token:
        return self._tokens[self._index]

    def _is(self, *signs: str) -> bool:
        return self._token.kind == "sign" and self._token.text in signs

    def _takes(self, *signs: str) -> str | None:
        if not self._is(*signs):
            return None
        return self._next().text

    def _next(self) -> _Token:
        token = self._token
        self._index += 1
        return token

    def _expect(self, sign: str) -> None:
        if self._takes(sign) is None:
            found = repr(self._token.text) if self._token.text else "the end"
            _refuse(self._token.at, f"{sign!r} is expected here, not {found}")

    def _deeper(self, parse: Callable[[], Expression]) -> Expression:
        self._nest()
        found = parse()
        self._depth -= 1
        return found

    def _nest(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            _refuse(self._token.at, f"it is nested more than {MAX_DEPTH} deep")

    def _disjunction(self) -> Expression:
        return self._junction("or", lambda: self._junction("and", self._negation))

    def _junction(self, word: str, operand: Callable[[], Expression]) -> Expression:
        left = operand()
        if self._takes(word) is None:
            return left
        # To the right, as evaluation goes: `a and b and c` stops at the first that decides.
        return Junction(word, left, self._deeper(lambda: self._junction(word, operand)))

    def _negation(self) -> Expression:
        if self._takes("not") is None:
            return self._comparison()
        return Unary("not", self._deeper(self._negation))

    def _comparison(self) -> Expression:
        first = self._sum()
        rest = []
        while self._is(*_COMPARISONS):
            operator = self._comparator()
            rest.append((operator, self._sum()))
        return Comparison(first, tuple(rest)) if rest else first

    def _comparator(self) -> str:
        operator = self._next().text
        if operator == "not":
            self._expect("in")
            return "not in"
        if operator == "is" and self._takes("not") is not None:
            return "is not"
        return operator

    def _sum(self) -> Expression:
        return self._chain(_SUMS, lambda: self._chain(_PRODUCTS, self._sign))

    def _chain(self, signs: frozenset[str], operand: Callable[[], Expression]) -> Expression:
        depth = self._depth
        left = operand()
        while (operator := self._takes(*signs)) is not None:
            # The tree of `a + b + c` is as deep as it is long.
            left = Binary(operator, left, self._deeper(operand))
            self._nest()
        self._depth = depth
        return left

    def _sign(self) -> Expression:
        operator = self._takes("-", "+")
        return self._power() if operator is None else Unary(operator, self._deeper(self._sign))

    def _power(self) -> Expression:
        base = self._postfix()
        if self._takes("**") is None:
            return base
        return Binary("**", base, self._deeper(self._sign))

    def _postfix(self) -> Expression:
        found = self._atom()
        depth = self._depth
        while True:
            if self._takes(".") is not None:
                found = Attribute(found, self._attribute())
            elif self._takes("[") is not None:
                found = Item(found, self._deeper(self._disjunction))
                self._expect("]")
            elif self._is("("):
                _refuse(self._token.at, "nothing is called here but len(): no code can be run")
            else:
                self._depth = depth
                return found
            self._nest()

    def _attribute(self) -> str:
        token = self._next()
        if token.kind != "name":
            _refuse(token.at, "the name of an attribute is expected here")
        return token.text

    def _atom(self) -> Expression:
        token = self._next()
        if token.kind == "number":
            return Literal(_number(token))
        if token.kind == "text":
            return Literal(_ESCAPE.sub(_unescaped, token.text[1:-1]))
        if token.kind == "name":
            return self._named(token.text)
        if token.text != "(":
            found = f", not {token.text!r}" if token.text else ""
            _refuse(token.at, f"a value is expected here{found}")
        inner = self._deeper(self._disjunction)
        self._expect(")")
        return inner

    def _named(self, name: str) -> Expression:
        if name in _CONSTANTS:
            return Literal(_CONSTANTS[name])
        if name == "len" and self._takes("(") is not None:
            operand = self._deeper(self._disjunction)
            self._expect(")")
            return Length(operand)
        return Name(name)


def _number(token: _Token) -> int | float:
    try:
        return int(token.text)
    except ValueError:
        pass
    try:
        return float(token.text)
    except ValueError:
        _refuse(token.at, f"{token.text!r} is no number")


def _unescaped(found: "re.Match[str]") -> str:
    code = found.group(1)
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _ESCAPES.get(code, f"\\{code}")


def names_of(tree: Expression) -> frozenset[str]:
    """Return the variables that an expression asks for."""
    if isinstance(tree, Name):
        return frozenset((tree.name,))
    return frozenset().union(*map(names_of, _within(tree)))


def _within(tree: Expression) -> tuple[Expression, ...]:
    match tree:
        case Attribute():
            return (tree.owner,)
        case Item():
            return tree.owner, tree.key
        case Length() | Unary():
            return (tree.operand,)
        case Binary() | Junction():
            return tree.left, tree.right
        case Comparison():
            return tree.first, *(operand for _, operand in tree.rest)
        case _:
            return ()


def _refuse(at: int, why: str) -> NoReturn:
    message = f"at character {at + 1}: {why}"
    raise ExpressionError(message)
