"""Cash flow, sales, tax and stock over HTTP, as JSON and as files of the same rows."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from specie.kernel.money import Currency, Money
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, Schema, refuses, requires
from specie.platform.wire import Amount, CurrencyCode
from specie.reports import business
from specie.reports.errors import PeriodInvalid
from specie.reports.sheets import Cell, Table, file_answer
from specie.reports.statement_store import Period

router = ApiRouter(prefix="/reports/business", tags=["Reports"])

Day = Annotated[date, Query(description="Business date, YYYY-MM-DD")]
Report = Literal["cash-flow", "sales-by-product", "sales-by-customer", "sales-by-month", "tax", "stock"]
# Every day of a report has a next one.
_LAST_DAY = date(9000, 1, 1)
FileFormat = Annotated[Literal["csv", "xlsx"], Query(alias="format")]


class ReportCell(Schema):
    """A cell: text, or an amount; neither where there is nothing to say."""

    text: str | None = None
    amount: Amount | None = None

    @classmethod
    def of(cls, cell: Cell) -> "ReportCell":
        """The wire form."""
        if isinstance(cell, Money):
            return cls(amount=Amount.of(cell))
        return cls(text=cell.isoformat() if isinstance(cell, date) else cell)


class ReportTable(Schema):
    """A report: its header and its rows, the last of which is the sum. The file holds the same."""

    title: str
    header: list[str]
    rows: list[list[ReportCell]]

    @classmethod
    def of(cls, table: Table) -> "ReportTable":
        """The wire form."""
        rows = [[ReportCell.of(cell) for cell in row] for row in table.rows]
        return cls(title=table.title, header=list(table.header), rows=rows)


async def _table(edge: Edge, report: Report, since: date, until: date, currency: str) -> Table:
    if since > until:
        raise PeriodInvalid("a period ends on or after the day it begins", param="until")
    if until > _LAST_DAY:
        raise PeriodInvalid("choose an earlier day", param="until")
    period, code = Period(since, until), Currency.of(currency)

    async def read(uow: UnitOfWork) -> Table:
        if report == "cash-flow":
            return await business.cash_flow(uow, code, period)
        if report == "tax":
            return await business.tax(uow, code, period)
        if report == "stock":
            return await business.stock(uow, code, period)
        return await business.sales(uow, edge.service("vault"), code, period, report.removeprefix("sales-by-"))

    return await edge.read(read)


@router.get("/{report}", response_model=ReportTable)
@refuses(PeriodInvalid)
async def show_business_report(
    report: Report,
    since: Day,
    until: Day,
    edge: Edge = requires(Permission.LEDGER_READ),
    currency: CurrencyCode = "IDR",
) -> ReportTable:
    """Cash flow, sales, tax or stock of a period, from the first business date to the last."""
    return ReportTable.of(await _table(edge, report, since, until, currency))


@router.get("/{report}/file", response_class=Response)
@refuses(PeriodInvalid)
async def download_business_report(
    report: Report,
    since: Day,
    until: Day,
    edge: Edge = requires(Permission.LEDGER_READ),
    currency: CurrencyCode = "IDR",
    kind: FileFormat = "csv",
) -> Response:
    """The same rows as a file."""
    table = await _table(edge, report, since, until, currency)
    return file_answer(table, f"{report}-{since}-{until}", kind)
