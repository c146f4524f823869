"""What one process works with, made once from the settings and found by routes and jobs by name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from specie.app import job_modules, proving, subscriptions
from specie.app.deliveries import deliveries_of
from specie.app.limits import LimitedAuthenticator
from specie.identity import scopes
from specie.identity import service as people
from specie.identity import wiring as identity
from specie.identity.authenticator import IdentityAuthenticator
from specie.identity.model import Role
from specie.identity.wiring import Identity
from specie.kernel.ids import PartyId, RequestId, TenantId
from specie.kernel.money import Currency
from specie.kernel.pagination import CursorSigner
from specie.kernel.scope import Scope
from specie.ledger.batcher import Batcher
from specie.notifications import Telegram
from specie.parties import get_party, require_verified
from specie.platform.config import Settings
from specie.platform.db import Database, UnitOfWork
from specie.platform.jobs import ScopeForJob
from specie.platform.mail import Mailer, open_mailer
from specie.platform.outbound import DEVELOPMENT, TENANT, TENANT_PRIVATE, OutboundClient, TargetPolicy
from specie.platform.ratelimit import RateLimiter
from specie.platform.requestlog import RequestLogWriter
from specie.platform.signing import Signer
from specie.platform.storage import FileStorage, open_storage
from specie.platform.vault import KeyRing
from specie.providers import Arrivals, Installation, Toolbox
from specie.wallets.lookup import WalletLookup

_IN_CHARGE = frozenset({Role.OWNER, Role.ADMIN})


@dataclass(frozen=True)
class Services:
    """Everything of one process."""

    settings: Settings
    db: Database
    cursors: CursorSigner
    vault: KeyRing
    signer: Signer
    outbound: OutboundClient
    storage: FileStorage
    mailer: Mailer
    telegram: Telegram
    limiter: RateLimiter
    batcher: Batcher
    wallet_lookup: WalletLookup
    identity: Identity
    authenticator: LimitedAuthenticator
    toolbox: Toolbox
    request_log: RequestLogWriter

    def by_name(self) -> dict[str, Any]:
        """The services that modules look up by name."""
        return {
            "settings": self.settings,
            "vault": self.vault,
            "signer": self.signer,
            "outbound": self.outbound,
            "storage": self.storage,
            "mail": self.mailer,
            "cursors": self.cursors,
            "telegram": self.telegram,
            "limiter": self.limiter,
            "batcher": self.batcher,
            "wallet_lookup": self.wallet_lookup,
            identity.SERVICE: self.identity,
            "providers": self.toolbox,
            "callbacks": Arrivals(self.db, self.toolbox, self.scope_for_job),
            "scope_for_job": self.scope_for_job,
            "deliveries_of": deliveries_of,
            "admin_addresses": self.admin_addresses,
            "find_party": partial(get_party, vault=self.vault),
        }

    @property
    def scope_for_job(self) -> ScopeForJob:
        """Makes the scope in which a job acts."""

        async def scope(tenant_id: TenantId, name: str, request_id: RequestId) -> Scope:
            return await scopes.scope_for_job(self.db, tenant_id, name, request_id)

        return scope

    async def require_verified(self, scope: Scope, party_id: PartyId) -> None:
        """Raises KycRequired unless the party's identity has been approved."""
        await self.db.run(scope, lambda uow: require_verified(uow, party_id), label="parties.require_verified")

    async def admin_addresses(self, uow: UnitOfWork) -> list[str]:
        """Where to write to the people in charge of the unit's tenant."""
        page = await people.members(uow, self.identity, None, 100)
        return [member.user.email for member in page.items if member.role in _IN_CHARGE]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open what needs opening while the block runs; at the end finish what waits, then close."""
        await self.batcher.open()
        self.request_log.start()
        try:
            yield
        finally:
            await self.batcher.close()
            await self.request_log.close()
            await self.outbound.close()
            await self.db.close()


def build(settings: Settings) -> Services:
    """Make the services of one process. Nothing connects before `running`."""
    job_modules.require()
    db = Database(settings.database_url, settings.system_url or None, pool_size=settings.database_pool)
    # A rotation adds the next version beside the first and makes it current.
    vault = KeyRing({1: settings.sealing_key}, current=1)
    mailer = open_mailer(settings.smtp_url.get_secret_value(), settings.mail_from, settings.state / "mail")
    outbound = OutboundClient(tenant_policy=_tenant_policy(settings))
    limiter = RateLimiter(db)
    toolbox = Toolbox(vault, outbound, Installation(settings.public_url, simulator_url(settings)))
    subscriptions.wire(toolbox, Currency.of(settings.currency))
    who = identity.build(
        signing_key=settings.signing_key,
        ring=vault,
        mailer=mailer,
        public_url=settings.public_url,
        trusted_proxies=settings.trusted_proxies,
        is_production=settings.is_production,
    )
    return Services(
        settings=settings,
        db=db,
        cursors=CursorSigner(settings.signing_key),
        vault=vault,
        signer=Signer(settings.sealing_key, proving.PURPOSE),
        outbound=outbound,
        storage=open_storage(settings.files),
        mailer=mailer,
        telegram=Telegram(outbound, settings.telegram_url, settings.telegram_token.get_secret_value()),
        limiter=limiter,
        batcher=Batcher(settings.database_url),
        wallet_lookup=WalletLookup(db),
        identity=who,
        authenticator=LimitedAuthenticator(IdentityAuthenticator(db, who), limiter, settings),
        toolbox=toolbox,
        request_log=RequestLogWriter(db),
    )


def _tenant_policy(settings: Settings) -> TargetPolicy:
    if settings.is_production:
        return TENANT
    return DEVELOPMENT if settings.private_targets else TENANT_PRIVATE


def simulator_url(settings: Settings) -> str:
    """Where the simulator listens."""
    return settings.simulator_url or f"http://127.0.0.1:{settings.port + 10}"
