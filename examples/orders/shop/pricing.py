"""From an order to its bill: prices, and the discounts that a customer has."""

from functools import cache

from shop.model import Bill, Order

PRICES = {"tea": 450, "coffee": 890, "mug": 1200, "kettle": 4990}
LOYALTY = {"gold": 10, "silver": 5}
VOUCHERS = {"SPRING": 15, "HELLO": 5}


class UnknownProductError(LookupError):
    """The shop does not sell that."""


def bill_for(order: Order) -> Bill:
    """Price an order; raises `UnknownProductError`."""
    gross = 0
    for line in order.lines:
        gross += price_of(line.product) * line.quantity
    discounts = loyalty_discounts(order.customer.level)
    if order.voucher is not None:
        discounts.append(VOUCHERS[order.voucher])
    return Bill(order, gross, percent=sum(discounts))


def price_of(product: str) -> int:
    """Return what one of them costs."""
    try:
        return PRICES[product]
    except KeyError as error:
        raise UnknownProductError(product) from error


@cache
def loyalty_discounts(level: str) -> list[int]:
    """Return the discounts, in percent, that every customer of that level has."""
    return [LOYALTY[level]] if level in LOYALTY else []
