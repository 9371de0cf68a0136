"""Commands of Redis are told of, a pipeline as one; what is secret is not."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
import redis.asyncio

from rewind.config.redaction import WITHHELD
from tests import instrumented
from tests.databases import redis_cluster, redis_port  # noqa: F401 - fixtures
from tests.outgoing import listened, told


@pytest.fixture(autouse=True, params=instrumented.CORES)
def core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The core that records what the test records."""
    monkeypatch.setattr(instrumented, "default_core", request.param)


@pytest.fixture
def client(redis_port: int) -> Iterator["redis.Redis"]:  # noqa: F811
    with closing(redis.Redis(port=redis_port)) as found:
        yield found


@pytest.fixture
def key(client: "redis.Redis") -> Iterator[str]:
    name = f"rewind:{uuid4().hex}"
    yield name
    client.delete(name)


def command(name: str, *arguments: Any, **more: Any) -> dict[str, Any]:
    told = {"duration_ns": True, "error": None, "command": name, "arguments": list(arguments)}
    return told | more


def test_commands_are_told_of(tmp_path: Path, client: "redis.Redis", key: str) -> None:
    with listened(tmp_path) as (running, calls, _):
        calls(client.set, key, b"v")
        assert calls(client.get, key) == b"v"
        with pytest.raises(redis.ResponseError) as failed:
            calls(client.incr, key)
        client.get(key)
        spool = running.read()
    found = told(spool, "redis")
    assert found[:2] == [command("SET", key, b"v"), command("GET", key)]
    assert found[2]["error"] == "ResponseError: value is not an integer or out of range"
    assert len(found) == 3
    assert {event.payload[1] for event in spool.of("redis")} == {3}
    assert "beside.py" not in {Path(entry.path).name for entry in failed.traceback}


def test_a_pipeline_is_one_call(tmp_path: Path, client: "redis.Redis", key: str) -> None:
    with listened(tmp_path) as (running, calls, _):
        with client.pipeline() as pipeline:
            calls(pipeline.watch, key)
            pipeline.multi()
            calls(pipeline.set, key, 1)
            calls(pipeline.incr, key)
            assert calls(pipeline.execute) == [True, 2]
            assert calls(pipeline.execute) == []
        found = told(running.read(), "redis")
    assert found[0] == command("WATCH", key)
    sent = [["SET", key, 1], ["INCRBY", key, 1]]
    assert command("PIPELINE", *sent) in found
    assert sum(one["command"] == "PIPELINE" for one in found) == 1


def test_what_is_secret_is_withheld(tmp_path: Path, client: "redis.Redis", key: str) -> None:
    with listened(tmp_path) as (running, calls, _):
        for does in (
            partial(client.hset, key, mapping={"name": "me", "password": "hunter2"}),
            partial(client.set, f"{key}:api_key", "hunter2", ex=1),
            partial(client.execute_command, "CONFIG SET", "maxmemory-samples", "hunter2"),
        ):
            try:
                calls(does)
            except redis.ResponseError:
                continue
        spool = running.read()
    assert [one["arguments"] for one in told(spool, "redis")] == [
        [key, "name", "me", "password", WITHHELD],
        [f"{key}:api_key", WITHHELD, WITHHELD, WITHHELD],
        [WITHHELD, WITHHELD],
    ]
    written = b"".join(p.read_bytes() for p in (tmp_path / "spool").iterdir() if p.is_file())
    assert b"hunter2" not in written


def test_commands_of_tasks_are_told_of(
    tmp_path: Path,
    redis_port: int,  # noqa: F811
    key: str,
) -> None:
    async def main(awaits: Any) -> None:
        client = redis.asyncio.Redis(port=redis_port)
        await awaits(client.set, key, 1)
        async with client.pipeline() as pipeline:
            pipeline.get(key)
            await awaits(pipeline.execute)
        await client.aclose()

    with listened(tmp_path) as (running, _, awaits):
        asyncio.run(main(awaits))
        found = told(running.read(), "redis")
    assert found == [command("SET", key, 1), command("PIPELINE", ["GET", key])]


def test_commands_of_a_cluster_are_told_of(
    tmp_path: Path,
    redis_cluster: int,  # noqa: F811
) -> None:
    with (
        redis.RedisCluster(host="127.0.0.1", port=redis_cluster) as client,
        listened(tmp_path) as (running, calls, _),
    ):
        calls(client.set, "{k}:1", 1)
        with client.pipeline() as pipeline:
            pipeline.incr("{k}:1")
            pipeline.get("{k}:1")
            assert calls(pipeline.execute) == [2, b"2"]
            assert calls(pipeline.execute) == []
        with pytest.raises(redis.ResponseError):
            calls(client.hgetall, "{k}:1")
        spool = running.read()
    assert spool.reports == []
    found = told(spool, "redis")
    assert found[:2] == [
        command("SET", "{k}:1", 1),
        command("PIPELINE", ["INCRBY", "{k}:1", 1], ["GET", "{k}:1"]),
    ]
    assert found[2]["error"].startswith("ResponseError: WRONGTYPE")
    assert len(found) == 3


def test_commands_of_a_cluster_in_tasks_are_told_of(
    tmp_path: Path,
    redis_cluster: int,  # noqa: F811
) -> None:
    async def main(awaits: Any) -> None:
        client = redis.asyncio.RedisCluster(host="127.0.0.1", port=redis_cluster)
        await client.initialize()
        await awaits(client.set, "{k}:2", 1)
        async with client.pipeline() as pipeline:
            pipeline.incr("{k}:2")
            assert await awaits(pipeline.execute) == [2]
        await client.aclose()

    with listened(tmp_path) as (running, _, awaits):
        asyncio.run(main(awaits))
        spool = running.read()
    assert spool.reports == []
    assert told(spool, "redis") == [
        command("SET", "{k}:2", 1),
        command("PIPELINE", ["INCRBY", "{k}:2", 1]),
    ]


def test_subscriptions_are_told_of(tmp_path: Path, client: "redis.Redis", key: str) -> None:
    with (
        redis.client.PubSub(client.connection_pool) as subscription,
        listened(tmp_path) as (running, calls, _),
    ):
        calls(subscription.subscribe, key)
        calls(client.publish, key, "hello")
        found = told(running.read(), "redis")
    assert found == [command("SUBSCRIBE", key), command("PUBLISH", key, "hello")]


def test_what_is_not_wanted_is_left_out(tmp_path: Path, client: "redis.Redis", key: str) -> None:
    with listened(tmp_path, outgoing=()) as (running, calls, _):
        calls(client.get, key)
        assert told(running.read(), "redis") == []
