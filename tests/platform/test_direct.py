"""The short way: which routes have it, which requests take it, and that it says what the framework says."""

import httpx2
import pytest
from fastapi import FastAPI, Query
from starlette.responses import PlainTextResponse, Response

from specie.kernel.permissions import Permission
from specie.platform import problems
from specie.platform.asgi import Receive, Scope, Send
from specie.platform.direct import DirectRoutes, routes_of
from specie.platform.http import ApiRouter, Edge, Schema, requires
from specie.platform.middleware import LastResort
from tests.support.asgi import FixedCaller
from tests.support.scopes import fresh_scope

router = ApiRouter()


class Word(Schema):
    word: str


@router.post("/plain", response_model=Word)
async def plain(body: Word, edge: Edge = requires(Permission.LEDGER_POST)) -> Response:
    """Takes a body and its edge."""
    return Response(body.model_dump_json(), headers={"label": edge.label}, media_type="application/json")


@router.post("/real", response_model=Word)
async def real(body: Word, edge: Edge = requires(Permission.LEDGER_POST, rehearsable=False)) -> Response:
    """Cannot be tried without doing it."""
    return PlainTextResponse("done")


@router.post("/asking", response_model=Word)
async def asking(body: Word, more: str = Query("x"), edge: Edge = requires(Permission.LEDGER_POST)) -> Response:
    """Takes a query parameter too."""
    return PlainTextResponse(body.word + more)


@router.post("/made", response_model=Word)
async def made(body: Word, edge: Edge = requires(Permission.LEDGER_POST)) -> Word:
    """Lets the framework make the answer."""
    return body


@router.post("/of/{one}", response_model=Word)
async def of_one(one: str, body: Word, edge: Edge = requires(Permission.LEDGER_POST)) -> Response:
    """Takes a part of its path."""
    return PlainTextResponse(one + body.word)


async def _framework(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("the framework")(scope, receive, send)


def _application() -> FastAPI:
    app = FastAPI()
    app.state.authenticator = FixedCaller(fresh_scope())
    app.state.db = None
    problems.install(app)
    return app


@pytest.fixture
async def short() -> httpx2.AsyncClient:
    """Callers of the routes behind which no framework stands."""
    app = _application()
    app.add_middleware(lambda _: DirectRoutes(_framework, routes_of([router], "/api")))
    app.add_middleware(LastResort)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test/api")


@pytest.fixture
async def long() -> httpx2.AsyncClient:
    """Callers of the same routes as the framework answers them."""
    app = _application()
    app.include_router(router, prefix="/api")
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test/api")


async def test_a_route_of_a_body_and_its_edge_needs_no_framework(short: httpx2.AsyncClient) -> None:
    answer = await short.post("/plain", json={"word": "hello"})
    assert (answer.status_code, answer.json(), answer.headers["label"]) == (200, {"word": "hello"}, "plain")


@pytest.mark.parametrize("path", ["/asking", "/made", "/of/one", "/missing"])
async def test_a_route_that_takes_more_is_the_framework_s(short: httpx2.AsyncClient, path: str) -> None:
    assert (await short.post(path, json={"word": "hello"})).text == "the framework"


async def test_what_cannot_be_rehearsed_refuses_a_dry_run_on_either_way(
    short: httpx2.AsyncClient, long: httpx2.AsyncClient
) -> None:
    for way in (short, long):
        answer = await way.post("/real?dry_run=true", json={"word": "hello"})
        assert answer.json()["code"] == "dry_run_impossible"


async def test_a_request_that_is_not_plain_is_the_framework_s(short: httpx2.AsyncClient) -> None:
    asked = [
        await short.get("/plain"),
        await short.post("/plain"),
        await short.post("/plain", content=b'{"word": "hello"}', headers={"content-type": "text/plain"}),
        await short.post("/plain", data={"word": "hello"}),
    ]
    assert [answer.text for answer in asked] == ["the framework"] * 4


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"word": 1}',
        b'{"word": "a", "more": 1}',
        b'{"word": "a", "word": "b"}',
        b'{"word": NaN}',
        b'{"word": "\\u0000"}',
        b'{"word": "4242424242424242"}',
        b"\xff",
        b"[" * 40 + b"]" * 40,
    ],
)
async def test_both_ways_refuse_alike(short: httpx2.AsyncClient, long: httpx2.AsyncClient, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    one, other = [await way.post("/plain", content=body, headers=headers) for way in (short, long)]
    assert one.status_code >= 400
    assert (one.status_code, one.json()) == (other.status_code, other.json())
