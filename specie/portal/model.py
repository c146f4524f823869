"""A customer's portal, and what it shows; no I/O, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from specie.billing import Invoice, Letterhead, Receipt, Standing
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.sales import Quote


@dataclass(frozen=True, slots=True)
class Portal:
    """The page of a customer; whoever has its token may read it."""

    customer_id: PartyId
    token: str
    opened_at: datetime

    @property
    def path(self) -> str:
        """Where the page is, below the platform's address."""
        return f"/portal/{self.token}"


@dataclass(frozen=True, slots=True)
class Owed:
    """What a customer has to pay in a currency, the longest due first, and what is left of what it paid before."""

    currency: Currency
    invoices: Sequence[Standing]
    credit_minor: int

    @property
    def open_minor(self) -> int:
        """What all the invoices ask for, in minor units."""
        return sum(each.open_minor for each in self.invoices)

    def late_minor(self, day: date) -> int:
        """How much of it was due before a day, in minor units."""
        return sum(each.open_minor for each in self.invoices if each.is_late(day))


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that a portal shows on a day. `older`: there are more invoices behind the last of `settled`.

    In currencies that are not in `owed` nothing is open and nothing is left.
    """

    portal: Portal
    head: Letterhead
    customer: str
    day: date
    owed: Sequence[Owed]
    offered: Sequence[Quote]
    settled: Sequence[Invoice]
    older: bool
    received: Sequence[Receipt]
