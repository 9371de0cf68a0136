"""The shop: asks the warehouse, at the address in `WAREHOUSE`, about each product of an order."""

import json
import logging
import os
import sqlite3
import urllib.request

from flask import Flask

PRODUCTS = ("bolt", "nut", "washer", "screw", "pin", "hinge", "clamp", "rod")
LINES = [(1, "bolt", 4), (1, "nut", 1), (2, "bolt", 1)] + [(3, each, 1) for each in PRODUCTS]

WAREHOUSE = os.environ["WAREHOUSE"]

logging.basicConfig(level=logging.INFO)
app = Flask("shop")
database = sqlite3.connect(":memory:", check_same_thread=False)
database.execute("CREATE TABLE lines (number INTEGER, product TEXT, quantity INTEGER)")
database.executemany("INSERT INTO lines VALUES (?, ?, ?)", LINES)


@app.get("/orders/<int:number>")
def order(number: int) -> dict[str, object]:
    """Answer which products of an order are missing."""
    missing = [product for product in products(number) if not is_there(number, product)]
    app.logger.info("order %d waits for %s", number, missing)
    return {"order": number, "missing": missing}


def products(number: int) -> list[str]:
    """Return the products of an order."""
    rows = database.execute("SELECT DISTINCT product FROM lines WHERE number = ?", (number,))
    return [product for (product,) in rows]


def is_there(number: int, product: str) -> bool:
    """Ask whether the warehouse has as many as the order wants."""
    (wanted,) = database.execute(
        "SELECT sum(quantity) FROM lines WHERE number = ? AND product = ?", (number, product)
    ).fetchone()
    with urllib.request.urlopen(f"{WAREHOUSE}/stock/{product}") as answer:
        pieces: int = json.load(answer)["pieces"]
    return pieces >= wanted
