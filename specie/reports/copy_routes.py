"""Copies of the books over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from specie.kernel.permissions import Permission
from specie.platform.http import ApiRouter, Edge, Schema, refuses, requires
from specie.platform.wire import ListOf, id_text
from specie.reports import copy_store
from specie.reports.copies import BooksShelf
from specie.reports.copy_model import BooksCopy, BooksCopyId
from specie.reports.errors import BooksCopyMissing

router = ApiRouter(prefix="/books-copies", tags=["Reports"])

_LIST = "books_copies"


class BooksCopyOut(Schema):
    """A copy of the books as plain text; size in bytes and SHA-256 are those of the text before it was compressed."""

    id: str
    business_date: date
    format: str
    size: int
    sha256: str
    entries: int
    accounts: int
    made_at: datetime

    @classmethod
    def of(cls, found: BooksCopy) -> "BooksCopyOut":
        """The wire form."""
        return cls(
            id=str(found.id),
            business_date=found.business_date,
            format=found.format.value,
            size=found.size,
            sha256=found.digest.hex(),
            entries=found.entries,
            accounts=found.accounts,
            made_at=found.made_at,
        )


@router.get("", response_model=ListOf[BooksCopyOut])
async def list_books_copies(
    edge: Edge = requires(Permission.LEDGER_READ),
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Any:
    """The nightly copies of the books, those of the latest day first."""
    after = edge.cursor(_LIST, cursor)
    return edge.page(_LIST, await edge.read(lambda uow: copy_store.copies(uow, after, limit)), BooksCopyOut.of)


@router.get("/{books_copy_id}/file", response_class=Response)
@refuses(BooksCopyMissing)
async def download_books_copy(books_copy_id: str, edge: Edge = requires(Permission.LEDGER_READ)) -> Response:
    """The text of a copy, compressed with gzip; who takes it is audited."""
    wanted = id_text(BooksCopyId, books_copy_id, "books_copy_id")
    shelf = BooksShelf(edge.db, edge.service("vault"), edge.service("storage"))
    found, content = await shelf.open(edge.scope, wanted)
    name = f"books-{found.business_date}.{found.format.suffix}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, headers=headers, media_type="application/gzip")
