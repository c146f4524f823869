"""The only place that reads the system clock.

*Machine time* (tokens, leases, rate limits, ids, signatures) is read here and never moved. *Business time* (due dates,
expiry, effective and recorded time) belongs to the tenant: machine time plus the offset of the tenant's
sandbox clock, read once per unit of work.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

from specie.kernel.errors import InvalidField

_shift: Callable[[], int] | None = None


def shift_by(nanoseconds: Callable[[], int] | None) -> None:
    """Make this process's wall clock wrong by so much, asked anew at every look; None makes it right again.

    For drills: nothing that serves anybody calls it.
    """
    global _shift
    _shift = nanoseconds


def machine_now() -> datetime:
    """The machine's time, aware, in UTC, to the microsecond."""
    now = datetime.now(UTC)
    return now if _shift is None else now + timedelta(microseconds=_shift() // 1_000)


def machine_timestamp() -> int:
    """The machine's time in whole seconds since 1970-01-01 UTC."""
    return machine_nanoseconds() // 1_000_000_000


def machine_nanoseconds() -> int:
    """The machine's time in nanoseconds since 1970-01-01 UTC."""
    now = time.time_ns()
    return now if _shift is None else now + _shift()


def monotonic() -> float:
    """Seconds on a clock that never goes back; only differences mean anything."""
    return time.monotonic()


@dataclass(frozen=True, slots=True)
class BusinessClock:
    """A tenant's time: zone and cut-off decide its business date, the offset moves a sandbox."""

    zone: ZoneInfo
    cut_off: time_of_day = time_of_day(0, 0)
    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        """Business time now, aware, in UTC."""
        return machine_now() + self.offset

    def business_date(self, moment: datetime) -> date:
        """The tenant's day of a moment: its local date, one later from the cut-off on when one is set.

        Raises InvalidField at either end of the calendar.
        """
        try:
            local = moment.astimezone(self.zone)
            after_cut_off = self.cut_off != time_of_day(0, 0) and local.time() >= self.cut_off
            return local.date() + timedelta(days=1) if after_cut_off else local.date()
        except OverflowError:
            raise _outside(moment) from None

    def end_of(self, day: date) -> datetime:
        """The last microsecond of a business date, in UTC. Raises InvalidField at either end of the calendar."""
        has_cut_off = self.cut_off != time_of_day(0, 0)
        try:
            last = day if has_cut_off else day + timedelta(days=1)
            return datetime.combine(last, self.cut_off, self.zone).astimezone(UTC) - timedelta(microseconds=1)
        except OverflowError:
            raise _outside(day) from None

    def start_of(self, day: date) -> datetime:
        """The first moment of a business date, in UTC. Raises InvalidField at either end of the calendar."""
        if day == date.min:
            raise _outside(day)
        return self.end_of(day - timedelta(days=1)) + timedelta(microseconds=1)


def _outside(when: date) -> InvalidField:
    return InvalidField(f"{when.isoformat()} lies at the end of the calendar")


UTC_CLOCK = BusinessClock(ZoneInfo("UTC"))
