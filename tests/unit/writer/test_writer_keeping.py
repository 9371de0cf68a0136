"""Which sessions are discarded when they end."""

from collections.abc import Iterable

import pytest

from rewind.store import Session
from rewind.writer.keeping import Keeping


def session(name: str, parent: str | None = None, **known: object) -> Session:
    facts: dict[str, object] = {"status": "completed", "duration_ns": 1_000_000, "tags": {}}
    row = Session(name, "r", "p", 1, name, "request", "running", 0, 0, parent_id=parent)
    return row._replace(**facts | known)  # type: ignore[arg-type]


def gone(keep: str, rows: Iterable[Session]) -> list[str]:
    """Begin all sessions in their order, end them the other way round."""
    keeping = Keeping(tuple(keep.split(",")))
    rows = list(rows)
    for row in rows:
        keeping.begins(row)
    return sorted(name for row in reversed(rows) for name in keeping.ends(row))


@pytest.mark.parametrize(
    ("keep", "discarded"),
    [
        ("all", []),
        ("errors", ["quick", "slow"]),
        ("slow>500ms", ["answers 503", "fails", "quick"]),
        ("slow>0.5s", ["answers 503", "fails", "quick"]),
        ("errors,slow>500ms", ["quick"]),
        ("errors,all", []),
    ],
)
def test_what_is_worth_keeping(keep: str, discarded: list[str]) -> None:
    rows = [
        session("quick", tags={"status": 404}),
        session("slow", duration_ns=600_000_000),
        session("fails", status="error"),
        session("answers 503", tags={"status": 503}),
    ]
    assert gone(keep, rows) == discarded


def test_what_is_within_goes_the_way_of_the_outermost() -> None:
    rows = [
        session("dull"),
        session("its thread", "dull", duration_ns=600_000_000),
        session("its task", "its thread"),
        session("kept"),
        session("the failure", "kept", status="error"),
        session("beside it", "kept"),
        session("slow", duration_ns=600_000_000),
        session("quick within", "slow"),
    ]
    dull = ["dull", "its task", "its thread"]
    assert gone("errors,slow>500ms", rows) == dull
    assert gone("errors", rows) == [*dull, "quick within", "slow"]


def test_one_that_outlives_a_dull_one_goes_when_it_is_over() -> None:
    keeping = Keeping(("errors",))
    for row in (session("dull"), session("longer", "dull")):
        keeping.begins(row)
    assert keeping.ends(session("dull")) == {"dull", "longer"}
    keeping.run_on({"longer"})
    assert keeping.ends(session("longer", "dull")) == {"longer"}


def test_one_that_outlives_a_kept_one_is_kept() -> None:
    keeping = Keeping(("errors",))
    for row in (session("fails"), session("longer", "fails")):
        keeping.begins(row)
    assert keeping.ends(session("fails", status="error")) == set()
    assert keeping.ends(session("longer", "fails")) == set()


def test_nothing_is_remembered_of_what_is_over() -> None:
    keeping = Keeping(("errors",))
    for n in range(10):
        rows = [
            session(f"a{n}"),
            session(f"b{n}", f"a{n}", status="error" if n % 2 else "completed"),
        ]
        for row in rows:
            keeping.begins(row)
        for row in reversed(rows):
            keeping.ends(row)
    held = (keeping._outermost, keeping._families, keeping._kept, keeping._dull)
    assert [len(one) for one in held] == [0, 0, 0, 0]
