"""Dictionaries of ten keys, lists of them, instances passed around and changed."""

Line = dict[str, object]


class Order:
    """What a customer wants, line by line."""

    def __init__(self, number: int, customer: str) -> None:
        self.number = number
        self.customer = customer
        self.lines: list[Line] = []
        self.total = 0.0
        self.state = "open"

    def add(self, line: Line, price: float) -> None:
        """Append a line; changes the total."""
        self.lines.append(line)
        self.total += price


def line_of(number: int, price: float) -> Line:
    """A dictionary of ten keys."""
    return {
        "number": number,
        "product": f"product {number % 7}",
        "quantity": number % 5 + 1,
        "price": price,
        "currency": "EUR",
        "weight": number * 0.25,
        "tags": ["new", "small"],
        "stock": {"shelf": number % 11, "left": 40 - number % 13},
        "gift": number % 4 == 0,
        "note": None,
    }


def discount(order: Order, lines: list[Line]) -> float:
    """Change a field of each line; return what is taken off."""
    taken = 0.0
    for line in lines:
        if line["gift"]:
            line["note"] = "wrapped"
        taken += 0.5
    order.total -= taken
    order.state = "priced"
    return taken


def bill(number: int) -> float:
    """Make an order of five lines, and price it."""
    order = Order(number, f"customer {number % 9}")
    for index in range(5):
        price = index * 1.5 + number % 3
        line = line_of(number * 5 + index, price)
        order.add(line, price)
    discount(order, order.lines)
    return order.total


def run(size: int) -> float:
    """Bill ten orders for each unit of size."""
    total = 0.0
    for number in range(size * 10):
        total += bill(number % 50)
    return total
