"""Every statement on copies of the books."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from specie.kernel.pagination import Page
from specie.platform.db import UnitOfWork
from specie.reports.copy_model import BooksCopy, BooksCopyId, BooksFormat
from specie.reports.tables import books_copy

_C = books_copy.c


async def insert_copy(uow: UnitOfWork, new: BooksCopy) -> bool:
    """Write a copy down; False when the day has one in this format."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": new.id.uuid,
        "business_date": new.business_date,
        "format": new.format.value,
        "storage_key": new.storage_key,
        "size_bytes": new.size,
        "digest": new.digest,
        "entries": new.entries,
        "accounts": new.accounts,
        "made_at": new.made_at,
    }
    statement = insert(books_copy).values(row).on_conflict_do_nothing(constraint="books_copy_once").returning(_C.id)
    return (await uow.execute(statement)).first() is not None


async def formats_on(uow: UnitOfWork, day: date) -> set[BooksFormat]:
    """The formats in which a day has a copy."""
    query = select(_C.format).where(_mine(uow), _C.business_date == day)
    return {BooksFormat(found) for found in (await uow.execute(query)).scalars()}


async def copies(uow: UnitOfWork, after: tuple[Any, ...] | None, limit: int) -> Page[BooksCopy]:
    """Copies, those of the latest day first."""
    query = select(books_copy).where(_mine(uow))
    if after is not None:
        query = query.where(tuple_(_C.business_date, _C.format) < tuple_(date.fromisoformat(after[0]), after[1]))
    query = query.order_by(_C.business_date.desc(), _C.format.desc()).limit(limit + 1)
    found = [_copy(row) for row in await uow.execute(query)]
    return Page.cut(found, limit, lambda each: (each.business_date.isoformat(), each.format.value))


async def copy_by_id(uow: UnitOfWork, copy_id: BooksCopyId) -> BooksCopy | None:
    """One copy."""
    row = (await uow.execute(select(books_copy).where(_mine(uow), _C.id == copy_id.uuid))).one_or_none()
    return _copy(row) if row else None


async def older_than(uow: UnitOfWork, day: date) -> list[BooksCopy]:
    """Copies of days before a day."""
    query = select(books_copy).where(_mine(uow), _C.business_date < day).order_by(_C.business_date)
    return [_copy(row) for row in await uow.execute(query)]


async def delete_copy(uow: UnitOfWork, copy_id: BooksCopyId) -> None:
    """Forget a copy."""
    await uow.execute(delete(books_copy).where(_mine(uow), _C.id == copy_id.uuid))


def _mine(uow: UnitOfWork) -> ColumnElement[bool]:
    return _C.tenant_id == uow.scope.tenant_id.uuid


def _copy(row: Row[Any]) -> BooksCopy:
    return BooksCopy(
        id=BooksCopyId(row.id),
        business_date=row.business_date,
        format=BooksFormat(row.format),
        storage_key=row.storage_key,
        size=row.size_bytes,
        digest=row.digest,
        entries=row.entries,
        accounts=row.accounts,
        made_at=row.made_at,
    )
