"""Balance sheet, profit and loss and general ledger over HTTP, as JSON and as files of the same rows."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Query
from starlette.responses import Response

from specie import ledger
from specie.kernel.ids import AccountId
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.ledger import AccountMissing, AccountType, ChartTooWide
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import CurrencyCode, ListOf, SearchText, id_text
from specie.reports import statement_store as store
from specie.reports.errors import PeriodInvalid
from specie.reports.sheets import file_answer
from specie.reports.statement_model import BalanceSheet, LedgerLine, PostingLine, ProfitAndLoss, balance_sheet
from specie.reports.statement_model import profit_and_loss as profit_and_loss_of
from specie.reports.statement_schemas import (
    BalanceSheetOut,
    BalanceSheetPart,
    LedgerLineOut,
    LedgerPostingOut,
    ProfitAndLossOut,
    ProfitAndLossPart,
    balance_sheet_table,
    general_ledger_table,
    profit_and_loss_table,
    trial_balance_table,
)
from specie.reports.statement_store import Period

router = ApiRouter(prefix="/reports", tags=["Reports"])

Day = Annotated[date, Query(description="Business date, YYYY-MM-DD")]
AnyDay = Annotated[date | None, Query(description="Business date, YYYY-MM-DD")]
Depth = Annotated[int, Query(ge=1, le=8, description="How many parts of the codes make a line")]
Limit = Annotated[int, Query(ge=1, le=100)]
Prefix = Annotated[SearchText | None, Query(description="A code or the beginning of codes")]
FileFormat = Annotated[Literal["csv", "xlsx"], Query(alias="format")]
_RESULT = (AccountType.INCOME, AccountType.EXPENSE)
_MOST_ROWS = 100_000


def _period(since: date | None, until: date, param: str = "until") -> Period:
    if since is not None and since > until:
        raise PeriodInvalid("a period ends on or after the day it begins", param=param)
    return Period(since, until)


def _compared(since: date | None, until: date | None) -> Period | None:
    if since is None and until is None:
        return None
    if since is None or until is None:
        raise PeriodInvalid("the period compared with has a first and a last day", param="compare_until")
    return _period(since, until, "compare_until")


async def _profit_and_loss(edge: Edge, period: Period, compared: Period | None, depth: int) -> list[ProfitAndLoss]:
    found = await edge.read(lambda uow: store.movements(uow, _RESULT, period, compared, depth))
    return profit_and_loss_of(found)


@router.get("/profit-and-loss", response_model=ProfitAndLossOut)
@refuses(PeriodInvalid, ChartTooWide)
async def show_profit_and_loss(
    since: Day,
    until: Day,
    edge: Edge = requires(Permission.LEDGER_READ),
    compare_since: AnyDay = None,
    compare_until: AnyDay = None,
    depth: Depth = 2,
) -> ProfitAndLossOut:
    """What came in, what went out and what is left of a period, beside another one if wished."""
    compared = _compared(compare_since, compare_until)
    parts = await _profit_and_loss(edge, _period(since, until), compared, depth)
    return ProfitAndLossOut(
        since=since,
        until=until,
        compare_since=compare_since,
        compare_until=compare_until,
        currencies=[ProfitAndLossPart.of(part) for part in parts],
    )


@router.get("/profit-and-loss/file", response_class=Response)
@refuses(PeriodInvalid, ChartTooWide)
async def download_profit_and_loss(
    since: Day,
    until: Day,
    edge: Edge = requires(Permission.LEDGER_READ),
    compare_since: AnyDay = None,
    compare_until: AnyDay = None,
    depth: Depth = 2,
    kind: FileFormat = "csv",
) -> Response:
    """The same lines as a file."""
    compared = _compared(compare_since, compare_until)
    parts = await _profit_and_loss(edge, _period(since, until), compared, depth)
    return file_answer(profit_and_loss_table(parts), f"profit-and-loss-{since}-{until}", kind)


async def _balance_sheet(edge: Edge, as_of: date, compared: date | None, depth: int) -> list[BalanceSheet]:
    against = Period(None, compared) if compared else None
    found = await edge.read(lambda uow: store.movements(uow, ledger.MONEY_TYPES, Period(None, as_of), against, depth))
    return balance_sheet(found)


@router.get("/balance-sheet", response_model=BalanceSheetOut)
@refuses(ChartTooWide)
async def show_balance_sheet(
    as_of: Day, edge: Edge = requires(Permission.LEDGER_READ), compare_as_of: AnyDay = None, depth: Depth = 2
) -> BalanceSheetOut:
    """What is owned, owed and left at the end of a business date, beside another one if wished."""
    parts = await _balance_sheet(edge, as_of, compare_as_of, depth)
    return BalanceSheetOut(
        as_of=as_of,
        compare_as_of=compare_as_of,
        balanced=all(part.difference.minor == 0 for part in parts),
        currencies=[BalanceSheetPart.of(part) for part in parts],
    )


@router.get("/balance-sheet/file", response_class=Response)
@refuses(ChartTooWide)
async def download_balance_sheet(
    as_of: Day,
    edge: Edge = requires(Permission.LEDGER_READ),
    compare_as_of: AnyDay = None,
    depth: Depth = 2,
    kind: FileFormat = "csv",
) -> Response:
    """The same lines as a file."""
    parts = await _balance_sheet(edge, as_of, compare_as_of, depth)
    return file_answer(balance_sheet_table(parts), f"balance-sheet-{as_of}", kind)


@router.get("/trial-balance/file", response_class=Response)
@refuses(ChartTooWide)
async def download_trial_balance(
    as_of: Day, edge: Edge = requires(Permission.LEDGER_READ), depth: Depth = 2, kind: FileFormat = "csv"
) -> Response:
    """The lines of the ledger's trial balance as a file, with the totals of each currency."""
    found = await edge.read(lambda uow: ledger.branches(uow, ledger.MONEY_TYPES, until=as_of, depth=depth))
    return file_answer(trial_balance_table(found), f"trial-balance-{as_of}", kind)


@router.get("/general-ledger", response_model=ListOf[LedgerLineOut])
@refuses(PeriodInvalid)
async def show_general_ledger(
    since: Day,
    until: Day,
    edge: Edge = requires(Permission.LEDGER_READ),
    prefix: Prefix = None,
    currency: CurrencyCode | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Any:
    """Every account of a period: opening balance, both sides, closing balance."""
    period, after = _period(since, until), edge.cursor("general-ledger", cursor)

    async def read(uow: UnitOfWork) -> Page[LedgerLine]:
        return await store.general_ledger(uow, period, prefix=prefix, currency=currency, after=after, limit=limit)

    return edge.page("general-ledger", await edge.read(read), LedgerLineOut.of)


@router.get("/general-ledger/file", response_class=Response)
@refuses(PeriodInvalid)
async def download_general_ledger(
    since: Day,
    until: Day,
    edge: Edge = requires(Permission.LEDGER_READ),
    prefix: Prefix = None,
    currency: CurrencyCode | None = None,
    kind: FileFormat = "csv",
) -> Response:
    """All accounts of the same list as a file."""
    period = _period(since, until)

    async def read(uow: UnitOfWork) -> Page[LedgerLine]:
        return await store.general_ledger(uow, period, prefix=prefix, currency=currency, after=None, limit=_MOST_ROWS)

    page = await edge.read(read)
    if page.next_key is not None:
        raise PeriodInvalid(f"a file holds {_MOST_ROWS} accounts; narrow it by a prefix", param="prefix")
    return file_answer(general_ledger_table(page.items), f"general-ledger-{since}-{until}", kind)


@router.get("/general-ledger/{account_id}/postings", response_model=ListOf[LedgerPostingOut])
@refuses(PeriodInvalid, AccountMissing)
async def show_postings(
    account_id: str,
    since: Day,
    until: Day,
    edge: Edge = requires(Permission.LEDGER_READ),
    limit: Limit = 50,
    cursor: str | None = None,
) -> Any:
    """The postings of an account that are effective in a period, the last recorded first."""
    wanted, period = id_text(AccountId, account_id, "account_id"), _period(since, until)
    name = f"general-ledger:{account_id}:{since}:{until}"
    after = edge.cursor(name, cursor)

    async def read(uow: UnitOfWork) -> Page[PostingLine]:
        account = await ledger.get_account(uow, wanted)
        return await store.postings(uow, wanted, account.currency, period, after=after, limit=limit)

    return edge.page(name, await edge.read(read), LedgerPostingOut.of)
