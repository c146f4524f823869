"""Secrets of endpoints: made here, shown once, kept sealed."""

from datetime import datetime

from specie.kernel.ids import EndpointId, TenantId
from specie.platform import webhook_signing
from specie.platform.vault import KeyRing, Place
from specie.webhooks.model import Claim


def fresh(ring: KeyRing, tenant_id: TenantId, endpoint_id: EndpointId) -> tuple[str, bytes]:
    """A new secret as text to show, and sealed to keep."""
    secret = webhook_signing.new_secret()
    return secret, ring.wrap(secret.encode(), _place(tenant_id, endpoint_id))


def in_force(ring: KeyRing, claim: Claim, now: datetime) -> list[str]:
    """The secrets a message is signed with at this machine time: the current one, and the one before for a while."""
    place = _place(claim.tenant_id, claim.endpoint_id)
    sealed = [claim.secret]
    if claim.previous_secret and claim.previous_secret_until and claim.previous_secret_until > now:
        sealed.append(claim.previous_secret)
    return [ring.unwrap(blob, place).decode() for blob in sealed]


def _place(tenant_id: TenantId, endpoint_id: EndpointId) -> Place:
    return Place(str(tenant_id), "webhook_endpoint", str(endpoint_id), "secret")
