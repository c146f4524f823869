"""The SQL of referral codes and referrals."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.cashback import tables
from specie.cashback.model import PurchaseId
from specie.cashback.referral_model import Referral, ReferralCode
from specie.kernel.ids import PartyId
from specie.platform.db import UnitOfWork


async def insert_code(uow: UnitOfWork, new: ReferralCode) -> bool:
    """Add a code unless the customer has one for the merchant, or the code is taken; whether it was added."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "code": new.code,
        "merchant_id": new.merchant_id.uuid,
        "party_id": new.party_id.uuid,
        "created_at": new.created_at,
    }
    statement = upsert(tables.referral_code).values(row).on_conflict_do_nothing()
    return (await uow.execute(statement.returning(tables.referral_code.c.code))).one_or_none() is not None


async def code_of(uow: UnitOfWork, merchant_id: PartyId, party_id: PartyId) -> ReferralCode | None:
    """A customer's code for a merchant."""
    c = tables.referral_code.c
    where = (c.tenant_id == uow.scope.tenant_id.uuid, c.merchant_id == merchant_id.uuid, c.party_id == party_id.uuid)
    row = (await uow.execute(select(tables.referral_code).where(*where))).one_or_none()
    return _code(row) if row else None


async def by_code(uow: UnitOfWork, code: str) -> ReferralCode | None:
    """Whose code it is, whoever asks."""
    c = tables.referral_code.c
    where = (c.tenant_id == uow.scope.tenant_id.uuid, c.code == code)
    row = (await uow.execute(select(tables.referral_code).where(*where))).one_or_none()
    return _code(row) if row else None


async def has_bought(uow: UnitOfWork, merchant_id: PartyId, party_id: PartyId) -> bool:
    """Whether somebody has bought from a merchant before, as far as anybody has told."""
    p = tables.purchase.c
    where = (p.tenant_id == uow.scope.tenant_id.uuid, p.merchant_id == merchant_id.uuid, p.party_id == party_id.uuid)
    return (await uow.execute(select(p.id).where(*where).limit(1))).one_or_none() is not None


async def insert_referral(uow: UnitOfWork, new: Referral) -> bool:
    """Add a referral unless the customer came to the merchant by one before; whether it was added."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "merchant_id": new.merchant_id.uuid,
        "party_id": new.party_id.uuid,
        "referrer_id": new.referrer_id.uuid,
        "code": new.code,
        "at": new.at,
    }
    statement = upsert(tables.referral).values(row).on_conflict_do_nothing()
    return (await uow.execute(statement.returning(tables.referral.c.party_id))).one_or_none() is not None


async def unused(
    uow: UnitOfWork, pairs: Collection[tuple[PartyId, PartyId]]
) -> dict[tuple[PartyId, PartyId], Referral]:
    """The referrals of customers to merchants by which nobody has earned yet, locked until the unit of work ends."""
    r = tables.referral.c
    wanted = [(merchant_id.uuid, party_id.uuid) for merchant_id, party_id in pairs]
    where = (r.tenant_id == uow.scope.tenant_id.uuid, tuple_(r.merchant_id, r.party_id).in_(wanted))
    query = select(tables.referral).where(*where, r.purchase_id.is_(None)).order_by(r.merchant_id, r.party_id)
    found = [_referral(row) for row in await uow.execute(query.with_for_update())]
    return {(each.merchant_id, each.party_id): each for each in found}


async def use(uow: UnitOfWork, referral: Referral, purchase_id: PurchaseId) -> None:
    """Store with which purchase a referral has earned."""
    r = tables.referral.c
    where = (
        r.tenant_id == uow.scope.tenant_id.uuid,
        r.merchant_id == referral.merchant_id.uuid,
        r.party_id == referral.party_id.uuid,
    )
    await uow.execute(update(tables.referral).where(*where).values(purchase_id=purchase_id.uuid))


async def of_referrer(uow: UnitOfWork, party_id: PartyId, limit: int) -> Sequence[Referral]:
    """Who came by somebody's codes, the newest first."""
    r = tables.referral.c
    where = (r.tenant_id == uow.scope.tenant_id.uuid, r.referrer_id == party_id.uuid)
    rows = await uow.execute(select(tables.referral).where(*where).order_by(r.at.desc()).limit(limit))
    return [_referral(row) for row in rows]


def _code(row: Row[Any]) -> ReferralCode:
    return ReferralCode(row.code, PartyId(row.merchant_id), PartyId(row.party_id), row.created_at)


def _referral(row: Row[Any]) -> Referral:
    return Referral(
        merchant_id=PartyId(row.merchant_id),
        party_id=PartyId(row.party_id),
        referrer_id=PartyId(row.referrer_id),
        code=row.code,
        at=row.at,
        purchase_id=PurchaseId(row.purchase_id) if row.purchase_id else None,
    )
