"""Recurring invoices: their days, their states and what each period is called; no I/O, no clock."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from specie.billing.errors import RecurringCannotMove
from specie.billing.model import InvoiceId, LineDraft
from specie.catalogue import ProductId, TaxRateId
from specie.kernel.ids import PartyId, PrefixedId
from specie.kernel.money import Currency


class RecurringId(PrefixedId, prefix="rin"):
    """What is charged again every so often."""


class RecurringState(StrEnum):
    """Whether a recurring invoice goes on."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Unit(StrEnum):
    """What the time between two invoices is counted in."""

    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Handling(StrEnum):
    """How far each invoice goes by itself: kept as a draft, issued, or issued and mailed."""

    DRAFT = "draft"
    ISSUE = "issue"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """On which days something recurs: every so many units from its first day on, up to a last day if there is one."""

    unit: Unit
    every: int
    starts_on: date
    ends_on: date | None = None

    def day(self, period: int) -> date:
        """The first day of a period, counted from 0.

        Every period is counted from the first day, never from the one before: what begins on the 31st falls on the
        28th in February and on the 31st again in March.
        """
        if self.unit is Unit.WEEK:
            return self.starts_on + timedelta(weeks=self.every * period)
        months = self.every * period * (12 if self.unit is Unit.YEAR else 1)
        year, month = divmod(self.starts_on.year * 12 + self.starts_on.month - 1 + months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(self.starts_on.day, last))

    def span(self, period: int) -> tuple[date, date]:
        """The first and the last day of a period."""
        return self.day(period), self.day(period + 1) - timedelta(days=1)

    def next_day(self, period: int) -> date | None:
        """The day on which a period begins; None when that is after the last day."""
        day = self.day(period)
        return None if self.ends_on is not None and day > self.ends_on else day

    def first_from(self, period: int, day: date) -> int:
        """The earliest period from this one on that begins on a day or after it."""
        while self.day(period) < day:
            period += 1
        return period


@dataclass(frozen=True, slots=True)
class Terms:
    """What each invoice says, and how far it goes by itself."""

    lines: Sequence[LineDraft]
    handling: Handling = Handling.ISSUE
    includes_tax: bool = False
    due_days: int | None = None
    reference: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Recurring:
    """What is charged, to whom and when. `next_period` counts from 0 and begins on `next_on`; None once it ended.

    `trouble` says why the last period could not be charged; whoever resumes it has seen to that.
    """

    id: RecurringId
    customer_id: PartyId
    currency: Currency
    state: RecurringState
    rhythm: Rhythm
    next_period: int
    next_on: date | None
    terms: Terms
    created_at: datetime
    version: int = 1
    trouble: str = ""

    def require(self, *states: RecurringState) -> None:
        """Raise RecurringCannotMove unless it is in one of the states."""
        if self.state not in states:
            raise RecurringCannotMove(f"it is {self.state.value}", state=self.state.value)


@dataclass(frozen=True, slots=True)
class Run:
    """The invoice of one period."""

    period: int
    starts_on: date
    invoice_id: InvoiceId
    made_at: datetime


def line_to_json(line: LineDraft) -> dict[str, Any]:
    """The form in which a line is kept that is not on an invoice yet."""
    return {
        "description": line.description,
        "quantity": f"{line.quantity:f}",
        "unit": line.unit,
        "unit_price_minor": line.unit_price_minor,
        "discount": f"{line.discount:f}",
        "taxes": [str(tax) for tax in line.taxes],
        "product_id": str(line.product_id) if line.product_id else None,
    }


def line_from_json(kept: Mapping[str, Any]) -> LineDraft:
    """The value of what `line_to_json` gave."""
    return LineDraft(
        description=kept["description"],
        quantity=Decimal(kept["quantity"]),
        unit_price_minor=kept["unit_price_minor"],
        unit=kept["unit"],
        discount=Decimal(kept["discount"]),
        taxes=tuple(TaxRateId.parse(tax) for tax in kept["taxes"]),
        product_id=ProductId.parse(kept["product_id"]) if kept["product_id"] else None,
    )
