"""Wire shapes of statements."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.platform.http import Schema
from specie.platform.wire import Amount, BusinessDay, CurrencyCode, id_text
from specie.statements.model import Statement
from specie.statements.service import WantedStatement


class StatementIn(Schema):
    """A statement to make. The same party, currency and period always give the same one."""

    party_id: str | None = Field(None, description="Needed unless the caller is limited to a party")
    currency: CurrencyCode
    from_day: BusinessDay
    through_day: BusinessDay

    def command(self) -> WantedStatement:
        """What the service takes."""
        return WantedStatement(
            id_text(PartyId, self.party_id, "party_id") if self.party_id else None,
            Currency.of(self.currency),
            self.from_day,
            self.through_day,
        )


class StatementListed(Schema):
    """A statement in a list."""

    id: str
    number: int
    party_id: str
    currency: str
    from_day: date
    through_day: date
    opening: Amount
    closing: Amount
    sha256: str = Field(description="Of the JSON file, byte for byte")
    created_at: datetime

    @classmethod
    def of(cls, statement: Statement) -> "StatementListed":
        """The wire form."""
        return cls(**_fields(statement))


class StatementOut(StatementListed):
    """A statement with everything it says; amounts inside are minor units of its currency."""

    stated: dict[str, Any]

    @classmethod
    def of(cls, statement: Statement) -> "StatementOut":
        """The wire form."""
        return cls(**_fields(statement), stated=statement.stated)


def _fields(statement: Statement) -> dict[str, Any]:
    said = statement.stated
    return {
        "id": str(statement.id),
        "number": statement.n,
        "party_id": str(statement.party_id),
        "currency": statement.currency.code,
        "from_day": statement.from_day,
        "through_day": statement.through_day,
        "opening": Amount.of(Money(said["opening"], statement.currency)),
        "closing": Amount.of(Money(said["closing"], statement.currency)),
        "sha256": statement.digest.hex(),
        "created_at": statement.created_at,
    }
