"""A Django project in one file: `manage.py`, settings, views, and both kinds of application."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator

import bills
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import include, path

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DEBUG="DEBUG" in os.environ,
    INSTALLED_APPS=["django.contrib.staticfiles"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="made up",
    STATIC_URL="static/",
)


def one(_: HttpRequest, number: int) -> JsonResponse:
    return JsonResponse({"number": number, "total": bills.bill(number)})


def parts(_: HttpRequest, number: int) -> StreamingHttpResponse:
    return StreamingHttpResponse(bills.parts(number), content_type="text/plain")


def fails(_: HttpRequest, number: int) -> HttpResponse:
    return HttpResponse(bills.fail(number))


async def slowly(_: HttpRequest, number: int) -> JsonResponse:
    return JsonResponse({"number": number, "total": await bills.bill_slowly(number)})


async def slow_parts(_: HttpRequest, number: int) -> StreamingHttpResponse:
    async def steps() -> AsyncIterator[str]:
        async for part in bills.parts_slowly(number):
            yield part
            await asyncio.sleep(0)

    return StreamingHttpResponse(steps(), content_type="text/plain")


urlpatterns = [
    path("bills/<int:number>", one),
    path("parts/<int:number>", parts),
    path("fails/<int:number>", fails),
    path("slow/", include([path("bills/<int:number>", slowly, name="slowly")])),
    path("slowparts/<int:number>", slow_parts),
]
app = get_asgi_application() if "ASGI" in os.environ else get_wsgi_application()

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
