"""When a provider pays over what it has collected: business days after a cut-off. No I/O, no clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from specie.kernel.business_days import calendar_of


@dataclass(frozen=True, slots=True)
class PayOver:
    """A provider's own T+N: what it collects by the `cut_off` of a day is in our bank `days` business days later.

    The cut-off is local time of the tenant. Raises CountryUnknown for a country whose holidays nobody knows.
    """

    days: int
    cut_off: time
    country: str = ""
    subdivision: str = ""

    def __post_init__(self) -> None:
        calendar_of(self.country, self.subdivision)

    def collected_on(self, at: datetime, zone: ZoneInfo) -> date:
        """The day that something collected at a moment counts to: the next one after the cut-off."""
        local = at.astimezone(zone)
        return local.date() + timedelta(days=1 if local.time() > self.cut_off else 0)

    def expected_on(self, collected_on: date) -> date:
        """The business day on which the money of a day has reached our bank."""
        return calendar_of(self.country, self.subdivision).days_from(collected_on, self.days)

    def told(self) -> dict[str, Any]:
        """The terms as plain values, for the record of who changed what."""
        place = "/".join(part for part in (self.country, self.subdivision) if part)
        return {"days": self.days, "cut_off": self.cut_off.isoformat("minutes"), "country": place}
