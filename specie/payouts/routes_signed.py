"""The route on which servers ask for payouts: key, address list, signature over the whole request, fresh nonce."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Request
from pydantic import Field
from starlette.responses import Response

from specie import audit, identity
from specie.kernel.clock import machine_now, machine_timestamp
from specie.kernel.ids import ApiKeyId
from specie.kernel.permissions import Permission, Verification
from specie.kernel.scope import ActorKind, Scope
from specie.payouts import errors, signing, signing_store
from specie.payouts.routes import REFUSALS, ask_for
from specie.payouts.schemas import PayoutIn, PayoutOut
from specie.platform import vault
from specie.platform.db import Database, UnitOfWork
from specie.platform.http import ApiRouter, Edge, Schema, SpecieRoute, refuses, requires
from specie.platform.vault import KeyRing, Place
from specie.platform.wire import id_text

_SECRET_BYTES = 32
_PREFIX = "sps_"
_SIGNING = (
    errors.AddressListRequired,
    errors.TimestampOutOfWindow,
    errors.SignatureInvalid,
    errors.NonceReplayed,
)


class SignedRoute(SpecieRoute):
    """A route that proves the whole request before it reads any of it."""

    async def _admit(self, request: Request, permission: Permission) -> Scope:
        scope = await super()._admit(request, permission)
        await _prove(request, scope)
        return scope


router = ApiRouter(tags=["Payouts"])
signed_router = ApiRouter(prefix="/server", tags=["Payouts"])
signed_router.route_class = SignedRoute


class SigningKeyIn(Schema):
    """The API key that will sign."""

    key_id: Annotated[str, Field(examples=["key_01jx3s5v0q8e5t9m2w4r6y8zab"])]


class SigningKeyOut(Schema):
    """The secret to sign with; it is shown this once, and null when the request is repeated."""

    key_id: str
    secret: str | None


class SigningKeyListed(Schema):
    """An API key that signs payouts; its secret is never shown again."""

    key_id: str
    created_at: datetime
    created_by: str


class SigningKeysOut(Schema):
    """Every API key that has a signing secret."""

    data: list[SigningKeyListed]


@router.get("/payout-signing-keys", response_model=SigningKeysOut)
async def list_signing_keys(edge: Edge = requires(Permission.API_KEYS_READ)) -> SigningKeysOut:
    """API keys that have a secret to sign payouts with, and since when."""
    return SigningKeysOut(
        data=[
            SigningKeyListed(key_id=str(ApiKeyId(key_id)), created_at=at, created_by=by)
            for key_id, at, by in await edge.read(signing_store.made)
        ]
    )


@router.post("/payout-signing-keys", status_code=201, response_model=SigningKeyOut)
async def make_signing_key(
    body: SigningKeyIn, edge: Edge = requires(Permission.API_KEYS_WRITE, step_up=True, rehearsable=False)
) -> Response:
    """Make the secret with which a server signs its payouts; one made before stops working."""
    wanted = id_text(ApiKeyId, body.key_id, "key_id")
    ring: KeyRing = edge.service("vault")
    secret = f"{_PREFIX}{secrets.token_urlsafe(_SECRET_BYTES)}"

    async def work(uow: UnitOfWork) -> None:
        await identity.require_own_key(uow, wanted)
        key = vault.new_key()
        wrapped = ring.wrap(key, _place(uow, wanted, "key"))
        await signing_store.put_secret(
            uow, wanted.uuid, wrapped, vault.seal(key, secret.encode(), _place(uow, wanted, "secret"))
        )
        await audit.record(uow, action="payout_signing_key.make", subject=("api_key", str(wanted)))

    return await edge.write(
        work, lambda _: SigningKeyOut(key_id=str(wanted), secret=secret), status=201, shown_once="secret"
    )


@signed_router.post("/payouts", status_code=201, response_model=PayoutOut)
@refuses(*REFUSALS, *_SIGNING, errors.ServersOnly)
async def request_payout_signed(
    body: PayoutIn, edge: Edge = requires(Permission.PAYOUTS_CREATE, verification=Verification.APPROVED)
) -> Response:
    """Ask for money to leave, as a server: the key has a list of addresses and the request is signed."""
    return await ask_for(edge, body.command("server"))


async def _prove(request: Request, scope: Scope) -> None:
    """In this order: the key's address list, the time, the signature, the nonce; strangers use up no nonces."""
    if scope.actor.kind is not ActorKind.API_KEY:
        raise errors.ServersOnly("people ask for payouts at /payouts")
    db: Database = request.app.state.db
    key_id = ApiKeyId.parse(scope.actor.id)
    ring: KeyRing = request.app.state.services["vault"]

    async def look(uow: UnitOfWork) -> bytes | None:
        if not await identity.has_address_list(uow, key_id):
            raise errors.AddressListRequired("give the key a list of addresses first")
        return await _secret(uow, ring, key_id)

    secret = await db.run(scope, look, label="payouts.signed.look")
    query = request.scope["query_string"].decode("latin-1")
    body = await request.body()
    signed = signing.of_request(request.method, request.scope["path"], query, request.headers, body)
    signing.require_fresh(signed, machine_timestamp())
    if secret is None:
        raise errors.SignatureInvalid("make a signing secret for this key first")
    signing.require_signed(signed, secret)
    now = machine_now()
    forgotten = now - timedelta(seconds=signing.NONCE_KEPT_SECONDS)

    async def use(uow: UnitOfWork) -> bool:
        return await signing_store.use_nonce(uow, key_id.uuid, signed.nonce, now, forgotten)

    if not await db.run(scope, use, label="payouts.signed.nonce"):
        raise errors.NonceReplayed("sign again with a fresh nonce; the idempotency key stays the same")


async def _secret(uow: UnitOfWork, ring: KeyRing, key_id: ApiKeyId) -> bytes | None:
    kept = await signing_store.secret_of(uow, key_id.uuid)
    if kept is None:
        return None
    key = ring.unwrap(kept[0], _place(uow, key_id, "key"))
    return vault.open_sealed(key, kept[1], _place(uow, key_id, "secret"))


def _place(uow: UnitOfWork, key_id: ApiKeyId, column: str) -> Place:
    return Place(str(uow.scope.tenant_id), "payout_signing_key", str(key_id), column)
