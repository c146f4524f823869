"""Wire shapes of money expected from providers."""

from datetime import date

from pydantic import Field

from specie.platform.http import Schema
from specie.platform.wire import Amount
from specie.reconciliation.expected import Expected, Owed


class ExpectedMoneyOut(Schema):
    """What should come on one day. Below zero the provider takes more off than it pays over."""

    stage: str = Field(description="collected, or confirmed: it stands in the provider's statement already")
    expected_on: date | None
    undated_because: str | None = Field(
        description="no_terms, no_source, no_bank, no_connection or no_calendar, where there is no day"
    )
    amount: Amount
    items: int = Field(description="Entries that it is made of; 0 where nothing is matched with them")
    overdue: bool

    @classmethod
    def of(cls, row: Expected, owed: Owed) -> "ExpectedMoneyOut":
        """The wire form."""
        return cls(
            stage=str(row.stage),
            expected_on=row.on,
            undated_because=str(row.undated) if row.undated else None,
            amount=Amount.of(row.amount),
            items=row.items,
            overdue=owed.is_overdue(row),
        )


class ProviderOwesOut(Schema):
    """What one provider owes in one currency. The rows sum to `balance`, which is that of the two accounts."""

    connection_id: str | None = Field(description="Null for a clearing account that was made by hand")
    connection_name: str = Field(description="The account's code where there is no connection")
    account_id: str = Field(description="The clearing account")
    confirmed_account_id: str | None = Field(description="Where the provider's statements move money on to")
    collected: Amount
    confirmed: Amount
    balance: Amount
    overdue: Amount = Field(description="What should have come by now, less what the provider takes off")
    rows: list[ExpectedMoneyOut]

    @classmethod
    def of(cls, owed: Owed) -> "ProviderOwesOut":
        """The wire form."""
        return cls(
            connection_id=str(owed.connection.id) if owed.connection else None,
            connection_name=owed.name,
            account_id=str(owed.account_id),
            confirmed_account_id=str(owed.confirmed_account_id) if owed.confirmed_account_id else None,
            collected=Amount.of(owed.collected),
            confirmed=Amount.of(owed.confirmed),
            balance=Amount.of(owed.collected + owed.confirmed),
            overdue=Amount.of(owed.overdue),
            rows=[ExpectedMoneyOut.of(row, owed) for row in owed.rows],
        )


class ExpectedFromProvidersOut(Schema):
    """What every provider owes."""

    data: list[ProviderOwesOut]
