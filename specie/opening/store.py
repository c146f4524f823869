"""Every statement on imports of opening positions and their lines."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, func, insert, select, update

from specie.billing import InvoiceId
from specie.catalogue import ProductId
from specie.kernel.ids import EntryId, PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.quantity import Quantity
from specie.ledger import AccountType
from specie.opening.model import (
    DOCUMENTS,
    AccountPlace,
    DocumentPlace,
    GoodsPlace,
    Import,
    ImportState,
    Kind,
    Line,
    OpeningImportId,
    Place,
    PursePlace,
)
from specie.opening.tables import opening_import, opening_line
from specie.payables import BillId
from specie.platform.db import UnitOfWork
from specie.platform.idempotency import lock_number
from specie.stock import WarehouseId

_LIVE = (ImportState.WAITING.value, ImportState.POSTED.value)


async def lock(uow: UnitOfWork) -> None:
    """Let one opening position at a time come in, so that of two that race the second sees what the first did."""
    number = lock_number(f"opening/{uow.scope.tenant_id.uuid}")
    await uow.execute(select(func.pg_advisory_xact_lock(number)))


async def insert_import(uow: UnitOfWork, new: Import) -> None:
    """Write an import down with its lines, none of which is refused."""
    tenant = {"tenant_id": uow.scope.tenant_id.uuid}
    row = {
        "id": new.id.uuid,
        "name": new.name,
        "digest": new.digest,
        "cut_over_on": new.cut_over_on,
        "state": new.state.value,
        "created_at": new.created_at,
        "created_by": new.created_by,
        "version": new.version,
    }
    await uow.execute(insert(opening_import).values(tenant | row))
    mine = tenant | {"import_id": new.id.uuid}
    rows = [
        mine | _values(line, line.place, line.amount) for line in new.lines if line.place and line.amount is not None
    ]
    await uow.execute(insert(opening_line), rows)


def _values(line: Line, place: Place, amount: Money) -> dict[str, Any]:
    return {
        "number": line.number,
        "kind": place.kind.value,
        "code": place.code,
        "account_type": place.type.value,
        "name": place.name if isinstance(place, AccountPlace) else "",
        "party_id": place.party_id.uuid if isinstance(place, PursePlace | DocumentPlace) else None,
        "purpose": place.purpose if isinstance(place, PursePlace) else None,
        "warehouse_id": place.warehouse_id.uuid if isinstance(place, GoodsPlace) else None,
        "product_id": place.product_id.uuid if isinstance(place, GoodsPlace) else None,
        "quantity": place.quantity.millionths if isinstance(place, GoodsPlace) else None,
        "amount_minor": amount.minor,
        "currency": amount.currency.code,
        "opens": line.opens,
        "entry_id": line.entry_id.uuid if line.entry_id else None,
        **_document_values(place),
    }


def _document_values(place: Place) -> dict[str, Any]:
    columns = ("document_id", "document_number", "issued_on", "due_on", "total_minor", "note")
    if not isinstance(place, DocumentPlace):
        return dict.fromkeys(columns)
    said = (place.document_id.uuid, place.number, place.issued_on, place.due_on, place.total.minor, place.note)
    return dict(zip(columns, said, strict=True))


async def save_import(uow: UnitOfWork, changed: Import) -> None:
    """Write down an import's new state, and the entries of its lines."""
    i, n = opening_import.c, opening_line.c
    tenant = uow.scope.tenant_id.uuid
    values = {"state": changed.state.value, "version": changed.version}
    await uow.execute(update(opening_import).where(i.tenant_id == tenant, i.id == changed.id.uuid).values(values))
    posted = [{"line": line.number, "entry": line.entry_id.uuid} for line in changed.lines if line.entry_id]
    if posted:
        this = (n.tenant_id == tenant, n.import_id == changed.id.uuid, n.number == bindparam("line"))
        await uow.execute(update(opening_line).where(*this).values(entry_id=bindparam("entry")), posted)


async def import_by_id(uow: UnitOfWork, import_id: OpeningImportId, *, lock: bool = False) -> Import | None:
    """One import with its lines."""
    query = select(opening_import).where(_mine(uow), opening_import.c.id == import_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _import(row, await _lines_of(uow, import_id)) if row else None


async def import_of_file(uow: UnitOfWork, digest: bytes) -> OpeningImportId | None:
    """The import of this very file, unless it was refused."""
    i = opening_import.c
    query = select(i.id).where(_mine(uow), i.digest == digest, i.state.in_(_LIVE))
    found = (await uow.execute(query)).scalar_one_or_none()
    return OpeningImportId(found) if found else None


async def find_imports(uow: UnitOfWork, before: UUID | None, limit: int) -> list[Import]:
    """Up to `limit + 1` imports without their lines, the newest first."""
    query = select(opening_import).where(_mine(uow))
    if before is not None:
        query = query.where(opening_import.c.id < before)
    rows = await uow.execute(query.order_by(opening_import.c.id.desc()).limit(limit + 1))
    return [_import(row, []) for row in rows]


async def brought(uow: UnitOfWork, codes: Collection[str]) -> list[tuple[OpeningImportId, Line]]:
    """The lines that have brought something to these accounts, or wait for a second person to do so."""
    n = opening_line.c
    joined = opening_line.join(
        opening_import, (opening_import.c.tenant_id == n.tenant_id) & (opening_import.c.id == n.import_id)
    )
    query = select(opening_line).select_from(joined).where(_mine(uow), n.tenant_id == uow.scope.tenant_id.uuid)
    # A line of nothing has only opened its account.
    is_something = (n.amount_minor != 0) | (n.kind == Kind.STOCK.value)
    query = query.where(n.code.in_(codes), opening_import.c.state.in_(_LIVE), is_something)
    query = query.order_by(n.import_id, n.number)
    return [(OpeningImportId(row.import_id), _line(row)) for row in await uow.execute(query)]


async def waiting_documents(uow: UnitOfWork) -> list[tuple[OpeningImportId, Line]]:
    """The lines about documents that wait for a second person."""
    n, i = opening_line.c, opening_import.c
    joined = opening_line.join(opening_import, (i.tenant_id == n.tenant_id) & (i.id == n.import_id))
    query = select(opening_line).select_from(joined).where(_mine(uow), n.tenant_id == uow.scope.tenant_id.uuid)
    query = query.where(i.state == ImportState.WAITING.value, n.document_id.is_not(None))
    return [(OpeningImportId(row.import_id), _line(row)) for row in await uow.execute(query)]


async def _lines_of(uow: UnitOfWork, import_id: OpeningImportId) -> list[Line]:
    n = opening_line.c
    query = select(opening_line).where(n.tenant_id == uow.scope.tenant_id.uuid, n.import_id == import_id.uuid)
    return [_line(row) for row in await uow.execute(query.order_by(n.number))]


def _mine(uow: UnitOfWork) -> ColumnElement[bool]:
    return opening_import.c.tenant_id == uow.scope.tenant_id.uuid


def _import(row: Row[Any], lines: Sequence[Line]) -> Import:
    return Import(
        id=OpeningImportId(row.id),
        name=row.name,
        digest=row.digest,
        cut_over_on=row.cut_over_on,
        state=ImportState(row.state),
        lines=tuple(lines),
        created_at=row.created_at,
        created_by=row.created_by,
        version=row.version,
    )


def _line(row: Row[Any]) -> Line:
    return Line(
        number=row.number,
        place=_place(row),
        amount=Money(row.amount_minor, Currency.of(row.currency)),
        opens=row.opens,
        entry_id=EntryId(row.entry_id) if row.entry_id else None,
    )


def _place(row: Row[Any]) -> Place:
    if row.kind == Kind.WALLET:
        return PursePlace(row.code, PartyId(row.party_id), row.purpose)
    if row.kind == Kind.STOCK:
        return GoodsPlace(row.code, WarehouseId(row.warehouse_id), ProductId(row.product_id), Quantity(row.quantity))
    if row.kind in DOCUMENTS:
        return _document(row)
    return AccountPlace(row.code, AccountType(row.account_type), row.name)


def _document(row: Row[Any]) -> DocumentPlace:
    return DocumentPlace(
        code=row.code,
        kind=Kind(row.kind),
        document_id=(BillId if row.kind == Kind.BILL else InvoiceId)(row.document_id),
        party_id=PartyId(row.party_id),
        number=row.document_number,
        issued_on=row.issued_on,
        due_on=row.due_on,
        total=Money(row.total_minor, Currency.of(row.currency)),
        note=row.note,
    )
