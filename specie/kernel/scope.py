"""Who acts, for which tenant, with which permissions. Store functions demand a Scope; only identity mints one."""

from dataclasses import dataclass, field
from enum import StrEnum

from specie.kernel.clock import UTC_CLOCK, BusinessClock
from specie.kernel.errors import Forbidden, MissingScope
from specie.kernel.ids import PartyId, RequestId, SessionId, TenantId
from specie.kernel.permissions import Permission


class Mode(StrEnum):
    """Whether a tenant's money is real."""

    LIVE = "live"
    SANDBOX = "sandbox"


class ActorKind(StrEnum):
    """The kinds of who."""

    USER = "user"
    API_KEY = "api_key"
    CUSTOMER = "customer"
    JOB = "job"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a kind and that kind's id or name, for example `user usr_…` or `job payments.expire`."""

    kind: ActorKind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Scope:
    """The verified right to act inside one tenant. `party_id` limits a merchant or customer to its own things."""

    tenant_id: TenantId
    mode: Mode
    actor: Actor
    permissions: frozenset[Permission]
    clock: BusinessClock = UTC_CLOCK
    party_id: PartyId | None = None
    session_id: SessionId | None = None
    request_id: RequestId = field(default_factory=RequestId.new)

    def allows(self, permission: Permission) -> bool:
        """Whether the permission is granted."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise Forbidden (MissingScope for an API key), naming the permission, unless it is granted."""
        if permission not in self.permissions:
            refusal = MissingScope if self.actor.kind is ActorKind.API_KEY else Forbidden
            raise refusal(f"this needs the permission {permission}", permission=str(permission))

    @property
    def principal(self) -> str:
        """The owner of idempotency keys and rate limits: one user or one API key of one tenant."""
        return str(self.actor)
