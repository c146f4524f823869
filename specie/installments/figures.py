"""Figures over many orders, each worked out from the ledger by one statement: the board, aging, a day's settlement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from specie.installments import figures_store, store
from specie.installments.errors import DayAhead
from specie.installments.figures_store import AgeRow, SettlementRow
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.platform.db import UnitOfWork

AGES: Sequence[tuple[str, int | None, int | None]] = (
    ("not_due", None, -1),
    ("today", 0, 0),
    ("days_1_29", 1, 29),
    ("days_30_59", 30, 59),
    ("days_60_89", 60, 89),
    ("days_90_on", 90, None),
)
"""Names of ages, each from and to how many days since the part was due."""


@dataclass(frozen=True, slots=True)
class Age:
    """Open parts of one age: how many parts of how many orders, and what is open of them in minor units."""

    name: str
    parts: int
    orders: int
    open_minor: int


@dataclass(frozen=True, slots=True)
class Board:
    """How a merchant's orders in one currency stand on a day."""

    day: date
    currency: Currency
    by_state: dict[str, int]
    ages: Sequence[Age]
    penalties_minor: int

    @property
    def open_minor(self) -> int:
        """All that customers owe."""
        return self.penalties_minor + sum(age.open_minor for age in self.ages)


async def board(uow: UnitOfWork, merchant_id: PartyId | None, currency: Currency) -> Board:
    """Orders by state and open parts by their own age: an order with one late part has its other parts not due."""
    day, merchant = uow.business_date, uow.scope.party_id or merchant_id
    rows = await figures_store.ages(uow, merchant, currency.code, day)
    return Board(
        day=day,
        currency=currency,
        by_state=await store.count_by_state(uow, merchant, currency.code),
        ages=[_age(name, low, high, rows) for name, low, high in AGES],
        penalties_minor=await figures_store.open_penalties(uow, merchant, currency.code),
    )


def _age(name: str, low: int | None, high: int | None, rows: Sequence[AgeRow]) -> Age:
    mine = [row for row in rows if (low is None or row.days_late >= low) and (high is None or row.days_late <= high)]
    orders = {order_id for row in mine for order_id in row.orders}
    return Age(name, sum(row.parts for row in mine), len(orders), sum(row.open_minor for row in mine))


async def settlement(uow: UnitOfWork, day: date, merchant_id: PartyId | None) -> list[SettlementRow]:
    """What a business day's entries did for each merchant, by currency. Raises DayAhead."""
    if day > uow.business_date:
        raise DayAhead("choose today or a day before", param="day")
    return await figures_store.settlement(uow, day, uow.scope.party_id or merchant_id)
