"""Tenants, their members and their API keys over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from specie.identity import errors, keys, service
from specie.identity.key_text import KeyText
from specie.identity.keys import KeyEnded, NewKey
from specie.identity.model import ApiKey, Member, Tenant
from specie.identity.schemas import (
    ApiKeyChange,
    ApiKeyIn,
    ApiKeyOut,
    MemberChange,
    MemberIn,
    MemberOut,
    RotateIn,
    TenantChange,
    TenantIn,
    TenantOut,
    TenantPairOut,
)
from specie.identity.service import NewTenant, NewUser
from specie.identity.wiring import SERVICE, Identity
from specie.kernel.ids import ApiKeyId, MembershipId, PartyId
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import ListOf, id_text

router = ApiRouter(tags=["Tenants"])

Limit = Annotated[int, Query(ge=1, le=100)]


def _identity(edge: Edge) -> Identity:
    identity: Identity = edge.service(SERVICE)
    return identity


def _after(edge: Edge, name: str, cursor: str | None) -> UUID | None:
    key = edge.cursor(name, cursor)
    return UUID(key[0]) if key else None


async def _require_party(edge: Edge, uow: UnitOfWork, party_id: PartyId | None) -> None:
    """A role acts only for a party of this tenant. Parties are above identity, so it is handed the look-up."""
    if party_id is not None:
        await edge.service("find_party")(uow, party_id=party_id)


@router.get("/tenant", response_model=TenantOut)
async def get_tenant(edge: Edge = requires(Permission.TENANT_READ)) -> TenantOut:
    """The tenant one works in."""
    return TenantOut.of(await edge.read(service.own_tenant))


@router.patch("/tenant", response_model=TenantOut)
async def change_tenant(body: TenantChange, edge: Edge = requires(Permission.TENANT_WRITE)) -> Response:
    """Change name, time zone, cut-off or colours of the tenant."""
    return await edge.write(lambda uow: service.change_tenant(uow, **body.changes()), TenantOut.of)


@router.get("/tenants", response_model=ListOf[TenantOut])
async def list_tenants(
    edge: Edge = requires(Permission.PLATFORM_ADMIN), limit: Limit = 20, cursor: str | None = None
) -> dict[str, Any]:
    """All tenants of the installation."""
    after = _after(edge, "tenants", cursor)
    page = await edge.read(lambda uow: service.list_tenants(uow, after, limit))
    return edge.page("tenants", page, TenantOut.of)


@router.post("/tenants", status_code=201, response_model=TenantPairOut)
@refuses(errors.SlugTaken)
async def create_tenant(body: TenantIn, edge: Edge = requires(Permission.PLATFORM_ADMIN)) -> Response:
    """Make a tenant and its sandbox."""
    new = NewTenant(body.name, body.slug, body.time_zone, body.cut_off)

    def shown(pair: tuple[Tenant, Tenant]) -> TenantPairOut:
        return TenantPairOut(live=TenantOut.of(pair[0]), sandbox=TenantOut.of(pair[1]))

    return await edge.write(lambda uow: service.create_tenant(uow, new), shown, status=201)


@router.get("/members", response_model=ListOf[MemberOut])
async def list_members(
    edge: Edge = requires(Permission.MEMBERS_READ), limit: Limit = 20, cursor: str | None = None
) -> dict[str, Any]:
    """The people with a role here."""
    before = _after(edge, "members", cursor)
    page = await edge.read(lambda uow: service.members(uow, _identity(edge), before, limit))
    return edge.page("members", page, MemberOut.of)


@router.post("/members", status_code=201, response_model=MemberOut)
@refuses(errors.AlreadyMember, errors.RoleTooHigh)
async def add_member(body: MemberIn, edge: Edge = requires(Permission.MEMBERS_WRITE, step_up=True)) -> Response:
    """Give somebody a role; a person without an account gets one and sets a password by reset link."""
    identity = _identity(edge)
    party = id_text(PartyId, body.party_id, "party_id") if body.party_id else None

    async def work(uow: UnitOfWork) -> Member:
        await _require_party(edge, uow, party)
        return await service.invite(uow, identity, NewUser(body.email, body.name), body.role, party)

    return await edge.write(work, MemberOut.of, status=201)


@router.patch("/members/{member_id}", response_model=MemberOut)
@refuses(errors.RoleTooHigh, errors.LastOwner)
async def change_member(
    member_id: str, body: MemberChange, edge: Edge = requires(Permission.MEMBERS_WRITE, step_up=True)
) -> Response:
    """Give a member another role; it counts at once."""
    wanted = id_text(MembershipId, member_id, "member_id")
    party = id_text(PartyId, body.party_id, "party_id") if body.party_id else None

    async def work(uow: UnitOfWork) -> Member:
        await _require_party(edge, uow, party)
        await service.change_role(uow, wanted, body.role, party)
        return await service.get_member(uow, _identity(edge), wanted)

    return await edge.write(work, MemberOut.of)


@router.delete("/members/{member_id}", status_code=204, response_class=Response)
@refuses(errors.RoleTooHigh, errors.LastOwner)
async def remove_member(
    member_id: str, edge: Edge = requires(Permission.MEMBERS_WRITE, step_up=True, rehearsable=False)
) -> Response:
    """Take a role away; the person's sessions here stop at once."""
    wanted = id_text(MembershipId, member_id, "member_id")
    await edge.read(lambda uow: service.remove_member(uow, wanted))
    return Response(status_code=204)


@router.delete("/members/{member_id}/second-factor", status_code=204, response_class=Response)
@refuses(errors.RoleTooHigh, errors.OwnSecondFactor, errors.WorksElsewhere, errors.TotpNotEnrolled)
async def remove_second_factor(
    member_id: str, edge: Edge = requires(Permission.MEMBERS_WRITE, step_up=True, rehearsable=False)
) -> Response:
    """Let somebody in again who has lost the phone and the recovery codes; they are logged out and told by mail."""
    wanted = id_text(MembershipId, member_id, "member_id")
    await edge.read(lambda uow: service.remove_second_factor(uow, wanted))
    return Response(status_code=204)


@router.get("/api-keys", response_model=ListOf[ApiKeyOut])
async def list_api_keys(
    edge: Edge = requires(Permission.API_KEYS_READ), limit: Limit = 20, cursor: str | None = None
) -> dict[str, Any]:
    """Keys, the newest first; never their texts."""
    before = _after(edge, "api_keys", cursor)
    page = await edge.read(lambda uow: keys.list_api_keys(uow, before, limit))
    return edge.page("api_keys", page, ApiKeyOut.of)


def _with_text(made: tuple[ApiKey, KeyText]) -> ApiKeyOut:
    return ApiKeyOut.of(*made)


@router.post("/api-keys", status_code=201, response_model=ApiKeyOut)
@refuses(errors.RoleTooHigh)
async def create_api_key(
    body: ApiKeyIn, edge: Edge = requires(Permission.API_KEYS_WRITE, step_up=True, rehearsable=False)
) -> Response:
    """Make a key; its text is shown this once, and not when the request is repeated under its idempotency key."""
    new = NewKey(body.name, frozenset(body.permissions), tuple(body.networks), body.expires_in_days)
    return await edge.write(
        lambda uow: keys.create_api_key(uow, _identity(edge), new), _with_text, status=201, shown_once="key"
    )


@router.patch("/api-keys/{key_id}", response_model=ApiKeyOut)
@refuses(KeyEnded)
async def change_api_key(
    key_id: str, body: ApiKeyChange, edge: Edge = requires(Permission.API_KEYS_WRITE, step_up=True)
) -> Response:
    """Rename a key, or say from which addresses it may be used; it counts from the next request."""
    wanted = id_text(ApiKeyId, key_id, "key_id")
    networks = None if body.networks is None else tuple(body.networks)
    return await edge.write(
        lambda uow: keys.change_api_key(uow, wanted, name=body.name, networks=networks), ApiKeyOut.of
    )


@router.post("/api-keys/{key_id}/rotate", status_code=201, response_model=ApiKeyOut)
@refuses(KeyEnded, errors.RoleTooHigh)
async def rotate_api_key(
    key_id: str, body: RotateIn, edge: Edge = requires(Permission.API_KEYS_WRITE, step_up=True, rehearsable=False)
) -> Response:
    """Make a successor that is valid at once; the old key ends after the overlap."""
    wanted = id_text(ApiKeyId, key_id, "key_id")
    return await edge.write(
        lambda uow: keys.rotate_api_key(uow, _identity(edge), wanted, overlap_hours=body.overlap_hours),
        _with_text,
        status=201,
        shown_once="key",
    )


@router.delete("/api-keys/{key_id}", response_model=ApiKeyOut)
async def revoke_api_key(key_id: str, edge: Edge = requires(Permission.API_KEYS_WRITE, rehearsable=False)) -> ApiKeyOut:
    """End a key at once."""
    wanted = id_text(ApiKeyId, key_id, "key_id")
    return ApiKeyOut.of(await edge.read(lambda uow: keys.revoke_api_key(uow, wanted)))
