"""Making statements, once for each party, currency and period; and finding them."""

from dataclasses import dataclass
from datetime import date

from specie import audit, events, parties
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.statements import gathering, store
from specie.statements.errors import (
    StatementMissing,
    StatementPartyRequired,
    StatementPeriodInvalid,
    StatementPeriodOpen,
)
from specie.statements.events import made_event
from specie.statements.heading import freeze_addressee
from specie.statements.model import LONGEST_DAYS, Statement, StatementId, frozen


@dataclass(frozen=True, slots=True)
class WantedStatement:
    """Whose statement is wanted, in which currency, for which business days."""

    party_id: PartyId | None
    currency: Currency
    from_day: date
    through_day: date


async def make(uow: UnitOfWork, ring: KeyRing, wanted: WantedStatement) -> Statement:
    """Number and freeze the statement of a period that is over; asked for again, it is the same one.

    Raises StatementPartyRequired, PartyMissing, StatementPeriodInvalid or StatementPeriodOpen.
    """
    party_id = uow.scope.party_id or wanted.party_id
    if party_id is None:
        raise StatementPartyRequired("say whose statement it is", param="party_id")
    if party_id not in await parties.tiers(uow, [party_id]):
        raise parties.PartyMissing(f"there is no party {party_id}", param="party_id")
    if not 0 <= (wanted.through_day - wanted.from_day).days < LONGEST_DAYS:
        raise StatementPeriodInvalid(f"a statement covers one to {LONGEST_DAYS} days", param="through")
    if wanted.through_day >= uow.business_date:
        raise StatementPeriodOpen("choose a last day that is over", param="through")
    found = await store.statement_of(uow, party_id, wanted.currency, wanted.from_day, wanted.through_day)
    if found is not None:
        return found
    return await _made(uow, ring, party_id, wanted)


async def _made(uow: UnitOfWork, ring: KeyRing, party_id: PartyId, wanted: WantedStatement) -> Statement:
    # The number's row is locked before the look, so that of two at the same moment the second finds the first's.
    last = await store.lock_number(uow)
    earlier = await store.statement_of(uow, party_id, wanted.currency, wanted.from_day, wanted.through_day)
    if earlier is not None:
        return earlier
    number, statement_id = last + 1, StatementId.new()
    period = gathering.period_of(uow, wanted.from_day, wanted.through_day)
    content, digest = frozen(await gathering.gather(uow, party_id, wanted.currency, period))
    statement = Statement(
        id=statement_id,
        n=number,
        party_id=party_id,
        currency=wanted.currency,
        from_day=wanted.from_day,
        through_day=wanted.through_day,
        content=content,
        digest=digest,
        created_at=uow.now,
        created_by=str(uow.scope.actor),
        addressee=await freeze_addressee(uow, ring, party_id, statement_id),
    )
    await store.insert_statement(uow, statement)
    await store.save_number(uow, number)
    subject = ("statement", str(statement.id))
    await audit.record(uow, action="statement.make", subject=subject, after={"n": number, "sha256": digest.hex()})
    await events.record(uow, made_event(statement))
    return statement


async def get(uow: UnitOfWork, statement_id: StatementId) -> Statement:
    """One statement the caller may see. Raises StatementMissing."""
    found = await store.statement_by_id(uow, statement_id)
    if found is None:
        raise StatementMissing(f"there is no statement {statement_id}")
    return found
