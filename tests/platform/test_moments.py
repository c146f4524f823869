"""Moments are told in UTC, wherever they stand and whatever zone they were given in."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from specie.kernel.errors import Conflict
from specie.platform.http import Schema
from specie.platform.moments import as_text
from specie.platform.wire import AwareMoment, ListOf

JAKARTA = timezone(timedelta(hours=7))
NOON = datetime(2027, 3, 1, 12, 0, tzinfo=JAKARTA)
TOLD = "2027-03-01T05:00:00Z"


class Inner(Schema):
    at: datetime


class Shown(Schema):
    at: datetime
    perhaps: datetime | None = None
    many: list[datetime] = []  # noqa: RUF012
    named: dict[str, datetime] = {}  # noqa: RUF012
    inner: Inner


class Asked(Schema):
    at: AwareMoment


def test_a_moment_is_told_in_utc_at_every_place_of_a_shape() -> None:
    shown = Shown(at=NOON, perhaps=NOON, many=[NOON], named={"one": NOON}, inner=Inner(at=NOON))
    told: dict[str, Any] = {"at": TOLD, "perhaps": TOLD, "many": [TOLD], "named": {"one": TOLD}, "inner": {"at": TOLD}}
    assert shown.model_dump(mode="json") == told
    page = ListOf[Shown](data=[shown], has_more=False, next_cursor=None)
    assert TypeAdapter(ListOf[Shown]).dump_python(page, mode="json")["data"] == [told]
    assert shown.model_dump()["at"] is NOON


def test_a_moment_that_was_asked_for_in_another_zone_is_one_in_utc_from_then_on() -> None:
    asked = Asked.model_validate_json('{"at": "2027-03-01T12:00:00+07:00"}')
    assert (asked.at, asked.at.tzinfo) == (NOON, UTC)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00"])
def test_a_moment_beyond_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="outside of the calendar"):
        Asked.model_validate_json(f'{{"at": "{text}"}}')


def test_the_document_still_says_that_it_is_a_moment() -> None:
    for mode in ("validation", "serialization"):
        assert Inner.model_json_schema(mode=mode)["properties"]["at"]["format"] == "date-time"  # type: ignore[arg-type]


def test_a_refusals_facts_are_told_alike() -> None:
    refusal = Conflict("not yet", opens_at=NOON)
    assert as_text(refusal.facts["opens_at"]) == TOLD
