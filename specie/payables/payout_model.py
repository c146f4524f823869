"""Payouts to suppliers and the bills they are for; no I/O, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from specie.kernel.ids import EntryId, PartyId
from specie.kernel.money import Money
from specie.payables.model import BillId, SupplierPayoutId
from specie.payouts import PayoutId, PayoutStatus


class WayState(StrEnum):
    """Whether the money is on its way, is with the supplier, or is ours again."""

    UNDER_WAY = "under_way"
    PAID = "paid"
    FAILED = "failed"
    RETURNED = "returned"


GIVEN_BACK = frozenset({WayState.FAILED, WayState.RETURNED})

NEXT: dict[tuple[WayState, PayoutStatus], WayState] = {
    (WayState.UNDER_WAY, PayoutStatus.SUCCEEDED): WayState.PAID,
    (WayState.UNDER_WAY, PayoutStatus.FAILED): WayState.FAILED,
    (WayState.UNDER_WAY, PayoutStatus.CANCELLED): WayState.FAILED,
    (WayState.PAID, PayoutStatus.RETURNED): WayState.RETURNED,
}
"""What the end of a payout does; it has no other moves."""


@dataclass(frozen=True, slots=True)
class PayoutShare:
    """So much of a payout for one bill, in minor units, the entry that took it from there and the one back."""

    bill_id: BillId
    amount_minor: int
    entry_id: EntryId
    back_entry_id: EntryId | None = None


@dataclass(frozen=True, slots=True)
class SupplierPayout:
    """One payout to one supplier for some of its bills."""

    id: SupplierPayoutId
    payout_id: PayoutId
    supplier_id: PartyId
    amount: Money
    state: WayState
    asked_on: date
    created_at: datetime
    shares: Sequence[PayoutShare]
    ended_on: date | None = None

    def after(self, status: PayoutStatus, day: date) -> "SupplierPayout | None":
        """What it is once its payout has a status; None when nothing changes."""
        state = NEXT.get((self.state, status))
        return None if state is None else replace(self, state=state, ended_on=day)
