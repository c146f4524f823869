"""Finds the accounts of a collected payment and posts its recipe."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from specie import events, ledger, wallets
from specie.events import NewEvent
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Currency, Money
from specie.ledger import EntryDraft, JournalEntry
from specie.payments import capture_postings, extras, postings, refund_postings, refund_store, terms_store
from specie.payments.model import Payment, PaymentKind, Terms, platform_fee
from specie.payments.postings import CaptureAccounts, Shares, Taker
from specie.platform import due
from specie.platform.db import UnitOfWork
from specie.providers import CaptureFact, ProviderFact
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
    others = [(split.party_id, split.amount) for split in payment.splits]
    net = payment.amount - fee - shared
    return await _book(uow, payment, fact, terms, _Part(payment.amount, fee, net, others))


async def book_part(uow: UnitOfWork, payment: Payment, fact: CaptureFact, amount: Money) -> Booked:
    """Work out one capture of several. Our fee on all of them together is that on their sum."""
    terms = await terms_store.terms_of(uow, payment.party_id)
    collected = payment.captured + amount
    before = payment.platform_fee if payment.platform_fee is not None else Money.zero(amount.currency)
    wanted = platform_fee(terms, collected) - before
    fee = min(wanted, amount) if wanted.minor > 0 else Money.zero(amount.currency)
    booked = await _book(uow, payment, fact, terms, _Part(amount, fee, amount - fee, []))
    return replace(booked, payment=replace(booked.payment, collected=collected))


@dataclass(frozen=True, slots=True)
class _Part:
    amount: Money
    fee: Money
    net: Money
    others: Sequence[tuple[PartyId, Money]]


async def _book(
    uow: UnitOfWork, payment: Payment, fact: ProviderFact | CaptureFact, terms: Terms, part: _Part
) -> Booked:
    hold_days = terms.hold_days if payment.kind is PaymentKind.MERCHANT and payment.released_at is None else 0
    charged = fact.fee if fact.fee is not None else Money.zero(part.amount.currency)
    arrivals = await _arrivals(uow, [(payment.party_id, part.net), *part.others])
    settled = await _settled(uow, payment, arrivals)
    takers = [await _taker(uow, wallet, amount, settled, hold_days) for wallet, amount in arrivals]
    at_once = [] if hold_days else [arrival for arrival in arrivals if arrival[0].party_id not in settled]
    if all(wallet.party_id in settled for wallet, _ in arrivals):
        hold_days = 0
    accounts = await _accounts(uow, payment, fact)
    draft = postings.capture(
        accounts,
        Shares(
            takers=takers,
            platform_fee=part.fee,
            provider_fee=charged,
            refundable=part.amount,
            limits=await wallets.arriving_legs(uow, at_once),
        ),
        title=payment.title,
        about={"payment_id": str(payment.id)},
        effective_at=_effective(uow, payment, fact),
        callback_id=fact.callback_id,
    )
    with_figures = replace(
        payment,
        platform_fee=_plus(payment.platform_fee, part.fee),
        provider_fee=_plus(payment.provider_fee, charged),
        net=_plus(payment.net, part.net),
        held_until=payment.held_until or (uow.now + timedelta(days=hold_days) if hold_days else None),
        entry_id=draft.id,
        refundable_account=accounts.refundable,
    )
    return Booked(with_figures, draft)


async def _settled(uow: UnitOfWork, payment: Payment, arrivals: Sequence[tuple[Wallet, Money]]) -> set[PartyId]:
    if payment.kind is PaymentKind.INVOICE:
        return set()
    return await extras.settled_parties(uow, [wallet.party_id for wallet, _ in arrivals], payment.amount.currency)


async def _taker(uow: UnitOfWork, wallet: Wallet, amount: Money, settled: set[PartyId], hold_days: int) -> Taker:
    if wallet.party_id in settled:
        return Taker(wallet.pending_account, None, amount)
    debt = await debt_of(uow, wallet.party_id, amount.currency)
    return Taker(wallet.pending_account if hold_days else wallet.available_account, debt, amount)


def _plus(before: Money | None, more: Money) -> Money:
    return more if before is None else before + more


async def post(uow: UnitOfWork, booked: Booked, event: NewEvent) -> JournalEntry:
    """Post a booked payment together with its event."""
    return await ledger.post(uow, booked.draft, event)


async def book_suspense(uow: UnitOfWork, payment: Payment, fact: ProviderFact) -> tuple[JournalEntry, Money]:
    """Post money that does not fit its payment to suspense; the amount is what the provider says it has."""
    amount = cast(Money, fact.amount)
    clearing = await ledger.ensure_account(uow, postings.clearing_account(fact.connection_id, amount.currency))
    suspense = await ledger.ensure_account(uow, postings.suspense_account(amount.currency))
    fees = await ledger.ensure_account(uow, postings.provider_fee_account(fact.connection_id, amount.currency))
    is_told = fact.fee is not None and fact.fee.currency == amount.currency
    draft = postings.set_aside(
        postings.SuspenseAccounts(clearing.id, suspense.id, fees.id),
        amount,
        cast(Money, fact.fee) if is_told else Money.zero(amount.currency),
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
    limits = await wallets.arriving_legs(uow, arrivals)
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
    parties = dict.fromkeys([payment.party_id, *(split.party_id for split in payment.splits)])
    # What waits for a settlement is not the hold's to release.
    settled = await extras.settled_parties(uow, list(parties), payment.amount.currency)
    owned = [
        await wallets.ensure_wallet(uow, party_id, payment.amount.currency)
        for party_id in parties
        if party_id not in settled
    ]
    left = [(wallet, Money(moved[wallet.pending_account], payment.amount.currency)) for wallet in owned]
    return [(wallet, amount) for wallet, amount in left if amount.minor > 0]


async def _arrivals(uow: UnitOfWork, shares: Sequence[tuple[PartyId, Money]]) -> list[tuple[Wallet, Money]]:
    return [(await wallets.ensure_wallet(uow, party_id, share.currency), share) for party_id, share in shares]


async def capturable_of(uow: UnitOfWork, payment: Payment) -> AccountId:
    """The account of what may be captured of a payment."""
    spec = capture_postings.capturable_account(payment.id, payment.amount.currency)
    return (await ledger.ensure_account(uow, spec)).id


async def post_limit(
    uow: UnitOfWork,
    payment: Payment,
    recipe: Callable[..., EntryDraft],
    amount: Money,
    about: dict[str, Any],
    event: NewEvent | None = None,
) -> None:
    """Change what may be captured of a payment by one of its recipes. Raises InsufficientFunds for a request."""
    source = await ledger.ensure_account(
        uow, capture_postings.capturable_source(payment.party_id, payment.amount.currency)
    )
    told = {"payment_id": str(payment.id), **about}
    entry = await ledger.post(uow, recipe(await capturable_of(uow, payment), source.id, amount, about=told), event)
    await refund_store.note_entry(uow, payment.id, entry.id)


@dataclass(frozen=True, slots=True)
class Bearing:
    """A party's part of a refund or dispute, and whether what is pending bears it or what is available."""

    wallet: Wallet
    part: Money
    is_pending: bool

    @property
    def account(self) -> AccountId:
        """The account that bears the part."""
        return self.wallet.pending_account if self.is_pending else self.wallet.available_account


async def bearings(
    uow: UnitOfWork, parts: Sequence[tuple[Wallet, Money]], *, on_hold: bool, comes_back: bool = False
) -> list[Bearing]:
    """Which accounts bear the parts of a payment that leave, or that come back.

    A hold keeps them pending. Of a merchant who is settled later what is pending bears them, unless it cannot and
    what is available can better; what comes back waits for the next settlement.
    """
    settled = await extras.settled_parties(uow, [wallet.party_id for wallet, _ in parts], parts[0][1].currency)
    return [
        Bearing(wallet, part, on_hold)
        if wallet.party_id not in settled
        else Bearing(wallet, part, comes_back or await _pending_bears(uow, wallet, part))
        for wallet, part in parts
    ]


async def _pending_bears(uow: UnitOfWork, wallet: Wallet, part: Money) -> bool:
    found = await ledger.accounts_by_ids(uow, [wallet.pending_account, wallet.available_account])
    return found[wallet.pending_account].balance >= min(part, found[wallet.available_account].balance)


async def debt_of(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> AccountId:
    """The account of what a party owes us."""
    return (await ledger.ensure_account(uow, wallets.debt_account(party_id, currency))).id


def _fee(payment: Payment, terms: Terms) -> Money:
    if payment.kind is not PaymentKind.MERCHANT:
        return Money.zero(payment.amount.currency)
    shared = sum(split.amount.minor for split in payment.splits)
    # Terms may have changed since the shares were promised; the promise comes before our fee.
    return min(platform_fee(terms, payment.amount), Money(payment.amount.minor - shared, payment.amount.currency))


async def _accounts(uow: UnitOfWork, payment: Payment, fact: ProviderFact | CaptureFact) -> CaptureAccounts:
    currency = payment.amount.currency
    clearing = await ledger.ensure_account(uow, postings.clearing_account(fact.connection_id, currency))
    fee = await ledger.ensure_account(uow, postings.platform_fee_account(currency))
    provider_fee = await ledger.ensure_account(uow, postings.provider_fee_account(fact.connection_id, currency))
    refundable = await ledger.ensure_account(uow, refund_postings.refundable_account(payment.id, currency))
    source = await ledger.ensure_account(uow, refund_postings.refundable_source(payment.party_id, currency))
    return CaptureAccounts(clearing.id, fee.id, provider_fee.id, refundable.id, source.id)


def _effective(uow: UnitOfWork, payment: Payment, fact: ProviderFact | CaptureFact) -> datetime | None:
    # A provider's clock that runs ahead, or a time before the payment existed, is not believed.
    told = fact.occurred_at
    return told if told is not None and payment.created_at <= told <= uow.now else None
