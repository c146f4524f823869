"""The dashboard: one reading of what was collected, how providers fare, what can be spent, and what leaves next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from specie.platform.db import UnitOfWork
from specie.reports import dashboard_store
from specie.reports.dashboard_store import Balances, Ended, OpenPayout, Volume

# With today it makes seven.
_SIX_DAYS = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything at one moment of business time. Today began at the tenant's cut-off."""

    at: datetime
    today_since: datetime
    week_since: datetime
    today: Sequence[Volume]
    week: Sequence[Volume]
    balances: Sequence[Balances]
    next_payout: OpenPayout | None
    ended: Sequence[Ended]


async def read(uow: UnitOfWork, open_payout_states: Sequence[str]) -> Dashboard:
    """The dashboard of the caller's tenant; of its own party for a limited caller."""
    clock, now = uow.scope.clock, uow.now
    yesterday = clock.business_date(now) - timedelta(days=1)
    today_since = clock.end_of(yesterday) + timedelta(microseconds=1)
    week_since = clock.end_of(yesterday - _SIX_DAYS) + timedelta(microseconds=1)
    return Dashboard(
        at=now,
        today_since=today_since,
        week_since=week_since,
        today=await dashboard_store.volume(uow, today_since),
        week=await dashboard_store.volume(uow, week_since),
        balances=await dashboard_store.balances(uow),
        next_payout=await dashboard_store.next_payout(uow, list(open_payout_states)),
        ended=await dashboard_store.ended(uow, today_since),
    )
