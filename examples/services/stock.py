"""The warehouse: says how many of a product are there."""

import sqlite3

from flask import Flask

STOCK = {"bolt": 40, "nut": 0, "washer": 7, "screw": 12, "pin": 3, "hinge": 2, "clamp": 5, "rod": 1}

app = Flask("stock")
database = sqlite3.connect(":memory:", check_same_thread=False)
database.execute("CREATE TABLE stock (product TEXT PRIMARY KEY, pieces INTEGER)")
database.executemany("INSERT INTO stock VALUES (?, ?)", STOCK.items())


@app.get("/stock/<product>")
def stock(product: str) -> tuple[dict[str, object], int]:
    """Answer how many there are."""
    row = database.execute("SELECT pieces FROM stock WHERE product = ?", (product,)).fetchone()
    if row is None:
        app.logger.warning("nobody has heard of %s", product)
        return {"product": product, "pieces": 0}, 404
    return {"product": product, "pieces": row[0]}, 200
