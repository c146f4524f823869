"""Transfers from wallet to wallet: at once through the batcher, or at a later business time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from specie import audit, events, ledger
from specie.events import NewEvent
from specie.kernel.errors import SpecieError
from specie.kernel.ids import EntryId, TransferId, WalletId
from specie.kernel.money import Money
from specie.ledger import EntryDraft, JournalEntry
from specie.platform import due
from specie.platform.basis import Basis
from specie.platform.db import UnitOfWork
from specie.wallets import postings, store
from specie.wallets.errors import (
    RecipientMissing,
    ScheduleInPast,
    TransferMissing,
    TransferToSelf,
    WalletCurrency,
)
from specie.wallets.events import transfer_completed, transfer_event
from specie.wallets.limits import explained, require_item
from specie.wallets.model import ScheduledTransfer, TransferEvent, TransferState, Wallet
from specie.wallets.service import get_wallet

DUE_JOB = "wallets.transfer_due"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A transfer that has been checked as far as it can be without locks, ready to post."""

    sender: Wallet
    recipient: Wallet
    amount: Money
    draft: EntryDraft
    event: NewEvent
    bases: Sequence[Basis] = ()


async def prepare(
    uow: UnitOfWork, from_wallet: WalletId, to_wallet: WalletId, amount: Money, note: str | None = None
) -> Prepared:
    """Find payer and recipient and `check` them. Raises WalletMissing and what `check` raises."""
    sender = await get_wallet(uow, from_wallet)
    return check(sender, await store.any_wallet_by_id(uow, to_wallet), amount, note)


def check(
    sender: Wallet, recipient: Wallet | None, amount: Money, note: str | None = None, bases: Sequence[Basis] = ()
) -> Prepared:
    """Judge what needs no locks; `bases` are what the wallets stand on where they are only remembered.

    Raises RecipientMissing, TransferToSelf, WalletCurrency or LimitExceeded.
    """
    if recipient is None:
        raise RecipientMissing("there is no such wallet", param="to")
    if sender.id == recipient.id:
        raise TransferToSelf("choose another recipient", param="to")
    if not sender.currency.code == amount.currency.code == recipient.currency.code:
        wallets = f"one wallet is in {sender.currency}, the other in {recipient.currency}"
        raise WalletCurrency(f"the amount is in {amount.currency}; {wallets}", param="amount")
    require_item(sender, amount)
    draft = postings.transfer(sender, recipient, amount, note)
    return Prepared(sender, recipient, amount, draft, transfer_completed(draft.id, sender, recipient, amount), bases)


async def transfer(
    uow: UnitOfWork, from_wallet: WalletId, to_wallet: WalletId, amount: Money, note: str | None = None
) -> JournalEntry:
    """Send money within the caller's transaction; a single transfer over HTTP rides the batcher instead.

    Raises what `prepare` raises, and InsufficientFunds, LimitExceeded or WalletFrozen.
    """
    prepared = await prepare(uow, from_wallet, to_wallet, amount, note)
    try:
        return await ledger.post(uow, prepared.draft, prepared.event)
    except SpecieError as refusal:
        raise explained(refusal, amount.currency) from refusal


async def schedule(
    uow: UnitOfWork,
    from_wallet: WalletId,
    to_wallet: WalletId,
    amount: Money,
    at: datetime,
    note: str | None = None,
) -> ScheduledTransfer:
    """Promise a transfer for a later business time; funds and limits are judged when it is made.

    It counts now against the budget of whoever schedules it. Raises what `prepare` raises, ScheduleInPast and
    BudgetExceeded.
    """
    if at <= uow.now:
        raise ScheduleInPast("choose a time that lies ahead", param="scheduled_for")
    prepared = await prepare(uow, from_wallet, to_wallet, amount)
    planned = ScheduledTransfer(
        TransferId.new(), from_wallet, to_wallet, amount, at, TransferState.SCHEDULED, 1, note=note
    )
    await store.insert_transfer(uow, planned)
    await ledger.promise(uow, amount, about={"transfer": str(planned.id)})
    await due.schedule(uow, kind=DUE_JOB, at=at, payload={"transfer_id": str(planned.id)})
    await audit.record(
        uow,
        action="transfer.schedule",
        subject=("transfer", str(planned.id)),
        after={"amount_minor": amount.minor, "currency": amount.currency.code, "due_at": at},
    )
    await events.record(uow, transfer_event("scheduled", planned, prepared.sender.party_id))
    return planned


async def cancel(uow: UnitOfWork, transfer_id: TransferId) -> ScheduledTransfer:
    """Call a scheduled transfer off. Raises TransferMissing or TransferEnded."""
    planned, sender = await _get(uow, transfer_id)
    after = planned.after(TransferEvent.CANCEL)
    await store.update_transfer(uow, after)
    await audit.record(uow, action="transfer.cancel", subject=("transfer", str(transfer_id)))
    await events.record(uow, transfer_event("cancelled", after, sender.party_id))
    return after


async def make_due(uow: UnitOfWork, transfer_id: TransferId) -> None:
    """Make a transfer whose time has come, once; a refusal is its final answer and is told."""
    found = await store.transfer_by_id(uow, transfer_id)
    if found is None or found[0].state is not TransferState.SCHEDULED:
        return
    planned, sender = found
    try:
        async with uow.savepoint():
            entry = await transfer(uow, planned.from_wallet, planned.to_wallet, planned.amount, planned.note)
    except SpecieError as refusal:
        if not refusal.is_decision:
            raise
        failed = replace(planned.after(TransferEvent.FAIL), failure=refusal.code)
        await store.update_transfer(uow, failed)
        await events.record(uow, transfer_event("failed", failed, sender.party_id))
        return
    await store.update_transfer(uow, replace(planned.after(TransferEvent.COMPLETE), entry_id=entry.id))


async def get_scheduled(uow: UnitOfWork, transfer_id: TransferId) -> ScheduledTransfer:
    """A scheduled transfer the caller may see. Raises TransferMissing."""
    return (await _get(uow, transfer_id))[0]


async def get_made(uow: UnitOfWork, entry_id: EntryId) -> tuple[JournalEntry, Wallet, Wallet]:
    """A transfer that was made: its entry with payer and receiver. Raises TransferMissing.

    A caller limited to a party finds it from either side.
    """
    entry = await ledger.get_entry(uow, entry_id)
    if entry.recipe != str(postings.TRANSFER):
        raise TransferMissing(f"{entry_id} is not a transfer")
    first = entry.postings[0]
    wallets = await store.wallets_by_accounts(uow, [first.debit, first.credit])
    sender, recipient = wallets[first.debit], wallets[first.credit]
    party = uow.scope.party_id
    if party is not None and party not in {sender.party_id, recipient.party_id}:
        raise TransferMissing(f"there is no transfer {entry_id}")
    return entry, sender, recipient


async def _get(uow: UnitOfWork, transfer_id: TransferId) -> tuple[ScheduledTransfer, Wallet]:
    found = await store.transfer_by_id(uow, transfer_id)
    if found is None:
        raise TransferMissing(f"there is no transfer {transfer_id}")
    return found
