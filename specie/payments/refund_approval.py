"""Refunds that a second person decides: nothing moves until somebody else has said yes, and then once."""

from specie import approvals
from specie.approvals import Approval, ApprovalImpossible, ApprovalState, NewApproval
from specie.kernel.ids import PaymentId
from specie.kernel.money import Money
from specie.ledger import AccountFrozen, InsufficientFunds
from specie.payments import extras, refund_booking, refund_store, refunds, service
from specie.payments.errors import PaymentDisputed, RefundImpossible, RefundTooLarge, RefundWaits
from specie.payments.refund_model import Origin, RefundState
from specie.payments.refunds import Reserved
from specie.platform.db import UnitOfWork
from specie.providers import Toolbox

KIND = "refund"
_PAYMENT = "payment"
_IMPOSSIBLE = (RefundImpossible, PaymentDisputed, RefundTooLarge, InsufficientFunds, AccountFrozen)


async def request(
    uow: UnitOfWork, toolbox: Toolbox, payment_id: PaymentId, amount: Money | None, reason: str
) -> Reserved | Approval:
    """Reserve a refund and have it sent, or ask a second person when the payment's refunds go above the line.

    Without an amount, all that may still be refunded. Raises PaymentMissing, RefundImpossible, PaymentDisputed,
    RefundTooLarge, RefundWaits, or InsufficientFunds and AccountFrozen for a merchant who cannot bear it.
    """
    keeper = await extras.keeper_of(uow, await service.get_payment(uow, payment_id))
    if keeper is not None:
        raise RefundImpossible(f"this payment is part of {keeper}: give that back", payment_id=str(payment_id))
    wanted = await refunds.possible(uow, toolbox, payment_id, amount)
    if await approvals.open_about(uow, (_PAYMENT, str(payment_id))) is not None:
        raise RefundWaits("let it be decided first", payment_id=str(payment_id))
    # Together, so that nobody gets below the line by asking in small pieces.
    if await approvals.is_needed(uow, KIND, wanted + await _asked_before(uow, payment_id, wanted)):
        return await _ask(uow, payment_id, wanted, reason)
    return await refunds.reserve(uow, payment_id, wanted, reason, str(uow.scope.actor))


async def _asked_before(uow: UnitOfWork, payment_id: PaymentId, wanted: Money) -> Money:
    own = [each for each in await refund_store.refunds_of(uow, payment_id) if each.origin is Origin.REQUEST]
    return sum((each.amount for each in own if each.state is not RefundState.FAILED), start=Money.zero(wanted.currency))


async def _ask(uow: UnitOfWork, payment_id: PaymentId, wanted: Money, reason: str) -> Approval:
    payment = await service.get_payment(uow, payment_id)
    left = await refund_booking.refundable(uow, payment)
    new = NewApproval(
        kind=KIND,
        subject=(_PAYMENT, str(payment_id)),
        amount=wanted,
        party_id=payment.party_id,
        before={"may_still_be_refunded": left.as_json()},
        after={"may_still_be_refunded": (left - wanted).as_json()},
        note=reason,
    )
    return await approvals.ask(uow, new)


async def decided(uow: UnitOfWork, approval: Approval) -> None:
    """Reserve what a second person has said yes to, for the one who asked. Raises ApprovalImpossible."""
    if approval.state is not ApprovalState.APPROVED or approval.amount is None:
        return
    payment_id = PaymentId.parse(approval.subject[1])
    try:
        await refunds.reserve(uow, payment_id, approval.amount, approval.note, approval.asked_by)
    except _IMPOSSIBLE as refused:
        raise ApprovalImpossible(str(refused), reason=refused.code) from refused
