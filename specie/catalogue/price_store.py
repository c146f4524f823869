"""Every statement on tax rates, price lists and prices."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from specie.catalogue.model import Price, PriceList, PriceListId, ProductId, State, TaxRate, TaxRateId
from specie.catalogue.tables import customer_list, price, price_list, tax_rate
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.platform import arrays
from specie.platform.db import UnitOfWork

_PRICES = """
insert into specie.price (tenant_id, updated_at, product_id, price_list_id, amount_minor)
select %s, %s, * from unnest(%s::uuid[], %s::uuid[], %s::bigint[])
on conflict (tenant_id, product_id, price_list_id)
do update set amount_minor = excluded.amount_minor, updated_at = excluded.updated_at
"""


async def insert_tax_rate(uow: UnitOfWork, new: TaxRate) -> bool:
    """Add a tax rate unless an active one has its name; whether it was added."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": new.id.uuid,
        "name": new.name,
        "ppm": new.ppm,
        "state": str(new.state),
        "created_at": new.created_at,
    }
    statement = upsert(tax_rate).values(row).on_conflict_do_nothing().returning(tax_rate.c.id)
    return (await uow.execute(statement)).scalar_one_or_none() is not None


async def archive_tax_rate(uow: UnitOfWork, rate_id: TaxRateId) -> None:
    """Take a tax rate out of use."""
    mine = (tax_rate.c.tenant_id == uow.scope.tenant_id.uuid, tax_rate.c.id == rate_id.uuid)
    await uow.execute(update(tax_rate).where(*mine).values(state=str(State.ARCHIVED)))


async def tax_rates(uow: UnitOfWork) -> list[TaxRate]:
    """Every tax rate of the tenant by name, those in use first."""
    query = select(tax_rate).where(tax_rate.c.tenant_id == uow.scope.tenant_id.uuid)
    rows = await uow.execute(query.order_by(tax_rate.c.state, func.lower(tax_rate.c.name), tax_rate.c.id))
    return [_rate(row) for row in rows]


async def tax_rates_by_ids(uow: UnitOfWork, ids: Sequence[TaxRateId]) -> dict[TaxRateId, TaxRate]:
    """Those of these tax rates that are here."""
    query = select(tax_rate).where(
        tax_rate.c.tenant_id == uow.scope.tenant_id.uuid, tax_rate.c.id.in_([each.uuid for each in ids])
    )
    return {found.id: found for found in map(_rate, await uow.execute(query))}


async def lists_of_customer(uow: UnitOfWork, party_id: PartyId) -> dict[str, PriceListId]:
    """The price lists by which a customer buys, by currency; a currency without one is not named."""
    c = customer_list.c
    query = select(c.currency, c.price_list_id).where(
        c.tenant_id == uow.scope.tenant_id.uuid, c.party_id == party_id.uuid
    )
    return {row.currency: PriceListId(row.price_list_id) for row in await uow.execute(query)}


async def lists_of_customers(uow: UnitOfWork, customers: Sequence[PartyId]) -> dict[PartyId, set[PriceListId]]:
    """The price lists by which these customers buy; one who has none of their own is not named."""
    c = customer_list.c
    query = select(c.party_id, c.price_list_id).where(
        c.tenant_id == uow.scope.tenant_id.uuid, c.party_id.in_([each.uuid for each in customers])
    )
    found: dict[PartyId, set[PriceListId]] = {}
    for row in await uow.execute(query):
        found.setdefault(PartyId(row.party_id), set()).add(PriceListId(row.price_list_id))
    return found


async def put_customer_list(uow: UnitOfWork, party_id: PartyId, its_list: PriceList) -> None:
    """Let a customer buy by a list in its currency."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "party_id": party_id.uuid,
        "currency": its_list.currency.code,
        "price_list_id": its_list.id.uuid,
    }
    statement = upsert(customer_list).values(row)
    await uow.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "party_id", "currency"], set_={"price_list_id": its_list.id.uuid}
        )
    )


async def drop_customer_list(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> None:
    """Let a customer buy by the default list again."""
    c = customer_list.c
    mine = (c.tenant_id == uow.scope.tenant_id.uuid, c.party_id == party_id.uuid, c.currency == currency.code)
    await uow.execute(delete(customer_list).where(*mine))


async def insert_price_list(uow: UnitOfWork, new: PriceList) -> bool:
    """Add a price list unless its name is taken or its currency has a default; whether it was added."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": new.id.uuid,
        "name": new.name,
        "currency": new.currency.code,
        "tax_inclusive": new.tax_inclusive,
        "is_default": new.is_default,
        "state": new.state.value,
        "created_at": new.created_at,
    }
    statement = upsert(price_list).values(row).on_conflict_do_nothing().returning(price_list.c.id)
    return (await uow.execute(statement)).scalar_one_or_none() is not None


async def save_price_list(uow: UnitOfWork, now: PriceList) -> bool:
    """Store what a locked list is called and whether it is in use; False when another one in use has the name."""
    p = price_list.c
    mine = (p.tenant_id == uow.scope.tenant_id.uuid, p.id == now.id.uuid)
    try:
        async with uow.savepoint():
            await uow.execute(update(price_list).where(*mine).values(name=now.name, state=now.state.value))
    except IntegrityError as error:
        if getattr(getattr(error.orig, "diag", None), "constraint_name", None) != "price_list_name":
            raise
        return False
    return True


async def drop_customers_of(uow: UnitOfWork, list_id: PriceListId) -> int:
    """Let everybody who buys by a list buy by the default one again; how many they were."""
    c = customer_list.c
    statement = delete(customer_list).where(c.tenant_id == uow.scope.tenant_id.uuid, c.price_list_id == list_id.uuid)
    return len((await uow.execute(statement.returning(c.party_id))).all())


async def price_lists(uow: UnitOfWork, state: State = State.ACTIVE) -> list[PriceList]:
    """The price lists in use, or those archived, by currency, the default of each first."""
    p = price_list.c
    query = select(price_list).where(p.tenant_id == uow.scope.tenant_id.uuid, p.state == state.value)
    rows = await uow.execute(query.order_by(p.currency, p.is_default.desc(), func.lower(p.name), p.id))
    return [_list(row) for row in rows]


async def price_list_by_id(uow: UnitOfWork, list_id: PriceListId, *, lock: bool = False) -> PriceList | None:
    """One price list, locked on demand."""
    p = price_list.c
    query = select(price_list).where(p.tenant_id == uow.scope.tenant_id.uuid, p.id == list_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _list(row) if row else None


async def default_price_list(uow: UnitOfWork, currency: Currency) -> PriceList | None:
    """The price list that counts in a currency when none is named."""
    p = price_list.c
    query = select(price_list).where(
        p.tenant_id == uow.scope.tenant_id.uuid, p.currency == currency.code, p.is_default.is_(True)
    )
    row = (await uow.execute(query)).one_or_none()
    return _list(row) if row else None


async def put_price(uow: UnitOfWork, product_id: ProductId, list_id: PriceListId, amount: Money) -> None:
    """Set a product's price in a list of the amount's currency."""
    key = {"tenant_id": uow.scope.tenant_id.uuid, "product_id": product_id.uuid, "price_list_id": list_id.uuid}
    values = {"amount_minor": amount.minor, "updated_at": uow.now}
    await uow.execute(upsert(price).values(key | values).on_conflict_do_update(index_elements=list(key), set_=values))


async def put_prices(uow: UnitOfWork, new: Sequence[Price]) -> None:
    """Set the prices of many products, each in its list."""
    if not new:
        return
    columns = [
        arrays.uuids([each.product_id.uuid for each in new]),
        arrays.uuids([each.price_list.id.uuid for each in new]),
        arrays.bigints([each.amount.minor for each in new]),
    ]
    await (await uow.raw()).execute(_PRICES, [uow.scope.tenant_id.uuid, uow.now, *columns])


async def remove_price(uow: UnitOfWork, product_id: ProductId, list_id: PriceListId) -> None:
    """Take a product's price out of a list."""
    await uow.execute(
        delete(price).where(
            price.c.tenant_id == uow.scope.tenant_id.uuid,
            price.c.product_id == product_id.uuid,
            price.c.price_list_id == list_id.uuid,
        )
    )


async def prices_of(uow: UnitOfWork, ids: Sequence[ProductId]) -> dict[ProductId, list[Price]]:
    """The prices of these products by lists in use, by currency, the default list's first."""
    lists = {each.id.uuid: each for each in await price_lists(uow)}
    query = select(price).where(
        price.c.tenant_id == uow.scope.tenant_id.uuid,
        price.c.product_id.in_([each.uuid for each in ids]),
        price.c.price_list_id.in_(list(lists)),
    )
    order = {list_id: place for place, list_id in enumerate(lists)}
    found: dict[ProductId, list[Price]] = {each: [] for each in ids}
    for row in sorted(await uow.execute(query), key=lambda row: order[row.price_list_id]):
        found[ProductId(row.product_id)].append(_price(row, lists))
    return found


def _price(row: Row[Any], lists: dict[UUID, PriceList]) -> Price:
    its_list = lists[row.price_list_id]
    return Price(ProductId(row.product_id), its_list, Money(row.amount_minor, its_list.currency))


def _rate(row: Row[Any]) -> TaxRate:
    return TaxRate(TaxRateId(row.id), row.name, row.ppm, State(row.state), row.created_at)


def _list(row: Row[Any]) -> PriceList:
    return PriceList(
        id=PriceListId(row.id),
        name=row.name,
        currency=Currency.of(row.currency),
        tax_inclusive=row.tax_inclusive,
        is_default=row.is_default,
        created_at=row.created_at,
        state=State(row.state),
    )
