"""Closing the books of days that are over, and reopening them.

Up to the closed date no request may post: a correction takes a later date, or somebody reopens the period, which is
on record. What has happened outside (a fact) is never refused; it takes the date on which it is recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from specie import audit, events
from specie.events import NewEvent
from specie.ledger import period_store
from specie.ledger.errors import PeriodNotOver, PeriodOrder
from specie.ledger.period_store import Closing
from specie.platform.db import UnitOfWork

# Longer than any transaction lives: whoever read the time before the cut-off has ended when the day can be closed.
_MARGIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Periods:
    """Where the books stand: closed up to a business date, the last that could be closed, and how it came about."""

    closed_through: date | None
    closable_through: date
    history: Sequence[Closing]


async def standing(uow: UnitOfWork) -> Periods:
    """Where the tenant's books stand at its business time."""
    closings = await period_store.history(uow)
    in_force = closings[0].closed_through if closings else None
    closable = uow.scope.clock.business_date(uow.now - _MARGIN) - timedelta(days=1)
    return Periods(in_force, closable, closings)


async def close(uow: UnitOfWork, through: date, *, reason: str) -> Periods:
    """Close the books up to and with a business date. Raises PeriodNotOver or PeriodOrder."""
    await period_store.lock(uow)
    now = await standing(uow)
    if now.closed_through is not None and through <= now.closed_through:
        raise PeriodOrder(f"the books are closed up to {now.closed_through}; reopen them to go back")
    if through > now.closable_through:
        raise PeriodNotOver(f"the last day that can be closed now is {now.closable_through}", param="through")
    return await _decide(uow, now, through, reason, "close")


async def reopen(uow: UnitOfWork, through: date | None, *, reason: str) -> Periods:
    """Leave the books closed only up to an earlier business date, or (None) open. Raises PeriodOrder."""
    await period_store.lock(uow)
    now = await standing(uow)
    if now.closed_through is None:
        raise PeriodOrder("no period is closed")
    if through is not None and through >= now.closed_through:
        raise PeriodOrder(f"the books are closed up to {now.closed_through}; reopening goes back from there")
    return await _decide(uow, now, through, reason, "reopen")


async def _decide(uow: UnitOfWork, before: Periods, through: date | None, reason: str, verb: str) -> Periods:
    closing_id = await period_store.add(uow, Closing(through, reason, str(uow.scope.actor), uow.now))
    change = {"closed_through": _text(through)}
    subject = ("books", str(uow.scope.tenant_id))
    await audit.record(
        uow,
        action=f"ledger.period.{verb}",
        subject=subject,
        before={"closed_through": _text(before.closed_through)},
        # By these, and by the event that the checkpoints sign, the row is proved.
        after={**change, "closing": str(closing_id)},
        reason=reason,
    )
    version = len(before.history) + 1
    told = "ledger.period.closed" if verb == "close" else "ledger.period.reopened"
    await events.record(uow, NewEvent(type=told, subject=subject, version=version, data=change))
    return await standing(uow)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
