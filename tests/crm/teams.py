"""Shorthand for tests of customer relations: a tenant with two colleagues, a pipeline and customers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import httpx2

from specie import crm, identity, parties
from specie.crm import customer_routes, opportunities, routes
from specie.crm.model import Opportunity, Outcome, Pipeline, StageId
from specie.crm.opportunities import Desk, NewOpportunity
from specie.identity import Identity, NewTenant, NewUser, Role, system_scope
from specie.kernel.ids import PartyId, RequestId, TenantId, UserId
from specie.kernel.money import Money
from specie.kernel.permissions import Permission
from specie.kernel.scope import Actor, ActorKind, Scope
from specie.parties import PartyKind
from specie.platform.db import Database, UnitOfWork
from specie.platform.mail import open_mailer
from specie.platform.storage import open_storage
from specie.platform.vault import KeyRing
from tests.support.asgi import calling

VAULT = KeyRing({1: bytes(range(32))}, 1)
T = TypeVar("T")


@dataclass
class Team:
    """Sari and Agus sell; Toko Maju (a company) and Budi buy."""

    database: Database
    people: Identity
    scope: Scope
    sari: UserId
    agus: UserId
    company: PartyId
    budi: PartyId
    pipeline: Pipeline
    made: int = field(default=0)

    @property
    def desk(self) -> Desk:
        """What opens seals and knows the staff."""
        return Desk(VAULT, self.people)

    def now(self) -> Scope:
        """Sari's scope for another request."""
        return replace(self.scope, request_id=RequestId.new())

    async def do(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """One unit of work of Sari's."""
        return await self.database.run(self.now(), work, label="test.crm")

    def stage(self, name: str) -> StageId:
        """A stage by its name."""
        return next(stage.id for stage in self.pipeline.stages if stage.name == name)

    async def customer(self, name: str, kind: PartyKind = PartyKind.PERSON) -> PartyId:
        """Another customer."""
        self.made += 1
        known = {"name": name, "email": f"{name.split(maxsplit=1)[0].lower()}{self.made}@kopi.example"}
        made = await self.do(lambda uow: parties.create_party(uow, VAULT, kind=kind, roles=["customer"], known=known))
        return made.id

    async def deal(self, minor: int = 1_000_000, stage: str = "New", **more: Any) -> Opportunity:
        """An opportunity with Budi that closes at the end of the year."""
        new = NewOpportunity(
            pipeline_id=self.pipeline.id,
            party_id=more.pop("party", self.budi),
            title=more.pop("title", "Beans for a year"),
            amount=Money.of(minor, more.pop("currency", "IDR")),
            expected_close=more.pop("closes", date(2026, 12, 31)),
            owner_id=self.sari,
            stage_id=self.stage(stage),
        )
        return await self.do(lambda uow: opportunities.create(uow, self.desk, new))

    async def move(self, deal: Opportunity, stage: str, reason: str | None = None) -> Opportunity:
        """Bring an opportunity to a stage."""
        return await self.do(
            lambda uow: opportunities.move(uow, VAULT, deal.id, deal.version, self.stage(stage), reason)
        )

    @asynccontextmanager
    async def client(self, scope: Scope | None = None, storage: str = "") -> AsyncIterator[httpx2.AsyncClient]:
        """Sari's client, or that of another scope."""
        services = {"vault": VAULT, identity.SERVICE: self.people}
        if storage:
            services["storage"] = open_storage(storage)
        async with calling(
            self.database, scope or self.now(), [routes.router, customer_routes.router], services
        ) as client:
            yield client


async def open_team(database: Database) -> Team:
    """A fresh tenant with its people and customers."""
    mailer = open_mailer("", "from@kopi.example", Path("unused"))
    people = identity.build(signing_key=b"s" * 32, ring=VAULT, mailer=mailer, public_url="http://localhost:8000")
    async with database.begin(None) as uow:
        slug = f"kopi-{TenantId.new().uuid.hex[-12:]}"
        _, sandbox = await identity.create_tenant(uow, NewTenant("Kopi", slug, "Asia/Jakarta"))
    system = system_scope(sandbox, "test")
    users = {name: await _member(database, people, system, name) for name in ("Sari", "Agus")}
    async with database.begin(system) as uow:
        pipeline = await crm.open_first_pipeline(uow)
    actor = Actor(ActorKind.USER, str(users["Sari"]))
    scope = replace(system, actor=actor, permissions=frozenset(Permission))
    nobody = PartyId.new()
    team = Team(database, people, scope, users["Sari"], users["Agus"], nobody, nobody, pipeline)
    team.company = await team.customer("Toko Maju", PartyKind.COMPANY)
    team.budi = await team.customer("Budi Santoso")
    assert pipeline.stages[-1].outcome is Outcome.LOST
    return team


async def _member(database: Database, people: Identity, system: Scope, name: str) -> UserId:
    async with database.begin(system) as uow:
        email = f"{name.lower()}-{system.tenant_id}@kopi.example"
        user_id = await identity.create_user(uow, people, NewUser(email, name, None))
        await identity.add_member(uow, user_id, Role.SALES)
    return user_id
