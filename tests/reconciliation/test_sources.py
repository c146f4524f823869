"""A source whose statements are written otherwise from now on."""

from typing import Any

import pytest

from specie.kernel.ids import RequestId
from tests.reconciliation.desk import open_desk
from tests.support.shop import Shop

OTHERWISE = {"date": "Datum", "amount": "Betrag", "reference": "Zweck", "delimiter": ";", "decimal": ","}


async def imported(shop: Shop, source: str, text: str) -> tuple[int, Any]:
    headers = shop.headers | {"idempotency-key": str(RequestId.new())}
    url = f"{shop.url}/api/v1/reconciliation/sources/{source}/imports"
    files = {"file": ("s.csv", text.encode(), "text/csv")}
    answer = await shop.client.post(url, files=files, data={"format": "csv"}, headers=headers)
    return answer.status_code, answer.json()


async def test_a_file_written_otherwise_is_taken_once_the_source_says_so(shop: Shop) -> None:
    desk = await open_desk(shop)
    await desk.owes(1_050, "R1")
    source = f"/reconciliation/sources/{desk.source.id}"
    text = f"Datum;Zweck;Betrag\n{await desk.day()};R1;10,50\n"
    status, problem = await imported(shop, str(desk.source.id), text)
    assert (status, problem["code"]) == (422, "statement_refused")

    changed = await shop.patch(source, {"name": "Simulator, new files", "csv": OTHERWISE})

    assert changed.status_code == 200
    shown = changed.json()
    assert (shown["name"], shown["csv"]["date"], shown["csv"]["delimiter"]) == ("Simulator, new files", "Datum", ";")
    assert shown["window_days"] == desk.source.window_days
    status, outcome = await imported(shop, str(desk.source.id), text)
    assert (status, outcome["exceptions"], await desk.balance()) == (201, [], 0)


async def test_a_source_may_be_told_that_its_files_are_no_csv(shop: Shop) -> None:
    desk = await open_desk(shop)

    changed = await shop.patch(f"/reconciliation/sources/{desk.source.id}", {"csv": None})

    assert (changed.json()["has_csv"], changed.json()["csv"]) == (False, None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"window_days": 61}, "window_days"),
        ({"tolerance": -1}, "tolerance"),
        ({"csv": {"date": "Date"}}, "csv"),
        ({"kind": "bank"}, "kind"),
    ],
)
async def test_a_change_that_makes_no_sense_names_its_field(shop: Shop, change: dict[str, object], field: str) -> None:
    desk = await open_desk(shop)

    refused = await shop.patch(f"/reconciliation/sources/{desk.source.id}", change)

    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [f"/{field}"]
