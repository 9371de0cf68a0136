"""A recursive descent parser: generators, exceptions, attributes, many small calls."""

from collections.abc import Iterator

Piece = tuple[str, str]

TEXTS = (
    "12 + 3 * 4 - 5",
    "(1 + 2) * (3 + 4) * 5",
    "((7)) - 2 * (8 - 3)",
    "4 * (2 + ",
    "6 / (3 - 3)",
    "1 + $ - 2",
    "9 - 8 - 7 - 6 * 5 + 4",
    "(2 * (3 + (4 - 1)))",
)


class ParseError(Exception):
    """The text is no expression."""


def pieces(text: str) -> Iterator[Piece]:
    """Give the pieces of a text, one after the other."""
    digits = ""
    for letter in text + " ":
        if letter.isdigit():
            digits += letter
            continue
        if digits:
            yield "number", digits
            digits = ""
        if letter in "+-*/()":
            yield "sign", letter
        elif letter != " ":
            raise ParseError(letter)
    yield "end", ""


class Parser:
    """Reads one expression, with one piece of looking ahead."""

    def __init__(self, text: str) -> None:
        self.pieces = pieces(text)
        self.kind, self.text = next(self.pieces)

    def advance(self) -> str:
        """Take the piece at hand and fetch the next."""
        taken = self.text
        self.kind, self.text = next(self.pieces)
        return taken

    def expression(self) -> float:
        """A sum: term (('+' | '-') term)*."""
        value = self.term()
        while self.text and self.text in "+-":
            if self.advance() == "+":
                value += self.term()
            else:
                value -= self.term()
        return value

    def term(self) -> float:
        """A product: factor (('*' | '/') factor)*."""
        value = self.factor()
        while self.text and self.text in "*/":
            if self.advance() == "*":
                value *= self.factor()
            else:
                value /= self.factor()
        return value

    def factor(self) -> float:
        """A number, or an expression in brackets."""
        if self.kind == "number":
            return float(self.advance())
        if self.text != "(":
            raise ParseError(self.text)
        self.advance()
        value = self.expression()
        if self.text != ")":
            raise ParseError(self.text)
        self.advance()
        return value


def evaluate(text: str) -> float | None:
    """Return what an expression amounts to; nothing if it cannot be told."""
    try:
        return Parser(text).expression()
    except ZeroDivisionError:
        return None
    except ParseError as error:
        if error.args == ("$",):
            return -1.0
        return None


def run(size: int) -> float:
    """Parse eight texts for each unit of size; three of them raise."""
    total = 0.0
    for _ in range(size):
        for text in TEXTS:
            value = evaluate(text)
            if value is not None:
                total += value
    return total
