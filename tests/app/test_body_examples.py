"""Every route that moves money shows by example what to send, and what it shows can be sent."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from jsonschema import Draft202012Validator

from specie.app.body_examples import EXAMPLES, add
from specie.platform.config import Settings
from specie.platform.metrics import API
from tests.app import things
from tests.app.callers import sandbox_key
from tests.app.test_verification import MOVES_MONEY, ROUTES, source

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs/reference/openapi.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def key(settings: Settings) -> str:
    """A key of a sandbox with every right a key can have."""
    return asyncio.run(sandbox_key(settings, "shown"))


def operation(way: str) -> dict[str, Any]:
    method, path = way.split(" ")
    found: dict[str, Any] = DOCUMENT["paths"][f"{API}{path}"][method.lower()]
    return found


def content_of(way: str) -> dict[str, Any]:
    content: dict[str, Any] = operation(way)["requestBody"]["content"]["application/json"]
    return content


def test_every_route_that_moves_money_has_an_example_of_its_body() -> None:
    moving = [route for route in ROUTES if route.permission and MOVES_MONEY.search(source(route.endpoint))]
    ways = {f"{method} {route.path}" for route in moving for method in route.methods if route.body_field}
    # A file is its own example.
    sent_as_json = {way for way in ways if "application/json" in operation(way)["requestBody"]["content"]}
    assert len(sent_as_json) > 50
    assert sent_as_json - EXAMPLES.keys() == set()
    assert len(EXAMPLES.keys() - sent_as_json) >= 10


@pytest.mark.parametrize("way", EXAMPLES)
def test_an_example_is_what_its_own_schema_asks_for(way: str) -> None:
    content = content_of(way)
    schema = {**content["schema"], "components": DOCUMENT["components"]}
    assert [error.message for error in Draft202012Validator(schema).iter_errors(content["example"])] == []


def test_every_example_is_rehearsed_or_refused_for_a_reason_the_document_names(
    client: httpx2.Client, key: str, superuser_connection: psycopg.Connection
) -> None:
    entries = "select count(*) from specie.journal_entry"
    before = superuser_connection.execute(entries).fetchone()
    answers = {way: sent(client, key, way) for way in EXAMPLES}
    assert {way: answer for way, answer in answers.items() if answer} == {}
    assert superuser_connection.execute(entries).fetchone() == before


def sent(client: httpx2.Client, key: str, way: str) -> str:
    """What is wrong with the answer to an example; nothing when all is well."""
    method, path = way.split(" ")
    is_guarded = "x-permission" in operation(way)
    answer = client.request(
        method,
        f"{API}{path.format_map(things.unknown())}{'?dry_run=true' if is_guarded else ''}",
        json=content_of(way)["example"],
        headers={"Authorization": f"Bearer {key}"} if is_guarded else {},
    )
    if answer.is_success:
        return "" if "dry-run" in answer.headers else f"done, though only rehearsed: {answer.status_code}"
    # That the code is documented is seen to after every test, see `documented_refusals`.
    told, is_named = answer.json(), str(answer.status_code) in operation(way)["responses"]
    is_read = answer.status_code < 500 and "errors" not in told
    return "" if is_named and is_read else f"{answer.status_code} {told['code']}: {told['detail']}"


def test_an_example_for_a_route_that_is_not_there_is_no_example() -> None:
    with pytest.raises(LookupError, match="no JSON body"):
        add({"paths": {}})
