"""Wire shapes of credit lines and of figures over many orders."""

from datetime import date

from pydantic import Field

from specie.installments.figures import Board
from specie.installments.figures_store import SettlementRow
from specie.installments.model import CreditLine, OrderState
from specie.installments.schemas import Minor, Reason
from specie.kernel.money import Money
from specie.platform.http import Schema
from specie.platform.wire import Amount


class CreditLineIn(Schema):
    """How much a customer may owe at the same time, in minor units of the path's currency."""

    limit_minor: Minor
    is_blocked: bool = False
    reason: Reason | None = Field(None, description="Why; kept in the audit log")


class CreditLineOut(Schema):
    """A customer's credit line; one nobody has set has no room."""

    party_id: str
    limit: Amount
    used: Amount
    left: Amount
    is_blocked: bool

    @classmethod
    def of(cls, line: CreditLine) -> "CreditLineOut":
        """The wire form."""
        return cls(
            party_id=str(line.party_id),
            limit=Amount.of(line.limit),
            used=Amount.of(line.used),
            left=Amount.of(line.left),
            is_blocked=line.is_blocked,
        )


class AgeOut(Schema):
    """Open parts of one age, counted by when each part itself was due."""

    name: str
    parts: int
    orders: int
    open: Amount


class BoardOut(Schema):
    """How orders in one currency stand today."""

    day: date
    currency: str
    open: Amount
    penalties: Amount
    states: dict[str, int]
    ages: list[AgeOut]

    @classmethod
    def of(cls, board: Board) -> "BoardOut":
        """The wire form."""
        states = {state.value: board.by_state.get(state.value, 0) for state in OrderState}

        def amount(minor: int) -> Amount:
            return Amount.of(Money(minor, board.currency))

        return cls(
            day=board.day,
            currency=board.currency.code,
            open=amount(board.open_minor),
            penalties=amount(board.penalties_minor),
            states=states,
            ages=[
                AgeOut(name=age.name, parts=age.parts, orders=age.orders, open=amount(age.open_minor))
                for age in board.ages
            ],
        )


class InstallmentSettlementOut(Schema):
    """A merchant's business day in one currency, from the postings of its orders."""

    day: date
    merchant_id: str
    orders: int
    bought: Amount
    fees: Amount
    returned: Amount
    net: Amount = Field(description="What the merchant's wallet gained; below zero when more came back than was bought")
    collected: Amount = Field(description="What customers paid, to the tenant")
    charged_off: Amount

    @classmethod
    def of(cls, row: SettlementRow, day: date) -> "InstallmentSettlementOut":
        """The wire form."""

        def amount(minor: int) -> Amount:
            return Amount(amount=minor, currency=row.currency)

        return cls(
            day=day,
            merchant_id=str(row.merchant_id),
            orders=row.orders,
            bought=amount(row.bought_minor),
            fees=amount(row.fees_minor),
            returned=amount(row.returned_minor),
            net=amount(row.net_minor),
            collected=amount(row.collected_minor),
            charged_off=amount(row.charged_off_minor),
        )
