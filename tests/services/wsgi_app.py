"""A Flask application, and a WSGI application by hand behind Rewind's middleware."""

from collections.abc import Callable, Iterable
from typing import Any

import bills
from flask import Flask, Response

import rewind

app = Flask("bills")


@app.get("/bills/<int:number>")
def one(number: int) -> dict[str, int]:
    return {"number": number, "total": bills.bill(number)}


@app.get("/parts/<int:number>")
def parts(number: int) -> Response:
    return Response(bills.parts(number), mimetype="text/plain")


@app.get("/fails/<int:number>")
def fails(number: int) -> dict[str, int]:
    return {"total": bills.fail(number)}


def by_hand(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    number = int(environ["PATH_INFO"].rpartition("/")[2])
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"].startswith("/parts/"):
        return (part.encode() for part in bills.parts(number))
    return [str(bills.bill(number)).encode()]


plain = rewind.wsgi(by_hand)
