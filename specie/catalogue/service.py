"""Adding, changing and finding products, in the caller's unit of work."""

from collections.abc import Sequence
from dataclasses import replace

from specie import audit, events
from specie.catalogue import events as telling
from specie.catalogue import price_store, pricing, store
from specie.catalogue.errors import BarcodeTaken, ProductChanged, ProductMissing, SkuTaken
from specie.catalogue.model import Change, Particulars, Price, Product, ProductId, State, key_of
from specie.kernel.ids import uuid7
from specie.kernel.money import Money
from specie.platform.db import UnitOfWork


async def add_product(uow: UnitOfWork, said: Particulars, price: Money | None = None) -> Product:
    """Add a product; a price goes into its currency's default list.

    Raises SkuTaken, BarcodeTaken, TaxRateMissing, TaxRateArchived or ProductUnfit.
    """
    await pricing.require_tax_rates(uow, said.taxes)
    new = _new(uow, said)
    if not await store.insert_product(uow, new):
        await _require_free(uow, new)
        raise SkuTaken(f"another product has the SKU {new.sku} or its barcode", param="sku")
    if price is not None:
        await pricing.set_default_price(uow, new.id, price)
    await _tell(uow, "catalogue.product.add", new, None)
    return new


async def add_products(uow: UnitOfWork, said: Sequence[tuple[Particulars, Money | None]]) -> None:
    """Add many products at once, whose tax rates are known to be in use; one audit row of the caller stands for all.

    Raises SkuTaken when somebody else has taken a SKU or barcode meanwhile.
    """
    new = [(_new(uow, each), price) for each, price in said]
    if not await store.insert_products(uow, [product for product, _ in new]):
        raise SkuTaken("somebody has added one of the products meanwhile; look at the file again", param="sku")
    currencies = {price.currency for _, price in new if price is not None}
    lists = {currency: await pricing.default_list(uow, currency) for currency in currencies}
    prices = [Price(product.id, lists[price.currency], price) for product, price in new if price is not None]
    await price_store.put_prices(uow, prices)
    rows = [events.row(uow.scope, telling.told(each), event_id=uuid7(), at=uow.now) for each, _ in new]
    await events.insert_many(await uow.raw(), rows)


def _new(uow: UnitOfWork, said: Particulars) -> Product:
    return Product(
        id=ProductId.new(),
        kind=said.kind,
        name=said.name,
        sku=said.sku,
        barcode=said.barcode,
        unit=said.unit,
        description=said.description,
        taxes=said.taxes,
        state=State.ACTIVE,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
    )


async def change_product(uow: UnitOfWork, product_id: ProductId, said: Particulars, version: int | None) -> Product:
    """Replace what is said about a product. `version` is the one that was read, when the caller wants to be sure.

    Raises ProductMissing, ProductChanged, or what `add_product` raises.
    """
    found = await get_product(uow, product_id, lock=True)
    if version is not None and version != found.version:
        raise ProductChanged(f"it is at version {found.version} now", version=found.version)
    await pricing.require_tax_rates(uow, [rate for rate in said.taxes if rate not in found.taxes])
    changed = _said(found, said)
    if changed == found:
        return found
    return await _save(uow, "catalogue.product.change", found, changed)


async def change_products(uow: UnitOfWork, changes: Sequence[Change]) -> None:
    """As `change_product` for many at once, whose tax rates are known to be in use; with the prices they get.

    Raises ProductMissing, SkuTaken or BarcodeTaken.
    """
    before = await store.lock_products(uow, [each.product_id for each in changes])
    pairs = []
    for each in changes:
        if each.product_id not in before:
            raise ProductMissing(f"there is no product {each.product_id}")
        found = before[each.product_id]
        changed = _said(found, each.said)
        if changed != found:
            pairs.append((found, replace(changed, version=found.version + 1, updated_at=uow.now)))
    await _save_many(uow, pairs)
    await pricing.set_default_prices(uow, [(each.product_id, each.price) for each in changes if each.price is not None])


async def _save_many(uow: UnitOfWork, pairs: Sequence[tuple[Product, Product]]) -> None:
    saved = [now for _, now in pairs]
    if not saved:
        return
    holders = await store.holders_of(uow, [(now.sku, now.barcode) for now in saved])
    for now in saved:
        _require_not_held(now, [holders.get(f"sku:{key_of(now.sku)}"), holders.get(f"barcode:{now.barcode}")])
    await store.save_products(uow, pairs)
    rows = [events.row(uow.scope, telling.told(now), event_id=uuid7(), at=uow.now) for now in saved]
    await events.insert_many(await uow.raw(), rows)
    acts = [audit.Act(("product", str(now.id)), _noted(before), _noted(now)) for before, now in pairs]
    await audit.record_many(uow, "catalogue.product.change", acts)


async def set_state(uow: UnitOfWork, product_id: ProductId, state: State) -> Product:
    """Archive a product or take it into use again; repeating it changes nothing. Raises ProductMissing."""
    found = await get_product(uow, product_id, lock=True)
    if found.state is state:
        return found
    action = "catalogue.product.archive" if state is State.ARCHIVED else "catalogue.product.restore"
    return await _save(uow, action, found, replace(found, state=state))


async def get_product(uow: UnitOfWork, product_id: ProductId, *, lock: bool = False) -> Product:
    """One product. Raises ProductMissing."""
    found = await store.product_by_id(uow, product_id, lock=lock)
    if found is None:
        raise ProductMissing(f"there is no product {product_id}")
    return found


async def by_barcode(uow: UnitOfWork, barcode: str) -> Product:
    """The product that a scanner has read. Raises ProductMissing."""
    found = await store.product_by_barcode(uow, barcode.strip())
    if found is None:
        raise ProductMissing(f"no product has the barcode {barcode}")
    return found


async def require_products(uow: UnitOfWork, ids: Sequence[ProductId]) -> dict[ProductId, Product]:
    """These products, archived ones too. Raises ProductMissing when one is not here."""
    found = await store.products_by_ids(uow, list(set(ids)))
    for each in ids:
        if each not in found:
            raise ProductMissing(f"there is no product {each}", param="product_id")
    return found


def _said(of: Product, said: Particulars) -> Product:
    return replace(
        of,
        kind=said.kind,
        name=said.name,
        sku=said.sku,
        barcode=said.barcode,
        unit=said.unit,
        description=said.description,
        taxes=said.taxes,
    )


async def _save(uow: UnitOfWork, action: str, found: Product, changed: Product) -> Product:
    await _require_free(uow, changed)
    saved = replace(changed, version=found.version + 1, updated_at=uow.now)
    await store.save_product(uow, saved)
    await _tell(uow, action, saved, found)
    return saved


async def _require_free(uow: UnitOfWork, wanted: Product) -> None:
    _require_not_held(wanted, await store.holder_of(uow, wanted.sku, wanted.barcode))


def _require_not_held(wanted: Product, holders: Sequence[Product | None]) -> None:
    for holder in holders:
        if holder is None or holder.id == wanted.id:
            continue
        if key_of(holder.sku) == key_of(wanted.sku):
            raise SkuTaken(f"{holder.name} has the SKU {holder.sku}", param="sku", product_id=str(holder.id))
        raise BarcodeTaken(f"{holder.name} has this barcode", param="barcode", product_id=str(holder.id))


async def _tell(uow: UnitOfWork, action: str, now: Product, before: Product | None) -> None:
    await events.record(uow, telling.told(now))
    await audit.record(
        uow,
        action=action,
        subject=("product", str(now.id)),
        before=_noted(before) if before else None,
        after=_noted(now),
    )


def _noted(product: Product) -> dict[str, str | None]:
    return {
        "name": product.name,
        "sku": product.sku,
        "barcode": product.barcode,
        "unit": product.unit,
        "state": str(product.state),
        "taxes": " ".join(map(str, product.taxes)),
    }
