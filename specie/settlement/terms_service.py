"""A merchant's settlement terms, and when the next run is due."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from specie import audit, ledger, parties, payouts
from specie.kernel.business_days import calendar_of, moment
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.parties import PartyMissing
from specie.payouts import BeneficiaryId, BeneficiaryMissing
from specie.platform import due, jobs
from specie.platform.db import UnitOfWork
from specie.settlement import service, store
from specie.settlement.errors import SettlementTermsUnfit
from specie.settlement.model import Terms

RUN = "settlement.run"
SETTLE = "settlement.settle"


@dataclass(frozen=True, slots=True)
class NewTerms:
    """Terms to set. Rates are parts of one, the cut-off is local time of the tenant."""

    party_id: PartyId
    currency: Currency
    delay_days: int = 2
    country: str = ""
    subdivision: str = ""
    cut_off: time = time(17, 0)
    minimum_minor: int = 0
    fee_minor: int = 0
    reserve_rate: Decimal = Decimal(0)
    reserve_days: int = 0
    recovery_rate: Decimal = Decimal(1)
    beneficiary_id: BeneficiaryId | None = None


async def set_terms(uow: UnitOfWork, new: NewTerms) -> Terms:
    """Settle a merchant by these terms from now on; what it has pending is settled by them too.

    Raises PartyMissing, CountryUnknown, BeneficiaryMissing or SettlementTermsUnfit.
    """
    if new.party_id not in await parties.tiers(uow, [new.party_id]):
        raise PartyMissing(f"there is no party {new.party_id}", param="party_id")
    await _require_fit(uow, new)
    before = await store.terms_of(uow, new.party_id, new.currency, lock=True)
    await service.places_of(uow, new.party_id, new.currency)
    calendar = calendar_of(new.country, new.subdivision)
    made = Terms(
        party_id=new.party_id,
        currency=new.currency,
        delay_days=new.delay_days,
        country=new.country,
        subdivision=new.subdivision,
        cut_off=new.cut_off,
        minimum=Money(new.minimum_minor, new.currency),
        fee=Money(new.fee_minor, new.currency),
        reserve_rate=new.reserve_rate,
        reserve_days=new.reserve_days,
        recovery_rate=new.recovery_rate,
        beneficiary_id=new.beneficiary_id,
        next_run_at=uow.now,
        version=before.version + 1 if before else 1,
    )
    first = calendar.days_from(service.today(uow), 0)
    if _run_at(uow, made, first) <= uow.now:
        first = calendar.next_after(first)
    made = replace(made, next_run_at=_run_at(uow, made, first))
    await store.put_terms(uow, made)
    if before is None or before.next_run_at != made.next_run_at:
        await _schedule(uow, made, first)
    await audit.record(
        uow,
        action="settlement_terms.set",
        subject=("settlement_terms", f"{made.party_id}/{made.currency}"),
        before=_told(before) if before else None,
        after=_told(made),
    )
    return made


async def end_terms(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> Terms:
    """From now on sales are not settled; the next runs pay over all that waits, and reserves when they are free.

    Terms that have ended stay so. Raises SettlementTermsMissing.
    """
    before = await service.get_terms(uow, party_id, currency, lock=True)
    if before.ended_at is not None:
        return before
    ended = replace(before, ended_at=uow.now, version=before.version + 1)
    await store.put_terms(uow, ended)
    await audit.record(
        uow,
        action="settlement_terms.end",
        subject=("settlement_terms", f"{party_id}/{currency}"),
        before=_told(before),
    )
    return ended


async def run(uow: UnitOfWork, party_id: PartyId, currency: Currency, day: date, at: datetime) -> None:
    """A run is due: have the day settled and plan the next. A run that was planned by older terms does nothing."""
    terms = await store.terms_of(uow, party_id, currency, lock=True)
    if terms is None or terms.next_run_at != at:
        return
    if terms.ended_at is not None and not await _waits(uow, terms):
        return
    await jobs.defer(uow, SETTLE, party_id=str(party_id), currency=currency.code, day=day.isoformat())
    following = terms.calendar.next_after(day)
    planned = replace(terms, next_run_at=_run_at(uow, terms, following))
    await store.plan_next_run(uow, planned, planned.next_run_at)
    await _schedule(uow, planned, following)


async def _waits(uow: UnitOfWork, terms: Terms) -> bool:
    """Whether anything is left to settle, now or when a reserve is free."""
    places = await service.places_of(uow, terms.party_id, terms.currency)
    found = await ledger.accounts_by_ids(uow, [places.wallet.pending_account, places.reserve])
    return any(account.balance.minor > 0 for account in found.values())


def _run_at(uow: UnitOfWork, terms: Terms, day: date) -> datetime:
    return moment(day, terms.cut_off, uow.scope.clock.zone)


async def _schedule(uow: UnitOfWork, terms: Terms, day: date) -> None:
    payload = {
        "party": str(terms.party_id.uuid),
        "currency": terms.currency.code,
        "day": day.isoformat(),
        "at": terms.next_run_at.isoformat(),
    }
    await due.schedule(uow, kind=RUN, at=terms.next_run_at, payload=payload)


async def _require_fit(uow: UnitOfWork, new: NewTerms) -> None:
    if (new.reserve_rate > 0) != (new.reserve_days > 0):
        raise SettlementTermsUnfit("a reserve needs a rate and days", param="reserve_days")
    if not new.country and new.subdivision:
        raise SettlementTermsUnfit("a part needs its country", param="subdivision")
    if new.beneficiary_id is None:
        return
    book = {each.id for each in await payouts.book_of(uow, new.party_id)}
    if new.beneficiary_id not in book:
        raise BeneficiaryMissing(f"{new.beneficiary_id} is not in the merchant's book", param="beneficiary_id")


def _told(terms: Terms) -> dict[str, Any]:
    return {
        "delay_days": terms.delay_days,
        "country": "/".join(part for part in (terms.country, terms.subdivision) if part),
        "cut_off": terms.cut_off.isoformat("minutes"),
        "minimum_minor": terms.minimum.minor,
        "fee_minor": terms.fee.minor,
        "reserve_rate": str(terms.reserve_rate),
        "reserve_days": terms.reserve_days,
        "recovery_rate": str(terms.recovery_rate),
        "beneficiary_id": str(terms.beneficiary_id) if terms.beneficiary_id else None,
    }
