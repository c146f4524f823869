"""Wire shapes of routing."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from specie.kernel.ids import ConnectionId
from specie.kernel.money import Money
from specie.payments.route_model import ChoiceRow, Health, Route
from specie.platform.http import Schema
from specie.platform.wire import CurrencyCode

Minor = Annotated[int, Field(ge=1, le=Money.MAX_MINOR, strict=True)]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$", examples=["ID"], description="ISO 3166 code of two letters")]
Method = Literal["qr", "virtual_account", "ewallet", "card"]
Position = Annotated[int, Field(ge=0, le=1000, strict=True, description="The lowest is asked first")]
Weight = Annotated[int, Field(ge=1, le=1000, strict=True, description="Share among rules of one position")]


class RouteIn(Schema):
    """A rule: payments like this go to that connection. What is left out fits everything."""

    connection_id: str
    position: Position = 0
    weight: Weight = 1
    method: Method | None = None
    currency: CurrencyCode | None = None
    country: Country | None = None
    min_amount: Minor | None = Field(None, description="Minor units; needs a currency")
    max_amount: Minor | None = Field(None, description="Minor units; needs a currency")

    @model_validator(mode="after")
    def _amounts_have_a_currency(self) -> "RouteIn":
        bounds = [bound for bound in (self.min_amount, self.max_amount) if bound is not None]
        if bounds and self.currency is None:
            raise PydanticCustomError("field_invalid", "an amount needs its currency")
        if bounds != sorted(bounds):
            raise PydanticCustomError("field_invalid", "max_amount is not below min_amount")
        return self


class RouteChange(Schema):
    """What to change of a rule; what is left out stays."""

    position: Position | None = None
    weight: Weight | None = None
    active: bool | None = None

    def wanted(self) -> dict[str, Any]:
        """Columns to set."""
        given = self.model_dump(exclude_none=True)
        return {"is_active" if name == "active" else name: value for name, value in given.items()}


class RouteOut(Schema):
    """A rule of routing."""

    id: str
    connection_id: str
    position: int
    weight: int
    method: str | None
    currency: str | None
    country: str | None
    min_amount: int | None
    max_amount: int | None
    active: bool
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, route: Route) -> "RouteOut":
        """The wire form."""
        return cls(
            id=str(route.id),
            connection_id=str(route.connection_id),
            position=route.position,
            weight=route.weight,
            method=route.method.value if route.method else None,
            currency=route.currency,
            country=route.country,
            min_amount=route.min_minor,
            max_amount=route.max_minor,
            active=route.is_active,
            created_at=route.created_at,
            updated_at=route.updated_at,
        )


class ConnectionHealth(Schema):
    """How the latest tries at a connection went within ten minutes."""

    connection_id: str
    healthy: bool
    tries: int
    failures: int

    @classmethod
    def of(cls, connection_id: ConnectionId, health: Health) -> "ConnectionHealth":
        """The wire form."""
        return cls(
            connection_id=str(connection_id), healthy=health.is_good, tries=health.tries, failures=health.failures
        )


class RoutesOut(Schema):
    """The rules in the order in which they are asked, and how the connections are doing."""

    data: list[RouteOut]
    health: list[ConnectionHealth]


class ChoiceOut(Schema):
    """Why an attempt went where it went."""

    attempt_id: str
    connection_id: str
    reason: str
    considered: list[dict[str, str]]

    @classmethod
    def of(cls, row: ChoiceRow) -> "ChoiceOut":
        """The wire form."""
        return cls(
            attempt_id=str(row.attempt_id),
            connection_id=str(row.choice.connection_id),
            reason=row.choice.reason,
            considered=[dict(each) for each in row.choice.considered],
        )
