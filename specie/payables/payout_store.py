"""The SQL of payouts to suppliers."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from specie.kernel.ids import EntryId, PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.pagination import Page
from specie.payables import tables
from specie.payables.model import BillId, SupplierPayoutId
from specie.payables.payout_model import PayoutShare, SupplierPayout, WayState
from specie.payouts import PayoutId
from specie.platform.db import UnitOfWork


async def insert_payout(uow: UnitOfWork, made: SupplierPayout) -> None:
    """Add a payout with what of it is for which bill."""
    tenant = {"tenant_id": uow.scope.tenant_id.uuid}
    row = {
        "id": made.id.uuid,
        "payout_id": made.payout_id.uuid,
        "supplier_id": made.supplier_id.uuid,
        "currency": made.amount.currency.code,
        "amount_minor": made.amount.minor,
        "state": made.state.value,
        "asked_on": made.asked_on,
        "created_at": made.created_at,
    }
    await uow.execute(insert(tables.payout).values(tenant | row))
    of = tenant | {"supplier_payout_id": made.id.uuid}
    shares = [
        of | {"bill_id": each.bill_id.uuid, "amount_minor": each.amount_minor, "entry_id": each.entry_id.uuid}
        for each in made.shares
    ]
    await uow.execute(insert(tables.payout_bill).values(shares))


async def save_end(uow: UnitOfWork, ended: SupplierPayout) -> None:
    """Store how a payout that was locked has ended."""
    p = tables.payout.c
    where = (p.tenant_id == uow.scope.tenant_id.uuid, p.id == ended.id.uuid)
    await uow.execute(update(tables.payout).where(*where).values(state=ended.state.value, ended_on=ended.ended_on))


async def save_back(uow: UnitOfWork, of: SupplierPayoutId, bill_id: BillId, entry_id: EntryId) -> None:
    """Remember with which entry a bill has its part again."""
    b = tables.payout_bill.c
    where = (
        *(b.tenant_id == uow.scope.tenant_id.uuid, b.supplier_payout_id == of.uuid),
        b.bill_id == bill_id.uuid,
    )
    await uow.execute(update(tables.payout_bill).where(*where).values(back_entry_id=entry_id.uuid))


async def of_payout(uow: UnitOfWork, payout_id: PayoutId) -> SupplierPayout | None:
    """What a payout is for, locked; None for one that pays no supplier."""
    p = tables.payout.c
    query = select(tables.payout).where(p.tenant_id == uow.scope.tenant_id.uuid, p.payout_id == payout_id.uuid)
    found = await _with_shares(uow, (await uow.execute(query.with_for_update())).all())
    return found[0] if found else None


async def of_bill(uow: UnitOfWork, bill_id: BillId) -> list[SupplierPayout]:
    """The payouts that were for a bill among others, oldest first."""
    p, b = tables.payout.c, tables.payout_bill.c
    query = (
        select(tables.payout)
        .join(tables.payout_bill, (b.tenant_id == p.tenant_id) & (b.supplier_payout_id == p.id))
        .where(p.tenant_id == uow.scope.tenant_id.uuid, b.bill_id == bill_id.uuid)
    )
    return await _with_shares(uow, (await uow.execute(query.order_by(p.id))).all())


async def payouts(
    uow: UnitOfWork, supplier_id: PartyId | None, before: UUID | None, limit: int
) -> Page[SupplierPayout]:
    """Payouts to suppliers, newest first."""
    p = tables.payout.c
    query = select(tables.payout).where(p.tenant_id == uow.scope.tenant_id.uuid)
    if supplier_id is not None:
        query = query.where(p.supplier_id == supplier_id.uuid)
    if before is not None:
        query = query.where(p.id < before)
    rows = (await uow.execute(query.order_by(p.id.desc()).limit(limit + 1))).all()
    page = Page.cut(rows, limit, lambda row: (str(row.id),))
    return Page(await _with_shares(uow, page.items), page.next_key)


async def _with_shares(uow: UnitOfWork, rows: Sequence[Row[Any]]) -> list[SupplierPayout]:
    b = tables.payout_bill.c
    query = select(tables.payout_bill).where(
        b.tenant_id == uow.scope.tenant_id.uuid, b.supplier_payout_id.in_([row.id for row in rows])
    )
    shares = defaultdict[UUID, list[PayoutShare]](list)
    for one in await uow.execute(query.order_by(b.bill_id)) if rows else ():
        shares[one.supplier_payout_id].append(_share(one))
    return [_payout(row, shares[row.id]) for row in rows]


def _share(row: Row[Any]) -> PayoutShare:
    back = EntryId(row.back_entry_id) if row.back_entry_id else None
    return PayoutShare(BillId(row.bill_id), row.amount_minor, EntryId(row.entry_id), back)


def _payout(row: Row[Any], shares: Sequence[PayoutShare]) -> SupplierPayout:
    return SupplierPayout(
        id=SupplierPayoutId(row.id),
        payout_id=PayoutId(row.payout_id),
        supplier_id=PartyId(row.supplier_id),
        amount=Money(row.amount_minor, Currency.of(row.currency)),
        state=WayState(row.state),
        asked_on=row.asked_on,
        ended_on=row.ended_on,
        created_at=row.created_at,
        shares=shares,
    )
