"""Who may do what, and the values of identity; no I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from specie.kernel.clock import BusinessClock
from specie.kernel.ids import PartyId, SessionId, TenantId, UserId
from specie.kernel.permissions import Permission as Can
from specie.kernel.scope import Mode


class Role(StrEnum):
    """What a membership makes of a user in a tenant."""

    OWNER = "owner"
    ADMIN = "admin"
    FINANCE = "finance"
    OPERATOR = "operator"
    SALES = "sales"
    VIEWER = "viewer"
    MERCHANT = "merchant"
    CUSTOMER = "customer"
    PLATFORM_ADMIN = "platform_admin"

    @property
    def is_limited_to_party(self) -> bool:
        """Whether the role sees and moves only what belongs to its own party."""
        return self in {Role.MERCHANT, Role.CUSTOMER}


_EVERYTHING = frozenset(Can) - {Can.PLATFORM_ADMIN}
_SELF = frozenset({Can.ACCOUNT_SELF, Can.TENANT_READ})
_READER = _SELF | {
    *(Can.PARTIES_READ, Can.LEDGER_READ, Can.WALLETS_READ, Can.PAYMENTS_READ),
    *(Can.PROVIDERS_READ, Can.EVENTS_READ, Can.WEBHOOKS_READ),
    *(Can.PAYOUTS_READ, Can.APPROVALS_READ, Can.RECONCILIATION_READ, Can.SETTLEMENTS_READ, Can.CASHBACK_READ),
    *(Can.INSTALLMENTS_READ, Can.PURCHASES_READ, Can.STATEMENTS_READ, Can.CATALOGUE_READ, Can.STOCK_READ),
    *(Can.BILLING_READ, Can.CRM_READ, Can.PAYABLES_READ),
}
_KEEPER = frozenset({Can.CATALOGUE_WRITE, Can.STOCK_MOVE})
_LENDER = frozenset({Can.INSTALLMENTS_CREATE, Can.INSTALLMENTS_PAY, Can.INSTALLMENTS_MANAGE})
_BILLER = frozenset({Can.BILLING_WRITE, Can.BILLING_MANAGE, Can.PAYABLES_WRITE, Can.PAYABLES_MANAGE})

ROLE_PERMISSIONS: Mapping[Role, frozenset[Can]] = {
    Role.OWNER: _EVERYTHING,
    # Manual journals are left to finance: who gives out roles does not also write the books.
    Role.ADMIN: _EVERYTHING - {Can.LEDGER_POST},
    Role.FINANCE: _READER
    | {
        *(Can.LEDGER_POST, Can.LEDGER_ADMIN, Can.WALLETS_WRITE, Can.WALLETS_ADMIN, Can.TRANSFERS_CREATE),
        *(Can.PAYMENTS_CREATE, Can.PAYMENTS_MANAGE, Can.AUDIT_READ, Can.REQUESTS_READ, Can.SANDBOX_CLOCK),
        *(Can.PAYOUTS_CREATE, Can.PAYOUTS_MANAGE, Can.APPROVALS_DECIDE, Can.RECONCILIATION_RUN),
        *(Can.SETTLEMENTS_MANAGE, Can.CASHBACK_WRITE, Can.CASHBACK_MANAGE, Can.STOCK_MANAGE),
        *(Can.PURCHASES_WRITE, Can.PURCHASES_PAY, Can.STATEMENTS_WRITE, Can.PARTIES_WRITE, Can.KYC_SUBMIT),
    }
    | _LENDER
    | _KEEPER
    | _BILLER,
    Role.OPERATOR: _READER
    | {
        *(Can.PARTIES_WRITE, Can.KYC_SUBMIT, Can.KYC_REVIEW, Can.WALLETS_WRITE, Can.TRANSFERS_CREATE),
        *(Can.PAYMENTS_CREATE, Can.PAYMENTS_MANAGE, Can.WEBHOOKS_WRITE, Can.REQUESTS_READ, Can.SANDBOX_CLOCK),
        *(Can.PAYOUTS_CREATE, Can.PAYOUTS_MANAGE, Can.CASHBACK_WRITE, Can.CASHBACK_MANAGE),
        *(Can.PURCHASES_WRITE, Can.PURCHASES_PAY, Can.STATEMENTS_WRITE, Can.CRM_WRITE, Can.CRM_MANAGE),
    }
    | _LENDER
    | _KEEPER
    | _BILLER,
    Role.SALES: _SELF
    | {
        *(Can.PARTIES_READ, Can.PARTIES_WRITE, Can.KYC_SUBMIT, Can.WALLETS_READ, Can.PAYMENTS_READ),
        *(Can.PAYMENTS_CREATE, Can.CATALOGUE_READ, Can.STOCK_READ, Can.BILLING_READ, Can.BILLING_WRITE),
        *(Can.CRM_READ, Can.CRM_WRITE),
    },
    Role.VIEWER: _READER,
    Role.MERCHANT: _SELF
    | {
        *(Can.PARTIES_READ, Can.KYC_SUBMIT, Can.WALLETS_READ, Can.TRANSFERS_CREATE, Can.PAYMENTS_READ),
        *(
            Can.PAYMENTS_CREATE,
            Can.PAYMENTS_MANAGE,
            Can.API_KEYS_READ,
            Can.API_KEYS_WRITE,
            Can.EVENTS_READ,
            Can.WEBHOOKS_READ,
        ),
        *(Can.WEBHOOKS_WRITE, Can.REQUESTS_READ, Can.PAYOUTS_READ, Can.PAYOUTS_CREATE, Can.SETTLEMENTS_READ),
        *(Can.CASHBACK_READ, Can.CASHBACK_WRITE, Can.INSTALLMENTS_READ, Can.INSTALLMENTS_CREATE),
        *(Can.PURCHASES_READ, Can.PURCHASES_WRITE, Can.STATEMENTS_READ, Can.STATEMENTS_WRITE),
    },
    Role.CUSTOMER: _SELF
    | {
        *(Can.PARTIES_READ, Can.KYC_SUBMIT, Can.WALLETS_READ),
        *(Can.TRANSFERS_CREATE, Can.PAYMENTS_READ, Can.PAYMENTS_CREATE, Can.PAYOUTS_READ, Can.PAYOUTS_CREATE),
        *(Can.CASHBACK_READ, Can.INSTALLMENTS_READ, Can.INSTALLMENTS_PAY, Can.BILLING_READ),
        *(Can.PURCHASES_READ, Can.PURCHASES_PAY, Can.STATEMENTS_READ, Can.STATEMENTS_WRITE),
    },
    Role.PLATFORM_ADMIN: _EVERYTHING | {Can.PLATFORM_ADMIN},
}

SECOND_FACTOR_ROLES = frozenset({Role.OWNER, Role.ADMIN, Role.FINANCE, Role.OPERATOR, Role.PLATFORM_ADMIN})
"""Who moves money of others, or gives access to it: where money is real, only with a second factor."""

KEY_PERMISSIONS = _EVERYTHING - {Can.ACCOUNT_SELF, Can.MEMBERS_WRITE, Can.API_KEYS_WRITE, Can.APPROVALS_DECIDE}
"""What an API key may be given: never a person's own account, nor giving out access, nor a second person's yes."""


@dataclass(frozen=True, slots=True)
class Branding:
    """How a tenant's hosted pages look; colours as `#rrggbb`."""

    primary_colour: str = "#1f4fd8"
    accent_colour: str = "#0f766e"


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organisation that keeps its books here. `twin_id` is its sandbox, or a sandbox's live tenant."""

    id: TenantId
    slug: str
    name: str
    mode: Mode
    twin_id: TenantId
    time_zone: str
    cut_off: time
    branding: Branding
    created_at: datetime
    offset: timedelta = timedelta(0)

    @property
    def clock(self) -> BusinessClock:
        """The tenant's business clock."""
        return BusinessClock(ZoneInfo(self.time_zone), self.cut_off, self.offset)


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who logs in, with the personal data opened."""

    id: UserId
    email: str = field(repr=False)
    name: str = field(repr=False)
    totp_enabled: bool
    is_disabled: bool


@dataclass(frozen=True, slots=True)
class Membership:
    """A user's role in a tenant."""

    id: UUID
    tenant_id: TenantId
    tenant_name: str
    mode: Mode
    role: Role
    party_id: PartyId | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A membership seen from its tenant, with the person behind it."""

    id: UUID
    user: User
    role: Role
    party_id: PartyId | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """One log-in as its owner sees it."""

    id: SessionId
    kind: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str | None
    agent: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key with which a server calls; its secret is not kept. `hint` is its prefix and last four characters."""

    id: UUID
    name: str
    hint: str
    permissions: tuple[Can, ...]
    party_id: PartyId | None
    networks: tuple[str, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    rotated_to: UUID | None
    last_used_at: datetime | None
    last_used_address: str | None


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a log-in comes from: the address after trusted proxies, and the program's own name for itself."""

    address: str | None
    agent: str


@dataclass(frozen=True, slots=True)
class Throttle:
    """Failures of one account or one network, and until when it is refused."""

    failures: int
    since: datetime
    blocked_until: datetime | None

    def is_blocked(self, now: datetime) -> bool:
        """Whether attempts are refused at this moment."""
        return self.blocked_until is not None and self.blocked_until > now

    def retry_after(self, now: datetime) -> int:
        """Whole seconds until attempts are judged again."""
        return max(1, int((self.blocked_until - now).total_seconds()) + 1) if self.blocked_until else 1


ACCOUNT_STEPS = ((10, timedelta(minutes=15)), (5, timedelta(minutes=1)))
"""So many failures of one account and how long the next attempt then waits."""

ADDRESS_FAILURES = 100
_ACCOUNT_FORGETS = timedelta(hours=24)
_ADDRESS_WINDOW = timedelta(hours=1)


def account_failed(before: Throttle | None, now: datetime) -> Throttle:
    """One more failure of an account; a day without any starts afresh, and while it is blocked none counts."""
    if before is None or now - before.since > _ACCOUNT_FORGETS:
        return Throttle(1, now, None)
    if before.is_blocked(now):
        return before
    failures = before.failures + 1
    wait = next((pause for count, pause in ACCOUNT_STEPS if failures >= count), None)
    return Throttle(failures, now, now + wait if wait and _is_step(failures) else None)


def _is_step(failures: int) -> bool:
    """The fifth failure blocks, then every fifth, so that a waiting guesser gains little."""
    return failures % 5 == 0


def address_failed(before: Throttle | None, now: datetime) -> Throttle:
    """One more failure of a network within its hour."""
    if before is None or now - before.since > _ADDRESS_WINDOW:
        return Throttle(1, now, None)
    failures = before.failures + 1
    full = failures > ADDRESS_FAILURES
    return Throttle(failures, before.since, before.since + _ADDRESS_WINDOW if full else None)
