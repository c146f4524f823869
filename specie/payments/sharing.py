"""Shares of a payment: who may be promised one, and what everybody has got and given back of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from specie import parties
from specie.kernel.ids import PartyId
from specie.kernel.money import Money
from specie.payments.errors import SplitInvalid, SplitReceiver
from specie.payments.model import CaptureMode, Payment, Split
from specie.payments.refund_model import Refund, RefundState
from specie.platform.db import UnitOfWork

_RECEIVES = "merchant"


@dataclass(frozen=True, slots=True)
class Share:
    """What somebody gets of a payment and has given back of it; the platform's fee belongs to no party."""

    party_id: PartyId | None
    amount: Money
    refunded: Money


async def require_receivable(uow: UnitOfWork, owner: PartyId, splits: Sequence[Split]) -> None:
    """Everyone who is promised a share must be another merchant of this tenant. Raises SplitReceiver."""
    wanted = [split.party_id for split in splits]
    roles = await parties.roles_of(uow, wanted) if wanted else {}
    for party_id in wanted:
        if _RECEIVES not in roles.get(party_id, frozenset()):
            raise SplitReceiver(f"{party_id} is not a merchant here", param="splits", party_id=str(party_id))
        if party_id == owner or wanted.count(party_id) > 1:
            raise SplitReceiver(f"{party_id} gets its part already", param="splits", party_id=str(party_id))


def require_fitting(amount: Money, splits: Sequence[Split], capture: CaptureMode, fee: Money) -> None:
    """The shares and our fee must fit into the payment. Raises SplitInvalid."""
    if not splits:
        return
    if any(split.amount.currency.code != amount.currency.code for split in splits):
        raise SplitInvalid("shares are in the payment's currency", param="splits")
    if capture is CaptureMode.MANUAL:
        raise SplitInvalid("shares need a payment that is captured at once", param="splits")
    most = max(0, amount.minor - fee.minor)
    if sum(split.amount.minor for split in splits) > most:
        raise SplitInvalid(
            f"the shares and the fee exceed the amount; {Money(most, amount.currency)} may be shared",
            param="splits",
            available=most,
        )


def shares_of(payment: Payment, refunds: Sequence[Refund]) -> list[Share]:
    """Who gets what of a payment that is shared, its own merchant first; none for one that is not.

    Before it has been paid our fee is not known, and neither is what is left for its own merchant.
    """
    if not payment.splits:
        return []
    given = [refund.parts for refund in refunds if refund.state is not RefundState.FAILED]
    zero = Money.zero(payment.amount.currency)
    shares = [
        Share(split.party_id, split.amount, sum((parts.others.get(split.party_id, zero) for parts in given), zero))
        for split in payment.splits
    ]
    if payment.net is None or payment.platform_fee is None:
        return shares
    own = Share(payment.party_id, payment.net, sum((parts.merchant for parts in given), zero))
    fee = Share(None, payment.platform_fee, sum((parts.platform_fee for parts in given), zero))
    return [own, *shares, fee]
