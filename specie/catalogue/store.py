"""Every statement on products and the words they are found by."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, exists, insert, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.catalogue.model import Product, ProductId, ProductKind, State, TaxRateId, key_of, searched_words, words_of
from specie.catalogue.tables import product, product_tax, product_word
from specie.platform import arrays
from specie.platform.arrays import Array
from specie.platform.db import UnitOfWork

_SET_WISE: dict[str, Callable[[Any], Array]] = {
    "id": arrays.uuids,
    **dict.fromkeys(("kind", "name", "name_key", "sku", "sku_key", "barcode", "unit", "description"), arrays.texts),
    "state": arrays.texts,
    "version": arrays.integers,
    "created_at": arrays.moments,
    "updated_at": arrays.moments,
}
_PRODUCTS = """
insert into specie.product (tenant_id, id, kind, name, name_key, sku, sku_key, barcode, unit, description, state,
                            version, created_at, updated_at)
select %s, * from unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
                         %s::text[], %s::text[], %s::integer[], %s::timestamptz[], %s::timestamptz[])
on conflict do nothing
"""
_CHANGED = """
update specie.product p
set kind = n.kind, name = n.name, name_key = n.name_key, sku = n.sku, sku_key = n.sku_key, barcode = n.barcode,
    unit = n.unit, description = n.description, state = n.state, version = n.version, updated_at = n.updated_at
from unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
            %s::text[], %s::text[], %s::integer[], %s::timestamptz[], %s::timestamptz[])
  as n (id, kind, name, name_key, sku, sku_key, barcode, unit, description, state, version, created_at, updated_at)
where p.tenant_id = %s and p.id = n.id
"""
_WITHOUT_WORDS = """
delete from specie.product_word w using unnest(%s::text[], %s::uuid[]) as gone (word, product_id)
where w.tenant_id = %s and w.product_id = gone.product_id and w.word = gone.word
"""
_WITHOUT_TAXES = "delete from specie.product_tax where tenant_id = %s and product_id = any(%s::uuid[])"
_WORDS = """
insert into specie.product_word (tenant_id, word, product_id) select %s, * from unnest(%s::text[], %s::uuid[])
"""

# Above every character, so that a prefix is a range.
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """What a list of products is narrowed to; `q` are beginnings of words of name, SKU or barcode."""

    q: str | None = None
    kind: ProductKind | None = None
    state: State | None = None


async def insert_product(uow: UnitOfWork, new: Product) -> bool:
    """Add a product unless its SKU or barcode is taken; whether it was added."""
    row = {"tenant_id": uow.scope.tenant_id.uuid, "id": new.id.uuid, "created_at": new.created_at, **_row(new)}
    statement = upsert(product).values(row).on_conflict_do_nothing().returning(product.c.id)
    if (await uow.execute(statement)).scalar_one_or_none() is None:
        return False
    await _put_parts(uow, new)
    return True


async def insert_products(uow: UnitOfWork, new: Sequence[Product]) -> bool:
    """Add many products unless a SKU or barcode among them is taken; whether all were added. One statement a table."""
    tenant, connection = uow.scope.tenant_id.uuid, await uow.raw()
    rows = [{"id": each.id.uuid, "created_at": each.created_at, **_row(each)} for each in new]
    columns = [kind([row[name] for row in rows]) for name, kind in _SET_WISE.items()]
    if (await connection.execute(_PRODUCTS, [tenant, *columns])).rowcount != len(new):
        return False
    await _put_words(uow, [(word, each.id.uuid) for each in new for word in _words(each)])
    await _put_taxes(uow, new)
    return True


async def save_product(uow: UnitOfWork, changed: Product) -> None:
    """Store a product whose row was locked when it was read and whose SKU and barcode are free."""
    await uow.execute(update(product).where(*_this(uow, changed.id)).values(_row(changed)))
    for table in (product_word, product_tax):
        mine = (table.c.tenant_id == uow.scope.tenant_id.uuid, table.c.product_id == changed.id.uuid)
        await uow.execute(delete(table).where(*mine))
    await _put_parts(uow, changed)


async def save_products(uow: UnitOfWork, pairs: Sequence[tuple[Product, Product]]) -> None:
    """As `save_product` for many at once, each with what it was: one statement a table, for what differs only."""
    tenant, connection = uow.scope.tenant_id.uuid, await uow.raw()
    changed = [now for _, now in pairs]
    rows = [{"id": each.id.uuid, "created_at": each.created_at, **_row(each)} for each in changed]
    columns = [kind([row[name] for row in rows]) for name, kind in _SET_WISE.items()]
    await connection.execute(_CHANGED, [*columns, tenant])
    gone = [(word, now.id.uuid) for before, now in pairs for word in _words(before) - _words(now)]
    if gone:
        words, owners = zip(*gone, strict=True)
        await connection.execute(_WITHOUT_WORDS, [arrays.texts(words), arrays.uuids(owners), tenant])
    await _put_words(uow, [(word, now.id.uuid) for before, now in pairs for word in _words(now) - _words(before)])
    taxed = [now for before, now in pairs if now.taxes != before.taxes]
    if taxed:
        await connection.execute(_WITHOUT_TAXES, [tenant, arrays.uuids([each.id.uuid for each in taxed])])
        await _put_taxes(uow, taxed)


async def lock_products(uow: UnitOfWork, ids: Sequence[ProductId]) -> dict[ProductId, Product]:
    """Those of these products that are here; nobody else changes them until this unit ends."""
    query = select(product).where(_tenant(uow), product.c.id.in_([each.uuid for each in ids]))
    rows = (await uow.execute(query.order_by(product.c.id).with_for_update())).all()
    return {found.id: found for found in await _products(uow, rows)}


def _words(of: Product) -> set[str]:
    return set(words_of(of.name, of.sku, of.barcode or ""))


async def _put_words(uow: UnitOfWork, words: Sequence[tuple[str, UUID]]) -> None:
    if words:
        found, owners = zip(*words, strict=True)
        columns = [arrays.texts(found), arrays.uuids(owners)]
        await (await uow.raw()).execute(_WORDS, [uow.scope.tenant_id.uuid, *columns])


async def _put_taxes(uow: UnitOfWork, products: Sequence[Product]) -> None:
    taxes = [
        {"tenant_id": uow.scope.tenant_id.uuid, "product_id": each.id.uuid, "position": place, "tax_rate_id": rate.uuid}
        for each in products
        for place, rate in enumerate(each.taxes)
    ]
    if taxes:
        await uow.execute(insert(product_tax), taxes)


async def _put_parts(uow: UnitOfWork, of: Product) -> None:
    mine = {"tenant_id": uow.scope.tenant_id.uuid, "product_id": of.id.uuid}
    words = words_of(of.name, of.sku, of.barcode or "")
    await uow.execute(insert(product_word), [mine | {"word": word} for word in words])
    if of.taxes:
        rows = [mine | {"position": place, "tax_rate_id": rate.uuid} for place, rate in enumerate(of.taxes)]
        await uow.execute(insert(product_tax), rows)


async def product_by_id(uow: UnitOfWork, product_id: ProductId, *, lock: bool = False) -> Product | None:
    """One product; with the lock nobody else changes it until this unit ends."""
    query = select(product).where(*_this(uow, product_id))
    return await _one(uow, query.with_for_update() if lock else query)


async def product_by_barcode(uow: UnitOfWork, barcode: str) -> Product | None:
    """The product with a barcode."""
    return await _one(uow, select(product).where(_tenant(uow), product.c.barcode == barcode))


async def holder_of(uow: UnitOfWork, sku: str, barcode: str | None) -> list[Product]:
    """The products that have this SKU or this barcode."""
    wanted = [product.c.sku_key == key_of(sku)]
    if barcode is not None:
        wanted.append(product.c.barcode == barcode)
    rows = (await uow.execute(select(product).where(_tenant(uow), or_(*wanted)))).all()
    return await _products(uow, rows)


async def holders_of(uow: UnitOfWork, wanted: Sequence[tuple[str, str | None]]) -> dict[str, Product]:
    """The products that have one of these SKUs, as `sku:key`, or barcodes, as `barcode:text`."""
    skus = [key_of(sku) for sku, _ in wanted]
    barcodes = [barcode for _, barcode in wanted if barcode]
    either = or_(product.c.sku_key.in_(skus), product.c.barcode.in_(barcodes))
    found: dict[str, Product] = {}
    for each in await _products(uow, (await uow.execute(select(product).where(_tenant(uow), either))).all()):
        found[f"sku:{key_of(each.sku)}"] = each
        if each.barcode is not None:
            found[f"barcode:{each.barcode}"] = each
    return found


async def products_by_ids(uow: UnitOfWork, ids: Sequence[ProductId]) -> dict[ProductId, Product]:
    """Those of these products that are here."""
    query = select(product).where(_tenant(uow), product.c.id.in_([each.uuid for each in ids]))
    return {found.id: found for found in await _products(uow, (await uow.execute(query)).all())}


async def products_by_skus(uow: UnitOfWork, skus: Collection[str]) -> dict[str, Product]:
    """Those of the products with these SKUs that are here, each under the SKU as it was asked for."""
    query = select(product).where(_tenant(uow), product.c.sku_key.in_({key_of(sku) for sku in skus}))
    known = {key_of(each.sku): each for each in await _products(uow, (await uow.execute(query)).all())}
    return {sku: known[key_of(sku)] for sku in skus if key_of(sku) in known}


async def find_products(
    uow: UnitOfWork, wanted: ProductFilter, after: tuple[str, UUID] | None, limit: int
) -> list[Product]:
    """Up to `limit + 1` products by name."""
    query = select(product).where(_tenant(uow))
    if wanted.kind is not None:
        query = query.where(product.c.kind == str(wanted.kind))
    if wanted.state is not None:
        query = query.where(product.c.state == str(wanted.state))
    for word in searched_words(wanted.q or ""):
        query = query.where(_has_word(word))
    if after is not None:
        query = query.where(tuple_(product.c.name_key, product.c.id) > tuple_(*after))
    rows = (await uow.execute(query.order_by(product.c.name_key, product.c.id).limit(limit + 1))).all()
    return await _products(uow, rows)


def _has_word(word: str) -> ColumnElement[bool]:
    w = product_word.c
    mine = and_(w.tenant_id == product.c.tenant_id, w.product_id == product.c.id)
    return exists().where(mine, w.word >= word, w.word < word + _LAST)


def _tenant(uow: UnitOfWork) -> ColumnElement[bool]:
    return product.c.tenant_id == uow.scope.tenant_id.uuid


def _this(uow: UnitOfWork, product_id: ProductId) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _tenant(uow), product.c.id == product_id.uuid


async def _one(uow: UnitOfWork, query: Any) -> Product | None:
    found = await _products(uow, (await uow.execute(query)).all())
    return found[0] if found else None


async def _products(uow: UnitOfWork, rows: Sequence[Row[Any]]) -> list[Product]:
    if not rows:
        return []
    t = product_tax.c
    query = select(t.product_id, t.tax_rate_id).where(
        t.tenant_id == uow.scope.tenant_id.uuid, t.product_id.in_([row.id for row in rows])
    )
    taxes: dict[UUID, list[TaxRateId]] = {}
    for each in await uow.execute(query.order_by(t.product_id, t.position)):
        taxes.setdefault(each.product_id, []).append(TaxRateId(each.tax_rate_id))
    return [_product(row, tuple(taxes.get(row.id, ()))) for row in rows]


def _product(row: Row[Any], taxes: tuple[TaxRateId, ...]) -> Product:
    return Product(
        id=ProductId(row.id),
        kind=ProductKind(row.kind),
        name=row.name,
        sku=row.sku,
        barcode=row.barcode,
        unit=row.unit,
        description=row.description,
        taxes=taxes,
        state=State(row.state),
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _row(of: Product) -> dict[str, Any]:
    return {
        "kind": str(of.kind),
        "name": of.name,
        "name_key": key_of(of.name),
        "sku": of.sku,
        "sku_key": key_of(of.sku),
        "barcode": of.barcode,
        "unit": of.unit,
        "description": of.description,
        "state": str(of.state),
        "version": of.version,
        "updated_at": of.updated_at,
    }
