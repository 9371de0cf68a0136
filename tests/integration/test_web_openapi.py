"""The API's description: true of the addresses there are, and of whatever they are asked."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from rewind.replay.archive import Archive
from rewind.web.app import create_app
from rewind.web.guard import Door
from rewind.web.live import Feed
from rewind.web.openapi import OPERATIONS, Operation, document
from rewind.writer import WriterSettings, run
from tests.integration.dashboard import database_in
from tests.shop import shop

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
EVERY_CHECK = list(HealthCheck)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("openapi")
    spooled, _ = shop(folder / "spool", sessions=2)
    assert run(spooled.path, WriterSettings(database_in(folder), linger=0.0)) == 0
    opened = Archive.open(database_in(folder))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def app(archive: Archive) -> Flask:
    return create_app(archive, Feed(archive), Door())


@pytest.fixture(scope="module")
def described(app: Flask) -> Any:
    return schemathesis.openapi.from_wsgi("/api/openapi.json", app)


@pytest.fixture(scope="module")
def known(archive: Archive) -> dict[str, str]:
    """What there is, by the names that paths have for it."""
    facts = archive.sessions()[0]
    return {"session": facts.id, "recording": facts.recording_id}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_whatever_is_asked_is_answered_as_described(
    described: Any, known: dict[str, str], operation: Operation
) -> None:
    """Of what there is, and of what there is not; nothing has the cookie to change anything."""

    @settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=EVERY_CHECK)
    @given(case=described[operation.path][operation.method.upper()].as_strategy())
    def ask(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)
        if case.path_parameters:
            case.path_parameters = {name: known[name] for name in case.path_parameters}
            case.call_and_validate(checks=CHECKS)

    ask()


def test_every_address_is_described(app: Flask) -> None:
    there = {
        (method.lower(), re.sub(r"<(?:\w+:)?\w+>", "{}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/") and rule.rule != "/api/openapi.json"
    }
    described = {(one.method, re.sub(r"\{\w+\}", "{}", one.path)) for one in OPERATIONS}
    assert described == there


def test_every_parameter_of_the_document_is_in_the_readable_one() -> None:
    """And none that is not."""
    text = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    written = {
        re.sub(r"<id>", "{}", path): set(filter(None, (query or "").split("&")))
        for path, query in re.findall(r"^\| `(/api/[^`?]+)(?:\?([^`]*))?`", text, re.MULTILINE)
    }
    described: dict[str, set[str]] = {}
    for one in OPERATIONS:
        if one.method == "get":
            path = re.sub(r"\{\w+\}", "{}", one.path)
            described[path] = {*one.optional.split(), *one.required.split()}
    previous = described.pop("/api/sessions/{}/previous")
    assert previous == described["/api/sessions/{}/next"]
    written.pop("/api/openapi.json")
    assert described == written


def test_the_document_is_served(app: Flask) -> None:
    assert app.test_client().get("/api/openapi.json").json == document()
