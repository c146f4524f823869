"""Settling what a merchant is owed: worked out from the books, posted, and paid out; in the caller's unit of work."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from specie import audit, events, ledger, payouts, wallets
from specie.kernel.business_days import moment
from specie.kernel.errors import SpecieError
from specie.kernel.ids import EntryId, PartyId
from specie.kernel.money import Currency, Money
from specie.ledger import EntryDraft
from specie.payouts import Payout, PayoutId, RequestPayout
from specie.platform.db import UnitOfWork
from specie.settlement import coverage_store, postings, store
from specie.settlement import events as told
from specie.settlement.errors import (
    NotABusinessDay,
    NothingToSettle,
    SettlementKept,
    SettlementMissing,
    SettlementTermsMissing,
)
from specie.settlement.model import (
    Cause,
    Composition,
    Coverage,
    Paid,
    Settlement,
    SettlementId,
    Status,
    Terms,
    compose,
    status_of,
)
from specie.settlement.postings import Places
from specie.settlement.store import SettlementFilter


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be settled for a business day; where it has been settled, by which settlement."""

    terms: Terms
    day: date
    coverage: Coverage
    composition: Composition
    places: Places
    debt: Money
    reserve: Money
    reserve_free_on: date | None
    settled_by: Settlement | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A settlement with its payouts and where its money is."""

    settlement: Settlement
    payouts: Sequence[Paid]
    status: Status


async def get_terms(uow: UnitOfWork, party_id: PartyId, currency: Currency, *, lock: bool = False) -> Terms:
    """A merchant's terms in a currency. Raises SettlementTermsMissing, also for another party's."""
    found = await store.terms_of(uow, party_id, currency, lock=lock)
    if found is None:
        raise SettlementTermsMissing(f"{party_id} has no settlement terms in {currency}")
    return found


def today(uow: UnitOfWork) -> date:
    """The day it is in the tenant's time zone."""
    return uow.now.astimezone(uow.scope.clock.zone).date()


async def places_of(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> Places:
    """The accounts of a merchant's settlements, opened with its terms."""
    wallet = await wallets.ensure_wallet(uow, party_id, currency)
    debt = await ledger.ensure_account(uow, wallets.debt_account(party_id, currency))
    reserve = await ledger.ensure_account(uow, postings.reserve_account(party_id, currency))
    fee = await ledger.ensure_account(uow, postings.fee_account(currency))
    return Places(wallet, reserve.id, debt.id, fee.id)


async def plan(uow: UnitOfWork, terms: Terms, day: date) -> Plan:
    """What a settlement for a business day would be made of now; nothing is written."""
    terms = terms.now_in_force
    places = await places_of(uow, terms.party_id, terms.currency)
    debt = (await ledger.get_account(uow, places.debt)).balance
    cut_off = moment(terms.calendar.days_before(day, terms.delay_days), terms.cut_off, uow.scope.clock.zone)
    last = await store.last_settlement(uow, terms)
    covers = await coverage_store.coverage(uow, places.wallet.pending_account, last, cut_off)
    owed = await coverage_store.owed(uow, covers, terms.currency)
    released, count = await store.reserve_due(uow, terms, day)
    waiting, free_on = await store.reserve_waiting(uow, terms)
    return Plan(
        terms=terms,
        day=day,
        coverage=covers,
        composition=compose(terms, owed, released, count, debt),
        places=places,
        debt=debt,
        reserve=waiting,
        reserve_free_on=free_on,
        settled_by=await store.settlement_of_day(uow, terms, day),
    )


async def settle(uow: UnitOfWork, party_id: PartyId, currency: Currency, day: date) -> Settlement | None:
    """Settle a business day, once: a day that has been settled gives its settlement, whatever has come since.

    None when nothing is due or it is less than the minimum; it then waits for the next business day. Raises
    SettlementTermsMissing.
    """
    terms = await get_terms(uow, party_id, currency, lock=True)
    found = await plan(uow, terms, day)
    if found.settled_by is not None:
        return found.settled_by
    if found.composition.blocker is not None:
        return None
    return await _make(uow, found)


async def settle_today(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> Settlement:
    """Settle by hand, for today. Raises NotABusinessDay, NothingToSettle or SettlementTermsMissing."""
    terms = await get_terms(uow, party_id, currency)
    day = today(uow)
    require_business_day(terms, day)
    made = await settle(uow, party_id, currency, day)
    if made is None:
        blocker = (await plan(uow, terms, day)).composition.blocker
        raise NothingToSettle("nothing is due, or less than the minimum", reason=str(blocker))
    return made


def require_business_day(terms: Terms, day: date) -> None:
    """Raises NotABusinessDay."""
    if not terms.calendar.is_business_day(day):
        following = terms.calendar.next_after(day).isoformat()
        raise NotABusinessDay(f"{day} is not a business day", next_business_day=following)


async def _make(uow: UnitOfWork, found: Plan) -> Settlement:
    terms, made = found.terms, found.composition
    reserve = -made.of(Cause.RESERVE_KEPT)
    new = Settlement(
        id=SettlementId.new(),
        party_id=terms.party_id,
        currency=terms.currency,
        day=found.day,
        coverage=found.coverage,
        payout=made.payout,
        reserve=reserve,
        reserve_until=found.day + timedelta(days=terms.reserve_days) if reserve.minor > 0 else None,
        beneficiary_id=terms.beneficiary_id,
        kept_because=None,
        entry_id=EntryId.new(),
        terms_version=terms.version,
        made_by=str(uow.scope.actor),
        made_at=uow.now,
    )
    draft = await _draft(uow, found, new)
    await ledger.post(uow, draft, told.made(new, list(made.lines)))
    payout, problem = await _pay_out(uow, new, 1)
    new = replace(new, kept_because=problem)
    await store.insert_settlement(uow, new, made.lines)
    await store.release_reserve(uow, terms, found.day, new.id)
    if payout is not None:
        await store.insert_payout(uow, new.id, 1, payout.id)
    elif problem is not None:
        await events.record(uow, told.kept(new, list(made.lines), problem))
    await audit.record(
        uow,
        action="settlement.make",
        subject=("settlement", str(new.id)),
        after={"day": new.day.isoformat(), "payout_minor": new.payout.minor, "kept_because": problem},
    )
    return new


async def _draft(uow: UnitOfWork, found: Plan, new: Settlement) -> EntryDraft:
    wallet, made = found.places.wallet, found.composition
    limits = await wallets.arriving_legs(uow, [(wallet, made.payout)])
    about = {"settlement_id": str(new.id), "day": new.day.isoformat()}
    draft = postings.settle(made, found.places, limits, f"Settlement of {new.day}", about)
    return replace(draft, id=new.entry_id)


async def _pay_out(uow: UnitOfWork, of: Settlement, number: int) -> tuple[Payout | None, str | None]:
    """Ask for the payout; what stands against it leaves the money in the wallet, told by its code."""
    if of.beneficiary_id is None or of.payout.minor == 0:
        return None, None
    try:
        async with uow.savepoint():
            return await payouts.request(uow, await _order(uow, of, number)), None
    except SpecieError as refusal:
        if refusal.retryable:
            raise
        return None, refusal.code


async def _order(uow: UnitOfWork, of: Settlement, number: int) -> RequestPayout:
    wallet = await wallets.ensure_wallet(uow, of.party_id, of.currency)
    if of.beneficiary_id is None:
        raise SettlementKept("the terms named no account; the money is in the wallet to stay")
    return RequestPayout(
        of.beneficiary_id,
        reference_of(of.id, number),
        of.payout,
        wallet_id=wallet.id,
        description=f"Settlement {of.day}",
        source="settlement",
        metadata={"settlement_id": str(of.id)},
        # A settlement has a fee of its own, which is one of its lines.
        fee=Money.zero(of.currency),
    )


def reference_of(settlement_id: SettlementId, number: int) -> str:
    """The reference of a settlement's payout, the same however often the first one is asked for."""
    return str(settlement_id) if number == 1 else f"{settlement_id}/{number}"


async def pay_out_again(uow: UnitOfWork, settlement_id: SettlementId) -> Payout:
    """Ask anew for the payout of a settlement whose money did not leave.

    Raises SettlementMissing, SettlementKept, or what asking for a payout raises.
    """
    found = await get(uow, settlement_id)
    await get_terms(uow, found.settlement.party_id, found.settlement.currency, lock=True)
    found = await get(uow, settlement_id)
    if found.status is not Status.NOT_PAID_OUT:
        raise SettlementKept(f"this settlement is {found.status}", status=str(found.status))
    number = len(found.payouts) + 1
    payout = await payouts.request(uow, await _order(uow, found.settlement, number))
    await store.insert_payout(uow, settlement_id, number, payout.id)
    await audit.record(
        uow,
        action="settlement.pay_out",
        subject=("settlement", str(settlement_id)),
        after={"payout_id": str(payout.id), "number": number},
    )
    return payout


async def get(uow: UnitOfWork, settlement_id: SettlementId) -> Shown:
    """One settlement. Raises SettlementMissing, also for another party's."""
    found = await store.settlement_by_id(uow, settlement_id)
    if found is None:
        raise SettlementMissing(f"there is no settlement {settlement_id}")
    [shown] = await shown_of(uow, [found])
    return shown


async def payouts_of(uow: UnitOfWork, settlement_id: SettlementId) -> list[PayoutId]:
    """The payouts made of a settlement, first to last."""
    return [payout_id for _, payout_id in (await store.payouts_of(uow, [settlement_id]))[settlement_id]]


async def find(uow: UnitOfWork, wanted: SettlementFilter, before: SettlementId | None, limit: int) -> list[Shown]:
    """Up to `limit + 1` settlements, newest first, each with where its money is."""
    return await shown_of(uow, await store.find_settlements(uow, wanted, before.uuid if before else None, limit))


async def shown_of(uow: UnitOfWork, found: Sequence[Settlement]) -> list[Shown]:
    """These settlements with their payouts and where their money is."""
    made = await store.payouts_of(uow, [each.id for each in found])
    states = await payouts.states_of(uow, [payout_id for each in made.values() for _, payout_id in each])
    shown = []
    for each in found:
        paid = [Paid(number, payout_id, states[payout_id]) for number, payout_id in made[each.id]]
        shown.append(Shown(each, paid, status_of(each, paid[-1] if paid else None)))
    return shown
