"""The shelf of books: a copy of each business day, sealed and stored, kept for so many days, and handed out again."""

from datetime import date, timedelta

from specie import audit
from specie.kernel.scope import Scope
from specie.platform.db import Database, UnitOfWork
from specie.platform.storage import FileStorage
from specie.platform.vault import KeyRing, Place, Unsealable
from specie.reports import copy_store
from specie.reports.copy_model import BooksCopy, BooksCopyId, BooksFormat, WrittenBooks
from specie.reports.errors import BooksCopyExists, BooksCopyMissing


class BooksShelf:
    """Where the copies of one process are kept."""

    def __init__(self, db: Database, vault: KeyRing, storage: FileStorage) -> None:
        self._db = db
        self._vault = vault
        self._storage = storage

    async def missing(self, scope: Scope) -> list[BooksFormat]:
        """The formats in which the tenant's day has no copy yet."""
        made = await self._db.run(
            scope, lambda uow: copy_store.formats_on(uow, uow.business_date), label="reports.copies.look"
        )
        return [each for each in BooksFormat if each not in made]

    async def keep(self, scope: Scope, kind: BooksFormat, written: WrittenBooks) -> BooksCopy | None:
        """Store a copy of the tenant's day; None when somebody else has done so meanwhile."""
        copy_id = BooksCopyId.new()
        key = f"books/{scope.tenant_id.uuid}/{copy_id.uuid}"
        sealed = self._vault.wrap(written.content, _place(scope, copy_id))

        async def note(uow: UnitOfWork) -> BooksCopy:
            return await _noted(uow, copy_id, kind, key, written)

        try:
            return await self._storage.put_with_row(
                key, sealed, note, lambda work: self._db.run(scope, work, label="reports.copies.keep")
            )
        except BooksCopyExists:
            return None

    async def open(self, scope: Scope, copy_id: BooksCopyId) -> tuple[BooksCopy, bytes]:
        """A copy with its compressed text; who takes it is audited. Raises BooksCopyMissing."""
        found = await self._db.run(scope, lambda uow: _taken(uow, copy_id), label="reports.copies.open")
        try:
            return found, self._vault.unwrap(await self._storage.get(found.storage_key), _place(scope, copy_id))
        except Unsealable:
            raise BooksCopyMissing("the copy cannot be opened with the keys there are") from None

    async def forget(self, scope: Scope, *, keep_days: int) -> int:
        """Take copies away that are older than so many days; returns how many.

        The file goes first: a row whose file is gone is found and taken away by the next night, a file without a row
        would stay for ever.
        """

        async def old(uow: UnitOfWork) -> list[BooksCopy]:
            return await copy_store.older_than(uow, _first_kept(uow.business_date, keep_days))

        found = await self._db.run(scope, old, label="reports.copies.old")
        for each in found:
            await self._storage.delete(each.storage_key)
            await self._forget_row(scope, each.id)
        return len(found)

    async def _forget_row(self, scope: Scope, copy_id: BooksCopyId) -> None:
        await self._db.run(scope, lambda uow: copy_store.delete_copy(uow, copy_id), label="reports.copies.forget")


def _first_kept(today: date, keep_days: int) -> date:
    return today - timedelta(days=keep_days - 1)


async def _noted(
    uow: UnitOfWork, copy_id: BooksCopyId, kind: BooksFormat, key: str, written: WrittenBooks
) -> BooksCopy:
    made = BooksCopy(
        id=copy_id,
        business_date=uow.business_date,
        format=kind,
        storage_key=key,
        size=written.size,
        digest=written.digest,
        entries=written.entries,
        accounts=written.accounts,
        made_at=uow.now,
    )
    if not await copy_store.insert_copy(uow, made):
        raise BooksCopyExists(f"{made.business_date} has its {kind} copy")
    return made


async def _taken(uow: UnitOfWork, copy_id: BooksCopyId) -> BooksCopy:
    found = await copy_store.copy_by_id(uow, copy_id)
    if found is None:
        raise BooksCopyMissing(f"there is no copy {copy_id}")
    after = {"format": found.format.value, "business_date": found.business_date.isoformat()}
    await audit.record(uow, action="books_copy.take", subject=("books_copy", str(copy_id)), after=after)
    return found


def _place(scope: Scope, copy_id: BooksCopyId) -> Place:
    return Place(str(scope.tenant_id), "books_copy", str(copy_id), "content")
