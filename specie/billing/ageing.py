"""What customers owe by how long it has been due, on any day up to today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from specie.billing import ageing_store
from specie.billing.ageing_store import OpenRow
from specie.billing.errors import DayAhead
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.platform.db import UnitOfWork

BUCKETS: Sequence[tuple[str, int]] = (("not_due", 0), ("1_30", 30), ("31_60", 60), ("61_90", 90))
"""Names of the steps and the most days of lateness in each; what is later is `over_90`."""
OLDEST = "over_90"


def bucket_of(due_on: date, day: date) -> str:
    """In which step something due on a date is on a day."""
    late = (day - due_on).days
    return next((name for name, most in BUCKETS if late <= most), OLDEST)


@dataclass(frozen=True, slots=True)
class CustomerAges:
    """What one customer owed on the day: by step and by invoice, in minor units."""

    customer_id: PartyId
    buckets: Mapping[str, int]
    invoices: Sequence[OpenRow]

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.buckets.values())


@dataclass(frozen=True, slots=True)
class Ages:
    """What was owed at the end of a day. The buckets sum to `control`: the balance of the receivable accounts."""

    day: date
    buckets: Mapping[str, int]
    customers: Sequence[CustomerAges]
    control: int

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.buckets.values())


async def ages(uow: UnitOfWork, currency: Currency, day: date | None, customer_id: PartyId | None = None) -> Ages:
    """Open amounts by age at the end of a business date, today when none is given. Raises DayAhead."""
    wanted, party = day or uow.business_date, uow.scope.party_id or customer_id
    if wanted > uow.business_date:
        raise DayAhead("choose today or an earlier day", param="day")
    rows = await ageing_store.open_on(uow, currency.code, wanted, party)
    by_customer = sorted(rows, key=lambda row: str(row.customer_id))
    customers = [
        CustomerAges(customer, _buckets(found, wanted), found)
        for customer, group in groupby(by_customer, key=lambda row: row.customer_id)
        for found in [list(group)]
    ]
    customers.sort(key=lambda one: (-one.total, str(one.customer_id)))
    held = await ageing_store.control(uow, currency.code, wanted, party)
    return Ages(wanted, _buckets(rows, wanted), customers, held)


def empty_buckets() -> dict[str, int]:
    """Every step with nothing in it."""
    return {name: 0 for name, _ in BUCKETS} | {OLDEST: 0}


def _buckets(rows: Sequence[OpenRow], day: date) -> dict[str, int]:
    found = empty_buckets()
    for row in rows:
        found[bucket_of(row.due_on, day)] += row.open_minor
    return found
