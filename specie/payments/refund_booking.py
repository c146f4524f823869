"""Finds the accounts of a refund and posts its recipes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from specie import ledger, wallets
from specie.events import NewEvent
from specie.kernel.ids import AccountId, CallbackId
from specie.kernel.money import Currency, Money
from specie.ledger import EntryDraft, JournalEntry, Leg
from specie.payments import booking, dispute_store, postings, refund_postings, refund_store, store
from specie.payments.booking import Bearing
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
    borne = await _borne(uow, payment, refund, on_hold=refund.is_from_pending)
    bearers = await _bearers(uow, refund, borne)
    leaving = _leaving(borne)
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
    borne = await _borne(uow, payment, refund, on_hold=on_hold, comes_back=True)
    arriving = await _arriving(uow, borne)
    bearers = await _bearers(uow, refund, borne)
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
    borne = await _borne(uow, payment, refund, on_hold=refund.is_from_pending)
    bearers = await _bearers(uow, refund, borne, with_debt=True)
    charged = [] if fee is None else [Leg(provider_fee, clearing, fee)]
    limit = await limit_of(uow, payment)
    draft = refund_postings.outside(
        bearers, clearing, refund.amount, limit, [*charged, *_leaving(borne)], **_told(payment, refund, cause)
    )
    return await post(uow, payment, draft, event)


async def post_take_back(
    uow: UnitOfWork, payment: Payment, refund: Refund, cause: CallbackId | None, event: NewEvent
) -> JournalEntry:
    """A refund that had been paid came back to the provider. Always posts."""
    clearing, _ = await _at_provider(uow, refund, refund.amount.currency)
    on_hold = refund.is_from_pending and payment.released_at is None
    borne = await _borne(uow, payment, refund, on_hold=on_hold, comes_back=True)
    bearers = await _bearers(uow, refund, borne, with_debt=True)
    more = await _arriving(uow, borne)
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


async def _borne(
    uow: UnitOfWork, payment: Payment, refund: Refund, *, on_hold: bool, comes_back: bool = False
) -> list[Bearing]:
    parts = await _wallets(uow, payment, refund)
    return await booking.bearings(uow, parts, on_hold=on_hold, comes_back=comes_back)


async def _bearers(
    uow: UnitOfWork, refund: Refund, borne: Sequence[Bearing], *, with_debt: bool = False
) -> list[Bearer]:
    bearers = []
    for each in borne:
        debt = await booking.debt_of(uow, each.wallet.party_id, each.part.currency) if with_debt else None
        bearers.append(Bearer(each.account, each.part, debt))
    fee = await ledger.ensure_account(uow, postings.platform_fee_account(refund.amount.currency))
    return [*bearers, Bearer(fee.id, refund.parts.platform_fee)]


async def _wallets(uow: UnitOfWork, payment: Payment, refund: Refund) -> list[tuple[Wallet, Money]]:
    parts = [(payment.party_id, refund.parts.merchant), *refund.parts.others.items()]
    return [(await wallets.ensure_wallet(uow, party_id, part.currency), part) for party_id, part in parts]


def _leaving(borne: Sequence[Bearing]) -> list[Leg]:
    spent = [each for each in borne if not each.is_pending]
    return [leg for each in spent for leg in wallets.leaving_legs(each.wallet, each.part)]


async def _arriving(uow: UnitOfWork, borne: Sequence[Bearing]) -> list[Leg]:
    return await wallets.arriving_legs(uow, [(each.wallet, each.part) for each in borne if not each.is_pending])


async def _at_provider(uow: UnitOfWork, refund: Refund, currency: Currency) -> tuple[AccountId, AccountId]:
    clearing = await ledger.ensure_account(uow, postings.clearing_account(refund.connection_id, currency))
    fee = await ledger.ensure_account(uow, postings.provider_fee_account(refund.connection_id, currency))
    return clearing.id, fee.id


def _told(payment: Payment, refund: Refund, cause: CallbackId | None) -> dict[str, Any]:
    about = {"payment_id": str(payment.id), "refund_id": str(refund.id)}
    return {"title": f"Refund of {payment.title.lower()}", "about": about, "callback_id": cause}
