"""Single sign-on: a tenant's own OpenID provider says who somebody is, by authorisation code with PKCE.

The provider is asked between units of work, never inside one. It decides about people of its own tenant only: whoever
belongs to another organisation as well signs in with a password, and a session it opened stays in its tenant. A live
tenant's provider speaks for the sandbox too; a sandbox's own, which developers set up, never for the live tenant.
"""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote, urlencode
from uuid import UUID

from specie import audit
from specie.identity import service, sign_in, sso_store, store
from specie.identity.errors import SsoMissing, SsoRefused, SsoUnavailable
from specie.identity.model import Caller, Tenant
from specie.identity.scopes import system_scope
from specie.identity.service import NewUser
from specie.identity.sign_in import SignIn, Started
from specie.identity.sso_model import Claims, Endpoints, SsoProvider, claims_of, endpoints_of, read_json
from specie.identity.sso_store import AttemptRow
from specie.identity.store import UserRow
from specie.identity.wiring import Identity
from specie.kernel.clock import machine_now, machine_timestamp
from specie.kernel.ids import RequestId, UserId
from specie.kernel.scope import Mode
from specie.platform.db import Database, UnitOfWork
from specie.platform.outbound import NoAnswer, OutboundClient, UnsafeUrl, check_url
from specie.platform.vault import Place, Unsealable

_LASTS = timedelta(minutes=10)
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Means:
    """What a sign-in works with."""

    db: Database
    identity: Identity
    outbound: OutboundClient

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends people back to; it has to be registered there."""
        return f"{self.identity.public_url.rstrip('/')}/api/v1/auth/sso/callback"


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and what it keeps meanwhile to be known again."""

    url: str
    state: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Return:
    """What the browser brings back: the provider's `state` and `code`, and the state it was given by us."""

    state: str = field(repr=False)
    code: str = field(repr=False)
    kept: str = field(repr=False)
    caller: Caller
    request_id: RequestId


def opens(opened_by: UUID | None, tenant: Tenant) -> bool:
    """Whether a session works in a tenant: one that a password opened (None) does, one of a provider in its own."""
    own = {tenant.id.uuid, tenant.twin_id.uuid} if tenant.mode is Mode.SANDBOX else {tenant.id.uuid}
    return opened_by is None or opened_by in own


async def provider_of(means: Means, tenant: Tenant) -> SsoProvider:
    """The tenant's provider, while it is switched on. Raises SsoMissing."""
    ring = means.identity.keys.ring
    scope = system_scope(tenant, "sso")
    found = await means.db.run(scope, lambda uow: sso_store.provider(uow, ring), label="identity.sso_provider")
    if found is None or not found.is_enabled:
        raise SsoMissing("log in with a password")
    return found


async def begin(means: Means, tenant: Tenant) -> Begun:
    """Start a sign-in at the tenant's provider. Raises SsoMissing, SsoRefused or SsoUnavailable."""
    provider = await provider_of(means, tenant)
    endpoints = await discover(means.outbound, provider.issuer)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    digest = means.identity.keys.token_digest(state)
    sealed = means.identity.keys.ring.wrap(json.dumps([nonce, verifier]).encode(), _place(digest))
    now = machine_now()
    row = AttemptRow(tenant.id.uuid, sealed)
    await means.db.run(
        None, lambda uow: sso_store.add_attempt(uow, digest, row, now, now + _LASTS), label="identity.sso_begin"
    )
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": means.redirect_uri,
        "scope": "openid email profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
    }
    joint = "&" if "?" in endpoints.authorization else "?"
    return Begun(f"{endpoints.authorization}{joint}{urlencode(asked)}", state)


async def finish(means: Means, back: Return) -> Started:
    """Turn what the browser brings back into a session. Raises SsoMissing, SsoRefused or SsoUnavailable."""
    if not back.state or not hmac.compare_digest(back.state.encode(), back.kept.encode()):
        raise SsoRefused("this browser did not begin this sign-in", reason="state")
    digest = means.identity.keys.token_digest(back.state)
    taken = await means.db.run(
        None, lambda uow: sso_store.take_attempt(uow, digest, machine_now()), label="identity.sso_take"
    )
    tenant = await store.ask_tenant(means.db, taken.tenant) if taken else None
    if taken is None or tenant is None:
        raise SsoRefused("the sign-in is over or took too long; begin again", reason="state")
    nonce, verifier = _opened(means, digest, taken.sealed)
    provider = await provider_of(means, tenant)
    endpoints = await discover(means.outbound, provider.issuer)
    token = await _redeem(means, provider, endpoints, back.code, verifier)
    keys = read_json(await _fetch(means.outbound, "GET", endpoints.keys))
    claims = claims_of(token, keys, provider, nonce, machine_timestamp())

    async def admit(uow: UnitOfWork) -> Started:
        user = await _admitted(uow, means.identity, tenant, provider, claims)
        attempt = SignIn(claims.email, "", None, back.caller, back.request_id, tenant.id)
        # A second factor of ours is not shown by a sign-in elsewhere: acts that need it ask for it.
        is_proven = claims.is_fresh and not user.totp_enabled
        return await sign_in.start_session(
            uow, means.identity, user, attempt, "browser", sso_tenant=tenant.id, is_proven=is_proven
        )

    return await means.db.run(None, admit, label="identity.sso_finish")


async def discover(outbound: OutboundClient, issuer: str) -> Endpoints:
    """Where the issuer is asked. Raises SsoRefused or SsoUnavailable."""
    url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    found = endpoints_of(read_json(await _fetch(outbound, "GET", url)), issuer)
    try:
        check_url(found.authorization, outbound.tenant_policy)
    except UnsafeUrl:
        raise SsoRefused("the provider's page has an address nobody is sent to", reason="discovery") from None
    return found


async def count_keys(outbound: OutboundClient, endpoints: Endpoints) -> int:
    """With how many keys the provider signs. Raises SsoRefused where it shows none, or SsoUnavailable."""
    keys = read_json(await _fetch(outbound, "GET", endpoints.keys)).get("keys")
    if not isinstance(keys, list) or not keys:
        raise SsoRefused("the provider shows no keys to check its word with", reason="keys")
    return len(keys)


async def _redeem(means: Means, provider: SsoProvider, endpoints: Endpoints, code: str, verifier: str) -> str:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": means.redirect_uri,
        "code_verifier": verifier,
    }
    headers = dict(_FORM)
    if endpoints.takes_basic:
        pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
    content = urlencode(form).encode()
    answer = read_json(await _fetch(means.outbound, "POST", endpoints.token, headers, content))
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise SsoRefused("the provider sent no ID token", reason="answer")
    return token


async def _fetch(
    outbound: OutboundClient, method: str, url: str, headers: dict[str, str] | None = None, content: bytes = b""
) -> bytes:
    try:
        answer = await outbound.request_guarded(method, url, headers=headers, content=content, label="sso")
    except (NoAnswer, UnsafeUrl):
        raise SsoUnavailable("try again, or log in with a password") from None
    if answer.status >= 500 or answer.truncated:
        raise SsoUnavailable("try again, or log in with a password")
    if answer.status != 200:
        raise SsoRefused("the provider did not accept the sign-in", reason="code")
    return answer.body


async def _admitted(
    uow: UnitOfWork, identity: Identity, tenant: Tenant, provider: SsoProvider, claims: Claims
) -> UserRow:
    """The user whom the claims mean: known by subject, else by verified address, else new where a domain admits it."""
    subject = hashlib.sha256(claims.subject.encode()).digest()
    async with uow.acting_as(system_scope(tenant, "sso")) as inside:
        known = await sso_store.user_of_subject(inside, provider.issuer, subject)
        user = await _user(inside, identity, known, claims)
        if user is None:
            if not provider.admits(claims.email):
                raise SsoRefused("nobody here has this address; ask to be invited", reason="unknown_person")
            new = NewUser(claims.email, claims.name)
            user = await store.user_by_id(inside, await service.create_user(inside, identity, new))
        if user is None or user.is_disabled:
            raise SsoRefused("this person may not sign in", reason="unknown_person")
        user_id = UserId(user.id)
        await _require_member(inside, tenant, provider, user_id, claims)
        if not await sso_store.link_subject(inside, provider.issuer, subject, user_id):
            raise SsoRefused("the address belongs to another person of the provider", reason="subject")
        await audit.record(inside, action="sso.sign_in", subject=("user", str(user_id)))
        return user


async def _user(uow: UnitOfWork, identity: Identity, known: UserId | None, claims: Claims) -> UserRow | None:
    if known is not None:
        return await store.user_by_id(uow, known)
    return await store.user_by_email(uow, identity.keys.email_index(claims.email))


async def _require_member(
    uow: UnitOfWork, tenant: Tenant, provider: SsoProvider, user_id: UserId, claims: Claims
) -> None:
    """Nobody is let in by a provider of one organisation who belongs to another as well.

    Nor by that of a sandbox who works in the live tenant: even a session that stays in the sandbox is their account's.
    """
    found = {one.tenant_id for one in await store.memberships_of(uow, user_id)}
    own = {tenant.id, tenant.twin_id} if tenant.mode is Mode.LIVE else {tenant.id}
    if found - own:
        raise SsoRefused("you belong to other organisations too: log in with your password", reason="elsewhere")
    if tenant.id in found:
        return
    if provider.role is None or not provider.admits(claims.email):
        raise SsoRefused("nobody here has this address; ask to be invited", reason="unknown_person")
    await service.add_member(uow, user_id, provider.role)


def _opened(means: Means, digest: bytes, sealed: bytes) -> tuple[str, str]:
    try:
        nonce, verifier = json.loads(means.identity.keys.ring.unwrap(sealed, _place(digest)))
    except Unsealable:
        raise SsoRefused("begin the sign-in again", reason="state") from None
    return str(nonce), str(verifier)


def _place(digest: bytes) -> Place:
    return Place("platform", "sso_attempt", digest.hex(), "sealed")


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
