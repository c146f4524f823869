"""What time does to cashback: it becomes available after the return window, and runs out when it is not spent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from specie import audit, events, ledger
from specie.cashback import booking, lots, postings, store
from specie.cashback import events as told
from specie.cashback.errors import AccrualCannotMove, AccrualMissing
from specie.cashback.events import CashbackEvent
from specie.cashback.model import Accrual, AccrualId, AccrualMove, AccrualState
from specie.kernel.ids import AccountId
from specie.kernel.money import Money
from specie.platform import due
from specie.platform.db import UnitOfWork
from specie.wallets import arriving_legs, leaving_legs

MATURE = "cashback.mature"
WARN = "cashback.warn"
EXPIRE = "cashback.expire"

NOTICE_DAYS = 7
"""A customer is warned so many days before cashback runs out."""


async def plan(uow: UnitOfWork, confirmed: Sequence[Accrual]) -> None:
    """See to it that confirmed cashback becomes available when its return window closes."""
    planned = [(max(accrual.matures_at, uow.now), _named(accrual)) for accrual in confirmed]
    await due.schedule_all(uow, kind=MATURE, planned=planned)


async def mature(uow: UnitOfWork, accrual_id: AccrualId) -> None:
    """Make cashback available whose return window has closed; anything else stays as it is."""
    accrual = await _locked(uow, accrual_id)
    if accrual.state is AccrualState.CONFIRMED and accrual.matures_at <= uow.now:
        await _make_available(uow, accrual)


async def release(uow: UnitOfWork, accrual_id: AccrualId, reason: str) -> Accrual:
    """Make confirmed cashback available before its time. Raises AccrualMissing or AccrualCannotMove."""
    accrual = await _locked(uow, accrual_id)
    if accrual.state is not AccrualState.CONFIRMED:
        raise AccrualCannotMove(f"only confirmed cashback can be released, this is {accrual.state}")
    after = await _make_available(uow, accrual)
    await audit.record(uow, action="cashback.release", subject=("cashback", str(accrual_id)), reason=reason)
    return after


async def _make_available(uow: UnitOfWork, accrual: Accrual) -> Accrual:
    ends = uow.now + timedelta(days=accrual.expiry_days) if accrual.expiry_days is not None else None
    after = replace(accrual.after(AccrualMove.MATURE), matured_at=uow.now, expires_at=ends)
    await store.save_accrual(uow, after)
    purse = await booking.purse_of(uow, accrual.party_id, accrual.kept.currency)
    debt = await booking.owed(uow, accrual.party_id, accrual.kept.currency)
    repaid = min(debt.balance, accrual.kept)
    limits = await arriving_legs(uow, [(purse, accrual.kept - repaid)])
    draft = postings.mature(after, purse.available_account, debt.id, repaid, limits)
    await booking.post_fact(uow, draft, told.accrual_event(CashbackEvent.AVAILABLE, after, accrual.kept))
    await ledger.close_account(uow, accrual.account, reason="the cashback is available")
    if ends is not None:
        warned_at = max(ends - timedelta(days=NOTICE_DAYS), uow.now)
        await due.schedule(uow, kind=WARN, at=warned_at, payload=_named(after))
        await due.schedule(uow, kind=EXPIRE, at=ends, payload=_named(after))
    return after


async def warn(uow: UnitOfWork, accrual_id: AccrualId) -> None:
    """Tell a customer of cashback that runs out soon, unless it has been spent."""
    accrual = await _locked(uow, accrual_id)
    if accrual.state is not AccrualState.AVAILABLE:
        return
    _, left = await _unspent(uow, accrual)
    if left.minor > 0:
        await events.record(uow, told.accrual_event(CashbackEvent.EXPIRING, accrual, left))


async def expire(uow: UnitOfWork, accrual_id: AccrualId) -> None:
    """End the time of available cashback; what has not been spent is the house's income."""
    accrual = await _locked(uow, accrual_id)
    if accrual.state is not AccrualState.AVAILABLE or accrual.expires_at is None or accrual.expires_at > uow.now:
        return
    purse_id, left = await _unspent(uow, accrual)
    if left.minor == 0:
        after = accrual.after(AccrualMove.USE_UP)
        await store.save_accrual(uow, after)
        await events.record(uow, told.accrual_event(CashbackEvent.USED_UP, after, accrual.kept))
        return
    after = replace(accrual.after(AccrualMove.EXPIRE), expired=left)
    await store.save_accrual(uow, after)
    purse = await booking.purse_of(uow, accrual.party_id, accrual.kept.currency)
    breakage = await booking.breakage(uow, left.currency)
    draft = postings.expire(after, purse_id, breakage, left, leaving_legs(purse, left))
    await booking.post_fact(uow, draft, told.accrual_event(CashbackEvent.EXPIRED, after, left))


async def _unspent(uow: UnitOfWork, accrual: Accrual) -> tuple[AccountId, Money]:
    purse = await booking.purse_of(uow, accrual.party_id, accrual.kept.currency)
    # Locked, so that nothing is spent between this look and what is posted by it.
    await booking.in_purse(uow, purse)
    available = await store.available_of(uow, accrual.party_id, accrual.kept.currency)
    left = {lot.id: rest for lot, rest in await lots.left_of(uow, purse.available_account, available)}
    return purse.available_account, left[accrual.id]


async def _locked(uow: UnitOfWork, accrual_id: AccrualId) -> Accrual:
    """Cashback whose purchase is locked, so that nothing else moves it meanwhile. Raises AccrualMissing."""
    found = await store.accrual_by_id(uow, accrual_id)
    if found is None:
        raise AccrualMissing(f"there is no cashback {accrual_id}")
    await store.purchase_by_id(uow, found.purchase_id, lock=True)
    return await store.accrual_by_id(uow, accrual_id) or found


def _named(accrual: Accrual) -> dict[str, str]:
    return {"accrual": str(accrual.id.uuid)}
