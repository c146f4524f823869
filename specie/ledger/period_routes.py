"""Closed periods over HTTP."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field
from starlette.responses import Response

from specie.kernel.permissions import Permission
from specie.ledger import errors, periods
from specie.ledger.periods import Periods
from specie.ledger.schemas import Reason
from specie.platform.http import ApiRouter, Edge, Schema, refuses, requires
from specie.platform.wire import BusinessDay

router = ApiRouter(prefix="/ledger/periods", tags=["Ledger"])


class CloseIn(Schema):
    """Close the books up to and with a business date."""

    through: Annotated[BusinessDay, Field(examples=["2026-10-31"])]
    reason: Reason


class ReopenIn(Schema):
    """Leave the books closed only up to an earlier business date; null opens them altogether."""

    through: BusinessDay | None
    reason: Reason


class ClosingOut(Schema):
    """One closing or reopening."""

    closed_through: date | None
    reason: str
    actor: str
    at: datetime


class PeriodsOut(Schema):
    """Where the books stand, and how it came about (the newest first)."""

    closed_through: date | None = Field(description="Null: nothing is closed")
    closable_through: date = Field(description="The last business date that could be closed now")
    history: list[ClosingOut]

    @classmethod
    def of(cls, standing: Periods) -> "PeriodsOut":
        """The wire form."""
        return cls(
            closed_through=standing.closed_through,
            closable_through=standing.closable_through,
            history=[ClosingOut.model_validate(closing) for closing in standing.history],
        )


@router.get("", response_model=PeriodsOut)
async def get_periods(edge: Edge = requires(Permission.LEDGER_READ)) -> PeriodsOut:
    """Up to which business date the books are closed, and every closing and reopening."""
    return PeriodsOut.of(await edge.read(periods.standing))


@router.post("/close", response_model=PeriodsOut)
@refuses(errors.PeriodNotOver, errors.PeriodOrder)
async def close_period(body: CloseIn, edge: Edge = requires(Permission.LEDGER_ADMIN)) -> Response:
    """Close the books: no request may post with an effective date up to and with that day."""
    return await edge.write(lambda uow: periods.close(uow, body.through, reason=body.reason), PeriodsOut.of)


@router.post("/reopen", response_model=PeriodsOut)
@refuses(errors.PeriodOrder)
async def reopen_period(body: ReopenIn, edge: Edge = requires(Permission.LEDGER_ADMIN, step_up=True)) -> Response:
    """Reopen a closed period; the reason stays on record."""
    return await edge.write(lambda uow: periods.reopen(uow, body.through, reason=body.reason), PeriodsOut.of)
