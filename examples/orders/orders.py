"""Prints the bills of a day, and one of them is wrong.

Order 4 has the same customer and the same voucher as order 1, but a larger discount. Which line of
the shop is to blame?
"""

from shop.intake import orders_in
from shop.pricing import UnknownProductError, bill_for

DAY = """\
1 Ada gold tea*4 mug*1 SPRING
2 Ben silver coffee*2 teapot*1
3 Cleo silver kettle*1
4 Ada gold coffee*3 SPRING
5 Dan new tea*1 HELLO
"""


def main() -> None:
    """Bill every order and print what the day brought."""
    total = 0
    for order in orders_in(DAY.splitlines()):
        try:
            bill = bill_for(order)
        except UnknownProductError as error:
            print(f"order {order.number}  {order.customer.name:5} we do not sell: {error}")
            continue
        total += bill.net
        print(
            f"order {order.number}  {order.customer.name:5} "
            f"{bill.gross / 100:7.2f} -{bill.percent:2} % = {bill.net / 100:7.2f}"
        )
    print(f"total {total / 100:31.2f}")


if __name__ == "__main__":
    main()
