"""Business reports add up to the books, and their files hold what the view shows."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from specie.billing import LineDraft, Recur, Rhythm, Terms, Unit, recurring, recurring_store
from specie.catalogue import pricing
from specie.kernel.money import Money
from specie.payables import recording
from specie.platform.db import Database, UnitOfWork
from specie.reports import business
from specie.reports.business_routes import router
from specie.reports.errors import PeriodInvalid
from specie.reports.sheets import Cell
from specie.reports.statement_store import Period
from tests.billing.office import Office, line
from tests.payables.buyer import Buyer, open_buyer
from tests.support.asgi import calling
from tests.wallets.purses import VAULT


@pytest.fixture
async def buyer(database: Database) -> Buyer:
    return await open_buyer(database)


def _minors(row: Sequence[Cell]) -> list[int]:
    return [cell.minor for cell in row if isinstance(cell, Money)]


def _period(office: Office) -> Period:
    return Period(office.day - timedelta(days=400), office.day)


async def _trade(buyer: Buyer) -> None:
    """Ten kilos bought for 10 000 with tax, paid in part; two invoices, one credited in part, one paid."""
    order = await buyer.order(buyer.line(), buyer.service())
    await buyer.receive(order)
    bill = await buyer.bill(order)
    await buyer.pay(6_000, (bill, 6_000))
    office = buyer.office
    beans = LineDraft("Green beans", Decimal(4), 2_500, "kg", taxes=(office.vat,), product_id=buyer.beans)
    first = await office.issued(beans, line(3_000, taxes=()))
    await office.credit(first, {1: Decimal(1)})
    await office.receive(5_000, [(first, 5_000)])
    deposit = await office.issued(line(7_000, taxes=()), is_deposit=True)
    await office.receive(7_000, [(deposit, 7_000)])


async def test_cash_before_and_what_moved_make_cash_after(buyer: Buyer) -> None:
    await _trade(buyer)
    office = buyer.office
    table = await office.run(lambda uow: business.cash_flow(uow, office.currency, _period(office)))
    rows = {row[0]: _minors(row) for row in table.rows}
    assert rows["liability:billing:credits"] == [12_000, 0, 12_000]
    assert rows["asset:payables:advances"] == [0, 6_000, -6_000]
    assert (rows["Cash before"], rows["All movements"], rows["Cash after"]) == ([0], [12_000, 6_000, 6_000], [6_000])
    office.pass_days(1)
    tomorrow = Period(office.day, office.day)
    table = await office.run(lambda uow: business.cash_flow(uow, office.currency, tomorrow))
    assert [_minors(row) for row in table.rows] == [[6_000], [0, 0, 0], [6_000]]


@pytest.mark.parametrize("by", ["product", "customer", "month"])
async def test_sales_are_the_sales_account_however_they_are_grouped(buyer: Buyer, by: str) -> None:
    await _trade(buyer)
    office = buyer.office
    table = await office.run(lambda uow: business.sales(uow, VAULT, office.currency, _period(office), by))
    assert _minors(table.rows[-1]) == [await office.books("income:billing:sales"), 825, 11_325]
    assert _minors(table.rows[-1])[0] == 10_500 == sum(_minors(row)[0] for row in table.rows[:-1])
    if by == "product":
        assert [(row[0], row[1], _minors(row)[0]) for row in table.rows[:-1]] == [
            ("Green beans", "3", 7_500),
            ("Coffee beans", "1", 3_000),
        ]


async def test_tax_is_what_the_tax_accounts_moved(buyer: Buyer) -> None:
    await _trade(buyer)
    office = buyer.office
    table = await office.run(lambda uow: business.tax(uow, office.currency, _period(office)))
    charged = await office.books(f"liability:billing:tax:{office.vat}")
    paid = await office.books(f"asset:payables:tax:{office.vat}")
    assert _minors(table.rows[0]) == [7_500, charged, 10_000, paid, charged - paid]
    assert _minors(table.rows[-1]) == [825, 1_100, -275]


async def test_the_tax_of_a_held_bill_is_of_the_day_since_when_it_is_owed(buyer: Buyer) -> None:
    office = buyer.office
    order = await buyer.order()
    held = await buyer.bill(order, "F-1", [(buyer.line("10"), 1)])
    day_of_the_bill = Period(office.day, office.day)
    office.pass_days(1)
    await buyer.receive(order)
    await buyer.run(lambda uow: recording.rematch(uow, held.id))
    day_it_is_owed = Period(office.day, office.day)
    before = await office.run(lambda uow: business.tax(uow, office.currency, day_of_the_bill))
    since = await office.run(lambda uow: business.tax(uow, office.currency, day_it_is_owed))
    assert (_minors(before.rows[-1]), _minors(since.rows[-1])) == ([0, 0, 0], [0, 1_100, -1_100])


async def test_what_is_due_and_what_recurs_make_the_cash_there_will_be(buyer: Buyer) -> None:
    await _trade(buyer)
    office = buyer.office
    rhythm = Rhythm(Unit.MONTH, 1, office.day + timedelta(days=3))
    monthly = Recur(office.customer, office.currency, rhythm, Terms([line(2_000, taxes=())], due_days=4))
    begun = await office.run(lambda uow: recurring.begin(uow, monthly))
    soon = Period(office.day, office.day + timedelta(days=20))
    table = await office.run(lambda uow: business.cash_forecast(uow, office.currency, soon))
    # Cash is 6 000. Of the first invoice 10 000 + 1 100 + 3 000 less 2 775 credited and 5 000 paid are open, of the
    # bill 10 000 + 1 100 + 500 less 6 000; 2 000 come in a week.
    assert _minors(table.rows[0]) == [6_000]
    due = {str(row[1]): (row[0], _minors(row)) for row in table.rows[1:-1]}
    later = {name: minors[:-1] for name, (_, minors) in due.items()}
    assert later == {"INV-00001": [6_325], "BILL-00001": [5_600], "Recurring: invoice": [2_000]}
    assert due["Recurring: invoice"][0] == office.day + timedelta(days=7)
    assert str(begun.id) in {opens[2] for opens in table.opens}
    assert _minors(table.rows[-1])[2] == 6_000 + _minors(table.rows[-1])[0] - _minors(table.rows[-1])[1]


async def test_what_recurs_without_a_price_is_told_and_adds_nothing(buyer: Buyer) -> None:
    office, listed = buyer.office, LineDraft("Beans", Decimal(1), None, product_id=buyer.beans)
    weekly = Recur(office.customer, office.currency, Rhythm(Unit.WEEK, 1, office.day), Terms([listed], due_days=0))

    async def begin(uow: UnitOfWork) -> None:
        await pricing.set_default_price(uow, buyer.beans, office.money(2_000))
        await recurring.begin(uow, weekly)

    await office.run(begin)
    soon = Period(office.day, office.day + timedelta(days=8))
    table = await office.run(lambda uow: business.cash_forecast(uow, office.currency, soon))
    assert _minors(table.rows[-1]) == [4_000, 0, 4_000]

    async def unprice(uow: UnitOfWork) -> None:
        its_list = await pricing.default_list(uow, office.currency)
        await pricing.remove_price(uow, buyer.beans, its_list.id)

    await office.run(unprice)
    table = await office.run(lambda uow: business.cash_forecast(uow, office.currency, soon))
    [told] = table.rows[1:-1]
    assert str(told[1]).startswith("Recurring: invoice cannot be charged: line 1: no price list")
    assert _minors(table.rows[-1]) == [0, 0, 0]


async def test_a_forecast_asks_as_often_for_many_that_recur_as_for_one_and_leaves_none_out(
    buyer: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, asked = buyer.office, []
    execute = UnitOfWork.execute

    async def counted(uow: UnitOfWork, *said: Any) -> Any:
        asked.append(said)
        return await execute(uow, *said)

    monkeypatch.setattr(UnitOfWork, "execute", counted)
    today = Recur(
        office.customer, office.currency, Rhythm(Unit.WEEK, 1, office.day), Terms([line(1_000, taxes=())], due_days=0)
    )
    later = replace(today, terms=replace(today.terms, due_days=30))

    async def forecast() -> tuple[int, int]:
        asked.clear()
        period = Period(office.day, office.day)
        table = await office.run(lambda uow: business.cash_forecast(uow, office.currency, period))
        return _minors(table.rows[-1])[0], len(asked)

    await office.run(lambda uow: recurring.begin(uow, today))
    minor, statements = await forecast()
    assert minor == 1_000
    for each in (today, later, today, today, today):
        await office.run(lambda uow, each=each: recurring.begin(uow, each))
    assert await forecast() == (5_000, statements)
    monkeypatch.setattr(recurring_store, "PAGE", 2)
    assert (await forecast())[0] == 5_000


@pytest.mark.parametrize("until", [date(1, 1, 1), date(8999, 12, 31)])
async def test_a_forecast_of_any_day_answers_at_once(buyer: Buyer, until: date) -> None:
    office = buyer.office
    weekly = Recur(office.customer, office.currency, Rhythm(Unit.WEEK, 1, office.day), Terms([line(1_000, taxes=())]))
    await office.run(lambda uow: recurring.begin(uow, weekly))
    wanted = Period(date(1, 1, 1), until)
    if until > office.day:
        with pytest.raises(PeriodInvalid) as refused:
            await office.run(lambda uow: business.cash_forecast(uow, office.currency, wanted))
        assert refused.value.param == "until"
    else:
        table = await office.run(lambda uow: business.cash_forecast(uow, office.currency, wanted))
        assert len(table.rows) == 2


@pytest.mark.parametrize("by", ["product", "customer", "month"])
async def test_a_row_of_sales_is_the_documents_it_opens(buyer: Buyer, by: str) -> None:
    await _trade(buyer)
    office = buyer.office
    table = await office.run(lambda uow: business.sales(uow, VAULT, office.currency, _period(office), by))
    for row, opens in list(zip(table.rows, table.opens, strict=True))[:-1]:
        key = str(opens[2]).removeprefix(business.SOLD)
        wanted = _period(office)

        async def read(uow: UnitOfWork, key: str = key, wanted: Period = wanted) -> list[int]:
            found = await business.sources(uow, office.currency, wanted, by, key)
            return [sum(each.net for each in found), sum(each.tax for each in found)]

        assert await office.run(read) == _minors(row)[:2]


async def test_stock_is_worth_what_its_accounts_hold(buyer: Buyer) -> None:
    await _trade(buyer)
    office = buyer.office
    table = await office.run(lambda uow: business.stock(uow, office.currency, _period(office)))
    [beans, total] = table.rows
    assert (beans[0], beans[1], beans[5]) == ("Green beans", "Main room", "10")
    assert _minors(beans) == _minors(total) == [0, 10_000, 0, await buyer.stock_value()]


async def test_stock_of_a_day_gone_by_is_what_it_was_then(buyer: Buyer) -> None:
    await _trade(buyer)
    office = buyer.office
    then = Period(office.day, office.day)
    told = await office.run(lambda uow: business.stock(uow, office.currency, then))
    office.pass_days(1)
    await buyer.receive(await buyer.order())
    assert (await office.run(lambda uow: business.stock(uow, office.currency, then))).rows == told.rows
    now = await office.run(lambda uow: business.stock(uow, office.currency, Period(office.day, office.day)))
    assert (now.rows[0][5], _minors(now.rows[0])) == ("20", [10_000, 10_000, 0, 20_000])


async def test_a_file_holds_the_rows_of_the_view(buyer: Buyer) -> None:
    await _trade(buyer)
    office = buyer.office
    asked = {"since": (office.day - timedelta(days=1)).isoformat(), "until": office.day.isoformat()}

    async def shown(client: httpx2.AsyncClient, report: str) -> None:
        view = (await client.get(f"/reports/business/{report}", params=asked)).json()
        answer = await client.get(f"/reports/business/{report}/file", params=asked)
        header, *rows = csv.reader(io.StringIO(answer.text))
        assert header == view["header"]
        assert rows == [[_as_text(cell) for cell in row] for row in view["rows"]]
        assert rows

    async with calling(office.database, office.scope, [router], services={"vault": VAULT}) as client:
        for report in ("cash-flow", "cash-forecast", "sales-by-product", "sales-by-customer", "tax", "stock"):
            await shown(client, report)
        wrong = {"since": asked["until"], "until": asked["since"]}
        refused = await client.get("/reports/business/tax", params=wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, "period_invalid")


async def test_a_view_of_very_many_rows_shows_some_and_the_sum_of_all(buyer: Buyer) -> None:
    await _trade(buyer)
    office = buyer.office
    asked = {"since": (office.day - timedelta(days=1)).isoformat(), "until": office.day.isoformat()}
    async with calling(office.database, office.scope, [router], services={"vault": VAULT}) as client:
        whole = (await client.get("/reports/business/cash-flow", params=asked)).json()
        short = (await client.get("/reports/business/cash-flow", params=asked | {"limit": "1"})).json()
    assert whole["left_out"] == 0
    assert len(whole["rows"]) > 2
    assert short["rows"] == [whole["rows"][0], whole["rows"][-1]]
    assert short["left_out"] == len(whole["rows"]) - 2


def _as_text(cell: dict[str, object]) -> str:
    amount = cell.get("amount")
    if isinstance(amount, dict):
        return f"{Decimal(amount['amount']).scaleb(-2):f}"
    return str(cell.get("text") or "")
