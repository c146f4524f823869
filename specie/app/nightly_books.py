"""The books of every tenant once each business day, in the formats that other programs check, into the storage."""

import gzip
import hashlib
import io
from uuid import UUID

from specie.app.export import Format, read_books, write
from specie.identity import service as identity
from specie.kernel.ids import RequestId, TenantId
from specie.platform import jobs
from specie.platform.crashpoints import crash_point
from specie.platform.db import Database
from specie.platform.jobs import JobContext, job
from specie.reports import BooksFormat, BooksShelf, WrittenBooks

COPY = "reports.copy_books"


async def ask_every_tenant(db: Database) -> int:
    """Queue a look at each tenant's day: whether it has its copies, and which old ones go."""
    after: UUID | None = None
    async with db.system() as uow:
        while True:
            page = await identity.list_tenants(uow, after, 500)
            for tenant in page.items:
                await jobs.defer_for(uow, tenant.id, RequestId.new(), COPY, {})
            if page.next_key is None:
                break
            after = UUID(page.next_key[0])
        crash_point("worker.books.commit.before")
    return 0


@job(COPY)
async def copy_books(context: JobContext) -> None:
    """Make the copies that the tenant's business day lacks, and take away those that are too old."""
    settings = context.services["settings"]
    shelf = BooksShelf(context.db, context.services["vault"], context.services["storage"])
    for kind in await shelf.missing(context.scope):
        written = await written_books(settings.auditor_url, context.scope.tenant_id, kind)
        if written.entries:
            await shelf.keep(context.scope, kind, written)
    await shelf.forget(context.scope, keep_days=settings.books_copy_days)


async def written_books(auditor_url: str, tenant_id: TenantId, kind: BooksFormat) -> WrittenBooks:
    """The books of a tenant as of now, read in one snapshot. Only the compressed text is ever whole in memory."""
    packed, digest, size = io.BytesIO(), hashlib.sha256(), 0
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:

        def sink(piece: str) -> None:
            nonlocal size
            data = piece.encode()
            digest.update(data)
            size += len(data)
            file.write(data)

        async with read_books(auditor_url, tenant_id) as books:
            totals = await write(books, Format(kind.value), sink)
    return WrittenBooks(packed.getvalue(), size, digest.digest(), totals.entries, totals.accounts)
