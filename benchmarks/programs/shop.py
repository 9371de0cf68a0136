"""A small shop: Flask over SQLite, as a user writes it; `web` asks it through the test client.

Most of a request is Flask, Jinja and SQLite; this module is the user's own part.
"""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from flask import Flask, Response, abort, g, jsonify, render_template, request
from jinja2 import DictLoader

SCHEMA = """
create table products (id integer primary key, name text, cents integer, stock integer);
create table orders (id integer primary key, customer text, state text);
create table lines (order_id integer, product_id integer, quantity integer);
create index lines_of_orders on lines (order_id);
"""
PRODUCTS = [
    ("tea", 490, 1_000_000),
    ("coffee", 890, 1_000_000),
    ("mug", 1200, 1_000_000),
    ("pot", 3450, 0),
    ("filter", 250, 1_000_000),
]
PAGE = """<!doctype html>
<title>{{ title }}</title>
<h1>{{ title }}</h1>
<table>
{% for product in products %}
  <tr><td>{{ product.name }}</td><td>{{ product.price }}</td><td>{{ product.state }}</td></tr>
{% else %}
  <tr><td>nothing here</td></tr>
{% endfor %}
</table>
<p>{{ products|length }} products{% if search %} for "{{ search }}"{% endif %}</p>
"""

app = Flask(__name__)
app.jinja_loader = DictLoader({"shop.html": PAGE})
folder = tempfile.TemporaryDirectory(prefix="shop-")
database = Path(folder.name) / "shop.db"


def connect() -> sqlite3.Connection:
    """Open the database as every request does."""
    connection = sqlite3.connect(database)
    connection.row_factory = sqlite3.Row
    # The disk's speed is not what is measured.
    connection.execute("pragma synchronous = off")
    return connection


def shop() -> sqlite3.Connection:
    """The connection of this request."""
    if "connection" not in g:
        g.connection = connect()
    connection: sqlite3.Connection = g.connection
    return connection


@app.teardown_appcontext
def close(_error: BaseException | None) -> None:
    connection = g.pop("connection", None)
    if connection is not None:
        connection.close()


def described(row: sqlite3.Row) -> dict[str, object]:
    """What the page shows of a product."""
    price = row["cents"] / 100
    state = "in stock" if row["stock"] > 0 else "sold out"
    return {"id": row["id"], "name": row["name"], "price": price, "state": state}


@app.get("/")
def products() -> str:
    search = request.args.get("search", "")
    found = shop().execute(
        "select * from products where name like ? order by name", (f"%{search}%",)
    )
    listed = [described(row) for row in found]
    return render_template("shop.html", title="Shop", products=listed, search=search)


@app.get("/products/<int:number>")
def product(number: int) -> Response:
    row = shop().execute("select * from products where id = ?", (number,)).fetchone()
    if row is None:
        abort(404)
    return jsonify(described(row))


def take(connection: sqlite3.Connection, number: int, quantity: int) -> int:
    """Take a product off the shelf; returns its price. Raises `LookupError`."""
    row = connection.execute("select * from products where id = ?", (number,)).fetchone()
    if row is None or row["stock"] < quantity:
        raise LookupError(number)
    connection.execute("update products set stock = stock - ? where id = ?", (quantity, number))
    cents: int = row["cents"]
    return cents * quantity


@app.post("/orders")
def buy() -> tuple[Response, int]:
    asked = request.get_json()
    connection = shop()
    total = 0
    with connection:
        order = connection.execute(
            "insert into orders (customer, state) values (?, 'open')", (asked["customer"],)
        ).lastrowid
        for line in asked["lines"]:
            try:
                total += take(connection, line["product"], line["quantity"])
            except LookupError as error:
                return jsonify({"missing": error.args[0]}), 409
            values = (order, line["product"], line["quantity"])
            connection.execute("insert into lines values (?, ?, ?)", values)
    return jsonify({"order": order, "total": total / 100}), 201


@app.get("/orders/<int:number>")
def order(number: int) -> Response:
    rows = shop().execute(
        "select name, cents, quantity from lines join products on id = product_id "
        "where order_id = ?",
        (number,),
    )
    lines = [dict(row) for row in rows]
    total = sum(line["cents"] * line["quantity"] for line in lines)
    return jsonify({"lines": lines, "total": total / 100})


def fill() -> None:
    """Put products on the shelves of an empty database."""
    with closing(connect()) as connection, connection:
        connection.executescript(SCHEMA)
        rows = "insert into products (name, cents, stock) values (?, ?, ?)"
        connection.executemany(rows, PRODUCTS)
