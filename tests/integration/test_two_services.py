"""The example of two services, of which one calls the other, as real servers: one story."""

import json
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.integration.dashboard import Asker, dashboard
from tests.integration.terminal import ROOT, answers, rewind
from tests.integration.test_processes import await_writer
from tests.integration.test_web_services import served

RECORDED = {"REWIND_ENABLED": "1", "REWIND_INCLUDE": "shop,stock"}
SERVER = ("--bind=127.0.0.1:PORT", "--workers=1", "--worker-class=gthread", "--threads=4")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in (ROOT / "examples" / "services").glob("*.py"):
        shutil.copy(path, tmp_path)
    return tmp_path


def asked(folder: Path, *numbers: int, core: str, **settings: str) -> list[Any]:
    """Run both services and ask for orders; return the answers."""
    given = {"REWIND_CORE": core} | settings
    with ExitStack() as running:
        stock = running.enter_context(
            served(folder, "gunicorn", *SERVER, "stock:app", REWIND_SERVICE="stock", **given)
        )
        shop = running.enter_context(
            served(
                folder,
                "gunicorn",
                *SERVER,
                "shop:app",
                WAREHOUSE=stock,
                REWIND_SERVICE="shop",
                **given,
            )
        )
        found = []
        for number in numbers:
            with urlopen(f"{shop}/orders/{number}") as answer:
                found.append(json.load(answer))
    return found


@pytest.mark.parametrize("core", ["native", "python"])
def test_the_sessions_of_both_join(folder: Path, core: str) -> None:
    plain = asked(folder, 1, 3, core=core)
    assert plain[0] == {"order": 1, "missing": ["nut"]}
    assert asked(folder, 1, 3, core=core, **RECORDED) == plain
    await_writer(folder)
    with dashboard(f"sqlite:///{folder}/.rewind/rewind.db") as ask:
        requests = ask("/api/sessions", kind="request").json["sessions"]
        orders = {one["tags"]["path"]: one for one in requests if one["service"] == "shop"}
        assert set(orders) == {"/orders/1", "/orders/3"}
        assert len({one["trace"] for one in requests}) == 2
        check_joined(ask, orders["/orders/1"], 2)
        check_joined(ask, orders["/orders/3"], 8)
        check_queries(ask, folder, orders["/orders/3"])


def check_joined(ask: Asker, order: dict[str, Any], products: int) -> None:
    """An order has led to a request for each of its products, which asks once."""
    joined = ask("/api/sessions", trace=order["trace"]).json["sessions"]
    stock = [one for one in joined if one["service"] == "stock"]
    assert order["children"] == len(stock) == products == len(joined) - 1
    assert {one["parent"] for one in stock} == {order["id"]}
    family = ask(f"/api/sessions/{stock[0]['id']}/family").json["sessions"]
    assert [one["id"] for one in family] == [order["id"], *(one["id"] for one in reversed(stock))]
    marks = ask(f"/api/sessions/{order['id']}/timeline").json["marks"]
    assert [one["kind"] for one in marks].count("http") == products
    told = ask(f"/api/sessions/{order['id']}/events", kind="http").json["events"]
    assert {event["function"] for event in told} == {"is_there"}
    for one, event in zip(reversed(stock), told, strict=True):
        assert event["value"]["url"].endswith(one["tags"]["path"])
        (answered,) = ask(f"/api/sessions/{one['id']}/events", kind="sql").json["events"]
        assert answered["value"]["parameters"] == [one["tags"]["path"].split("/")[-1]]
        assert answered["function"] == "stock"


def check_queries(ask: Asker, folder: Path, order: dict[str, Any]) -> None:
    """Each product of the order is asked for by itself."""
    found = ask(f"/api/sessions/{order['id']}/queries").json["queries"]
    one, every = sorted(found, key=lambda each: -each["count"])
    assert (one["count"], one["repeated"], one["below"]) == (8, True, "order")
    assert (every["count"], every["repeated"]) == (1, False)
    assert answers(folder, "queries", order["id"]) == found
    assert "8 times below order" in rewind(folder, "queries", order["id"]).stdout
    assert len(answers(folder, "sessions", "--trace", order["trace"])) == 9


def test_with_propagate_off_they_do_not(folder: Path) -> None:
    asked(folder, 1, core="native", **RECORDED, REWIND_PROPAGATE="false")
    await_writer(folder)
    requests = [one for one in answers(folder, "sessions") if one["kind"] == "request"]
    assert len({one["trace"] for one in requests}) == len(requests) == 3
    assert {one["parent"] for one in requests} == {None}
