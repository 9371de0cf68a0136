"""Reads the day's orders, one a line: number, customer, level, product*quantity..., voucher."""

from collections.abc import Iterable, Iterator
from zlib import crc32

from shop.model import Customer, Line, Order


def orders_in(lines: Iterable[str]) -> Iterator[Order]:
    """Yield the orders as they came in."""
    for text in lines:
        number, name, level, *rest = text.split()
        # Stands in for what the provider of payments would answer.
        customer = Customer(name, level, card_token=f"tok-{crc32(name.encode()):x}")
        order = Order(int(number), customer, [])
        for word in rest:
            if "*" in word:
                product, _, quantity = word.partition("*")
                order.lines.append(Line(product, int(quantity)))
            else:
                order.voucher = word
        yield order
