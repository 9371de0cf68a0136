"""An aiohttp server, with an application inside of another."""

import sys

import bills
from aiohttp import web


def number_of(request: web.Request) -> int:
    return int(request.match_info["number"])


async def one(request: web.Request) -> web.Response:
    number = number_of(request)
    return web.json_response({"number": number, "total": await bills.bill_slowly(number)})


async def parts(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    async for part in bills.parts_slowly(number_of(request)):
        await response.write(part.encode())
    return response


async def fails(request: web.Request) -> web.Response:
    return web.Response(text=str(bills.fail(number_of(request))))


async def socket(request: web.Request) -> web.WebSocketResponse:
    answer = web.WebSocketResponse()
    await answer.prepare(request)
    async for message in answer:
        if message.data == "end":
            await answer.close()
        else:
            await answer.send_str(str(await bills.bill_slowly(number_of(request))))
    return answer


within = web.Application()
within.add_routes([web.get("/{number}", one)])
app = web.Application()
app.add_routes(
    [
        web.get("/bills/{number}", one),
        web.get("/parts/{number}", parts),
        web.get("/fails/{number}", fails),
        web.get("/socket/{number}", socket),
    ]
)
app.add_subapp("/within", within)

if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]))
