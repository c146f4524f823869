"""The edge: who asks comes first, then the key, then the work; the answer commits with the effect."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import text
from starlette.responses import Response
from starlette.routing import Match

from specie.kernel.errors import Conflict, NotFound, SpecieError, Unauthenticated
from specie.kernel.pagination import CursorSigner
from specie.kernel.permissions import Permission
from specie.kernel.scope import Scope
from specie.platform import idempotency, problems
from specie.platform.db import Database, UnitOfWork
from specie.platform.direct import DirectRoutes, routes_of
from specie.platform.http import ApiRouter, Edge, Schema, refuses, requires, takes_any_query
from specie.platform.middleware import LastResort
from specie.platform.wire import PositiveAmount
from tests.support.scopes import fresh_scope

router = ApiRouter()
SCOPE = fresh_scope()
INSERT = text(
    "insert into specie.due (tenant_id, due_at, kind, payload)"
    " values (specie.app_tenant(), '2030-01-01T00:00:00Z', 'test', '{}')"
)


class Paid(Schema):
    number: int


class PayIn(Schema):
    amount: PositiveAmount
    mood: str = "good"


class Poor(Conflict):
    """Not enough."""

    code = "poor"


@router.post("/pay", status_code=201, response_model=Paid)
@refuses(Poor)
async def pay(body: PayIn, edge: Edge = requires(Permission.LEDGER_POST)) -> Response:
    """Pay."""

    async def work(uow: UnitOfWork) -> int:
        await uow.execute(INSERT)
        if body.mood == "slow":
            await asyncio.sleep(0.3)
        if body.mood == "poor":
            raise Poor("not enough")
        if body.mood == "lost":
            raise NotFound
        if body.mood == "broken":
            raise RuntimeError("a fault of ours")
        if body.mood == "full":
            await uow.execute(text("do $$ begin raise exception 'full' using errcode = '53100'; end $$"))
        return int((await uow.execute(text("select count(*) from specie.due"))).scalar_one())

    return await edge.money(work, lambda number: Paid(number=number))


@router.get("/things", response_model=Paid)
async def things(edge: Edge = requires(Permission.LEDGER_POST), limit: int = 1, cursor: str | None = None) -> Paid:
    """A list."""
    return Paid(number=limit)


@router.post("/called", response_model=Paid)
@takes_any_query
async def called() -> Paid:
    """Called by others' programs."""
    return Paid(number=1)


@router.get("/closed", response_model=Paid)
async def closed(edge: Edge = requires(Permission.PLATFORM_ADMIN)) -> Paid:
    """Needs a permission the caller lacks."""
    return Paid(number=1)


class Tokens:
    """Bearer tokens are names of scopes."""

    async def authenticate(self, request: Request) -> Scope:
        token = request.headers.get("authorization")
        if token is None:
            raise Unauthenticated
        return self.scopes[token]

    def __init__(self) -> None:
        self.scopes = {"one": fresh_scope(), "two": fresh_scope()}


@pytest.fixture(params=["the framework's way", "the short way"])
async def client(database: Database, request: pytest.FixtureRequest) -> AsyncIterator[httpx2.AsyncClient]:
    """Callers of the routes above, which answer alike whichever way a request takes to them."""
    app = FastAPI()
    app.include_router(router, prefix="/api")
    problems.install(app)
    if request.param == "the short way":
        app.add_middleware(DirectRoutes, routes=routes_of([router], "/api"))
        app.add_middleware(LastResort)
    tokens = Tokens()
    limited = Scope(
        SCOPE.tenant_id, SCOPE.mode, SCOPE.actor, frozenset({Permission.LEDGER_POST}), request_id=SCOPE.request_id
    )
    tokens.scopes["limited"] = limited
    app.state.authenticator = tokens
    app.state.db = database
    app.state.cursors = CursorSigner(b"secret")
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test/api") as opened:
        yield opened


def headers(key: str | None = None, token: str = "one") -> dict[str, str]:
    return {"authorization": token} | ({"idempotency-key": key} if key else {})


IDR5 = {"amount": {"amount": 5, "currency": "IDR"}}


async def test_the_same_key_and_body_are_answered_alike_and_done_once(client: httpx2.AsyncClient) -> None:
    first = await client.post("/pay", json=IDR5, headers=headers("a"))
    again = await client.post("/pay", json={"amount": {"currency": "IDR", "amount": 5}}, headers=headers("a"))
    assert (first.status_code, first.json()) == (201, {"number": 1})
    assert (again.status_code, again.content) == (201, first.content)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"


async def test_the_same_key_with_another_body_names_what_differs(client: httpx2.AsyncClient) -> None:
    await client.post("/pay", json=IDR5, headers=headers("b"))
    other = await client.post("/pay", json=IDR5 | {"mood": "gay"}, headers=headers("b"))
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert other.json()["differs"] == ["body.mood"]
    assert other.json()["money_moved"] is False


def test_the_boundary_of_a_form_is_no_part_of_what_is_asked() -> None:
    def asked(boundary: str, said: str) -> bytes:
        body = f"--{boundary}\r\n\r\n{said}\r\n--{boundary}--"
        return idempotency.as_asked(body.encode(), f'multipart/form-data; boundary="{boundary}"')

    assert asked("first-try", "5") == asked("second-try", "5") != asked("second-try", "-5")
    # One so short that it may stand in what is asked stays in it.
    assert asked("-", "-5") != asked("-", "5")
    # So does one that does not divide the form, and what another form would be divided by.
    for said in ("first-try 5", "--first-try--5", "\r\n--first-trying\r\n5", "\r\nfirst-try\r\n5"):
        assert asked("first-try", said) != asked("first-try", said.replace("first-try", ""))
    assert asked("first-try", "5\r\n--\r\n6") != asked("first-try", "5\r\n--first-try\r\n6")


async def test_a_reused_key_is_named_before_the_body_s_own_faults(client: httpx2.AsyncClient) -> None:
    await client.post("/pay", json=IDR5, headers=headers("c"))
    other = await client.post("/pay", json={"amount": "a lot"}, headers=headers("c"))
    assert other.json()["code"] == "idempotency_key_reused"


async def test_while_the_first_is_running_the_second_is_told_to_wait(client: httpx2.AsyncClient) -> None:
    first = asyncio.create_task(client.post("/pay", json=IDR5 | {"mood": "slow"}, headers=headers("d")))
    await asyncio.sleep(0.1)
    second = await client.post("/pay", json=IDR5 | {"mood": "slow"}, headers=headers("d"))
    assert (second.status_code, second.json()["code"]) == (409, "idempotency_in_progress")
    assert second.headers["retry-after"] == "1"
    assert (await first).status_code == 201


async def test_twenty_at_once_have_one_effect(client: httpx2.AsyncClient, database: Database) -> None:
    before = (await client.post("/pay", json=IDR5, headers=headers("e0"))).json()["number"]
    answers = await asyncio.gather(*(client.post("/pay", json=IDR5, headers=headers("e")) for _ in range(20)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    after = (await client.post("/pay", json=IDR5, headers=headers("e1"))).json()["number"]
    assert after == before + 2


async def test_a_decision_is_kept_and_its_work_undone(client: httpx2.AsyncClient) -> None:
    before = (await client.post("/pay", json=IDR5, headers=headers("f0"))).json()["number"]
    first = await client.post("/pay", json=IDR5 | {"mood": "poor"}, headers=headers("f"))
    again = await client.post("/pay", json=IDR5 | {"mood": "poor"}, headers=headers("f"))
    assert (first.status_code, first.json()["code"]) == (409, "poor")
    assert again.content == first.content
    assert again.headers["content-type"] == "application/problem+json"
    after = (await client.post("/pay", json=IDR5, headers=headers("f1"))).json()["number"]
    assert after == before + 1


@pytest.mark.parametrize(("mood", "status"), [("lost", 404), ("broken", 500)])
async def test_what_is_no_decision_frees_the_key(client: httpx2.AsyncClient, mood: str, status: int) -> None:
    first = await client.post("/pay", json=IDR5 | {"mood": mood}, headers=headers(f"g{mood}"))
    assert first.status_code == status
    again = await client.post("/pay", json=IDR5, headers=headers(f"g{mood}"))
    assert again.status_code == 201


async def test_a_full_disk_is_told_with_what_became_of_the_money_and_frees_the_key(client: httpx2.AsyncClient) -> None:
    full = await client.post("/pay", json=IDR5 | {"mood": "full"}, headers=headers("full"))
    told = full.json()
    assert (full.status_code, told["code"], told["money_moved"]) == (503, "storage_full", False)
    assert (told["retryable"], full.headers["retry-after"]) == (True, "30")
    assert (await client.post("/pay", json=IDR5, headers=headers("full"))).status_code == 201


@pytest.mark.parametrize(
    ("query", "name", "hint"),
    [
        ("limt=5", "limt", "did you mean `limit`?"),
        ("limit=5&curser=x", "curser", "did you mean `cursor`?"),
        ("limit=5&Limit=6", "Limit", "did you mean `limit`?"),
        ("=5", "", "is no parameter here"),
        ("dry_run=true", "dry_run", "is no parameter here"),
        ("colour=red", "colour", "is no parameter here"),
    ],
)
async def test_a_parameter_the_route_does_not_know_is_refused_with_the_one_that_may_be_meant(
    client: httpx2.AsyncClient, query: str, name: str, hint: str
) -> None:
    answer = await client.get(f"/things?{query}", headers=headers())
    refused = answer.json()
    assert (answer.status_code, refused["code"], refused["param"]) == (422, "unknown_parameter", f"query.{name}")
    assert refused["detail"].endswith(hint)


async def test_a_write_takes_dry_run_and_no_parameter_like_it(client: httpx2.AsyncClient) -> None:
    before = (await client.post("/pay", json=IDR5, headers=headers("q0"))).json()["number"]
    assert (await client.post("/pay?dry_run=true", json=IDR5, headers=headers())).status_code == 200
    # Read past, this would have moved money.
    wrong = await client.post("/pay?dryrun=true", json=IDR5, headers=headers("q1"))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "unknown_parameter")
    assert "did you mean `dry_run`?" in wrong.json()["detail"]
    assert (await client.post("/pay", json=IDR5, headers=headers("q1"))).json()["number"] == before + 1


@pytest.mark.parametrize("query", ["dry_run=1", "dry_run=True", "dry_run", "dry_run=", "dry_run=true&dry_run=false"])
async def test_a_rehearsal_in_other_words_is_not_the_real_thing(client: httpx2.AsyncClient, query: str) -> None:
    before = (await client.post("/pay", json=IDR5, headers=headers(f"r0{query}"))).json()["number"]
    unclear = await client.post(f"/pay?{query}", json=IDR5, headers=headers(f"r1{query}"))
    assert (unclear.status_code, unclear.json()["code"], unclear.json()["param"]) == (
        *(422, "field_invalid"),
        "query.dry_run",
    )
    after = await client.post("/pay?dry_run=false", json=IDR5, headers=headers(f"r2{query}"))
    assert after.json()["number"] == before + 1


async def test_who_asks_is_settled_before_what_is_asked(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/things?limt=5")).status_code == 401
    assert (await client.get("/closed?limt=5", headers=headers(token="limited"))).status_code == 403


async def test_what_others_programs_call_takes_parameters_of_theirs(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/called?utm_source=bank")).status_code == 200


async def test_an_error_of_ours_says_nothing_about_itself(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/pay", json=IDR5 | {"mood": "broken"}, headers=headers("h"))
    assert "a fault of ours" not in answer.text
    assert answer.json()["code"] == "internal_error"


async def test_a_key_belongs_to_its_principal(client: httpx2.AsyncClient) -> None:
    one = await client.post("/pay", json=IDR5, headers=headers("i", "one"))
    two = await client.post("/pay", json=IDR5 | {"mood": "other"}, headers=headers("i", "two"))
    assert (one.status_code, two.status_code) == (201, 201)


async def test_money_needs_a_key(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/pay", json=IDR5, headers=headers())
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


@pytest.mark.parametrize("key", [b"", b"x" * 256, b"two words", "é".encode(), b"tab\tbed"])
async def test_a_key_is_visible_ascii_of_at_most_255(client: httpx2.AsyncClient, key: bytes) -> None:
    answer = await client.post("/pay", json=IDR5, headers=[(b"authorization", b"one"), (b"idempotency-key", key)])
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")


async def test_two_keys_are_one_too_many(client: httpx2.AsyncClient) -> None:
    both = [("authorization", "one"), ("idempotency-key", "x"), ("idempotency-key", "y")]
    answer = await client.post("/pay", json=IDR5, headers=both)
    assert answer.json()["code"] == "idempotency_key_invalid"


async def test_a_dry_run_shows_the_outcome_and_leaves_nothing(client: httpx2.AsyncClient) -> None:
    first = await client.post("/pay?dry_run=true", json=IDR5, headers=headers())
    second = await client.post("/pay?dry_run=true", json=IDR5, headers=headers())
    assert first.status_code == 200
    assert first.headers["dry-run"] == "true"
    assert first.json() == second.json()


async def test_who_asks_comes_before_what_is_asked(client: httpx2.AsyncClient) -> None:
    broken = {"content": b"{", "headers": {"content-type": "application/json"}}
    anonymous = await client.post("/pay", **broken)  # type: ignore[arg-type]
    assert (anonymous.status_code, anonymous.json()["code"]) == (401, "unauthenticated")
    assert anonymous.headers["www-authenticate"] == "Bearer"


async def test_a_missing_permission_is_named(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/closed", headers=headers(token="limited"))
    assert (answer.status_code, answer.json()["permission"]) == (403, "platform:admin")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "json_invalid"),
        (b'{"amount": NaN}', 400, "json_invalid"),
        (b'\xff{"amount": 1}', 400, "json_invalid"),
        (b'{"mood": "a\\u0000b"}', 400, "json_invalid"),
        (b'{"mood": "\\ud800"}', 400, "json_invalid"),
        (b'{"mood": "a", "mood": "b"}', 400, "duplicate_field"),
        (b"[" * 10_000 + b"]" * 10_000, 400, "json_too_deep"),
        (b'{"amount": {"amount": 5.0, "currency": "IDR"}}', 422, "amount_format"),
        (b'{"amount": {"amount": 1e2, "currency": "IDR"}}', 422, "amount_format"),
        (b'{"amount": {"amount": "5", "currency": "IDR"}}', 422, "amount_format"),
        (b'{"amount": {"amount": true, "currency": "IDR"}}', 422, "amount_format"),
        (b'{"amount": {"amount": 0, "currency": "IDR"}}', 422, "amount_range"),
        (b'{"amount": {"amount": -5, "currency": "IDR"}}', 422, "amount_range"),
        (b'{"amount": {"amount": 9007199254740992, "currency": "IDR"}}', 422, "amount_range"),
        (b'{"amount": {"amount": 5, "currency": "XXX"}}', 422, "currency_unknown"),
        (b'{"amount": {"amount": 5, "currency": "idr"}}', 422, "field_invalid"),
        (b'{"amount": {"amount": 5, "currency": "IDR", "status": "paid"}}', 422, "unknown_field"),
        (b'{"amount": {"amount": 5}}', 422, "field_missing"),
        (b"[]", 422, "field_invalid"),
        (b"", 422, "field_missing"),
    ],
)
async def test_a_bad_body_gets_its_own_problem(client: httpx2.AsyncClient, body: bytes, status: int, code: str) -> None:
    sent = headers("bad") | {"content-type": "application/json"}
    answer = await client.post("/pay", content=body, headers=sent)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert problem["money_moved"] is False
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[]", "a JSON object is expected"),
        (b'{"amount": {"amount": 5}}', "this field is required"),
        (b'{"amount": {"amount": 5, "currency": "IDR", "status": "paid"}}', "there is no such field"),
        (b'{"amount": {"amount": 5, "currency": "idr"}}', "a text of the form ^[A-Z]{3}$ is expected"),
    ],
)
async def test_a_bad_field_is_told_in_plain_words(client: httpx2.AsyncClient, body: bytes, message: str) -> None:
    answer = await client.post("/pay", content=body, headers=headers("bad") | {"content-type": "application/json"})
    assert answer.json()["errors"][0]["message"] == message


def test_a_refusal_names_its_stable_code() -> None:
    codes = [refusal.code for refusal in SpecieError.__subclasses__()]
    assert all(code.replace("_", "").isalnum() for code in codes)


@pytest.mark.parametrize(
    ("path", "found"), [("/api/v1/pay", Match.FULL), ("/api/v1/paid", Match.NONE), ("/pay/api/v1", Match.NONE)]
)
def test_a_router_answers_for_the_paths_that_begin_as_its_routes_do(path: str, found: Match) -> None:
    app = FastAPI()
    app.include_router(router, prefix="/api/v1")
    asked = {"type": "http", "path": path, "method": "POST", "root_path": "", "headers": []}
    assert app.router.routes[-1].matches(asked)[0] is found


@pytest.mark.parametrize("path", ["/", "/{thing}"])
def test_a_path_begins_with_the_name_of_what_it_is_about(path: str) -> None:
    with pytest.raises(ValueError, match="begins with the name"):
        ApiRouter().get(path)(pay)
