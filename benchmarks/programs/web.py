"""Customers of the shop: requests through Flask's test client. Only the shop is recorded."""

from collections.abc import Iterator

from programs.shop import app, fill

Request = tuple[str, str, dict[str, object] | None]


def requests(customer: int) -> Iterator[Request]:
    """What one customer asks for."""
    yield "GET", "/", None
    yield "GET", "/?search=o", None
    yield "GET", f"/products/{customer % 5 + 1}", None
    lines = [{"product": 1, "quantity": 2}, {"product": 3, "quantity": 1}]
    yield "POST", "/orders", {"customer": f"customer {customer}", "lines": lines}
    yield "POST", "/orders", {"customer": "late", "lines": [{"product": 4, "quantity": 1}]}
    yield "GET", "/orders/1", None
    yield "GET", "/products/99", None


def prepare() -> None:
    """Fill the database, and let Flask and Jinja do what they do once."""
    fill()
    run(1)


def run(size: int) -> int:
    """Answer seven requests for each unit of size."""
    client = app.test_client()
    total = 0
    for customer in range(size):
        for method, path, body in requests(customer):
            answer = client.open(path, method=method, json=body)
            total += answer.status_code + len(answer.data)
    return total
