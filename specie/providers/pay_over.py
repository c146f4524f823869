"""When a provider pays over what it has collected: business days after a cut-off. No I/O, no clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from specie.kernel.business_days import CountryUnknown, calendar_of

# Cut-offs are told to the minute, so that the last one stands for the end of the day.
_LAST_MINUTE = time(23, 59)


@dataclass(frozen=True, slots=True)
class PayOver:
    """A provider's own T+N: what it collects by the `cut_off` of a day is in our bank `days` business days later.

    The cut-off is local time of the tenant. Whether anybody knows the holidays of the country is asked when terms are
    set; later they may not be known any more.
    """

    days: int
    cut_off: time
    country: str = ""
    subdivision: str = ""

    def require_known(self) -> None:
        """Raise CountryUnknown for a country whose holidays nobody knows, or a part of none."""
        if self.subdivision and not self.country:
            raise CountryUnknown("say of which country it is a part", param="country")
        calendar_of(self.country, self.subdivision)

    @property
    def day_ends_at(self) -> time:
        """The last moment that counts to a day; nothing of it comes after a cut-off in its last minute."""
        return time.max if self.cut_off >= _LAST_MINUTE else self.cut_off

    def collected_on(self, at: datetime, zone: ZoneInfo) -> date:
        """The day that something collected at a moment counts to: the next one after the cut-off, if there is one."""
        try:
            local = at.astimezone(zone)
            return local.date() + timedelta(days=1 if local.time() > self.day_ends_at else 0)
        except OverflowError:
            return date.max

    def expected_on(self, collected_on: date) -> date | None:
        """The business day on which the money of a day has reached our bank.

        None where nobody knows the country's holidays any more, or where the calendar has ended by then.
        """
        try:
            return calendar_of(self.country, self.subdivision).days_from(collected_on, self.days)
        except (CountryUnknown, OverflowError):
            return None

    def told(self) -> dict[str, Any]:
        """The terms as plain values, for the record of who changed what."""
        place = "/".join(part for part in (self.country, self.subdivision) if part)
        return {"days": self.days, "cut_off": self.cut_off.isoformat("minutes"), "country": place}
