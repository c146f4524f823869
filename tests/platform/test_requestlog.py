"""The request log: what it keeps, what it leaves out, and that it never stands in the way."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from specie.kernel.clock import machine_now
from specie.kernel.ids import PartyId, RequestId, uuid7
from specie.kernel.scope import Scope
from specie.platform import requestlog_store
from specie.platform.db import Database
from specie.platform.requestlog import MOST_KEPT, RequestLog, RequestLogWriter, masked_body
from specie.platform.requestlog_store import LoggedRequest, RequestFilter
from tests.support.scopes import fresh_scope


def entry(scope: Scope, **changes: Any) -> LoggedRequest:
    values: dict[str, Any] = {
        "tenant_id": scope.tenant_id.uuid,
        "id": uuid7(),
        "request_id": scope.request_id.uuid,
        "at": machine_now(),
        "method": "POST",
        "route": "/api/v1/payments",
        "path": "/api/v1/payments",
        "query": "",
        "status": 201,
        "duration_ms": 12,
        "principal": scope.principal,
        "party_id": scope.party_id.uuid if scope.party_id else None,
        "idempotency_key": None,
        "replayed": False,
        "problem_code": None,
        "request_body": None,
        "response_body": None,
    }
    return LoggedRequest(**(values | changes))


async def kept(database: Database, scope: Scope, wanted: RequestFilter | None = None, limit: int = 50) -> list[Any]:
    async with database.begin(scope) as uow:
        return list((await requestlog_store.page(uow, wanted or RequestFilter(), None, limit)).items)


async def write(database: Database, scope: Scope, *entries: LoggedRequest) -> None:
    writer = RequestLogWriter(database)
    for each in entries:
        writer.add(scope, each)
    await writer.flush()


async def test_a_batch_of_several_tenants_reaches_each_of_them(database: Database) -> None:
    first, second = fresh_scope(), fresh_scope()
    writer = RequestLogWriter(database)
    for scope in (first, second, first):
        writer.add(scope, entry(scope))
    await writer.flush()
    assert (len(await kept(database, first)), len(await kept(database, second))) == (2, 1)


async def test_a_party_sees_only_its_own_requests(database: Database) -> None:
    tenant = fresh_scope()
    merchant = fresh_scope(tenant.tenant_id, party_id=PartyId.new())
    await write(database, tenant, entry(tenant), entry(merchant))
    assert [each.party_id for each in await kept(database, merchant)] == [merchant.party_id.uuid]  # type: ignore[union-attr]
    assert len(await kept(database, tenant)) == 2


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (RequestFilter(method="GET"), {"/api/v1/wallets"}),
        (RequestFilter(status="4xx"), {"/api/v1/transfers"}),
        (RequestFilter(status="422"), {"/api/v1/transfers"}),
        (RequestFilter(path="/api/v1/w"), {"/api/v1/wallets"}),
        (RequestFilter(path="/api/v1/%"), set()),
        (RequestFilter(key="k1"), {"/api/v1/transfers"}),
    ],
)
async def test_filters_narrow_the_list(database: Database, wanted: RequestFilter, found: set[str]) -> None:
    scope = fresh_scope()
    await write(
        database,
        scope,
        entry(scope, method="GET", path="/api/v1/wallets", status=200),
        entry(scope, path="/api/v1/transfers", status=422, idempotency_key="k1", problem_code="field_invalid"),
    )
    assert {each.path for each in await kept(database, scope, wanted)} == found


async def test_requests_older_than_the_retention_are_deleted(database: Database) -> None:
    scope = fresh_scope()
    await write(database, scope, entry(scope))
    async with database.system() as uow:
        assert await requestlog_store.delete_older(uow, machine_now()) >= 1
    assert await kept(database, scope) == []


async def test_a_database_that_refuses_costs_the_entries_and_nothing_else(database: Database) -> None:
    scope = fresh_scope()
    await write(database, scope, entry(scope, method=None))
    await write(database, scope, entry(scope))
    assert len(await kept(database, scope)) == 1


def test_secrets_and_persons_are_masked_at_any_depth() -> None:
    body = {
        "amount": {"amount": 5, "currency": "IDR"},
        "customer": {"full_name": "Siti", "email": "s@example.com", "address": {"city": "Bandung"}},
        "password": "hunter2hunter2",
        "memo": "card 4111 1111 1111 1111",
        "items": [{"phone": "+62811"}, {"sku": "A-1"}],
        "note": "for Siti",
    }
    assert json.loads(str(masked_body(json.dumps(body).encode()))) == {
        "amount": {"amount": 5, "currency": "IDR"},
        "customer": {"full_name": "***", "email": "***", "address": "***"},
        "password": "***",
        "memo": "card ***",
        "items": [{"phone": "***"}, {"sku": "A-1"}],
        "note": "***",
    }


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"not json", b"[" * 10_000, b'"' + b"a" * 70_000 + b'"'])
def test_what_is_not_a_short_json_document_is_left_out(body: bytes) -> None:
    assert masked_body(body) is None


def test_a_long_body_is_cut() -> None:
    assert len(str(masked_body(json.dumps(["a" * 60_000]).encode()))) == MOST_KEPT


@pytest.mark.parametrize("text", ['"\\ud800"', '"\\u0000"', '"é"'])
async def test_any_json_text_can_be_kept(database: Database, text: str) -> None:
    scope = fresh_scope()
    await write(database, scope, entry(scope, request_body=masked_body(text.encode())))
    assert len(await kept(database, scope)) == 1


async def answered(scope: Scope | None, keeps_bodies: Callable[[str], bool], database: Database) -> list[LoggedRequest]:
    writer = RequestLogWriter(database)

    async def app(asgi: Any, receive: Any, send: Any) -> None:
        await receive()
        if scope is not None:
            asgi["state"]["scope"] = scope
        await send(
            {
                "type": "http.response.start",
                "status": 422,
                "headers": [(b"content-type", b"application/problem+json")],
            }
        )
        await send({"type": "http.response.body", "body": b'{"code":"field_invalid"}'})

    async def receive() -> Any:
        return {"type": "http.request", "body": b'{"x":1}', "more_body": False}

    async def send(_: Any) -> None:
        return

    asgi = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/things/7",
        "query_string": b"token=abc&q=Siti&query=s@example.com&limit=5",
        "headers": [(b"idempotency-key", b"k-1")],
        "state": {"request_id": str(RequestId(UUID(int=7)))},
    }
    await RequestLog(app, writer, keeps_bodies)(asgi, receive, send)
    return [item[1] for item in writer._waiting]


async def test_an_answered_request_is_described(database: Database) -> None:
    scope = fresh_scope()
    [found] = await answered(scope, lambda route: True, database)
    assert (found.tenant_id, found.principal, found.method) == (scope.tenant_id.uuid, scope.principal, "POST")
    assert (found.status, found.problem_code, found.idempotency_key) == (422, "field_invalid", "k-1")
    assert (found.path, found.query, found.request_id) == (
        "/api/v1/things/7",
        "token=***&q=***&query=***&limit=5",
        UUID(int=7),
    )
    assert (found.request_body, found.response_body) == ('{"x":1}', '{"code":"field_invalid"}')


async def test_bodies_of_sensitive_routes_are_left_out(database: Database) -> None:
    [found] = await answered(fresh_scope(), lambda route: False, database)
    assert (found.request_body, found.response_body) == (None, None)


async def test_a_request_of_nobody_known_is_not_kept(database: Database) -> None:
    assert await answered(None, lambda route: True, database) == []
