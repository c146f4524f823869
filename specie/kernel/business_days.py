"""Business days by country: weekends and public holidays. No I/O, no clock."""

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from holidays import HolidayBase

from specie.kernel.clock import UTC_CLOCK
from specie.kernel.errors import InvalidField

_SATURDAY = 5
_UTC = UTC_CLOCK.zone


class CountryUnknown(InvalidField):
    """No holidays are known of this country, or of this part of it."""

    code = "country_unknown"
    title = "The country is not known"


@cache
def countries() -> dict[str, tuple[str, ...]]:
    """Every country whose holidays are known, by ISO 3166 code, with the codes of its parts."""
    known = holidays.list_supported_countries(include_aliases=False)
    return {code: tuple(parts) for code, parts in sorted(known.items())}


class BusinessCalendar:
    """Which days banks work on in a country; without a country Monday to Friday."""

    def __init__(self, country: str, subdivision: str = "") -> None:
        """Raises CountryUnknown."""
        self._days = _holidays(country, subdivision) if country else None

    def is_business_day(self, day: date) -> bool:
        """Whether banks work on this day."""
        if self._days is None:
            return day.weekday() < _SATURDAY
        return self._days.is_working_day(day)

    def next_after(self, day: date) -> date:
        """The first business day after a day."""
        return self._step(day, 1)

    def days_before(self, day: date, count: int) -> date:
        """The business day `count` business days before a business day; the day itself for 0."""
        for _ in range(count):
            day = self._step(day, -1)
        return day

    def days_from(self, day: date, count: int) -> date:
        """The business day `count` business days after a day; for 0 the day itself, or the next if it is none."""
        day = day if self.is_business_day(day) else self._step(day, 1)
        for _ in range(count):
            day = self._step(day, 1)
        return day

    def _step(self, day: date, by: int) -> date:
        day += timedelta(days=by)
        while not self.is_business_day(day):
            day += timedelta(days=by)
        return day


@cache
def calendar_of(country: str, subdivision: str) -> BusinessCalendar:
    """The calendar of a country, or of a part of it. Raises CountryUnknown."""
    return BusinessCalendar(country, subdivision)


def moment(day: date, cut_off: time, zone: ZoneInfo) -> datetime:
    """When the cut-off of a local day is, in UTC."""
    return datetime.combine(day, cut_off, zone).astimezone(_UTC)


def _holidays(country: str, subdivision: str) -> HolidayBase:
    parts = countries().get(country)
    if parts is None:
        raise CountryUnknown(f"no holidays are known of {country}", param="country")
    if subdivision and subdivision not in parts:
        raise CountryUnknown(f"{country} has no part {subdivision}", param="subdivision")
    return holidays.country_holidays(country, subdiv=subdivision or None)
