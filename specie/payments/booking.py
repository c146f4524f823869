"""Finds the accounts of a collected payment and posts its recipe."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from specie import events, ledger, wallets
from specie.events import NewEvent
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Currency, Money
from specie.ledger import EntryDraft, JournalEntry, Leg
from specie.payments import postings, refund_postings, refund_store, terms_store
from specie.payments.model import Payment, PaymentKind, Terms, platform_fee
from specie.payments.postings import CaptureAccounts, Shares, Taker
from specie.platform import due
from specie.platform.db import UnitOfWork
from specie.providers import ProviderFact
from specie.wallets import Wallet

RELEASE = "payments.release"


@dataclass(frozen=True, slots=True)
class Booked:
    """A payment with its figures, and the entry that will book it."""

    payment: Payment
    draft: EntryDraft


async def book(uow: UnitOfWork, payment: Payment, fact: ProviderFact) -> Booked:
    """Work out the parts of a payment that has been paid in full, and the entry for them."""
    terms = await terms_store.terms_of(uow, payment.party_id)
    fee = _fee(payment, terms)
    shared = Money(sum(split.amount.minor for split in payment.splits), payment.amount.currency)
    provider_fee = fact.fee if fact.fee is not None else Money.zero(payment.amount.currency)
    hold_days = terms.hold_days if payment.kind is PaymentKind.MERCHANT else 0
    with_figures = replace(
        payment,
        platform_fee=fee,
        provider_fee=provider_fee,
        net=payment.amount - fee - shared,
        held_until=uow.now + timedelta(days=hold_days) if hold_days else None,
    )
    arrivals = await _arrivals(uow, with_figures)
    takers = [
        Taker(
            wallet.pending_account if hold_days else wallet.available_account,
            await debt_of(uow, wallet.party_id, amount.currency),
            amount,
        )
        for wallet, amount in arrivals
    ]
    accounts = await _accounts(uow, payment, fact)
    draft = postings.capture(
        accounts,
        Shares(
            takers=takers,
            platform_fee=fee,
            provider_fee=provider_fee,
            refundable=payment.amount,
            limits=[] if hold_days else await limit_legs(uow, arrivals),
        ),
        title=payment.title,
        about={"payment_id": str(payment.id)},
        effective_at=_effective(uow, payment, fact),
        callback_id=fact.callback_id,
    )
    return Booked(replace(with_figures, entry_id=draft.id, refundable_account=accounts.refundable), draft)


async def post(uow: UnitOfWork, booked: Booked, event: NewEvent) -> JournalEntry:
    """Post a booked payment together with its event."""
    return await ledger.post(uow, booked.draft, event)


async def book_suspense(uow: UnitOfWork, payment: Payment, fact: ProviderFact) -> tuple[JournalEntry, Money]:
    """Post money that does not fit its payment to suspense; the amount is what the provider says it has."""
    amount = cast(Money, fact.amount)
    clearing = await ledger.ensure_account(uow, postings.clearing_account(fact.connection_id, amount.currency))
    suspense = await ledger.ensure_account(uow, postings.suspense_account(amount.currency))
    draft = postings.set_aside(
        clearing.id,
        suspense.id,
        amount,
        title=payment.title,
        about={"payment_id": str(payment.id), "provider_ref": fact.provider_ref},
        effective_at=_effective(uow, payment, fact),
        callback_id=fact.callback_id,
    )
    return await ledger.post(uow, draft), amount


async def schedule_release(uow: UnitOfWork, payment: Payment) -> None:
    """Plan the end of the hold, where there is one."""
    if payment.held_until is not None:
        await due.schedule(uow, kind=RELEASE, at=payment.held_until, payload={"payment": str(payment.id.uuid)})


async def post_release(uow: UnitOfWork, payment: Payment, event: NewEvent) -> None:
    """Move what is left of the merchants' shares from pending to available."""
    arrivals = await _still_pending(uow, payment)
    if not arrivals:
        await events.record(uow, event)
        return
    shares = [(wallet.pending_account, wallet.available_account, amount) for wallet, amount in arrivals]
    limits = await limit_legs(uow, arrivals)
    draft = postings.release(shares, limits, title=payment.title, about={"payment_id": str(payment.id)})
    entry = await ledger.post(uow, draft, event)
    await refund_store.note_entry(uow, payment.id, entry.id)


async def _still_pending(uow: UnitOfWork, payment: Payment) -> list[tuple[Wallet, Money]]:
    """What this payment has put on hold and nothing has taken since, as its own entries say."""
    moved: dict[AccountId, int] = defaultdict(int)
    for entry_id in await refund_store.entry_ids_of(uow, payment.id):
        for posting in (await ledger.get_entry(uow, entry_id)).postings:
            moved[posting.credit] += posting.amount.minor
            moved[posting.debit] -= posting.amount.minor
    owned = {wallet.id: wallet for wallet, _ in await _arrivals(uow, payment)}.values()
    left = [(wallet, Money(moved[wallet.pending_account], payment.amount.currency)) for wallet in owned]
    return [(wallet, amount) for wallet, amount in left if amount.minor > 0]


async def _arrivals(uow: UnitOfWork, payment: Payment) -> list[tuple[Wallet, Money]]:
    """Each merchant's wallet and share, the payment's own merchant first."""
    shares = [(payment.party_id, cast(Money, payment.net))]
    shares += [(split.party_id, split.amount) for split in payment.splits]
    return [(await wallets.ensure_wallet(uow, party_id, share.currency), share) for party_id, share in shares]


async def debt_of(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> AccountId:
    """The account of what a party owes us."""
    return (await ledger.ensure_account(uow, wallets.debt_account(party_id, currency))).id


async def limit_legs(uow: UnitOfWork, arrivals: Sequence[tuple[Wallet, Money]]) -> list[Leg]:
    """What arriving money does to limits; what a cap has no room for is counted elsewhere, never refused."""
    legs = [leg for wallet, amount in arrivals for leg in wallets.incoming_legs(wallet, amount)]
    if not legs:
        return []
    over = await ledger.ensure_account(uow, postings.over_limit_account(arrivals[0][1].currency))
    return [replace(leg, remainder=over.id) for leg in legs]


def _fee(payment: Payment, terms: Terms) -> Money:
    if payment.kind is PaymentKind.TOP_UP:
        return Money.zero(payment.amount.currency)
    shared = sum(split.amount.minor for split in payment.splits)
    # Terms may have changed since the shares were promised; the promise comes before our fee.
    return min(platform_fee(terms, payment.amount), Money(payment.amount.minor - shared, payment.amount.currency))


async def _accounts(uow: UnitOfWork, payment: Payment, fact: ProviderFact) -> CaptureAccounts:
    currency = payment.amount.currency
    clearing = await ledger.ensure_account(uow, postings.clearing_account(fact.connection_id, currency))
    fee = await ledger.ensure_account(uow, postings.platform_fee_account(currency))
    provider_fee = await ledger.ensure_account(uow, postings.provider_fee_account(fact.connection_id, currency))
    refundable = await ledger.ensure_account(uow, refund_postings.refundable_account(payment.id, currency))
    source = await ledger.ensure_account(uow, refund_postings.refundable_source(payment.party_id, currency))
    return CaptureAccounts(clearing.id, fee.id, provider_fee.id, refundable.id, source.id)


def _effective(uow: UnitOfWork, payment: Payment, fact: ProviderFact) -> datetime | None:
    # A provider's clock that runs ahead, or a time before the payment existed, is not believed.
    told = fact.occurred_at
    return told if told is not None and payment.created_at <= told <= uow.now else None
