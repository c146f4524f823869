"""The SQL of purchases that are told: what they meet, and what they bring, with one statement each for however many."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from psycopg.rows import namedtuple_row
from sqlalchemy import select

from specie.cashback import tables
from specie.cashback.model import Accrual, Purchase, PurchaseId
from specie.cashback.store import accrual_of, accrual_row, purchase_of, purchase_row
from specie.kernel.ids import PartyId
from specie.platform import arrays
from specie.platform.db import UnitOfWork

Told = tuple[PartyId, str, str]
"""Under what a purchase is told once: the merchant, the source, and the merchant's own id."""

_Columns = Mapping[str, tuple[str, Callable[[Sequence[Any]], arrays.Array]]]
_UUID, _TEXT = ("uuid[]", arrays.uuids), ("text[]", arrays.texts)
_BIGINT, _INTEGER = ("bigint[]", arrays.bigints), ("integer[]", arrays.integers)
_MOMENT, _DOCUMENT = ("timestamptz[]", arrays.moments), ("jsonb[]", arrays.documents)
_PURCHASE: _Columns = {
    "tenant_id": _UUID,
    "id": _UUID,
    "merchant_id": _UUID,
    "party_id": _UUID,
    "external_id": _TEXT,
    "amount_minor": _BIGINT,
    "returned_minor": _BIGINT,
    "currency": _TEXT,
    "state": _TEXT,
    "source": _TEXT,
    "reason": _TEXT,
    "occurred_at": _MOMENT,
    "created_at": _MOMENT,
    "version": _INTEGER,
}
_ACCRUAL: _Columns = {
    "tenant_id": _UUID,
    "id": _UUID,
    "purchase_id": _UUID,
    "offer_id": _UUID,
    "rule_version": _INTEGER,
    "party_id": _UUID,
    "merchant_id": _UUID,
    "account_id": _UUID,
    "counter_account_id": _UUID,
    "currency": _TEXT,
    "granted_minor": _BIGINT,
    "room_minor": _BIGINT,
    "kept_minor": _BIGINT,
    "borne_minor": _BIGINT,
    "expired_minor": _BIGINT,
    "state": _TEXT,
    "working": _DOCUMENT,
    "matures_at": _MOMENT,
    "expiry_days": _INTEGER,
    "created_at": _MOMENT,
    "matured_at": _MOMENT,
    "expires_at": _MOMENT,
    "version": _INTEGER,
}


def _insertion(table: str, columns: _Columns) -> str:
    forms = ", ".join(f"%s::{form}" for form, _ in columns.values())
    return f"insert into specie.{table} ({', '.join(columns)}) select * from unnest({forms})"  # noqa: S608


_INSERT_PURCHASES = _insertion("cashback_purchase", _PURCHASE) + " on conflict do nothing returning id"
_INSERT_ACCRUALS = _insertion("cashback_accrual", _ACCRUAL)
_TOLD = """
select p.* from unnest(%s::uuid[], %s::text[], %s::text[]) as asked (merchant_id, source, external_id)
  join specie.cashback_purchase p on p.tenant_id = %s and p.merchant_id = asked.merchant_id
   and p.source = asked.source and p.external_id = asked.external_id
"""


async def purchases_told(uow: UnitOfWork, asked: Collection[Told]) -> dict[Told, Purchase]:
    """What merchants have told under their ids already."""
    merchants, sources, names = zip(*asked, strict=True) if asked else ((), (), ())
    parameters = [
        arrays.uuids([each.uuid for each in merchants]),
        arrays.texts(sources),
        arrays.texts(names),
        uow.scope.tenant_id.uuid,
    ]
    async with (await uow.raw()).cursor(row_factory=namedtuple_row) as cursor:
        await cursor.execute(_TOLD, parameters)
        found = [purchase_of(row) for row in await cursor.fetchall()]
    return {(each.merchant_id, each.source, each.external_id): each for each in found}


async def insert_purchases(uow: UnitOfWork, purchases: Sequence[Purchase]) -> set[PurchaseId]:
    """Add purchases, but not those that somebody else has told meanwhile; which were added."""
    # In the order of what makes them unique, so that two who tell of the same do not wait for each other.
    ordered = sorted(purchases, key=lambda each: (each.merchant_id.uuid, each.source, each.external_id))
    rows = [{"tenant_id": uow.scope.tenant_id.uuid, "id": each.id.uuid, **purchase_row(each)} for each in ordered]
    async with (await uow.raw()).cursor() as cursor:
        await cursor.execute(_INSERT_PURCHASES, _columns(_PURCHASE, rows))
        return {PurchaseId(purchase_id) for (purchase_id,) in await cursor.fetchall()}


async def insert_accruals(uow: UnitOfWork, accruals: Sequence[Accrual]) -> None:
    """Add cashback."""
    rows = [{"tenant_id": uow.scope.tenant_id.uuid, "id": each.id.uuid, **accrual_row(each)} for each in accruals]
    await (await uow.raw()).execute(_INSERT_ACCRUALS, _columns(_ACCRUAL, rows))


async def accruals_of_all(uow: UnitOfWork, ids: Collection[PurchaseId]) -> dict[PurchaseId, list[Accrual]]:
    """The cashback of each purchase, whoever asks, in the order in which it was given."""
    a = tables.accrual.c
    wanted = [each.uuid for each in ids]
    query = select(tables.accrual).where(a.tenant_id == uow.scope.tenant_id.uuid, a.purchase_id.in_(wanted))
    found: dict[PurchaseId, list[Accrual]] = {each: [] for each in ids}
    for row in await uow.execute(query.order_by(a.id)):
        found[PurchaseId(row.purchase_id)].append(accrual_of(row))
    return found


def _columns(columns: _Columns, rows: Sequence[Mapping[str, Any]]) -> list[arrays.Array]:
    return [form([row[name] for row in rows]) for name, (_, form) in columns.items()]
