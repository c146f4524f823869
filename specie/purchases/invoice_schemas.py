"""Wire shapes of invoices that are paid in installments."""

from pydantic import Field

from specie.installments import PlanId, Standing
from specie.kernel.money import Money
from specie.platform.http import Schema
from specie.platform.wire import Amount, id_text
from specie.purchases.invoice_plans import InParts
from specie.purchases.schemas import PossiblePlanOut


class InvoiceInPartsIn(Schema):
    """An offer to pay what is open of an invoice by a plan of the business."""

    plan_id: str

    def plan(self) -> PlanId:
        """The value. Raises InvalidId."""
        return id_text(PlanId, self.plan_id, "plan_id")


class InvoiceOrderOut(Schema):
    """An order in parts that was offered for an invoice."""

    order_id: str
    status: str
    amount: Amount
    owed: Amount = Field(description="What the customer still owes of it, with interest and fees")

    @classmethod
    def of(cls, found: Standing) -> "InvoiceOrderOut":
        """The wire form."""
        order = found.order
        return cls(
            order_id=str(order.id),
            status=order.state.value,
            amount=Amount.of(order.amount),
            owed=Amount.of(Money(found.left.total, order.currency)),
        )


class InvoiceInPartsOut(Schema):
    """The plans that could pay what is open of an invoice, and the orders that were made for it."""

    invoice_id: str
    open: Amount
    plans: list[PossiblePlanOut]
    orders: list[InvoiceOrderOut]

    @classmethod
    def of(cls, found: InParts) -> "InvoiceInPartsOut":
        """The wire form."""
        invoice = found.standing.invoice
        return cls(
            invoice_id=str(invoice.id),
            open=Amount(amount=found.standing.open_minor, currency=invoice.currency.code),
            plans=[PossiblePlanOut.of(plan) for plan in found.plans],
            orders=[InvoiceOrderOut.of(each) for each in found.orders],
        )
