"""One timeline for each customer: what is written here, and facts that other modules add."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from specie.crm import customer_store, merging, opening, tables
from specie.crm.customer_store import Before
from specie.crm.model import Activity, CrmFile, Fact, Note, Opportunity
from specie.kernel.ids import PartyId
from specie.kernel.pagination import Page
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing

FactsOf = Callable[[UnitOfWork, Sequence[PartyId], Before, int], Awaitable[list[Fact]]]
"""Up to so many facts about some parties that come before a moment and key, the newest first."""

_sources: dict[str, FactsOf] = {}


def add_facts(name: str, source: FactsOf) -> None:
    """Let a module that customer relations do not know put its facts on every customer's timeline."""
    _sources[name] = source


async def of(
    uow: UnitOfWork, vault: KeyRing, party_id: PartyId, after: tuple[Any, ...] | None, limit: int
) -> Page[Fact]:
    """What happened with a customer and with those merged into it, the newest first."""
    everybody, _ = await merging.aliases(uow, party_id)
    before = (datetime.fromisoformat(after[0]), UUID(after[1])) if after else None
    facts = await _own(uow, vault, everybody, before, limit + 1)
    for source in _sources.values():
        facts += await source(uow, everybody, before, limit + 1)
    facts.sort(key=lambda fact: (fact.at, fact.key.int), reverse=True)
    return Page.cut(facts, limit, lambda fact: (fact.at.isoformat(), str(fact.key)))


async def _own(uow: UnitOfWork, vault: KeyRing, everybody: Sequence[PartyId], before: Before, limit: int) -> list[Fact]:
    facts: list[Fact] = []
    rows = await customer_store.latest(uow, tables.opportunity, everybody, before, limit)
    facts += [_begun(deal) for deal in await opening.opportunities(uow, vault, rows)]
    rows = await customer_store.ended(uow, everybody, before, limit)
    facts += [_ended(deal) for deal in await opening.opportunities(uow, vault, rows)]
    rows = await customer_store.latest(uow, tables.activity, everybody, before, limit)
    facts += [_activity(activity) for activity in await opening.activities(uow, vault, rows)]
    rows = await customer_store.latest(uow, tables.note, everybody, before, limit)
    facts += [_written("note", note, note.body) for note in await opening.notes(uow, vault, rows)]
    rows = await customer_store.latest(uow, tables.file, everybody, before, limit)
    facts += [_written("file", file, file.name) for file in await opening.files(uow, vault, rows)]
    return facts


def _begun(deal: Opportunity) -> Fact:
    return Fact(
        kind="opportunity",
        id=str(deal.id),
        key=deal.id.uuid,
        at=deal.created_at,
        title=deal.title,
        amount=deal.amount,
        status="created",
        actor=deal.created_by,
    )


def _ended(deal: Opportunity) -> Fact:
    return Fact(
        kind="opportunity",
        id=str(deal.id),
        key=deal.id.uuid,
        at=deal.closed_at or deal.moved_at,
        title=f"{deal.title}: {deal.lost_reason}" if deal.lost_reason else deal.title,
        amount=deal.amount,
        status=str(deal.outcome),
    )


def _activity(activity: Activity) -> Fact:
    return Fact(
        kind=str(activity.kind),
        id=str(activity.id),
        key=activity.id.uuid,
        at=activity.created_at,
        title=activity.subject,
        status="done" if activity.done_at else "planned",
        actor=activity.created_by,
    )


def _written(kind: str, thing: Note | CrmFile, title: str) -> Fact:
    return Fact(kind, str(thing.id), thing.id.uuid, thing.created_at, title, actor=thing.created_by)
