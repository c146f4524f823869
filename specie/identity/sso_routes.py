"""Single sign-on over HTTP: its settings for those in charge, and the way of a browser there and back."""

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import Query, Request
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from specie import audit
from specie.identity import errors, pages, service, sso, sso_store, store
from specie.identity.authenticator import caller_of, request_id_of
from specie.identity.model import Role, Tenant
from specie.identity.sso import Means, Return
from specie.identity.sso_model import JOINING_ROLES, Endpoints, SsoProvider
from specie.identity.wiring import SERVICE, Identity
from specie.kernel.errors import NotFound, RateLimited, SpecieError
from specie.kernel.permissions import Permission
from specie.kernel.scope import Mode, Scope
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, Schema, refuses, requires, takes_any_query
from specie.platform.outbound import OutboundClient, UnsafeUrl, check_url

router = ApiRouter(tags=["Identity"])

_COOKIE_PATH = "/api/v1/auth/sso"
_MINUTES = 600
_DOMAIN = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$"
Slug = Annotated[str | None, Query(max_length=80, pattern="^[a-z0-9-]+$", description="The tenant's short name")]


class SsoIn(Schema):
    """A tenant's provider. Without `domains` only people who were invited sign in."""

    name: str = Field(min_length=1, max_length=60, pattern=r"^[^\x00]*\S[^\x00]*$", description="Said on the button")
    issuer: str = Field(min_length=8, max_length=500, examples=["https://example.eu.auth0.com/"])
    client_id: str = Field(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")
    client_secret: str | None = Field(
        default=None, max_length=1000, pattern=r"^[\x21-\x7e]+$", description="Stays as it is when left out"
    )
    domains: list[Annotated[str, Field(max_length=253, pattern=_DOMAIN)]] = Field(default_factory=list, max_length=20)
    role: Literal["finance", "operator", "sales", "viewer"] | None = None
    is_enabled: bool = True


class SsoOut(Schema):
    """A tenant's provider without its secret; `redirect_uri` is to be registered there."""

    name: str
    issuer: str
    client_id: str
    domains: list[str]
    role: str | None
    is_enabled: bool
    redirect_uri: str


class SsoPlacesOut(Schema):
    """What the provider is told: where it sends people back to, and where they begin."""

    redirect_uri: str
    login_url: str


class SsoCheckOut(Schema):
    """What the provider answered: the page people are sent to, and with how many keys it signs."""

    authorization_endpoint: str
    keys: int


class SsoChoiceOut(Schema):
    """A way to sign in that a tenant offers."""

    name: str
    url: str


class SsoChoicesOut(Schema):
    """The ways to sign in besides a password; none where a tenant has set up none."""

    data: list[SsoChoiceOut]


def _means(request: Request) -> Means:
    identity: Identity = request.app.state.services[SERVICE]
    outbound: OutboundClient = request.app.state.services["outbound"]
    return Means(request.app.state.db, identity, outbound)


def _shown(provider: SsoProvider, means: Means) -> SsoOut:
    return SsoOut(
        name=provider.name,
        issuer=provider.issuer,
        client_id=provider.client_id,
        domains=list(provider.domains),
        role=provider.role.value if provider.role else None,
        is_enabled=provider.is_enabled,
        redirect_uri=means.redirect_uri,
    )


@router.get("/sso", response_model=SsoOut)
@refuses(errors.SsoMissing)
async def show_sso(edge: Edge = requires(Permission.TENANT_WRITE)) -> SsoOut:
    """The tenant's own identity provider, without its secret."""
    means = _means(edge.request)

    async def read(uow: UnitOfWork) -> SsoProvider | None:
        return await sso_store.provider(uow, means.identity.keys.ring)

    found = await edge.read(read)
    if found is None:
        raise errors.SsoMissing("no provider is set up")
    return _shown(found, means)


@router.get("/sso/places", response_model=SsoPlacesOut)
async def show_sso_places(edge: Edge = requires(Permission.TENANT_WRITE)) -> SsoPlacesOut:
    """The addresses that are told to the provider before it is set up here."""
    means = _means(edge.request)
    tenant = await store.ask_tenant(edge.db, edge.scope.tenant_id.uuid)
    if tenant is None:
        raise NotFound("there is no such tenant")
    login_url = f"{means.identity.public_url.rstrip('/')}/login/?tenant={tenant.slug}"
    return SsoPlacesOut(redirect_uri=means.redirect_uri, login_url=login_url)


@router.post("/sso/check", response_model=SsoCheckOut)
@refuses(errors.SsoMissing, errors.SsoInvalid, errors.SsoUnavailable, UnsafeUrl)
async def check_sso(edge: Edge = requires(Permission.TENANT_WRITE, rehearsable=False)) -> SsoCheckOut:
    """Ask the provider as it is set up, switched on or not, who it is and with which keys it signs."""
    means = _means(edge.request)

    async def read(uow: UnitOfWork) -> SsoProvider | None:
        return await sso_store.provider(uow, means.identity.keys.ring)

    found = await edge.read(read)
    if found is None:
        raise errors.SsoMissing("no provider is set up")
    endpoints, keys = await _asked(means, found.issuer)
    return SsoCheckOut(authorization_endpoint=endpoints.authorization, keys=keys)


async def _asked(means: Means, issuer: str) -> tuple[Endpoints, int]:
    """What an issuer says of itself, and its number of keys. Raises SsoInvalid, SsoUnavailable or UnsafeUrl."""
    check_url(issuer, means.outbound.tenant_policy)
    try:
        endpoints = await sso.discover(means.outbound, issuer)
        return endpoints, await sso.count_keys(means.outbound, endpoints)
    except errors.SsoRefused as refusal:
        # Nobody tried to sign in, so the caller's own session is not in question.
        raise errors.SsoInvalid(refusal.detail, param="issuer", **refusal.facts) from None


def _require_in_charge(scope: Scope) -> None:
    """In live a provider lets in whomever it names, an owner too: only who may make an owner says which one it is.

    A sandbox's provider opens nothing for those who work in live, so developers set it up. Raises RoleTooHigh.
    """
    if scope.mode is Mode.LIVE:
        service.require_may_give(scope, Role.OWNER)


@router.put("/sso", response_model=SsoOut)
@refuses(errors.SsoInvalid, errors.SsoUnavailable, errors.RoleTooHigh, UnsafeUrl)
async def set_sso(body: SsoIn, edge: Edge = requires(Permission.TENANT_WRITE, step_up=True)) -> Response:
    """Set the tenant's provider up; in live an owner does. While it is switched on it is asked at once who it is."""
    _require_in_charge(edge.scope)
    means = _means(edge.request)
    if (body.role is None) != (not body.domains):
        raise errors.SsoInvalid("domains and the role of who comes from them are given together", param="role")
    if body.is_enabled:
        await _asked(means, body.issuer)

    async def write(uow: UnitOfWork) -> SsoProvider:
        ring = means.identity.keys.ring
        before = await sso_store.provider(uow, ring)
        made = _provider(body, before)
        await sso_store.save_provider(uow, ring, made)
        await audit.record(
            uow,
            action="sso.set",
            subject=("tenant", str(uow.scope.tenant_id)),
            before=_told(before) if before else None,
            after=_told(made),
        )
        return made

    return await edge.write(write, lambda provider: _shown(provider, means))


def _provider(body: SsoIn, before: SsoProvider | None) -> SsoProvider:
    # A secret is never sent on to an issuer it was not given for.
    kept = before.client_secret if before and before.issuer == body.issuer else None
    secret = body.client_secret or kept
    if secret is None:
        raise errors.SsoInvalid("a provider needs the client's secret", param="client_secret")
    role = Role(body.role) if body.role else None
    if role is not None and role not in JOINING_ROLES:
        raise errors.SsoInvalid("nobody becomes that by coming", param="role")
    return SsoProvider(
        name=body.name.strip(),
        issuer=body.issuer,
        client_id=body.client_id,
        client_secret=secret,
        domains=tuple(sorted(set(body.domains))),
        role=role,
        is_enabled=body.is_enabled,
        version=before.version + 1 if before else 1,
    )


def _told(provider: SsoProvider) -> dict[str, object]:
    return {
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "domains": list(provider.domains),
        "role": provider.role.value if provider.role else None,
        "is_enabled": provider.is_enabled,
    }


@router.delete("/sso", status_code=204, response_class=Response)
@refuses(errors.SsoMissing, errors.RoleTooHigh)
async def remove_sso(edge: Edge = requires(Permission.TENANT_WRITE, step_up=True, rehearsable=False)) -> Response:
    """Take the provider away, which in live an owner does; sessions it opened go on until they end."""
    ring = _means(edge.request).identity.keys.ring

    async def remove(uow: UnitOfWork) -> None:
        if await sso_store.provider(uow, ring) is None:
            raise errors.SsoMissing("no provider is set up")
        _require_in_charge(uow.scope)
        await sso_store.remove_provider(uow)
        await audit.record(uow, action="sso.remove", subject=("tenant", str(uow.scope.tenant_id)))

    await edge.read(remove)
    return Response(status_code=204)


@router.get("/auth/sso", response_model=SsoChoicesOut)
@refuses(NotFound, RateLimited)
async def list_sso(request: Request, tenant: Slug = None) -> SsoChoicesOut:
    """How people of a tenant sign in besides a password; of the first tenant when none is named."""
    means = _means(request)
    try:
        found = await _tenant(request, tenant)
        provider = await sso.provider_of(means, found)
    except (errors.SsoMissing, NotFound):
        return SsoChoicesOut(data=[])
    url = f"/api/v1/auth/sso/start?tenant={found.slug}"
    return SsoChoicesOut(data=[SsoChoiceOut(name=provider.name, url=url)])


async def _tenant(request: Request, slug: str | None) -> Tenant:
    db, settings = request.app.state.db, request.app.state.settings
    if slug:
        found = await store.ask_tenant_by_slug(db, slug)
    else:
        found = await store.ask_first_tenant(db, Mode.LIVE if settings.is_production else Mode.SANDBOX)
    if found is None:
        raise NotFound("there is no such tenant", param="tenant")
    return found


@router.get("/auth/sso/start", status_code=303, response_class=Response)
@refuses(NotFound, errors.SsoMissing, RateLimited)
async def start_sso(request: Request, tenant: Slug = None) -> Response:
    """Send the browser to the tenant's identity provider."""
    means = _means(request)
    found = await _tenant(request, tenant)
    try:
        begun = await sso.begin(means, found)
    except (errors.SsoRefused, errors.SsoUnavailable) as refusal:
        return _back_to_login(means, refusal)
    answer = _redirect(begun.url)
    answer.set_cookie(
        _cookie(means),
        begun.state,
        max_age=_MINUTES,
        path=_COOKIE_PATH,
        secure=means.identity.is_https,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/auth/sso/callback", status_code=303, response_class=Response)
@takes_any_query
@refuses(RateLimited)
async def finish_sso(
    request: Request,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
) -> Response:
    """Where the provider sends the browser back to: it is signed in, or told at the log-in page why not."""
    means = _means(request)
    kept = request.cookies.get(_cookie(means), "")
    back = Return(state, code, kept, caller_of(request), request_id_of(request))
    try:
        started = await sso.finish(means, back)
    except (errors.SsoRefused, errors.SsoUnavailable, errors.SsoMissing) as refusal:
        return _back_to_login(means, refusal)
    answer = _redirect("/")
    answer.delete_cookie(_cookie(means), path=_COOKIE_PATH)
    pages.set_cookie(answer, means.identity, started.secret)
    return answer


def _cookie(means: Means) -> str:
    return "__Secure-specie-sso" if means.identity.is_https else "specie_sso"


def _back_to_login(means: Means, refusal: SpecieError) -> Response:
    reason = quote(str(refusal.facts.get("reason", refusal.code)), safe="")
    answer = _redirect(f"/login/?sso={reason}")
    answer.delete_cookie(_cookie(means), path=_COOKIE_PATH)
    return answer


def _redirect(url: str) -> RedirectResponse:
    # What the address holds is for this one step only.
    return RedirectResponse(url, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
