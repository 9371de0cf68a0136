"""A long way of short steps, where some things happen once, some now and then, some never."""


def step(number: int, rows: int) -> int:
    """Walk a small grid."""
    total = 0
    for row in range(rows):
        for column in range(rows):
            total = total + row * column
            if total % 3 == 0:
                total = total - number
    return total


def order(number: int) -> dict[str, object]:
    """Return what somebody wants."""
    wanted: dict[str, object] = {"number": number, "product": f"product {number % 7}", "price": 2.5}
    wanted["total"] = number % 5
    return wanted


def stumble(number: int) -> int:
    """Raise."""
    raise ValueError(number)


def run(size: int) -> int:
    """Take so many steps; some 15,000 events each."""
    outset = size
    walked = 0
    wanted: dict[str, object] = {}
    for number in range(size):
        walked += step(number, 60)
        wanted = order(number)
        if number % 128 == 64:
            seldom = number
            try:
                walked += stumble(seldom)
            except ValueError:
                walked += 1
    arrived = len(wanted)
    return walked + outset + arrived
