import pytest

from rewind.errors import NoSuchSessionError
from rewind.store import (
    Batch,
    FunctionCalls,
    Session,
    SessionFilter,
    Store,
    called,
    count_sessions,
    read_session,
    read_sessions,
)
from tests import stored


@pytest.fixture(autouse=True, params=[100, 0], ids=["by-name", "by-session"])
def _names_looked_for(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions are found by functions' names where few match, else each is asked: the same ones."""
    monkeypatch.setattr(called, "MOST_NAMES", request.param)


@pytest.fixture
def orders(store: Store) -> list[Session]:
    """Three sessions of one recording that differ, the oldest first."""
    rows = stored.batch(3)
    first, second, third = rows.sessions
    second = second._replace(
        kind="request",
        trigger="GET /orders/<id>",
        status="error",
        error_type="builtins.KeyError",
        error_message="'100%_gold'",
        error_event=2,
        tags={"route": "/orders/<id>", "status": 500, "said": 'x "told": "y", z', "retried": True},
    )
    third = third._replace(parent_id=second.id, kind="task", trigger="Mail")
    rows.sessions = [first, second, third]
    rows.functions = [
        FunctionCalls(first.id, "shop.tills", "Till.pay", 3),
        FunctionCalls(second.id, "shop.orders", "total", 1),
        FunctionCalls(third.id, "mail", "send[html]", 1),
    ]
    stored.put(store, rows)
    return rows.sessions


def found(store: Store, **wanted: object) -> list[str]:
    chosen = SessionFilter(**wanted)  # type: ignore[arg-type]
    rows = read_sessions(store, chosen)
    assert count_sessions(store, chosen) == len(rows)
    return [row.trigger for row in rows]


def test_sessions_come_newest_first(store: Store, orders: list[Session]) -> None:
    assert [row.id for row in read_sessions(store, SessionFilter())] == [
        row.id for row in reversed(orders)
    ]


def test_a_session_comes_back_as_it_was_stored(store: Store, orders: list[Session]) -> None:
    row = read_session(store, orders[1].id)
    assert row == orders[1]._replace(pid=41, host="box", service="shop", name="nightly", children=1)


def test_a_session_of_one_process_among_many_is_listed_once(store: Store) -> None:
    """A recording of several processes shows each session once, with its own process."""
    rows = stored.batch(2)
    (runner,) = rows.processes
    rows.processes = [runner, runner._replace(id=f"{runner.id}-child", pid=99)]
    stored.put(store, rows)
    assert [row.pid for row in read_sessions(store, SessionFilter())] == [runner.pid] * 2


@pytest.mark.parametrize(
    ("wanted", "triggers"),
    [
        ({"status": "error"}, ["GET /orders/<id>"]),
        ({"kind": "script"}, ["shop.py"]),
        ({"module": "shop.*"}, ["GET /orders/<id>", "shop.py"]),
        ({"module": "shop"}, []),
        ({"function": "total"}, ["GET /orders/<id>"]),
        ({"function": "Till.*"}, ["shop.py"]),
        ({"function": "till.*"}, []),
        ({"function": "shop.orders.tota?"}, ["GET /orders/<id>"]),
        ({"function": "send[html]"}, ["Mail"]),
        ({"function": "t_tal"}, []),
        ({"module": "mail", "function": "total"}, []),
        ({"search": "ORDERS/"}, ["GET /orders/<id>"]),
        ({"search": "keyerror"}, ["GET /orders/<id>"]),
        ({"search": "100%_g"}, ["GET /orders/<id>"]),
        ({"search": "100_"}, []),
        ({"search": "till.PAY"}, ["shop.py"]),
        ({"search": "nightly"}, ["Mail", "GET /orders/<id>", "shop.py"]),
        ({"tags": ("status=500",)}, ["GET /orders/<id>"]),
        ({"tags": ("status=50",)}, []),
        ({"tags": ("status=5e2",)}, []),
        ({"tags": ("route=/orders/<id>", "retried=true")}, ["GET /orders/<id>"]),
        ({"tags": ("retried",)}, ["GET /orders/<id>"]),
        ({"tags": ("retried", "route=/carts")}, []),
        ({"tags": ("told=y",)}, []),
        ({"tags": ("told",)}, []),
        ({"after": 5_001}, ["Mail", "GET /orders/<id>"]),
        ({"before": 5_001}, ["shop.py"]),
        ({"top_level": True}, ["GET /orders/<id>", "shop.py"]),
        ({"recording": "nothing"}, []),
    ],
)
@pytest.mark.usefixtures("orders")
def test_filters_find(store: Store, wanted: dict[str, object], triggers: list[str]) -> None:
    assert found(store, **wanted) == triggers


def test_a_page_is_a_part_of_the_list(store: Store, orders: list[Session]) -> None:
    page = read_sessions(store, SessionFilter(), limit=1, offset=1)
    assert [row.id for row in page] == [orders[1].id]


def test_the_last_session_is_the_newest_without_a_parent(
    store: Store, orders: list[Session]
) -> None:
    assert read_session(store, "last").id == orders[1].id


def test_a_unique_beginning_names_a_session(store: Store) -> None:
    rows = stored.batch(2)
    one, two = (row._replace(id=digit * 32) for row, digit in zip(rows.sessions, "ab", strict=True))
    rows.sessions, rows.functions, rows.chunks = [one, two], [], []
    stored.put(store, rows)
    assert read_session(store, "a").id == one.id
    assert read_session(store, "BBBB").id == two.id


def test_a_beginning_of_several_ids_names_them(store: Store) -> None:
    rows = stored.put(store, stored.batch(2))
    shared = rows.sessions[0].id[:8]
    with pytest.raises(NoSuchSessionError, match="more than one session's id: ") as caught:
        read_session(store, shared)
    assert all(row.id in str(caught.value) for row in rows.sessions)


@pytest.mark.parametrize("name", ["", "f" * 32, "f" * 33, "xyz", "%", "_"])
@pytest.mark.usefixtures("orders")
def test_an_unknown_name_is_an_error(store: Store, name: str) -> None:
    with pytest.raises(NoSuchSessionError, match="there is no session"):
        read_session(store, name)


def test_an_empty_store_has_no_last_session(store: Store) -> None:
    with pytest.raises(NoSuchSessionError, match="there is no session yet"):
        read_session(store, "last")


def test_every_function_that_was_called_is_found_by_its_name(store: Store) -> None:
    """However the names of modules and functions lie beside each other."""
    names = [(m, f) for m in ("", "a", "a.b", "b") for f in ("", "f", "f.g", "z") if m + f]
    rows = stored.batch(len(names))
    rows.functions = [
        FunctionCalls(row.id, *name, 1) for row, name in zip(rows.sessions, names, strict=True)
    ]
    stored.put(store, rows)
    for row, (module, function) in zip(rows.sessions, names, strict=True):
        wanted = SessionFilter(module=module, function=f"{module}.{function}")
        if module:
            assert [each.id for each in read_sessions(store, wanted)] == [row.id]
    assert len(found(store, module="a*")) == 8
    assert len(found(store, search="f.G")) == 4


def test_a_page_holds_what_all_sessions_hold_there(store: Store) -> None:
    rows = stored.batch(7)
    stored.put(store, rows)
    every = read_sessions(store, SessionFilter(function="p?y"))
    assert len(every) == 7
    for offset in range(8):
        page = read_sessions(store, SessionFilter(function="p?y"), limit=3, offset=offset)
        assert page == every[offset : offset + 3]


def test_sessions_of_several_services_are_found_by_their_trace(
    store: Store, orders: list[Session]
) -> None:
    """The first has asked the second, of another service; the third is of another trace."""
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    first, second, third = orders
    for row in (
        first._replace(trace_id=trace),
        second._replace(trace_id=trace, parent_span=first.id[16:]),
        third._replace(trace_id="f" * 32, parent_span=first.id[16:]),
    ):
        stored.put(store, Batch(sessions=[row]))
    assert found(store, trace=trace) == ["GET /orders/<id>", "shop.py"]
    assert read_session(store, first.id).children == 1
    assert read_session(store, second.id).asked_by == first.id
    assert read_session(store, third.id).asked_by is None
    assert found(store, parent=first.id) == ["GET /orders/<id>"]
    assert found(store, parent=second.id) == ["Mail"]
