"""Business time belongs to the tenant; a business date follows its zone and cut-off."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from specie.kernel.clock import BusinessClock, machine_now
from specie.kernel.errors import InvalidField


def test_a_moved_clock_is_ahead_by_its_offset() -> None:
    moved = BusinessClock(ZoneInfo("UTC"), offset=timedelta(days=90))
    assert timedelta(days=90) <= moved.now() - machine_now() + timedelta(seconds=1)


def test_the_business_date_is_the_local_date() -> None:
    jakarta = BusinessClock(ZoneInfo("Asia/Jakarta"))
    assert jakarta.business_date(datetime(2026, 3, 31, 17, 0, tzinfo=UTC)) == date(2026, 4, 1)


def test_from_the_cut_off_on_it_is_the_next_day() -> None:
    clock = BusinessClock(ZoneInfo("Europe/Berlin"), cut_off=time(18, 0))
    assert clock.business_date(datetime(2026, 3, 29, 15, 59, tzinfo=UTC)) == date(2026, 3, 29)
    assert clock.business_date(datetime(2026, 3, 29, 16, 0, tzinfo=UTC)) == date(2026, 3, 30)


def test_a_business_date_begins_where_the_one_before_it_ends() -> None:
    clock = BusinessClock(ZoneInfo("Europe/Berlin"), cut_off=time(18, 0))
    first = clock.start_of(date(2026, 3, 30))
    assert first == datetime(2026, 3, 29, 16, 0, tzinfo=UTC)
    assert [clock.business_date(each).day for each in (first, first - timedelta(microseconds=1))] == [30, 29]


def test_the_ends_of_the_calendar_belong_to_no_business_date() -> None:
    east, west = BusinessClock(ZoneInfo("Asia/Jakarta")), BusinessClock(ZoneInfo("America/Lima"))
    with pytest.raises(InvalidField):
        east.business_date(datetime(9999, 12, 31, 23, tzinfo=UTC))
    with pytest.raises(InvalidField):
        west.business_date(datetime(1, 1, 1, tzinfo=UTC))
    with pytest.raises(InvalidField):
        east.end_of(date.max)
    with pytest.raises(InvalidField):
        east.start_of(date.min)
