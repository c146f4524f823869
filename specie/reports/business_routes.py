"""Cash flow, sales, tax and stock over HTTP, as JSON and as files of the same rows."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from specie.billing import CreditNoteId, InvoiceId
from specie.kernel.ids import EntryId
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
Report = Literal[
    "cash-flow", "cash-forecast", "sales-by-product", "sales-by-customer", "sales-by-month", "tax", "stock"
]
SalesReport = Literal["sales-by-product", "sales-by-customer", "sales-by-month"]
# Every day of a report has a next one.
_LAST_DAY = date(9000, 1, 1)
FileFormat = Annotated[Literal["csv", "xlsx"], Query(alias="format")]


class ReportCell(Schema):
    """A cell: text, or an amount; neither where there is nothing to say."""

    text: str | None = None
    amount: Amount | None = None
    opens: str | None = Field(
        None,
        description="What an amount is made of: the beginning of account codes, the id of an account or document, or "
        "`sold:` with the key of a row whose documents `/sources` lists",
    )

    @classmethod
    def of(cls, cell: Cell, opens: str | None = None) -> "ReportCell":
        """The wire form."""
        if isinstance(cell, Money):
            return cls(amount=Amount.of(cell), opens=opens)
        return cls(text=cell.isoformat() if isinstance(cell, date) else cell)


class ReportTable(Schema):
    """A report: its header and its rows, the last of which is the sum of all. The file holds every row."""

    title: str
    header: list[str]
    rows: list[list[ReportCell]]
    left_out: int = Field(description="How many rows before the sum are in the file only")

    @classmethod
    def of(cls, table: Table, limit: int) -> "ReportTable":
        """The wire form of so many rows and the sum."""
        opens = table.opens or [[None] * len(table.header)] * len(table.rows)
        marked = list(zip(table.rows, opens, strict=True))
        shown = marked[:-1][:limit] + marked[-1:]
        rows = [[ReportCell.of(cell, at) for cell, at in zip(row, marks, strict=True)] for row, marks in shown]
        return cls(title=table.title, header=list(table.header), rows=rows, left_out=len(marked) - len(shown))


def _period(since: date, until: date) -> Period:
    if since > until:
        raise PeriodInvalid("a period ends on or after the day it begins", param="until")
    if until > _LAST_DAY:
        raise PeriodInvalid("choose an earlier day", param="until")
    return Period(since, until)


async def _table(edge: Edge, report: Report, since: date, until: date, currency: str) -> Table:
    period, code = _period(since, until), Currency.of(currency)

    async def read(uow: UnitOfWork) -> Table:
        if report == "cash-flow":
            return await business.cash_flow(uow, code, period)
        if report == "cash-forecast":
            return await business.cash_forecast(uow, code, period)
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
    limit: Annotated[int, Query(ge=1, le=10_000, description="The most rows before the sum")] = 500,
) -> ReportTable:
    """Cash flow, forecast, sales, tax or stock of a period, from the first business date to the last."""
    return ReportTable.of(await _table(edge, report, since, until, currency), limit)


class SaleSource(Schema):
    """An invoice or credit note behind a row of sales: what of it belongs there, and the entry that posted it."""

    id: str
    invoice_id: str
    number: str
    day: date
    net: Amount
    tax: Amount
    entry_id: str

    @classmethod
    def of(cls, row: Any, currency: Currency) -> "SaleSource":
        """The wire form."""
        invoice_id = InvoiceId(row.shown)
        return cls(
            id=str(invoice_id if row.id == row.shown else CreditNoteId(row.id)),
            invoice_id=str(invoice_id),
            number=row.number,
            day=row.day,
            net=Amount.of(Money(row.net, currency)),
            tax=Amount.of(Money(row.tax, currency)),
            entry_id=str(EntryId(row.entry_id)),
        )


class SaleSources(Schema):
    """The documents behind one row; together they are the row."""

    data: list[SaleSource]


@router.get("/{report}/sources", response_model=SaleSources)
@refuses(PeriodInvalid)
async def show_sources(
    report: SalesReport,
    key: Annotated[str, Query(max_length=600, pattern=r"^[^\x00]*$")],
    since: Day,
    until: Day,
    edge: Edge = requires(Permission.LEDGER_READ),
    currency: CurrencyCode = "IDR",
) -> SaleSources:
    """The documents that a row of sales was added up from, at most a thousand of them."""
    period, code = _period(since, until), Currency.of(currency)
    by = report.removeprefix("sales-by-")
    found = await edge.read(lambda uow: business.sources(uow, code, period, by, key))
    return SaleSources(data=[SaleSource.of(row, code) for row in found])


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
