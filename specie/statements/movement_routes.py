"""The movements of an account or wallet as a PDF, over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from specie.kernel.ids import AccountId, WalletId
from specie.kernel.permissions import Permission
from specie.ledger import AccountMissing
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import id_text
from specie.statements import errors, movement_print, movements
from specie.statements.gathering import Period, period_of
from specie.statements.model import LONGEST_DAYS
from specie.statements.movement_texts import Language
from specie.statements.movements import Movements
from specie.wallets import WalletMissing

router = ApiRouter(tags=["Statements"])

_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {}}, "description": "The movements, to print"}
}
_MONTH = timedelta(days=30)
First = Annotated[date | None, Query(alias="from", description="Business day; 30 days before the last when left out")]
Last = Annotated[date | None, Query(description="Business day; today when left out")]
Read = Callable[[UnitOfWork, Period], Awaitable[Movements]]


@router.get("/wallets/{wallet_id}/movements.pdf", response_class=Response, responses=_PDF)
@refuses(WalletMissing, errors.StatementPeriodInvalid)
async def print_wallet(
    wallet_id: str,
    edge: Edge = requires(Permission.WALLETS_READ),
    first: First = None,
    through: Last = None,
    language: Annotated[Language, Query(description="Of the page; what an entry is called stays as it is")] = "en",
) -> Response:
    """What moved in a wallet between two business days, with opening and closing balance; at most a year."""
    wanted = id_text(WalletId, wallet_id, "wallet_id")
    ring = edge.service("vault")

    async def read(uow: UnitOfWork, days: Period) -> Movements:
        return await movements.of_wallet(uow, ring, wanted, days)

    return await _printed(edge, first, through, read, language)


@router.get("/ledger/accounts/{account_id}/movements.pdf", response_class=Response, responses=_PDF)
@refuses(AccountMissing, errors.StatementPeriodInvalid)
async def print_account(
    account_id: str,
    edge: Edge = requires(Permission.LEDGER_READ),
    first: First = None,
    through: Last = None,
) -> Response:
    """What was recorded on an account between two business days, with opening and closing balance; at most a year."""
    wanted = id_text(AccountId, account_id, "account_id")
    return await _printed(edge, first, through, lambda uow, days: movements.of_account(uow, wanted, days))


async def _printed(
    edge: Edge, first: date | None, through: date | None, read: Read, language: Language = "en"
) -> Response:
    async def look(uow: UnitOfWork) -> tuple[Movements, datetime]:
        last = through or uow.business_date
        begin = first or last - _MONTH
        if not 0 <= (last - begin).days < LONGEST_DAYS:
            raise errors.StatementPeriodInvalid(f"one to {LONGEST_DAYS} days are printed", param="through")
        return await read(uow, period_of(uow, begin, last)), uow.now

    found, now = await edge.read(look)
    # Setting a page takes a while; the loop serves others meanwhile.
    made = await asyncio.to_thread(movement_print.as_pdf, found, now, language)
    days = f"{found.period.from_day}-{found.period.through_day}"
    headers = {
        "Content-Disposition": f'attachment; filename="movements-{days}.pdf"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(made, headers=headers, media_type="application/pdf")
