"""Tax rates, price lists and prices, in the caller's unit of work."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from specie import audit, parties
from specie.catalogue import price_store, store
from specie.catalogue.errors import (
    NameTaken,
    PriceListArchived,
    PriceListMissing,
    PriceListStandard,
    ProductMissing,
    ProductUnfit,
    TaxRateArchived,
    TaxRateMissing,
)
from specie.catalogue.model import (
    Price,
    PriceList,
    PriceListId,
    ProductId,
    State,
    TaxRate,
    TaxRateId,
    require_price,
)
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.platform.db import UnitOfWork

STANDARD = "Standard"
"""What the default price list of a currency is called when nobody has named one."""


async def add_tax_rate(uow: UnitOfWork, name: str, ppm: int) -> TaxRate:
    """Add a tax rate in parts per million of the net. Raises NameTaken."""
    new = TaxRate(TaxRateId.new(), name.strip(), ppm, State.ACTIVE, uow.now)
    if not await price_store.insert_tax_rate(uow, new):
        raise NameTaken(f"a tax rate in use is called {new.name}", param="name")
    subject = ("tax_rate", str(new.id))
    await audit.record(uow, action="catalogue.tax_rate.add", subject=subject, after={"name": new.name, "ppm": ppm})
    return new


async def archive_tax_rate(uow: UnitOfWork, rate_id: TaxRateId) -> TaxRate:
    """Take a tax rate out of use: it goes on no product any more, and stays where it is. Raises TaxRateMissing."""
    found = await require_known(uow, [rate_id])
    await price_store.archive_tax_rate(uow, rate_id)
    await audit.record(uow, action="catalogue.tax_rate.archive", subject=("tax_rate", str(rate_id)))
    rate = found[rate_id]
    return TaxRate(rate.id, rate.name, rate.ppm, State.ARCHIVED, rate.created_at)


async def require_known(uow: UnitOfWork, ids: Sequence[TaxRateId]) -> dict[TaxRateId, TaxRate]:
    """These tax rates, archived ones too. Raises TaxRateMissing."""
    found = await price_store.tax_rates_by_ids(uow, list(ids)) if ids else {}
    for each in ids:
        if each not in found:
            raise TaxRateMissing(f"there is no tax rate {each}", param="tax_rate_ids")
    return found


async def require_tax_rates(uow: UnitOfWork, ids: Sequence[TaxRateId]) -> dict[TaxRateId, TaxRate]:
    """These tax rates, all in use. Raises TaxRateMissing or TaxRateArchived."""
    found = await require_known(uow, ids)
    for rate in found.values():
        if rate.state is State.ARCHIVED:
            raise TaxRateArchived(f"{rate.name} is archived", param="tax_rate_ids")
    return found


async def add_price_list(
    uow: UnitOfWork, name: str, currency: Currency, *, tax_inclusive: bool, is_default: bool
) -> PriceList:
    """Add a price list. Raises NameTaken, also when the currency has a default list already."""
    new = PriceList(PriceListId.new(), name.strip(), currency, tax_inclusive, is_default, uow.now)
    if not await price_store.insert_price_list(uow, new):
        raise NameTaken(f"the name is taken, or {currency} has a default list", param="name")
    after = {"name": new.name, "currency": currency.code, "tax_inclusive": tax_inclusive}
    await audit.record(uow, action="catalogue.price_list.add", subject=("price_list", str(new.id)), after=after)
    return new


async def rename_price_list(uow: UnitOfWork, list_id: PriceListId, name: str) -> PriceList:
    """Call a price list otherwise. Raises PriceListMissing, PriceListArchived or NameTaken."""
    before = await _in_use(uow, list_id)
    return await _save_list(uow, "rename", before, replace(before, name=name.strip()))


async def archive_price_list(uow: UnitOfWork, list_id: PriceListId) -> PriceList:
    """Take a price list out of use: who bought by it buys by the standard one from now on, and its prices are kept.

    Raises PriceListMissing or PriceListStandard; one that is archived already stays so.
    """
    before = await get_price_list(uow, list_id, lock=True)
    if before.is_default:
        raise PriceListStandard(f"{before.name} is the standard list in {before.currency}")
    customers = await price_store.drop_customers_of(uow, list_id)
    return await _save_list(uow, "archive", before, replace(before, state=State.ARCHIVED), customers=customers)


async def restore_price_list(uow: UnitOfWork, list_id: PriceListId) -> PriceList:
    """Take an archived list into use again; nobody buys by it yet. Raises PriceListMissing or NameTaken."""
    before = await get_price_list(uow, list_id, lock=True)
    return await _save_list(uow, "restore", before, replace(before, state=State.ACTIVE))


async def _save_list(uow: UnitOfWork, act: str, before: PriceList, after: PriceList, **more: int) -> PriceList:
    if before == after:
        return after
    if not await price_store.save_price_list(uow, after):
        raise NameTaken(f"a price list in use is called {after.name}", param="name")
    told = [{"name": each.name, "state": each.state.value} for each in (before, after)]
    subject = ("price_list", str(after.id))
    await audit.record(uow, action=f"catalogue.price_list.{act}", subject=subject, before=told[0], after=told[1] | more)
    return after


async def get_price_list(uow: UnitOfWork, list_id: PriceListId, *, lock: bool = False) -> PriceList:
    """One price list, archived or not. Raises PriceListMissing."""
    found = await price_store.price_list_by_id(uow, list_id, lock=lock)
    if found is None:
        raise PriceListMissing(f"there is no price list {list_id}")
    return found


async def _in_use(uow: UnitOfWork, list_id: PriceListId) -> PriceList:
    """A price list, which stays as it is until the commit. Raises PriceListMissing or PriceListArchived."""
    found = await get_price_list(uow, list_id, lock=True)
    if found.state is State.ARCHIVED:
        raise PriceListArchived(f"{found.name} is archived", param="price_list_id")
    return found


async def set_price(uow: UnitOfWork, product_id: ProductId, list_id: PriceListId, amount: Money) -> Price:
    """Set a product's price.

    Raises ProductMissing, PriceListMissing, PriceListArchived, or ProductUnfit for another currency.
    """
    its_list = await _in_use(uow, list_id)
    if await store.product_by_id(uow, product_id) is None:
        raise ProductMissing(f"there is no product {product_id}")
    if amount.currency != its_list.currency:
        raise ProductUnfit(f"{its_list.name} is in {its_list.currency}", param="amount")
    await _put(uow, product_id, its_list, require_price(amount))
    return Price(product_id, its_list, amount)


async def set_default_price(uow: UnitOfWork, product_id: ProductId, amount: Money) -> None:
    """Set a known product's price in its currency's default list, which is made when there is none."""
    its_list = await default_list(uow, amount.currency)
    await _put(uow, product_id, its_list, require_price(amount))


async def set_default_prices(uow: UnitOfWork, prices: Sequence[tuple[ProductId, Money]]) -> None:
    """As `set_default_price`, for many known products at once."""
    lists = {currency: await default_list(uow, currency) for currency in {amount.currency for _, amount in prices}}
    new = [Price(product_id, lists[amount.currency], require_price(amount)) for product_id, amount in prices]
    await price_store.put_prices(uow, new)
    acts = [audit.Act(("product", str(each.product_id)), None, _noted(each.price_list, each.amount)) for each in new]
    await audit.record_many(uow, "catalogue.price.set", acts)


async def default_list(uow: UnitOfWork, currency: Currency) -> PriceList:
    """The default price list of a currency; the first one is made with prices without tax."""
    found = await price_store.default_price_list(uow, currency)
    if found is not None:
        return found
    name = f"{STANDARD} {currency}"
    return await add_price_list(uow, name, currency, tax_inclusive=False, is_default=True)


async def remove_price(uow: UnitOfWork, product_id: ProductId, list_id: PriceListId) -> None:
    """Take a product out of a price list; one that is not in it stays out. Raises PriceListMissing."""
    its_list = await get_price_list(uow, list_id)
    await price_store.remove_price(uow, product_id, its_list.id)
    subject = ("product", str(product_id))
    await audit.record(uow, action="catalogue.price.remove", subject=subject, after={"price_list": str(list_id)})


async def set_customer_list(
    uow: UnitOfWork, party_id: PartyId, currency: Currency, list_id: PriceListId | None
) -> list[PriceList]:
    """Say by which list a customer buys in a currency, None for the default; the customer's lists afterwards.

    Raises PartyMissing, PriceListMissing, PriceListArchived, or ProductUnfit for a list in another currency.
    """
    await _require_party(uow, party_id)
    if list_id is None:
        await price_store.drop_customer_list(uow, party_id, currency)
    else:
        its_list = await _in_use(uow, list_id)
        if its_list.currency != currency:
            raise ProductUnfit(f"{its_list.name} is in {its_list.currency}", param="price_list_id")
        await price_store.put_customer_list(uow, party_id, its_list)
    after = {"currency": currency.code, "price_list": str(list_id) if list_id else None}
    await audit.record(uow, action="catalogue.customer_list", subject=("party", str(party_id)), after=after)
    return await customer_lists(uow, party_id)


async def customer_lists(uow: UnitOfWork, party_id: PartyId) -> list[PriceList]:
    """The price lists by which a customer buys instead of the default ones, by currency. Raises PartyMissing."""
    await _require_party(uow, party_id)
    found = await price_store.lists_of_customer(uow, party_id)
    return [await get_price_list(uow, found[code]) for code in sorted(found)]


async def _require_party(uow: UnitOfWork, party_id: PartyId) -> None:
    if party_id not in await parties.tiers(uow, [party_id]):
        raise parties.PartyMissing(f"there is no party {party_id}", param="party_id")


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Prices of products, and by which lists customers buy instead of the default ones."""

    prices: Mapping[ProductId, Sequence[Price]]
    own: Mapping[PartyId, Set[PriceListId]]

    def of(self, product_id: ProductId, party_id: PartyId | None) -> list[Price]:
        """What a customer pays, one price for each currency: by their own list, else by the default."""
        own = self.own.get(party_id, set()) if party_id else set[PriceListId]()
        by_currency: dict[str, Price] = {}
        # The customer's own list has the last word.
        for each in sorted(self.prices.get(product_id, ()), key=lambda price: price.price_list.id in own):
            if each.price_list.is_default or each.price_list.id in own:
                by_currency[each.price_list.currency.code] = each
        return list(by_currency.values())


async def price_book(uow: UnitOfWork, ids: Sequence[ProductId], customers: Sequence[PartyId]) -> PriceBook:
    """What these customers pay for these products, with few statements however many they are."""
    own = await price_store.lists_of_customers(uow, customers) if customers else {}
    return PriceBook(await price_store.prices_of(uow, ids), own)


async def prices_for(uow: UnitOfWork, ids: Sequence[ProductId], party_id: PartyId) -> dict[ProductId, list[Price]]:
    """What a customer pays for each product, one price for each currency: by their own list, else by the default."""
    book = await price_book(uow, ids, [party_id])
    return {each: book.of(each, party_id) for each in ids}


async def price_of(
    uow: UnitOfWork, product_id: ProductId, currency: Currency, list_id: PriceListId | None = None
) -> Price | None:
    """A product's price in a currency: in this list when it has one there, else in the default list."""
    prices = (await price_store.prices_of(uow, [product_id]))[product_id]
    fitting = [each for each in prices if each.price_list.currency == currency]
    named = [each for each in fitting if each.price_list.id == list_id]
    return next(iter(named or [each for each in fitting if each.price_list.is_default]), None)


async def _put(uow: UnitOfWork, product_id: ProductId, its_list: PriceList, amount: Money) -> None:
    await price_store.put_price(uow, product_id, its_list.id, amount)
    subject = ("product", str(product_id))
    await audit.record(uow, action="catalogue.price.set", subject=subject, after=_noted(its_list, amount))


def _noted(its_list: PriceList, amount: Money) -> dict[str, str | int]:
    return {"price_list": its_list.name, "amount_minor": amount.minor, "currency": amount.currency.code}
