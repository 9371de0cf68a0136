"""Small programs of four kinds; each prints how many seconds its own work took.

Run as `python workloads.py NAME`, plain or recorded.
"""

import sys
import time
from collections.abc import Callable, Iterator


def fibonacci(n: int) -> int:
    """Calls and branches, nothing else."""
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)


def calls() -> None:
    """Recursion without assignments."""
    fibonacci(17)


def loops() -> None:
    """Assignments of numbers, branches, nested loops."""
    total = 0
    for row in range(60):
        for column in range(60):
            total = total + row * column
            if total % 3 == 0:
                total = total - 1


class Order:
    """An object that is passed around and changed."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.lines: list[dict[str, object]] = []

    def add(self, price: float) -> None:
        """Append a line of ten fields."""
        line: dict[str, object] = {f"field{index}": index for index in range(8)}
        line["price"] = price
        line["tags"] = ["new", "small"]
        self.lines.append(line)


def objects() -> None:
    """Dictionaries of ten keys, lists of them, instances."""
    for number in range(40):
        order = Order(number)
        for price in range(5):
            order.add(price * 1.5)


def words(text: str) -> Iterator[str]:
    """Give the words of a text, one after the other."""
    word = ""
    for letter in text:
        if letter == " ":
            yield word
            word = ""
        else:
            word += letter
    yield word


def number(word: str) -> float:
    """Read a number; anything else raises."""
    try:
        return float(word)
    except ValueError as error:
        raise LookupError(word) from error


def parser() -> None:
    """Generators and exceptions."""
    for _ in range(60):
        for word in words("12 plus 3 minus x times 7"):
            try:
                number(word)
            except LookupError:
                continue


WORKLOADS: dict[str, Callable[[], None]] = {
    "calls": calls,
    "loops": loops,
    "objects": objects,
    "parser": parser,
}

if __name__ == "__main__":
    run = WORKLOADS[sys.argv[1]]
    started = time.perf_counter()
    run()
    print(time.perf_counter() - started)
