"""What an order is made of. Money is in cents."""

from dataclasses import dataclass


@dataclass
class Customer:
    """Somebody who buys, and how they pay."""

    name: str
    level: str
    card_token: str


@dataclass
class Line:
    """So many of one product."""

    product: str
    quantity: int


@dataclass
class Order:
    """What a customer wants, and the voucher that came with it."""

    number: int
    customer: Customer
    lines: list[Line]
    voucher: str | None = None


@dataclass
class Bill:
    """What an order comes to."""

    order: Order
    gross: int
    percent: int

    @property
    def net(self) -> int:
        """The amount to pay."""
        return self.gross - self.gross * self.percent // 100
