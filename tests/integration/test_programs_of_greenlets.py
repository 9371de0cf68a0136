"""Programs of greenlets, recorded as a user would: of gevent, and of SQLAlchemy's asyncio.

They note where they are (`tests.whereabouts`): the recorded call stacks have to say the same.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from rewind.replay import present
from rewind.replay.archive import Archive
from rewind.replay.events import EventQuery
from rewind.replay.session import Session
from tests.integration.terminal import answers, errors_of, python, rewind

GEVENT = """
from gevent import monkey
monkey.patch_all()
import socket
import threading
import gevent
from gevent.lock import BoundedSemaphore
from gevent.pool import Pool
from gevent.queue import Queue
from tests.whereabouts import here

def fetch(n):
    where = here()
    gevent.sleep(0.001 * (n % 3))
    where = here()
    return n * 2

def handle(n):
    total = 0
    for i in range(3):
        total += fetch(n + i)
        where = here()
    return total

def spawns(n):
    inner = gevent.spawn(fetch, n)
    where = here()
    got = inner.get()
    where = here()
    return got

def produce(queue, n):
    for i in range(n):
        queue.put(i)
        where = here()
    queue.put(None)

def consume(queue):
    while (got := queue.get()) is not None:
        where = here()
    return "consumed"

def numbers(n):
    for i in range(n):
        gevent.sleep(0)
        yield i

def locked(lock, n):
    with lock:
        where = here()
        gevent.sleep(0.001)
        where = here()
        return [*numbers(n)]

def serve(listener):
    connection, _ = listener.accept()
    with connection:
        where = here()
        while data := connection.recv(100):
            connection.sendall(data.upper())
            where = here()

def talk(address):
    with socket.create_connection(address) as connection:
        for word in (b"one", b"two"):
            connection.sendall(word)
            where = here()
            print(connection.recv(100))
    where = here()

def thread(n):
    where = here()
    fetch(n)
    where = here()

def killed():
    try:
        gevent.sleep(60)
    finally:
        where = here()

def fails():
    gevent.sleep(0)
    where = here()
    raise LookupError("as it should")

def late():
    with gevent.Timeout(0.001, False):
        gevent.sleep(60)
    where = here()

def main():
    print(Pool(3).map(handle, range(5)))
    where = here()
    print([one.get() for one in [gevent.spawn(spawns, n) for n in range(3)]])
    queue = Queue(1)
    both = gevent.spawn(produce, queue, 3), gevent.spawn(consume, queue)
    gevent.joinall(both)
    where = here()
    lock = BoundedSemaphore(1)
    print([one.get() for one in [gevent.spawn(locked, lock, n) for n in range(3)]])
    listener = socket.create_server(("127.0.0.1", 0))
    gevent.joinall([gevent.spawn(serve, listener), gevent.spawn(talk, listener.getsockname())])
    listener.close()
    threads = [threading.Thread(target=thread, args=(n,), name=f"t{n}") for n in range(2)]
    for one in threads: one.start()
    for one in threads: one.join()
    where = here()
    dies = gevent.spawn(killed)
    gevent.sleep(0)
    dies.kill()
    where = here()
    gevent.get_hub().NOT_ERROR += (LookupError,)  # which it would print, with address and time
    failing = gevent.spawn(fails)
    failing.join()
    print(repr(failing.exception))
    gevent.spawn(late).join()
    where = here()

main()
"""
SQLALCHEMY = """
import asyncio
from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator
from tests.whereabouts import here

class Shout(TypeDecorator):
    impl = String
    cache_ok = True
    def process_bind_param(self, value, dialect):
        where = here()
        return value.upper()
    def process_result_value(self, value, dialect):
        where = here()
        return value + "!"

class Base(DeclarativeBase): pass
class Person(Base):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Shout)
    pets: Mapped[list["Pet"]] = relationship(back_populates="owner")
class Pet(Base):
    __tablename__ = "pet"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    owner: Mapped[Person] = relationship(back_populates="pets")

def names_of_pets(session, person_id):
    where = here()
    person = session.get(Person, person_id)
    where = here()
    names = [pet.name for pet in person.pets]
    where = here()
    return person.name, names

def executes(connection, cursor, statement, *_):
    where = here()

async def store(sessions, n):
    where = here()
    async with sessions() as session:
        session.add(Person(id=n, name=f"p{n}", pets=[Pet(name=f"pet{n}{i}") for i in range(2)]))
        await session.commit()
        where = here()

async def load(sessions, n):
    async with sessions() as session:
        got = await session.run_sync(names_of_pets, n)
        where = here()
        await asyncio.gather(pause(), pause())
        found = (await session.scalars(select(Person).where(Person.id == n))).one()
        where = here()
        return got, found.id

async def pause():
    await asyncio.sleep(0)
    where = here()

async def main():
    engine = create_async_engine("sqlite+aiosqlite:///people.db")
    event.listen(engine.sync_engine, "before_cursor_execute", executes)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    where = here()
    sessions = async_sessionmaker(engine)
    for n in (1, 2, 3): await store(sessions, n)
    print(await asyncio.gather(*(load(sessions, n) for n in (1, 2, 3))))
    where = here()
    await engine.dispose()
    where = here()

asyncio.run(main())
"""


class Recorded(NamedTuple):
    sessions: dict[str, dict[str, Any]]
    stood: list[tuple[str, str, str]]
    """At each event of a variable `where`: session, where the program was, and the call stack."""

    def of(self, function: str) -> list[dict[str, Any]]:
        """Return the sessions that began with a call of that function."""
        return [one for one in self.sessions.values() if one["function"] == function]


def recorded(folder: Path, source: str, core: str) -> Recorded:
    """Run a program plain and recorded: it prints the same. Return the latter's recording."""
    (folder / "app.py").write_text(source, "utf-8")
    plain = python(folder, "app.py")
    under_rewind = rewind(folder, "run", "app.py", REWIND_CORE=core)
    assert plain.stdout
    assert (under_rewind.stdout, errors_of(under_rewind)) == (plain.stdout, plain.stderr)
    assert under_rewind.returncode == plain.returncode == 0
    sessions = {one["id"]: one for one in answers(folder, "sessions", "--limit", "1000")}
    with closing(Archive.open(f"sqlite:///{folder}/.rewind/rewind.db")) as archive:
        found = [stood for one in sessions for stood in where_it_stood(archive.session(one))]
    return Recorded(sessions, found)


def where_it_stood(session: Session) -> Iterator[tuple[str, str, str]]:
    for event in session.events(EventQuery(kinds=frozenset({"variable"}), variable="where")):
        truth = present.event(session, event)["value"]
        stack = [entry.frame.opened.scope.function.qualname for entry in session.stack(event.n)]
        yield session.facts.id, str(truth), " > ".join(reversed(stack))


@pytest.mark.parametrize("core", ["native", "python"])
def test_gevent_program_has_a_session_for_each_greenlet(tmp_path: Path, core: str) -> None:
    pytest.importorskip("gevent")
    found = recorded(tmp_path, GEVENT, core)
    assert len(found.stood) > 80
    assert [one for one in found.stood if one[1] != one[2]] == []
    (script,) = (one for one in found.sessions.values() if one["kind"] == "script")
    others = [one for one in found.sessions.values() if one is not script]
    assert {one["kind"] for one in others} == {"greenlet"}
    assert {one["status"] for one in others if one["function"] != "fails"} == {"completed"}
    (failed,) = found.of("fails")
    assert (failed["status"], failed["error"]["type"]) == ("error", "builtins.LookupError")
    # Each knows by whom it was spawned.
    spawned = {one["parent"] for one in found.of("fetch")}
    assert spawned == {one["id"] for one in found.of("spawns")}
    assert {one["parent"] for one in others if one["function"] != "fetch"} == {script["id"]}
    assert {one["thread_name"] for one in found.of("thread")} == {"t0", "t1"}


@pytest.mark.parametrize("core", ["native", "python"])
def test_the_sync_half_of_an_async_orm_has_its_own_sessions(tmp_path: Path, core: str) -> None:
    """Those of the greenlets that SQLAlchemy begins in the middle of a task."""
    pytest.importorskip("aiosqlite")
    found = recorded(tmp_path, SQLALCHEMY, core)
    assert len(found.stood) > 30
    kinds = {one["id"]: one["kind"] for one in found.sessions.values()}
    for session, truth, stack in found.stood:
        if kinds[session] == "task":
            # Below it lies what runs the loop.
            assert truth.endswith(stack)
        elif kinds[session] != "script":
            assert truth == stack
    for one in found.of("names_of_pets"):
        assert one["kind"] == "greenlet"
        parent = found.sessions[one["parent"]]
        assert (parent["kind"], parent["function"]) == ("task", "load")
    assert len(found.of("names_of_pets")) == len(found.of("load")) == 3
    assert {one["status"] for one in found.sessions.values()} == {"completed"}
