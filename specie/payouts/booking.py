"""Finds the accounts of a payout and builds its entries."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from specie import ledger, wallets
from specie.events import NewEvent
from specie.kernel.ids import ConnectionId
from specie.kernel.money import Currency, Money
from specie.ledger import EntryDraft
from specie.payouts import postings
from specie.payouts.model import Payout
from specie.payouts.postings import Places
from specie.platform.db import UnitOfWork
from specie.providers import PayoutFact


@dataclass(frozen=True, slots=True)
class Booked:
    """A payout with its figures, and the entry that will book it."""

    payout: Payout
    draft: EntryDraft


async def settle(uow: UnitOfWork, payout: Payout, fact: PayoutFact) -> Booked:
    """The entry with which the money leaves the hold for good."""
    hold, _ = await wallets.get_hold(uow, payout.hold_id)
    provider_fee = fact.fee if fact.fee is not None else Money.zero(payout.amount.currency)
    draft = postings.settle(
        hold.account_id,
        await _places(uow, fact.connection_id, payout.amount.currency),
        payout.amount,
        payout.fee,
        provider_fee,
        title=f"Payout {payout.reference}",
        about={"payout_id": str(payout.id)},
        effective_at=_effective(uow, payout, fact),
        callback_id=fact.callback_id,
    )
    return Booked(replace(payout, entry_id=draft.id, provider_fee=provider_fee), draft)


async def give_back(uow: UnitOfWork, payout: Payout, fact: PayoutFact) -> EntryDraft:
    """The entry with which money that came back reaches the wallet again."""
    wallet = await wallets.get_wallet(uow, payout.wallet_id)
    legs = await wallets.arriving_legs(uow, [(wallet, payout.total)])
    return postings.give_back(
        wallet.available_account,
        await _places(uow, fact.connection_id, payout.amount.currency),
        payout.amount,
        payout.fee,
        legs,
        title=f"Payout {payout.reference} came back",
        about={"payout_id": str(payout.id)},
        callback_id=fact.callback_id,
    )


async def set_aside(uow: UnitOfWork, payout: Payout, fact: PayoutFact) -> tuple[EntryDraft, Money]:
    """The entry for money that left and does not fit, and how much the provider says it was."""
    amount = cast(Money, fact.amount)
    clearing = await ledger.ensure_account(uow, postings.clearing_account(fact.connection_id, amount.currency))
    suspense = await ledger.ensure_account(uow, postings.suspense_account(amount.currency))
    draft = postings.set_aside(
        suspense.id,
        clearing.id,
        amount,
        title=f"payout {payout.reference}",
        about={"payout_id": str(payout.id), "provider_ref": fact.provider_ref},
        callback_id=fact.callback_id,
    )
    return draft, amount


async def post(uow: UnitOfWork, draft: EntryDraft, event: NewEvent | None) -> None:
    """Post an entry of this module, together with its event where it has one of its own."""
    await ledger.post(uow, draft, event)


async def _places(uow: UnitOfWork, connection_id: ConnectionId, currency: Currency) -> Places:
    clearing = await ledger.ensure_account(uow, postings.clearing_account(connection_id, currency))
    fee = await ledger.ensure_account(uow, postings.fee_account(currency))
    provider_fee = await ledger.ensure_account(uow, postings.provider_fee_account(connection_id, currency))
    return Places(clearing.id, fee.id, provider_fee.id)


def _effective(uow: UnitOfWork, payout: Payout, fact: PayoutFact) -> datetime | None:
    # A provider's clock that runs ahead, or a time before the payout existed, is not believed.
    told = fact.occurred_at
    return told if told is not None and payout.created_at <= told <= uow.now else None
