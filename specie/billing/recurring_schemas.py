"""What goes over the wire about recurring invoices."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from specie.billing.recurring import Recur, Today
from specie.billing.recurring_model import Handling, Recurring, Rhythm, Run, Terms, Unit
from specie.billing.schemas import InvoiceLineIn, InvoiceLineOut, LongText, ShortText, drafts
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.platform.http import Schema
from specie.platform.wire import Amount, BusinessDay, CurrencyCode, id_text

Lines = Annotated[list[InvoiceLineIn], Field(min_length=1, max_length=200)]
HandlingName = Literal["draft", "issue", "mail"]
_HOW_FAR = "Each invoice is kept as a draft, issued, or issued and mailed"


class RecurringTermsIn(Schema):
    """What the coming invoices say; every line is in the currency of the recurring invoice."""

    currency: CurrencyCode
    lines: Lines
    handling: HandlingName = Field(default="issue", description=_HOW_FAR)
    includes_tax: bool = False
    due_days: Annotated[int, Field(ge=0, le=366)] | None = None
    reference: ShortText = ""
    note: LongText = ""

    def terms(self) -> Terms:
        """The value. Raises LineInvalid or InvalidId."""
        return Terms(
            lines=drafts(self.lines, self.currency),
            handling=Handling(self.handling),
            includes_tax=self.includes_tax,
            due_days=self.due_days,
            reference=self.reference,
            note=self.note,
        )


class RecurringIn(RecurringTermsIn):
    """What is charged again and again: every so many weeks, months or years from a first day on."""

    customer_id: str
    unit: Literal["week", "month", "year"] = "month"
    every: Annotated[int, Field(ge=1, le=60)] = 1
    starts_on: BusinessDay
    ends_on: BusinessDay | None = Field(default=None, description="No period begins after it")

    def command(self) -> Recur:
        """The value. Raises LineInvalid or InvalidId."""
        return Recur(
            customer_id=id_text(PartyId, self.customer_id, "customer_id"),
            currency=Currency.of(self.currency),
            rhythm=Rhythm(Unit(self.unit), self.every, self.starts_on, self.ends_on),
            terms=self.terms(),
        )


class ResumeRecurringIn(Schema):
    """Whether the periods that were left out are charged as well."""

    catch_up: bool = False


class RecurringOut(Schema):
    """A recurring invoice. `total` is what an invoice would charge today; `trouble` says why it paused itself."""

    id: str
    customer_id: str
    customer_name: str | None
    state: str
    unit: str
    every: int
    starts_on: date
    ends_on: date | None
    next_on: date | None
    periods_charged: int
    handling: str
    total: Amount
    unpriced: str = Field(description="Which line no price list prices: it counts nothing here; charging is refused")
    reference: str
    trouble: str
    created_at: datetime

    @classmethod
    def of(cls, found: Recurring, today: Today, names: Mapping[PartyId, str], charged: int) -> "RecurringOut":
        """The wire form."""
        return cls(**recurring_fields(found, today, names, charged))


class RecurringRunOut(Schema):
    """A period and its invoice."""

    period: int
    starts_on: date
    invoice_id: str
    invoice_number: str | None
    invoice_state: str
    total: Amount
    made_at: datetime


class RecurringDetail(RecurringOut):
    """A recurring invoice with what it says, its coming days and the invoices of its latest periods."""

    includes_tax: bool
    due_days: int | None
    note: str
    lines: list[InvoiceLineOut]
    coming: list[date]
    runs: list[RecurringRunOut]


def recurring_fields(found: Recurring, today: Today, names: Mapping[PartyId, str], charged: int) -> dict[str, Any]:
    """The fields that a list and a page have in common."""
    return {
        "id": str(found.id),
        "customer_id": str(found.customer_id),
        "customer_name": names.get(found.customer_id),
        "state": found.state.value,
        "unit": found.rhythm.unit.value,
        "every": found.rhythm.every,
        "starts_on": found.rhythm.starts_on,
        "ends_on": found.rhythm.ends_on,
        "next_on": found.next_on,
        "periods_charged": charged,
        "handling": found.terms.handling.value,
        "total": Amount(amount=today.figures.total_minor, currency=found.currency.code),
        "unpriced": today.trouble,
        "reference": found.terms.reference,
        "trouble": found.trouble,
        "created_at": found.created_at,
    }


def coming_days(found: Recurring, most: int) -> Sequence[date]:
    """The first days of the next periods."""
    if found.next_on is None:
        return []
    days = (found.rhythm.next_day(found.next_period + n) for n in range(most))
    return [day for day in days if day is not None]


def run_out(run: Run, number: str | None, state: str, total: Amount) -> RecurringRunOut:
    """The wire form of a period that was charged."""
    return RecurringRunOut(
        period=run.period,
        starts_on=run.starts_on,
        invoice_id=str(run.invoice_id),
        invoice_number=number,
        invoice_state=state,
        total=total,
        made_at=run.made_at,
    )
