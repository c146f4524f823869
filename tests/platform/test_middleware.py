"""The layers around every request: address, id, size, headers, last resort."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from ipaddress import ip_network
from typing import Any

import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel
from starlette.responses import HTMLResponse
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from specie.kernel.errors import RateLimited
from specie.kernel.ids import RequestId
from specie.platform import problems
from specie.platform.http import ApiRouter
from specie.platform.metrics import RequestTelemetry
from specie.platform.middleware import (
    EVERY_ANSWER,
    BodyLimits,
    LastResort,
    RequestIds,
    SecurityHeaders,
    TrustedProxies,
)

LIMIT = 1000
OURS = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))

router = ApiRouter(prefix="/things")


class Thing(BaseModel):
    name: str


@router.post("")
async def make(body: Thing) -> dict[str, int]:
    return {"length": len(body.name)}


@router.get("/me")
async def whoami(request: Request) -> dict[str, Any]:
    return {"client": request.client.host if request.client else None, "scheme": request.url.scheme}


@router.get("/page")
async def page() -> HTMLResponse:
    return HTMLResponse("<p>", headers={"Content-Security-Policy": "default-src 'self'"})


@router.get("/broken/{token}")
async def broken(token: str) -> None:
    raise RuntimeError("select * from secrets")


async def limited(scope: Any, receive: Any, send: Any) -> None:
    raise RateLimited(retry_after=7)


def application(client: str = "203.0.113.9", inner: Any = None) -> TestClient:
    app = FastAPI()
    problems.install(app)
    app.include_router(router)
    if inner is not None:
        app.add_middleware(lambda _: inner)
    app.add_middleware(BodyLimits, limit_of=lambda path, media: LIMIT)
    app.add_middleware(LastResort)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestTelemetry)
    app.add_middleware(RequestIds)
    app.add_middleware(TrustedProxies, networks=OURS)
    return TestClient(app, client=(client, 50000))


def test_an_address_is_the_peer_unless_the_peer_is_trusted() -> None:
    forged = {"X-Forwarded-For": "198.51.100.1"}
    assert application().get("/things/me", headers=forged).json()["client"] == "203.0.113.9"
    assert application("10.1.1.1").get("/things/me", headers=forged).json()["client"] == "198.51.100.1"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("6.6.6.6, 198.51.100.1, 10.2.2.2", "198.51.100.1"),
        ("198.51.100.1, nonsense", "10.1.1.1"),
        ("10.2.2.2", "10.1.1.1"),
        ("2001:db8::7, fd00::1", "2001:db8::7"),
    ],
)
def test_the_right_most_hop_that_is_not_ours_is_the_client(forwarded: str, client: str) -> None:
    answer = application("10.1.1.1").get("/things/me", headers={"X-Forwarded-For": forwarded})
    assert answer.json()["client"] == client


def test_the_scheme_is_believed_of_a_trusted_proxy_alone() -> None:
    told = {"X-Forwarded-Proto": "https"}
    assert application().get("/things/me", headers=told).json()["scheme"] == "http"
    assert application("10.1.1.1").get("/things/me", headers=told).json()["scheme"] == "https"


def test_a_well_formed_request_id_is_kept_and_echoed() -> None:
    given = str(RequestId.new())
    assert application().get("/things/me", headers={"Request-Id": given}).headers["request-id"] == given


@pytest.mark.parametrize("given", ["", "req_1", "pay_01jx3s5v0q8e5t9m2w4r6y8zab", "x" * 5000, "req_\u00e9"])
def test_any_other_request_id_is_replaced(given: str) -> None:
    answer = application().get("/things/me", headers={"Request-Id": given.encode("latin-1")})
    assert RequestId.parse(answer.headers["request-id"]) is not None
    assert answer.headers["request-id"] != given


def test_a_body_at_the_limit_is_read() -> None:
    body = b'{"name": "' + b"a" * (LIMIT - 12) + b'"}'
    answer = application().post("/things", content=body, headers={"Content-Type": "application/json"})
    assert answer.json() == {"length": LIMIT - 12}


def test_a_declared_length_above_the_limit_is_refused_without_reading() -> None:
    reads = 0

    async def counting(scope: Any, receive: Any, send: Any) -> None:
        nonlocal reads
        reads += 1

    answer = application(inner=counting).post("/things", content=b"a" * (LIMIT + 1))
    assert (answer.status_code, answer.json()["code"], reads) == (413, "body_too_large", 0)
    assert answer.headers["connection"] == "close"


async def test_a_chunked_body_is_cut_off_at_the_limit() -> None:
    taken = 0

    async def receive() -> MutableMapping[str, Any]:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": b"a" * 400, "more_body": True}

    answers = await _call(application().app, "/things", receive)
    assert (answers[0]["status"], taken) == (413, 3)
    assert json.loads(answers[1]["body"])["title"] == "The body is too large"


async def _call(app: Any, path: str, receive: Callable[[], Awaitable[Any]]) -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"transfer-encoding", b"chunked")]
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b"", "root_path": ""}
    await app(scope | {"scheme": "http", "server": ("t", 80), "client": ("203.0.113.9", 1)}, receive, send)
    return sent


@pytest.mark.parametrize("path", ["/things/me", "/things/broken", "/nowhere"])
def test_every_answer_carries_the_security_headers(path: str) -> None:
    answer = application().get(path)
    for name, value in EVERY_ANSWER.items():
        assert answer.headers[name] == value
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "server" not in answer.headers


def test_a_page_keeps_its_own_policy() -> None:
    assert application().get("/things/page").headers.get_list("content-security-policy") == ["default-src 'self'"]


def test_an_unexpected_error_says_nothing_about_itself() -> None:
    answer = application().get("/things/broken/s3cret")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "select" not in answer.text
    assert answer.json()["request_id"] == answer.headers["request-id"]


def test_an_unexpected_error_is_logged_by_its_route_and_without_the_token_of_a_page() -> None:
    with capture_logs() as logs:
        application().get("/things/broken/s3cret")
    assert [entry["route"] for entry in logs if entry["event"] == "unexpected_error"] == ["/things/broken/{token}"]
    assert "s3cret" not in str(logs)


def test_a_refusal_by_a_layer_is_a_problem_document() -> None:
    answer = application(inner=limited).get("/things/me")
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (429, "rate_limited", "7")


async def test_a_caller_who_leaves_while_speaking_is_no_failure_of_ours() -> None:
    async def reads(scope: Any, receive: Any, send: Any) -> None:
        async for _ in Request(scope, receive).stream():
            pass

    async def gone() -> Any:
        return {"type": "http.disconnect"}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await LastResort(reads)({"type": "http", "method": "POST", "path": "/", "headers": []}, gone, send)

    assert sent[0]["status"] == 499
