"""Servers ask for payouts with a key, from a listed address, signed over every byte, each request once."""

import json
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx2
import pytest
from fastapi import Request

from specie.identity import access_store
from specie.identity.model import ApiKey
from specie.kernel.clock import machine_now, machine_timestamp
from specie.kernel.ids import ApiKeyId, RequestId
from specie.kernel.scope import Actor, ActorKind, Scope
from specie.payouts import signing
from specie.payouts.routes_signed import router, signed_router
from tests.payouts.till import FUNDS, Till
from tests.support.shop import HeaderAuthenticator, application

PATH = "/api/v1/server/payouts"


class KeyAuthenticator(HeaderAuthenticator):
    """The caller is the API key a header names, or a person."""

    async def authenticate(self, request: Request) -> Scope:
        scope = await super().authenticate(request)
        key = request.headers.get("test-key")
        return replace(scope, actor=Actor(ActorKind.API_KEY, key)) if key else scope


@dataclass
class Server:
    """A merchant's own server."""

    till: Till
    key_id: ApiKeyId
    secret: str
    client: httpx2.AsyncClient

    def body(self) -> bytes:
        amount = {"amount": 5_000_000, "currency": "IDR"}
        reference = str(RequestId.new())
        return json.dumps(
            {"beneficiary_id": str(self.till.beneficiary), "reference": reference, "amount": amount}
        ).encode()

    def signed(self, body: bytes, *, at: int | None = None, nonce: str = "", path: str = PATH) -> dict[str, str]:
        stamp, nonce = str(at or machine_timestamp()), nonce or secrets.token_urlsafe(24)
        request = signing.SignedRequest("POST", path, "", stamp, nonce, body, "")
        return {
            **self.till.shop.headers,
            "test-key": str(self.key_id),
            "content-type": "application/json",
            "idempotency-key": str(RequestId.new()),
            signing.TIMESTAMP: stamp,
            signing.NONCE: nonce,
            signing.SIGNATURE: signing.signature_of(request, self.secret.encode()),
        }

    async def send(self, body: bytes, headers: dict[str, str], path: str = PATH) -> httpx2.Response:
        return await self.client.post(path, content=body, headers=headers)


async def server_of(till: Till, *networks: str) -> Server:
    app = application(till.shop.db, till.shop.services)
    app.include_router(signed_router, prefix="/api/v1")
    app.include_router(router, prefix="/api/v1")
    app.state.authenticator = KeyAuthenticator()
    client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://pay.test")
    key_id = ApiKeyId.new()
    async with till.shop.db.begin(till.shop.scope) as uow:
        await access_store.add_api_key(uow, key_of(key_id, networks), secrets.token_bytes(32))
    answer = await client.post("/api/v1/payout-signing-keys", json={"key_id": str(key_id)}, headers=till.shop.headers)
    assert answer.status_code == 201, answer.text
    return Server(till, key_id, answer.json()["secret"], client)


def key_of(key_id: ApiKeyId, networks: tuple[str, ...]) -> ApiKey:
    now = machine_now()
    return ApiKey(
        id=key_id.uuid,
        name="server",
        hint="spc_test_…abcd",
        permissions=(),
        party_id=None,
        networks=networks,
        created_by="user:somebody",
        created_at=now,
        expires_at=now + timedelta(days=1),
        revoked_at=None,
        rotated_to=None,
        last_used_at=None,
        last_used_address=None,
    )


@pytest.fixture
async def server(till: Till) -> Server:
    return await server_of(till, "127.0.0.0/8")


async def refused(server: Server, answer: httpx2.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert await server.till.money() == (FUNDS, 0)


async def test_a_signed_request_is_taken(server: Server) -> None:
    body = server.body()
    answer = await server.send(body, server.signed(body))

    assert answer.status_code == 201, answer.text
    assert answer.json()["source"] == "server"
    assert (await server.till.money())[1] == 5_250_000


async def test_the_list_of_signing_keys_names_the_key_and_never_its_secret(server: Server) -> None:
    answer = await server.client.get("/api/v1/payout-signing-keys", headers=server.till.shop.headers)

    (listed,) = answer.json()["data"]
    assert (listed["key_id"], listed["created_by"]) == (str(server.key_id), "job:key_test")
    assert server.secret not in answer.text


async def test_the_same_request_is_not_taken_twice_and_a_retry_gets_the_stored_answer(server: Server) -> None:
    body = server.body()
    headers = server.signed(body)
    first = await server.send(body, headers)

    replay = await server.send(body, headers)
    retry = await server.send(body, server.signed(body) | {"idempotency-key": headers["idempotency-key"]})

    assert (replay.status_code, replay.json()["code"]) == (409, "nonce_replayed")
    assert retry.status_code == 201
    assert retry.json()["id"] == first.json()["id"]
    assert retry.headers["idempotent-replayed"] == "true"
    assert (await server.till.money())[1] == 5_250_000


async def test_any_changed_byte_of_the_body_is_noticed(server: Server) -> None:
    body = server.body()
    for place in range(0, len(body), 7):
        changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        await refused(server, await server.send(changed, server.signed(body)), 401, "signature_invalid")


@pytest.mark.parametrize("header", [signing.NONCE, signing.TIMESTAMP, signing.SIGNATURE])
async def test_a_changed_or_missing_header_is_noticed(server: Server, header: str) -> None:
    body = server.body()
    headers = server.signed(body)
    changed = headers | {header: headers[header][:-1] + ("0" if headers[header][-1] != "0" else "1")}
    await refused(server, await server.send(body, changed), 401, "signature_invalid")
    del headers[header]
    await refused(server, await server.send(body, headers), 401, "signature_invalid")


async def test_another_query_or_path_is_noticed(server: Server) -> None:
    body = server.body()
    await refused(server, await server.send(body, server.signed(body), f"{PATH}?x=1"), 401, "signature_invalid")
    elsewhere = server.signed(body, path="/api/v1/payouts")
    await refused(server, await server.send(body, elsewhere), 401, "signature_invalid")


@pytest.mark.parametrize("away", [-301, 301])
async def test_a_request_out_of_time_is_refused_and_told_the_time(server: Server, away: int) -> None:
    body = server.body()
    answer = await server.send(body, server.signed(body, at=machine_timestamp() + away))
    await refused(server, answer, 401, "timestamp_out_of_window")
    assert abs(answer.json()["server_time"] - machine_timestamp()) < 60


async def test_a_stranger_uses_up_no_nonce(server: Server) -> None:
    body, nonce = server.body(), secrets.token_urlsafe(24)
    forged = server.signed(body, nonce=nonce) | {signing.SIGNATURE: "v1=" + "0" * 64}
    await refused(server, await server.send(body, forged), 401, "signature_invalid")

    assert (await server.send(body, server.signed(body, nonce=nonce))).status_code == 201


async def test_a_key_without_a_list_of_addresses_moves_no_money_out(till: Till) -> None:
    server = await server_of(till)
    body = server.body()
    await refused(server, await server.send(body, server.signed(body)), 403, "ip_not_allowed")


async def test_a_key_alone_moves_no_money_out(server: Server) -> None:
    body = server.body()
    answer = await server.send(body, server.signed(body), "/api/v1/payouts")
    await refused(server, answer, 403, "signed_route_required")


async def test_a_person_does_not_use_the_servers_route(server: Server) -> None:
    body = server.body()
    headers = server.signed(body)
    del headers["test-key"]
    await refused(server, await server.send(body, headers), 409, "servers_only")
