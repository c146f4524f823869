"""One line per posting, for spreadsheets: amounts in major units, the sides named by account code."""

import csv
import io
from collections.abc import AsyncIterator, Sequence

from specie.app.export.books import Books, Entry, Totals
from specie.kernel.ids import TenantId
from specie.platform.spreadsheets import harmless

COLUMNS = ("tenant", "entry", "date", "recipe", "description", "debit", "credit", "amount", "currency", "recorded_at")


async def csv_file(books: Books, totals: Totals) -> AsyncIterator[str]:
    """The lines of the file, RFC 4180 with a header."""
    yield _rows([COLUMNS])
    for tenant in await books.tenants():
        totals.tenants += 1
        async for _ in books.accounts(tenant):
            totals.accounts += 1
        async for entry in books.entries(tenant):
            totals.count(entry)
            yield _rows(_lines(tenant, entry))


def _lines(tenant: TenantId, entry: Entry) -> list[tuple[str, ...]]:
    return [
        (
            str(tenant),
            str(entry.id),
            entry.business_date.isoformat(),
            entry.recipe,
            harmless(entry.description),
            move.debit,
            move.credit,
            f"{move.amount.major():f}",
            move.amount.currency.code,
            entry.recorded_at.isoformat(),
        )
        for move in entry.moves
    ]


def _rows(rows: Sequence[Sequence[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()
