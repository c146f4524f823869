"""Wire shapes of payouts to suppliers."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from pydantic import Field

from specie.kernel.ids import PartyId
from specie.payables.model import Bill, BillId
from specie.payables.paying_out import PayOut
from specie.payables.payout_model import PayoutShare, SupplierPayout
from specie.payouts import BeneficiaryId, PayoutStatus
from specie.platform.http import Schema
from specie.platform.wire import Amount, id_text

MOST_BILLS = 50


class SupplierPayoutIn(Schema):
    """Bills of one supplier to pay in full by one payout, and the account in its book the money goes to."""

    beneficiary_id: str
    bill_ids: Annotated[list[str], Field(min_length=1, max_length=MOST_BILLS)]

    def command(self) -> PayOut:
        """The value."""
        bills = [id_text(BillId, each, "bill_ids") for each in self.bill_ids]
        return PayOut(id_text(BeneficiaryId, self.beneficiary_id, "beneficiary_id"), bills)


class PaidBillOut(Schema):
    """So much of a payout for one bill."""

    bill_id: str
    number: str
    their_number: str
    amount: Amount

    @classmethod
    def of(cls, share: PayoutShare, bill: Bill) -> "PaidBillOut":
        """The wire form."""
        amount = Amount(amount=share.amount_minor, currency=bill.currency.code)
        return cls(bill_id=str(bill.id), number=bill.number, their_number=bill.their_number, amount=amount)


class SupplierPayoutOut(Schema):
    """A payout to a supplier; `payout_id` is how the money travels, and who has to say yes to it."""

    id: str
    payout_id: str
    supplier_id: str
    supplier_name: str | None
    amount: Amount
    state: str = Field(description="under_way, paid, failed or returned; after the last two its bills are owed again")
    payout_status: str = Field(description="Where the payout stands; `requested` waits for a second person")
    asked_on: date
    ended_on: date | None
    bills: list[PaidBillOut]

    @classmethod
    def of(
        cls,
        made: SupplierPayout,
        status: PayoutStatus,
        bills: Mapping[BillId, Bill],
        names: Mapping[PartyId, str],
    ) -> "SupplierPayoutOut":
        """The wire form."""
        return cls(
            id=str(made.id),
            payout_id=str(made.payout_id),
            supplier_id=str(made.supplier_id),
            supplier_name=names.get(made.supplier_id),
            amount=Amount.of(made.amount),
            state=made.state.value,
            payout_status=status.value,
            asked_on=made.asked_on,
            ended_on=made.ended_on,
            bills=[PaidBillOut.of(share, bills[share.bill_id]) for share in made.shares],
        )


class BillPayoutOut(Schema):
    """A payout that was for a bill: how much of it, and how it went."""

    id: str
    payout_id: str
    amount: Amount
    state: str
    asked_on: date
    ended_on: date | None
    entry_id: str
    back_entry_id: str | None

    @classmethod
    def each_of(cls, made: Sequence[SupplierPayout], bill_id: BillId) -> "list[BillPayoutOut]":
        """The wire forms of what each was for this bill."""
        return [cls._of(one, share) for one in made for share in one.shares if share.bill_id == bill_id]

    @classmethod
    def _of(cls, made: SupplierPayout, share: PayoutShare) -> "BillPayoutOut":
        return cls(
            id=str(made.id),
            payout_id=str(made.payout_id),
            amount=Amount(amount=share.amount_minor, currency=made.amount.currency.code),
            state=made.state.value,
            asked_on=made.asked_on,
            ended_on=made.ended_on,
            entry_id=str(share.entry_id),
            back_entry_id=str(share.back_entry_id) if share.back_entry_id else None,
        )
