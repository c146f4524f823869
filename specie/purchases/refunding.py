"""Giving back some or all of a purchase: every leg by the way it came, in one unit of work."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from specie import approvals, audit, cashback, ledger, payments, wallets
from specie.approvals import Approval, ApprovalImpossible, ApprovalState, NewApproval
from specie.kernel.errors import SpecieError
from specie.kernel.money import Money
from specie.ledger import InsufficientFunds
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.providers import Toolbox
from specie.purchases import goods, line_store, postings, service, store
from specie.purchases.errors import (
    PurchaseCannotMove,
    PurchaseMissing,
    RefundExceeds,
    RefundUndecided,
    ReturnedLinesInvalid,
)
from specie.purchases.events import refunded
from specie.purchases.lines import LineBack, ReturnedLine, worth
from specie.purchases.model import (
    Purchase,
    PurchaseId,
    PurchaseRefund,
    PurchaseRefundId,
    PurchaseState,
    TenderKind,
    to_give_back,
)
from specie.purchases.tenders import MEANS, Step

KIND = "purchase_refund"
_LINE = payments.REFUND_KIND
"""The same line counts as for refunds of payments: money out is money out."""


@dataclass(frozen=True, slots=True)
class WantedRefund:
    """A refund somebody asks for: an amount, or goods by lines; without either, all that is left."""

    purchase_id: PurchaseId
    amount: Money | None
    reason: str
    lines: Sequence[LineBack] = ()


async def request(uow: UnitOfWork, toolbox: Toolbox, wanted: WantedRefund) -> PurchaseRefund | Approval:
    """Give back some of a purchase, or ask a second person when the refunds of the purchase go above the line.

    Raises PurchaseMissing, PurchaseCannotMove, ReturnedLinesInvalid, RefundExceeds, RefundUndecided, and what a leg
    refuses: BudgetExceeded, InsufficientFunds, WalletFrozen, OrderCannotMove, RefundImpossible, PaymentDisputed or
    RefundTooLarge.
    """
    purchase, amount, back = await _possible(uow, wanted)
    if await approvals.open_about(uow, ("purchase", str(purchase.id))) is not None:
        raise RefundUndecided("let it be decided first", purchase_id=str(purchase.id))
    earlier = purchase.amount - await service.returnable(uow, purchase)
    for leg, part in to_give_back(await service.legs_of(uow, purchase), earlier, amount):
        if leg.payment_id is not None:
            await payments.refund_possible(uow, toolbox, leg.payment_id, part)
    if await approvals.is_needed(uow, _LINE, earlier + amount):
        return await _ask(uow, purchase, amount, back, wanted.reason)
    return await _give_back(uow, purchase, _Back(amount, back), wanted.reason, str(uow.scope.actor))


@dataclass(frozen=True, slots=True)
class _Back:
    """What goes back: so much, and for which goods where they are named."""

    amount: Money
    lines: Sequence[ReturnedLine]


async def _possible(uow: UnitOfWork, wanted: WantedRefund) -> tuple[Purchase, Money, Sequence[ReturnedLine]]:
    """The purchase, locked behind its payment, how much of it is to go back, and for which goods."""
    await service.lock_payment(uow, await service.get(uow, wanted.purchase_id))
    purchase = await service.get(uow, wanted.purchase_id, lock=True)
    if purchase.state is not PurchaseState.COMPLETED:
        raise PurchaseCannotMove(f"{purchase.id} is {purchase.state}", state=purchase.state.value)
    left = await service.returnable(uow, purchase)
    if purchase.sells_goods:
        wanted = await _of_goods(uow, purchase, wanted)
    back = await _worth(uow, purchase, wanted)
    amount = left if wanted.amount is None else wanted.amount
    if back:
        amount = Money(sum(each.amount.minor for each in back), left.currency)
    if amount.currency.code != left.currency.code or amount > left or not amount.minor:
        raise RefundExceeds(f"{left} is left of the purchase", left=left.minor, param="amount")
    return purchase, amount, back


async def _of_goods(uow: UnitOfWork, purchase: Purchase, wanted: WantedRefund) -> WantedRefund:
    """Goods of the catalogue come back by lines, or all that is left of them: each has its place in the stock."""
    if wanted.amount is not None:
        raise ReturnedLinesInvalid("name the goods that come back, not an amount", param="amount")
    if wanted.lines:
        return wanted
    left = await goods.left_of(uow, purchase)
    return replace(wanted, lines=[LineBack(n, quantity) for n, quantity in left.items()])


async def _worth(uow: UnitOfWork, purchase: Purchase, wanted: WantedRefund) -> Sequence[ReturnedLine]:
    if not wanted.lines:
        return []
    if wanted.amount is not None:
        raise ReturnedLinesInvalid("name goods or an amount, not both", param="amount")
    earlier = await line_store.came_back(uow, purchase)
    back = worth(await line_store.lines_of(uow, purchase), earlier, wanted.lines)
    return await goods.credited_worth(uow, purchase, back) if purchase.sells_goods else back


async def _give_back(uow: UnitOfWork, purchase: Purchase, back: _Back, reason: str, asked_by: str) -> PurchaseRefund:
    await _lock_merchant(uow, purchase)
    amount = back.amount
    legs = await service.legs_of(uow, purchase)
    earlier = purchase.amount - await service.returnable(uow, purchase)
    draft = postings.refund(purchase, amount, *await service.returnable_accounts(uow, purchase))
    refund = PurchaseRefund(
        id=PurchaseRefundId.new(),
        purchase_id=purchase.id,
        amount=amount,
        taken_back=Money.zero(amount.currency),
        reason=reason,
        created_at=uow.now,
        created_by=asked_by,
        entry_id=draft.id,
    )
    told = replace(purchase, version=purchase.version + 1)
    try:
        await ledger.post(uow, draft, refunded(told, legs, refund))
    except InsufficientFunds as short:
        raise RefundExceeds("not so much is left of the purchase", param="amount") from short
    note_id = await goods.take_back(uow, purchase, refund.id, back.lines, reason)
    crash_point("purchases.goods.taken_back")
    parts = []
    for leg, part in to_give_back(legs, earlier, amount):
        parts.append(await MEANS[leg.kind].give_back(Step(uow, purchase, reason=reason), leg, part))
        crash_point("purchases.tender.given_back")
    name = str(purchase.id)
    taken = await cashback.give_back(uow, purchase.merchant_id, name, str(refund.id), amount)
    refund = replace(refund, legs=parts, taken_back=taken, credit_note_id=note_id)
    await store.insert_refund(uow, refund)
    await line_store.insert_returned(uow, refund, back.lines)
    await store.save_purchase(uow, told)
    await _note(uow, refund)
    return refund


async def _lock_merchant(uow: UnitOfWork, purchase: Purchase) -> None:
    """Take the merchant's money before any other account, as paying does, so that the two never wait for each other."""
    wallet = await wallets.ensure_wallet(uow, purchase.merchant_id, purchase.amount.currency)
    await ledger.locked_accounts(uow, (wallet.available_account, wallet.pending_account))


async def send_again(uow: UnitOfWork, purchase_id: PurchaseId, refund_id: PurchaseRefundId) -> PurchaseRefund:
    """Ask the provider once more for a leg whose refund has failed there. Raises PurchaseMissing or
    PurchaseCannotMove, and what the provider's leg refuses.
    """
    await service.lock_payment(uow, await service.get(uow, purchase_id))
    purchase = await service.get(uow, purchase_id, lock=True)
    refund = next((one for one in await refunds_of(uow, purchase) if one.id == refund_id), None)
    if refund is None:
        raise PurchaseMissing(f"there is no refund {refund_id}")
    legs = {leg.n: leg for leg in await service.legs_of(uow, purchase)}
    step = Step(uow, purchase, reason=refund.reason)
    for part in refund.legs:
        if part.payment_refund_id is None:
            continue
        made = await payments.get_refund(uow, part.payment_refund_id)
        if made.state is not payments.RefundState.FAILED:
            raise PurchaseCannotMove(f"the refund at the provider is {made.state}", state=made.state.value)
        again = await MEANS[TenderKind.PROVIDER].give_back(step, legs[part.n], part.amount)
        await store.send_again(uow, refund_id, part.n, again)
    return next(one for one in await refunds_of(uow, purchase) if one.id == refund_id)


async def refunds_of(uow: UnitOfWork, purchase: Purchase) -> list[PurchaseRefund]:
    """What was given back of a purchase, oldest first."""
    return (await store.refunds_of(uow, [purchase]))[purchase.id]


async def _ask(
    uow: UnitOfWork, purchase: Purchase, amount: Money, back: Sequence[ReturnedLine], reason: str
) -> Approval:
    names = {line.n: line.name for line in await line_store.lines_of(uow, purchase)}
    goods = [{"n": each.n, "quantity": each.quantity, "name": names[each.n]} for each in back]
    left = await service.returnable(uow, purchase)
    new = NewApproval(
        kind=KIND,
        subject=("purchase", str(purchase.id)),
        amount=amount,
        party_id=purchase.merchant_id,
        before={"may_still_be_refunded": _shown(left)},
        after={"may_still_be_refunded": _shown(left - amount), **({"goods": goods} if goods else {})},
        note=reason,
    )
    return await approvals.ask(uow, new)


async def decided(uow: UnitOfWork, approval: Approval) -> None:
    """Give back what a second person has said yes to, for the one who asked. Raises ApprovalImpossible."""
    if approval.state is not ApprovalState.APPROVED or approval.amount is None:
        return
    lines = [LineBack(each["n"], each["quantity"]) for each in approval.after.get("goods", [])]
    amount = None if lines else approval.amount
    wanted = WantedRefund(PurchaseId.parse(approval.subject[1]), amount, approval.note, lines)
    try:
        purchase, amount, back = await _possible(uow, wanted)
        await _give_back(uow, purchase, _Back(amount, back), wanted.reason, approval.asked_by)
    except SpecieError as refused:
        raise ApprovalImpossible(str(refused), reason=refused.code) from refused


def _shown(money: Money) -> dict[str, int | str]:
    return {"amount": money.minor, "currency": money.currency.code}


async def _note(uow: UnitOfWork, refund: PurchaseRefund) -> None:
    after = {"refund_id": str(refund.id), "amount_minor": refund.amount.minor}
    subject = ("purchase", str(refund.purchase_id))
    await audit.record(uow, action="purchase.refund", subject=subject, after=after, reason=refund.reason or None)
