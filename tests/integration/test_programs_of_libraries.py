"""Programs in whose functions a library reads the bytecode end as they do without Rewind."""

from pathlib import Path

import pytest

from tests.integration.terminal import answers, errors_of, python, rewind

COMPILED = """
from numba import njit, vectorize

@njit(cache=True)
def doubled(x):
    y = x * 2
    return y

@vectorize(["float64(float64)"])
def halved(x):
    y = x / 2
    return y

@njit
def summed(n):
    def each(i):
        return doubled(i) + n
    total = 0
    for i in range(n):
        if i > 1:
            total += each(i)
    return total

@njit
def mistaken(x):
    y = x + "1"
    return y

print(doubled(3), sum(doubled.stats.cache_hits.values()), halved(3.0), summed(4))
print(summed.py_func(4))
mistaken(1)
"""
TRANSLATED = """
from pony import orm

db = orm.Database("sqlite", ":memory:")

class Person(db.Entity):
    name = orm.Required(str)
    age = orm.Required(int)

    @property
    def adult(self):
        return self.age > 17

    def named(self, name):
        return self.name == name

db.generate_mapping(create_tables=True)
orm.set_sql_debug(True)
with orm.db_session:
    for age, name in ((20, "Ada"), (10, "Bob")):
        Person(name=name, age=age)
    print(orm.select(p.name for p in Person if p.adult)[:])
    print(Person.select(lambda p: p.named("Bob") and not p.adult)[:])
    print([p.adult for p in Person.select()])
"""
ADVISED = """
import polars

def more(x):
    return x + 1

frame = polars.DataFrame({"a": [1, 2]})
print(frame.select(polars.col("a").map_elements(more, return_dtype=polars.Int64)))
"""


@pytest.mark.parametrize(
    ("library", "source", "code", "says"),
    [
        ("numba", COMPILED, 1, "6 1 1.5 18"),
        ("pony", TRANSLATED, 0, '"p"."age" > 17'),
        ("polars", ADVISED, 0, "PolarsInefficientMapWarning"),
    ],
)
def test_bytecode_is_read_as_if_it_were_plain(
    tmp_path: Path, library: str, source: str, code: int, says: str
) -> None:
    pytest.importorskip(library)
    (tmp_path / "app.py").write_text(source, "utf-8")
    # What numba keeps is there then, for both of the two that are compared.
    python(tmp_path, "app.py")
    plain = python(tmp_path, "app.py")
    recorded = rewind(tmp_path, "run", "app.py")
    assert says in plain.stdout + plain.stderr
    assert (recorded.stdout, errors_of(recorded)) == (plain.stdout, plain.stderr)
    assert recorded.returncode == plain.returncode == code


def test_what_numba_compiles_is_reported_as_not_recorded(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    (tmp_path / "app.py").write_text(COMPILED, "utf-8")
    rewind(tmp_path, "run", "app.py")
    doctor = rewind(tmp_path, "doctor", "--session", "last").stdout
    assert "summed: it is compiled by numba" in doctor
    calls = [
        event["function"]
        for event in answers(tmp_path, "events", "last")
        if event["kind"] == "call"
    ]
    assert calls.count("summed") == 1
