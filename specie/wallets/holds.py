"""Holds: money set aside in an account of its own, taken in parts, given back, or run out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from specie import events, ledger
from specie.events import NewEvent
from specie.kernel.errors import SpecieError
from specie.kernel.ids import AccountId, EntryId, HoldId, WalletId
from specie.kernel.money import Money
from specie.ledger import EntryDraft, Leg
from specie.platform import due
from specie.platform.db import UnitOfWork
from specie.wallets import postings, store
from specie.wallets.errors import HoldInUse, HoldMissing, ScheduleInPast, WalletCurrency
from specie.wallets.events import hold_event
from specie.wallets.limits import explained, require_item
from specie.wallets.model import Hold, HoldEvent, HoldState, Wallet
from specie.wallets.service import get_wallet

EXPIRE_JOB = "wallets.hold_expire"


async def place_hold(
    uow: UnitOfWork,
    wallet_id: WalletId,
    amount: Money,
    *,
    reason: str,
    expires_at: datetime | None = None,
    held_for: str | None = None,
    title: str = "Set aside",
) -> Hold:
    """Set money aside, by itself or `held_for` something by its id, such as a payout.

    What is held for something will leave the wallet: it counts against the limits now, and that something alone ends
    the hold, with `settle_hold`, `take_holds` or `release_hold`. `title` is what the wallet's history calls it.
    Raises WalletMissing, WalletCurrency, ScheduleInPast, LimitExceeded, InsufficientFunds or WalletFrozen.
    """
    wallet = await get_wallet(uow, wallet_id)
    if expires_at is not None and expires_at <= uow.now:
        raise ScheduleInPast("choose an end that lies ahead", param="expires_at")
    if amount.currency.code != wallet.currency.code:
        raise WalletCurrency(f"this wallet is in {wallet.currency}", param="amount")
    require_item(wallet, amount)
    hold_id = HoldId.new()
    account = await ledger.open_account(uow, postings.held_account(wallet, hold_id))
    state = HoldState.HELD
    hold = Hold(hold_id, wallet_id, account.id, amount, state, reason, uow.now, expires_at, 1, held_for)
    await store.insert_hold(uow, hold)
    placed = hold_event("placed", hold, amount, wallet.party_id)
    limits = postings.window_legs(wallet, amount) if held_for is not None else []
    await _post(uow, postings.place_hold(wallet, account.id, amount, limits, title), placed, wallet)
    if expires_at is not None:
        await due.schedule(uow, kind=EXPIRE_JOB, at=expires_at, payload={"hold_id": str(hold_id)})
    return hold


async def capture_hold(uow: UnitOfWork, hold_id: HoldId, to: AccountId, amount: Money | None = None) -> Hold:
    """Take an amount (all that is left when not given) to an account. What is left stays held, and is what is told.

    It counts against the payer's limits and, when the account is another wallet's, against the receiver's. Raises
    HoldMissing, HoldEnded, LimitExceeded, WalletFrozen, or InsufficientFunds when less is left.
    """
    hold, wallet = await _get(uow, hold_id)
    left = await left_of(uow, hold)
    taken = left if amount is None else amount
    after = hold.after(HoldEvent.CAPTURE_ALL if taken == left else HoldEvent.CAPTURE_PART)
    await store.update_hold(uow, after)
    told = hold_event("captured", after, taken, wallet.party_id)
    receiver = (await store.wallets_by_accounts(uow, [to])).get(to)
    limits = [*postings.outgoing_legs(wallet, taken), *(postings.incoming_legs(receiver, taken) if receiver else ())]
    await _post(uow, postings.capture_hold(wallet, hold, to, taken, limits), told, wallet)
    await _close_when_ended(uow, after)
    return replace(after, amount=left - taken) if after.state is HoldState.HELD else after


async def settle_hold(uow: UnitOfWork, hold_id: HoldId, draft: EntryDraft, told: NewEvent) -> Hold:
    """Post that all a hold held has left. It is a fact: limits and freezes stop it no more.

    `draft` empties the hold's account and is posted with the event. Raises HoldMissing or HoldEnded.
    """
    hold, wallet = await _get(uow, hold_id)
    left = await left_of(uow, hold)
    after = hold.after(HoldEvent.CAPTURE_ALL)
    await store.update_hold(uow, after)
    await events.record(uow, hold_event("captured", after, left, wallet.party_id))
    legs = [*draft.legs, *postings.leaving_legs(wallet, left)]
    await ledger.post(uow, replace(draft, legs=legs, is_fact=True), told)
    await _close_when_ended(uow, after)
    return after


@dataclass(frozen=True, slots=True)
class TakenHold:
    """What a hold held when it ended: the account to empty, whose wallet it was of, and the legs of its limits."""

    hold: Hold
    wallet: Wallet
    amount: Money
    limits: Sequence[Leg]


async def take_holds(uow: UnitOfWork, hold_ids: Sequence[HoldId]) -> list[TakenHold]:
    """End holds whose money leaves with an entry of the caller's, which has to empty their accounts.

    The caller posts the entry, with the `limits` in it, and then calls `close_taken`, both in this unit of work.
    Raises HoldMissing or HoldEnded.
    """
    taken = []
    for hold_id in hold_ids:
        hold, wallet = await _get(uow, hold_id)
        left = await left_of(uow, hold)
        after = hold.after(HoldEvent.CAPTURE_ALL)
        await store.update_hold(uow, after)
        await events.record(uow, hold_event("captured", after, left, wallet.party_id))
        taken.append(TakenHold(after, wallet, left, postings.leaving_legs(wallet, left)))
    return taken


async def close_taken(uow: UnitOfWork, taken: Sequence[TakenHold]) -> None:
    """Close the accounts of holds that `take_holds` has ended."""
    for each in taken:
        await _close_when_ended(uow, each.hold)


async def get_hold(uow: UnitOfWork, hold_id: HoldId) -> tuple[Hold, Wallet]:
    """A hold and its wallet. Raises HoldMissing."""
    return await _get(uow, hold_id)


async def require_free(uow: UnitOfWork, hold_id: HoldId) -> None:
    """Raise HoldInUse for what something else ends, HoldMissing when there is no such hold; it stays locked."""
    hold, _ = await _get(uow, hold_id)
    if hold.held_for is not None:
        raise HoldInUse(f"this is held for {hold.held_for}, which ends it", held_for=hold.held_for)


async def release_hold(
    uow: UnitOfWork, hold_id: HoldId, event: HoldEvent = HoldEvent.RELEASE, *, title: str = "Given back"
) -> Hold:
    """Give back what is left. Raises HoldMissing or HoldEnded."""
    hold, wallet = await _get(uow, hold_id)
    after = hold.after(event)
    left = await left_of(uow, hold)
    await store.update_hold(uow, after)
    told = hold_event("expired" if event is HoldEvent.EXPIRE else "released", after, left, wallet.party_id)
    await ledger.post(uow, postings.release_hold(wallet, hold, left, title), told)
    await _close_when_ended(uow, after)
    return after


async def expire_hold(uow: UnitOfWork, hold_id: HoldId) -> None:
    """Give back a hold whose time has come; one that has ended meanwhile stays as it is."""
    found = await store.hold_by_id(uow, hold_id)
    if found is None or found[0].state is not HoldState.HELD:
        return
    await release_hold(uow, hold_id, HoldEvent.EXPIRE)


async def entry_ids_of_hold(uow: UnitOfWork, hold_id: HoldId) -> list[EntryId]:
    """The entries that set a hold's money aside, took from it and gave it back, oldest first. Raises HoldMissing."""
    hold, _ = await _get(uow, hold_id, lock=False)
    return await ledger.entry_ids_of_account(uow, hold.account_id)


async def left_of(uow: UnitOfWork, hold: Hold) -> Money:
    """What a hold still holds: its account's balance."""
    return (await ledger.get_account(uow, hold.account_id)).balance


async def holds_of(uow: UnitOfWork, wallet: Wallet) -> list[Hold]:
    """The open holds of a wallet with what is left of each as amount."""
    holds = await store.open_holds(uow, wallet)
    accounts = await ledger.accounts_by_ids(uow, [hold.account_id for hold in holds])
    return [replace(hold, amount=accounts[hold.account_id].balance) for hold in holds]


async def _get(uow: UnitOfWork, hold_id: HoldId, *, lock: bool = True) -> tuple[Hold, Wallet]:
    found = await store.hold_by_id(uow, hold_id, lock=lock)
    if found is None:
        raise HoldMissing(f"there is no hold {hold_id}")
    return found


async def _post(uow: UnitOfWork, draft: EntryDraft, told: NewEvent, wallet: Wallet) -> None:
    try:
        await ledger.post(uow, draft, told)
    except SpecieError as refusal:
        raise explained(refusal, wallet.currency) from refusal


async def _close_when_ended(uow: UnitOfWork, hold: Hold) -> None:
    if hold.state is not HoldState.HELD:
        await ledger.close_account(uow, hold.account_id, reason="the hold has ended")
