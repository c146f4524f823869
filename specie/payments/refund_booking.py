"""Finds the accounts of a refund and posts its recipes."""

from dataclasses import replace
from typing import Any

from specie import ledger, wallets
from specie.events import NewEvent
from specie.kernel.ids import AccountId, CallbackId
from specie.kernel.money import Currency, Money
from specie.ledger import EntryDraft, JournalEntry, Leg
from specie.payments import booking, dispute_store, postings, refund_postings, refund_store, store
from specie.payments.dispute_model import DisputeState
from specie.payments.model import Payment
from specie.payments.refund_model import Refund, RefundState
from specie.payments.refund_postings import Bearer, Limit
from specie.platform.db import UnitOfWork
from specie.wallets import Wallet


async def limit_of(uow: UnitOfWork, payment: Payment) -> Limit:
    """The accounts that keep what may still be refunded of a payment."""
    currency = payment.amount.currency
    refundable = await ledger.ensure_account(uow, refund_postings.refundable_account(payment.id, currency))
    source = await ledger.ensure_account(uow, refund_postings.refundable_source(payment.party_id, currency))
    over = await ledger.ensure_account(uow, refund_postings.over_refunded_account(currency))
    return Limit(refundable.id, source.id, over.id)


async def refundable(uow: UnitOfWork, payment: Payment) -> Money:
    """What may still be refunded of a payment, as its account says."""
    spec = refund_postings.refundable_account(payment.id, payment.amount.currency)
    return (await ledger.ensure_account(uow, spec)).balance


async def opened(uow: UnitOfWork, refund: Refund) -> AccountId:
    """The account in which a refund's money waits."""
    spec = refund_postings.refund_account(refund.id, refund.amount.currency)
    return (await ledger.ensure_account(uow, spec)).id


async def post_reserve(uow: UnitOfWork, payment: Payment, refund: Refund, event: NewEvent) -> JournalEntry:
    """Take a requested refund from those who bear it. Raises InsufficientFunds or AccountFrozen."""
    waiting = await opened(uow, refund)
    limit = await limit_of(uow, payment)
    leaving = [] if refund.is_from_pending else await _leaving(uow, payment, refund)
    bearers = await _bearers(uow, payment, refund, from_pending=refund.is_from_pending)
    draft = refund_postings.reserve(bearers, waiting, refund.amount, limit, leaving, **_told(payment, refund, None))
    return await post(uow, payment, draft, event)


async def post_pay(
    uow: UnitOfWork, payment: Payment, refund: Refund, fee: Money | None, cause: CallbackId | None, event: NewEvent
) -> JournalEntry:
    """The provider has paid a reserved refund out; its waiting account ends at zero and is closed."""
    currency = refund.amount.currency
    waiting = await opened(uow, refund)
    clearing, provider_fee = await _at_provider(uow, refund, currency)
    charged = fee if fee is not None else Money.zero(currency)
    draft = refund_postings.pay(
        waiting, clearing, provider_fee, refund.amount, charged, **_told(payment, refund, cause)
    )
    entry = await post(uow, payment, draft, event)
    await ledger.close_account(uow, waiting, reason="the refund has been paid")
    return entry


async def post_give_back(
    uow: UnitOfWork, payment: Payment, refund: Refund, cause: CallbackId | None, event: NewEvent
) -> JournalEntry:
    """A reserved refund failed: each part goes back to where it would be now, on hold or available."""
    waiting = await opened(uow, refund)
    on_hold = refund.is_from_pending and payment.released_at is None
    arriving = [] if on_hold else await _arriving(uow, payment, refund)
    bearers = await _bearers(uow, payment, refund, from_pending=on_hold)
    limit = await limit_of(uow, payment)
    again = await restorable(uow, payment, refund.amount)
    draft = refund_postings.give_back(bearers, waiting, again, limit, arriving, **_told(payment, refund, cause))
    entry = await post(uow, payment, draft, event)
    await ledger.close_account(uow, waiting, reason="the refund has failed")
    return entry


async def post_outside(
    uow: UnitOfWork, payment: Payment, refund: Refund, fee: Money | None, cause: CallbackId | None, event: NewEvent
) -> JournalEntry:
    """The provider gave money back that nothing was reserved for. Always posts."""
    clearing, provider_fee = await _at_provider(uow, refund, refund.amount.currency)
    bearers = await _bearers(uow, payment, refund, from_pending=refund.is_from_pending, with_debt=True)
    more = [] if refund.is_from_pending else await _leaving(uow, payment, refund)
    charged = [] if fee is None else [Leg(provider_fee, clearing, fee)]
    limit = await limit_of(uow, payment)
    draft = refund_postings.outside(
        bearers, clearing, refund.amount, limit, [*charged, *more], **_told(payment, refund, cause)
    )
    return await post(uow, payment, draft, event)


async def post_take_back(
    uow: UnitOfWork, payment: Payment, refund: Refund, cause: CallbackId | None, event: NewEvent
) -> JournalEntry:
    """A refund that had been paid came back to the provider. Always posts."""
    clearing, _ = await _at_provider(uow, refund, refund.amount.currency)
    on_hold = refund.is_from_pending and payment.released_at is None
    bearers = await _bearers(uow, payment, refund, from_pending=on_hold, with_debt=True)
    more = [] if on_hold else await _arriving(uow, payment, refund)
    limit = await limit_of(uow, payment)
    again = await restorable(uow, payment, refund.amount)
    draft = refund_postings.take_back(bearers, clearing, again, limit, more, **_told(payment, refund, cause))
    return await post(uow, payment, draft, event)


async def restorable(uow: UnitOfWork, payment: Payment, amount: Money) -> Money:
    """How much of what came back may be refunded anew: less when the provider has given back beyond the limit.

    The payment's row is locked, and nothing moves its limit without that lock.
    """
    back = [each for each in await refund_store.refunds_of(uow, payment.id) if each.state is not RefundState.FAILED]
    held = [each for each in await dispute_store.disputes_of(uow, payment.id) if each.state is not DisputeState.WON]
    gone = sum(each.amount.minor for each in back) + sum(each.amount.minor for each in held)
    now = (await refundable(uow, payment)).minor
    return Money(max(0, min(amount.minor, payment.captured.minor - gone - now)), amount.currency)


async def bumped(uow: UnitOfWork, payment: Payment) -> Payment:
    """A payment one version further, because something about it has changed."""
    changed = replace(payment, version=payment.version + 1)
    await store.save_payment(uow, changed)
    return changed


async def post(uow: UnitOfWork, payment: Payment, draft: EntryDraft, event: NewEvent) -> JournalEntry:
    """Post an entry about a payment, which its page then shows."""
    entry = await ledger.post(uow, draft, event)
    await refund_store.note_entry(uow, payment.id, entry.id)
    return entry


async def _bearers(
    uow: UnitOfWork, payment: Payment, refund: Refund, *, from_pending: bool, with_debt: bool = False
) -> list[Bearer]:
    bearers = []
    for wallet, part in await _wallets(uow, payment, refund):
        account = wallet.pending_account if from_pending else wallet.available_account
        debt = await booking.debt_of(uow, wallet.party_id, part.currency) if with_debt else None
        bearers.append(Bearer(account, part, debt))
    fee = await ledger.ensure_account(uow, postings.platform_fee_account(refund.amount.currency))
    return [*bearers, Bearer(fee.id, refund.parts.platform_fee)]


async def _wallets(uow: UnitOfWork, payment: Payment, refund: Refund) -> list[tuple[Wallet, Money]]:
    parts = [(payment.party_id, refund.parts.merchant), *refund.parts.others.items()]
    return [(await wallets.ensure_wallet(uow, party_id, part.currency), part) for party_id, part in parts]


async def _leaving(uow: UnitOfWork, payment: Payment, refund: Refund) -> list[Leg]:
    found = await _wallets(uow, payment, refund)
    return [leg for wallet, part in found for leg in wallets.leaving_legs(wallet, part)]


async def _arriving(uow: UnitOfWork, payment: Payment, refund: Refund) -> list[Leg]:
    return await booking.limit_legs(uow, await _wallets(uow, payment, refund))


async def _at_provider(uow: UnitOfWork, refund: Refund, currency: Currency) -> tuple[AccountId, AccountId]:
    clearing = await ledger.ensure_account(uow, postings.clearing_account(refund.connection_id, currency))
    fee = await ledger.ensure_account(uow, postings.provider_fee_account(refund.connection_id, currency))
    return clearing.id, fee.id


def _told(payment: Payment, refund: Refund, cause: CallbackId | None) -> dict[str, Any]:
    about = {"payment_id": str(payment.id), "refund_id": str(refund.id)}
    return {"title": f"Refund of {payment.title.lower()}", "about": about, "callback_id": cause}
