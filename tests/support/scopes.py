"""Scopes for tests below identity: a fresh tenant with every permission."""

from zoneinfo import ZoneInfo

from specie.kernel.clock import BusinessClock
from specie.kernel.ids import PartyId, TenantId, UserId
from specie.kernel.permissions import Permission
from specie.kernel.scope import Actor, ActorKind, Mode, Scope


def fresh_scope(tenant_id: TenantId | None = None, *, zone: str = "UTC", party_id: PartyId | None = None) -> Scope:
    """A user with every permission in a tenant nobody else uses, unless one is given."""
    return Scope(
        tenant_id=tenant_id or TenantId.new(),
        mode=Mode.SANDBOX,
        actor=Actor(ActorKind.USER, str(UserId.new())),
        permissions=frozenset(Permission),
        clock=BusinessClock(ZoneInfo(zone)),
        party_id=party_id,
    )
