"""The outer edge of the running application: health, unknown addresses, wrong methods, huge and deep bodies."""

import re
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from specie.app.api import create_app
from specie.app.error_pages import error_pages
from specie.kernel.errors import SpecieError
from specie.kernel.ids import RequestId
from specie.platform.config import Settings
from specie.platform.middleware import EVERY_ANSWER

JSON = {"Content-Type": "application/json"}
ENTRIES = "/api/v1/ledger/entries"


def problem(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["request-id"]
    return answer.status_code, answer.json()["code"]


def test_liveness_says_ok_and_nothing_else(client: httpx2.Client) -> None:
    assert client.get("/health/live").text == "ok"


def test_readiness_looks_at_database_schema_and_storage(client: httpx2.Client) -> None:
    assert client.get("/health/ready").json() == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "storage": "ok"},
    }


def test_readiness_names_what_is_missing(settings: Settings) -> None:
    gone = settings.model_copy(update={"database_url": "postgresql://specie_app@127.0.0.1:1/none"})
    client = TestClient(create_app(gone))
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert (answer.json()["checks"]["storage"], answer.json()["checks"]["database"]) == ("ok", "failed")
    assert client.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/nowhere",
        "/api/v2/payments",
        f"{ENTRIES}/",
        "/api//v1/ledger/entries",
        f"{ENTRIES}.json",
        "/api/v1/ledger/%2e%2e/ledger/entries",
    ],
)
def test_an_address_that_does_not_exist_is_a_problem(client: httpx2.Client, path: str) -> None:
    assert problem(client.get(path)) == (404, "not_found")


def test_addresses_tell_capitals_from_small_letters(client: httpx2.Client) -> None:
    assert client.get(ENTRIES.upper()).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_a_wrong_method_is_told_the_right_ones(client: httpx2.Client, method: str) -> None:
    answer = client.request(method, ENTRIES)
    assert problem(answer) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"


def test_a_method_cannot_be_overridden(client: httpx2.Client) -> None:
    answer = client.get(ENTRIES, headers={"X-HTTP-Method-Override": "POST"})
    assert problem(answer) == (401, "unauthenticated")


def test_fifty_megabytes_are_not_read(client: httpx2.Client) -> None:
    answer = client.post(ENTRIES, content=b"x" * 50_000_000, headers=JSON)
    assert problem(answer) == (413, "body_too_large")


def test_the_bulk_route_takes_more_than_others(client: httpx2.Client) -> None:
    body = b"x" * 2_000_000
    assert problem(client.post(ENTRIES, content=body, headers=JSON)) == (413, "body_too_large")
    assert problem(client.post(f"{ENTRIES}/bulk", content=body, headers=JSON)) == (401, "unauthenticated")


@pytest.mark.parametrize("path", ["/health/live", "/api/v1/nowhere", ENTRIES, "/docs/errors/", "/nowhere", "/version"])
def test_every_answer_carries_the_security_headers(client: httpx2.Client, path: str) -> None:
    answer = client.get(path)
    for name, value in EVERY_ANSWER.items():
        assert answer.headers[name] == value
    assert "default-src" in answer.headers["content-security-policy"]
    assert "server" not in answer.headers


def test_the_request_id_of_the_caller_is_kept(client: httpx2.Client) -> None:
    given = str(RequestId.new())
    answer = client.get(ENTRIES, headers={"Request-Id": given})
    assert (answer.headers["request-id"], answer.json()["request_id"]) == (given, given)


def test_metrics_are_not_on_the_public_port(client: httpx2.Client) -> None:
    assert client.get("/metrics").status_code == 404


def test_an_address_that_asks_too_often_is_told_to_wait(settings: Settings) -> None:
    strict = settings.model_copy(update={"rate_limit_address": 3})
    with TestClient(create_app(strict), client=("198.51.100.77", 1)) as client:
        answers = [client.get("/api/v1/nowhere") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
    assert answers[0].headers["ratelimit"] == '"address";r=2;t=20'
    assert problem(answers[3]) == (429, "rate_limited")
    assert 0 < int(answers[3].headers["retry-after"]) <= 20


def test_signing_in_on_a_page_counts_as_a_way_in(client: httpx2.Client) -> None:
    counted = [client.get("/buy/nobody").headers["ratelimit"], client.post("/buy/nobody/sign-in").headers["ratelimit"]]
    assert [header.partition(";")[0] for header in counted] == ['"address"', '"ways_in"']


def test_every_code_of_the_document_has_its_page(client: httpx2.Client) -> None:
    examples = re.findall(r'"type": ?"/docs/errors/([a-z0-9_]+)"', client.get("/api/v1/openapi.json").text)
    missing = set(examples) - error_pages().keys()
    assert missing == set()
    for code in ("insufficient_funds", "outcome_unknown"):
        page = client.get(f"/docs/errors/{code}")
        assert page.headers["content-type"].startswith("text/html")
        assert f"<code>{code}</code>" in page.text
        assert "Has money moved?" in page.text


def test_an_error_page_may_run_no_script(client: httpx2.Client) -> None:
    policy = client.get("/docs/errors/not_found").headers["content-security-policy"]
    assert "script-src" not in policy
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_an_unknown_code_has_no_page(client: httpx2.Client) -> None:
    assert problem(client.get("/docs/errors/%3Cscript%3E")) == (404, "not_found")


def test_a_code_always_has_the_same_status() -> None:
    statuses: dict[str, set[int]] = {}
    for each in every_error(SpecieError):
        statuses.setdefault(each.code, set()).add(each.status)
    assert {code: found for code, found in statuses.items() if len(found) > 1} == {}


def every_error(of: type[SpecieError]) -> list[type[SpecieError]]:
    return [found for each in of.__subclasses__() for found in (each, *every_error(each))]
