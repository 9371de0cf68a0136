"""A FastAPI application, and an ASGI application by hand behind Rewind's middleware."""

from typing import Any

import bills
from fastapi import FastAPI, WebSocket
from fastapi.responses import StreamingResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

import rewind


async def inner(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(await bills.bill_slowly(int(request.path_params["number"]))))


app = FastAPI()
app.mount("/within", Starlette(routes=[Mount("/deep", routes=[Route("/{number}", inner)])]))


@app.get("/bills/{number}")
async def one(number: int) -> dict[str, int]:
    return {"number": number, "total": await bills.bill_slowly(number)}


@app.get("/threads/{number}")
def in_a_thread(number: int) -> dict[str, int]:
    return {"number": number, "total": bills.bill(number)}


@app.get("/parts/{number}")
async def parts(number: int) -> StreamingResponse:
    return StreamingResponse(bills.parts_slowly(number), media_type="text/plain")


@app.get("/fails/{number}")
async def fails(number: int) -> dict[str, int]:
    return {"total": bills.fail(number)}


@app.websocket("/socket/{number}")
async def socket(websocket: WebSocket, number: int) -> None:
    await websocket.accept()
    while await websocket.receive_text() != "end":
        await websocket.send_text(str(await bills.bill_slowly(number)))
    await websocket.close()


async def by_hand(scope: dict[str, Any], _: Any, send: Any) -> None:
    if scope["type"] != "http":
        raise NotImplementedError
    total = await bills.bill_slowly(int(scope["path"].rpartition("/")[2]))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(total).encode()})


plain = rewind.asgi(by_hand)
