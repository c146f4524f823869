"""Facts of identity that integrators may want; ids and roles only, never a name or an address."""

from collections.abc import Iterable
from uuid import UUID

from specie.events import NewEvent
from specie.identity.model import Tenant
from specie.kernel.ids import ApiKeyId, PartyId, UserId


def tenant_created(tenant: Tenant) -> NewEvent:
    """A tenant has its books."""
    data = {"slug": tenant.slug, "mode": tenant.mode.value}
    return NewEvent("tenant.created", ("tenant", str(tenant.id)), 1, data)


def user_registered(user_id: UserId, party_id: PartyId | None) -> NewEvent:
    """A person signed up by themselves."""
    data = {"party_id": str(party_id) if party_id else None}
    return NewEvent("user.registered", ("user", str(user_id)), 1, data, party_id=party_id)


def api_key_created(key_id: UUID, permissions: Iterable[str], rotated_from: UUID | None) -> NewEvent:
    """A key is valid from now on."""
    before = str(ApiKeyId(rotated_from)) if rotated_from else None
    data = {"permissions": [str(name) for name in permissions], "rotated_from": before}
    return NewEvent("api_key.created", ("api_key", str(ApiKeyId(key_id))), 1, data)


def api_key_revoked(key_id: UUID) -> NewEvent:
    """A key is not valid any more."""
    return NewEvent("api_key.revoked", ("api_key", str(ApiKeyId(key_id))), 2, {})
