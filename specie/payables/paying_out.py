"""Suppliers paid by payouts: what is owed goes on its way, and arrives or is owed again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from specie import audit, events, ledger, payouts, wallets
from specie.kernel.money import Money
from specie.payables import paid_store, payout_store, postings, store
from specie.payables.errors import BillMissing, SupplierMismatch
from specie.payables.events import bill_event
from specie.payables.model import OWED, Bill, BillId, BillState, SupplierPayoutId, state_of
from specie.payables.paying import MOVED, owed_of
from specie.payables.payout_model import GIVEN_BACK, PayoutShare, SupplierPayout, WayState
from specie.payouts import BeneficiaryId, Payout, RequestPayout
from specie.platform.db import UnitOfWork
from specie.wallets import Wallet

_MOST_WORDS = 100


@dataclass(frozen=True, slots=True)
class PayOut:
    """Bills of one supplier to pay in full, and the account the money goes to."""

    beneficiary_id: BeneficiaryId
    bill_ids: Sequence[BillId]


async def pay_out(uow: UnitOfWork, command: PayOut) -> SupplierPayout:
    """Order one payout of all that is owed of some bills; until it ends nothing else can pay them.

    What is owed leaves each bill's account for the payout's hold at once, so of two that pay the same bill one finds
    nothing. Raises BillMissing, BillCannotMove, SupplierMismatch, or what asking for a payout raises.
    """
    bills = await _locked(uow, command.bill_ids)
    owed = await owed_of(uow, bills)
    supplier_id, currency = bills[0].supplier_id, bills[0].currency
    total = Money(sum(owed.values()), currency)
    wallet = await wallets.passing_wallet(uow, supplier_id, currency)
    made_id = SupplierPayoutId.new()
    shares = [await _set_out(uow, made_id, each, owed[each.id], wallet) for each in bills]
    payout = await payouts.request(
        uow,
        RequestPayout(
            command.beneficiary_id,
            str(made_id),
            total,
            wallet_id=wallet.id,
            description=", ".join(each.their_number for each in bills)[:_MOST_WORDS],
            source="payables",
            metadata={"supplier_payout_id": str(made_id)},
            # What a supplier asks for is what it gets; the provider's own fee is an expense as always.
            fee=Money.zero(currency),
        ),
    )
    made = SupplierPayout(
        made_id, payout.id, supplier_id, total, WayState.UNDER_WAY, uow.business_date, uow.now, shares
    )
    await payout_store.insert_payout(uow, made)
    told = {"payout_id": str(payout.id), "amount_minor": total.minor, "bills": len(bills)}
    await audit.record(uow, action="supplier_payout.ask", subject=("supplier_payout", str(made_id)), after=told)
    return made


async def _locked(uow: UnitOfWork, ids: Sequence[BillId]) -> list[Bill]:
    """The bills, in the order of their ids as every payment locks them, before anything is posted."""
    found = await store.bills_by_ids(uow, list(dict.fromkeys(ids)), lock=True)
    for bill_id in ids:
        if bill_id not in found:
            raise BillMissing(f"there is no bill {bill_id}", param="bill_ids")
    bills = list(found.values())
    for each in bills:
        each.require(*OWED)
        if each.supplier_id != bills[0].supplier_id:
            raise SupplierMismatch("a payout pays the bills of one supplier", param="bill_ids")
        if each.currency.code != bills[0].currency.code:
            raise SupplierMismatch("a payout is in one currency", param="bill_ids")
    return bills


async def _set_out(uow: UnitOfWork, made_id: SupplierPayoutId, bill: Bill, minor: int, wallet: Wallet) -> PayoutShare:
    amount = Money(minor, bill.currency)
    draft = postings.pay_out(bill, wallet.available_account, amount, {"supplier_payout_id": str(made_id)})
    after = replace(bill, state=BillState.PAYING, version=bill.version + 1)
    await ledger.post(uow, draft, bill_event("paying", after, amount=minor))
    await store.update_bill(uow, after)
    return PayoutShare(bill.id, minor, draft.id)


async def follow(uow: UnitOfWork, payout: Payout) -> None:
    """A payout has ended or has come back: its bills are paid, or owed again. Those of others are left alone."""
    made = await payout_store.of_payout(uow, payout.id)
    ended = made.after(payout.state, uow.business_date) if made else None
    if ended is None:
        return
    await payout_store.save_end(uow, ended)
    bills = await store.bills_by_ids(uow, [each.bill_id for each in ended.shares], lock=True)
    for share in ended.shares:
        if ended.state in GIVEN_BACK:
            await _give_back(uow, ended, share, bills[share.bill_id], payout)
        else:
            await _settle(uow, bills[share.bill_id])
    told = {"state": ended.state.value, "payout_id": str(payout.id)}
    await audit.record(uow, action="supplier_payout.end", subject=("supplier_payout", str(ended.id)), after=told)


async def _settle(uow: UnitOfWork, bill: Bill) -> None:
    after = await _restated(uow, bill, left=0)
    await events.record(uow, bill_event(MOVED[after.state], after, owed=0))


async def _give_back(uow: UnitOfWork, of: SupplierPayout, share: PayoutShare, bill: Bill, payout: Payout) -> None:
    wallet = await wallets.get_wallet(uow, payout.wallet_id)
    amount = Money(share.amount_minor, bill.currency)
    draft = postings.take_back(bill, wallet.available_account, amount, {"supplier_payout_id": str(of.id)})
    after = await _restated(uow, bill, left=share.amount_minor)
    await ledger.post(uow, draft, bill_event("reopened", after, owed=share.amount_minor))
    await payout_store.save_back(uow, of.id, bill.id, draft.id)


async def _restated(uow: UnitOfWork, bill: Bill, *, left: int) -> Bill:
    """The bill in the state that what is owed of it and what has paid it make; nothing was owed on the way."""
    state = state_of(left, await paid_store.paid_minor(uow, bill.id))
    after = replace(bill, state=state, version=bill.version + 1)
    await store.update_bill(uow, after)
    return after
