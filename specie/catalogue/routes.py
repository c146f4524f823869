"""Products, prices and taxes over HTTP."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from specie import parties
from specie.catalogue import errors, price_store, pricing, service, store
from specie.catalogue.model import Price, PriceListId, Product, ProductId, ProductKind, State, TaxRateId, key_of
from specie.catalogue.schemas import (
    CustomerPriceListIn,
    PriceIn,
    PriceListChange,
    PriceListIn,
    PriceListOut,
    PriceListsOut,
    PriceOut,
    ProductChange,
    ProductIn,
    ProductOut,
    TaxCalculationIn,
    TaxCalculationOut,
    TaxRateIn,
    TaxRateOut,
    TaxRatesOut,
    ppm_of,
)
from specie.catalogue.store import ProductFilter
from specie.catalogue.taxes import Totals, calculate
from specie.kernel.ids import PartyId
from specie.kernel.money import AmountOutOfRange, Currency
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import CurrencyCode, ListOf, SearchText, id_text

router = ApiRouter(tags=["Catalogue"])

Limit = Annotated[int, Query(ge=1, le=100)]
_READ, _WRITE = Permission.CATALOGUE_READ, Permission.CATALOGUE_WRITE
_LIST = "products"
_SAID = (
    *(errors.SkuTaken, errors.BarcodeTaken, errors.ProductUnfit),
    *(errors.TaxRateMissing, errors.TaxRateArchived),
)
Priced = tuple[Product, list[Price]]


def _out(found: Priced) -> ProductOut:
    return ProductOut.of(*found)


async def _priced(uow: UnitOfWork, product: Product) -> Priced:
    return product, (await price_store.prices_of(uow, [product.id]))[product.id]


@router.get("/products", response_model=ListOf[ProductOut])
async def list_products(
    edge: Edge = requires(_READ),
    q: Annotated[SearchText | None, Query(description="Beginnings of words of name, SKU or barcode")] = None,
    kind: ProductKind | None = None,
    status: State | None = None,
    customer_id: Annotated[
        str | None, Query(description="Show only what this customer pays, one price for each currency")
    ] = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Products and services by name."""
    customer = id_text(PartyId, customer_id, "customer_id") if customer_id else None
    key = edge.cursor(_LIST, cursor)
    after = (str(key[0]), UUID(key[1])) if key else None

    async def read(uow: UnitOfWork) -> Page[ProductOut]:
        found = await store.find_products(uow, ProductFilter(q, kind, status), after, limit)
        page = Page.cut(found, limit, key=lambda product: (key_of(product.name), str(product.id.uuid)))
        ids = [product.id for product in page.items]
        prices = await (pricing.prices_for(uow, ids, customer) if customer else price_store.prices_of(uow, ids))
        return page.map(lambda product: ProductOut.of(product, prices[product.id]))

    return edge.page(_LIST, await edge.read(read), lambda shown: shown)


@router.post("/products", status_code=201, response_model=ProductOut)
@refuses(*_SAID)
async def add_product(body: ProductIn, edge: Edge = requires(_WRITE)) -> Response:
    """Add a product or service."""

    async def work(uow: UnitOfWork) -> Priced:
        price = body.price.money() if body.price else None
        return await _priced(uow, await service.add_product(uow, body.said(), price))

    return await edge.write(work, _out, status=201)


@router.get("/products/by-barcode", response_model=ProductOut)
@refuses(errors.ProductMissing)
async def product_by_barcode(
    barcode: Annotated[SearchText, Query(min_length=1, max_length=48)], edge: Edge = requires(_READ)
) -> ProductOut:
    """The product that a scanner has read."""

    async def read(uow: UnitOfWork) -> Priced:
        return await _priced(uow, await service.by_barcode(uow, barcode))

    return _out(await edge.read(read))


@router.get("/products/{product_id}", response_model=ProductOut)
@refuses(errors.ProductMissing)
async def show_product(product_id: str, edge: Edge = requires(_READ)) -> ProductOut:
    """One product with its prices."""
    wanted = id_text(ProductId, product_id, "product_id")

    async def read(uow: UnitOfWork) -> Priced:
        return await _priced(uow, await service.get_product(uow, wanted))

    return _out(await edge.read(read))


@router.put("/products/{product_id}", response_model=ProductOut)
@refuses(errors.ProductMissing, errors.ProductChanged, *_SAID)
async def change_product(product_id: str, body: ProductChange, edge: Edge = requires(_WRITE)) -> Response:
    """Describe a product anew; documents that exist keep what they say."""
    wanted = id_text(ProductId, product_id, "product_id")

    async def work(uow: UnitOfWork) -> Priced:
        changed = await service.change_product(uow, wanted, body.said(), body.version)
        if body.price is not None:
            await pricing.set_default_price(uow, wanted, body.price.money())
        return await _priced(uow, changed)

    return await edge.write(work, _out)


@router.post("/products/{product_id}/archive", response_model=ProductOut)
@refuses(errors.ProductMissing)
async def archive_product(product_id: str, edge: Edge = requires(_WRITE)) -> Response:
    """Take a product out of everything new."""
    return await _set_state(edge, product_id, State.ARCHIVED)


@router.post("/products/{product_id}/restore", response_model=ProductOut)
@refuses(errors.ProductMissing)
async def restore_product(product_id: str, edge: Edge = requires(_WRITE)) -> Response:
    """Take an archived product into use again."""
    return await _set_state(edge, product_id, State.ACTIVE)


async def _set_state(edge: Edge, product_id: str, state: State) -> Response:
    wanted = id_text(ProductId, product_id, "product_id")

    async def work(uow: UnitOfWork) -> Priced:
        return await _priced(uow, await service.set_state(uow, wanted, state))

    return await edge.write(work, _out)


@router.put("/products/{product_id}/prices/{price_list_id}", response_model=PriceOut)
@refuses(errors.ProductMissing, errors.PriceListMissing, errors.PriceListArchived, errors.ProductUnfit)
async def set_price(product_id: str, price_list_id: str, body: PriceIn, edge: Edge = requires(_WRITE)) -> Response:
    """Set what a unit costs by a price list."""
    wanted = id_text(ProductId, product_id, "product_id")
    its_list = id_text(PriceListId, price_list_id, "price_list_id")

    async def work(uow: UnitOfWork) -> Price:
        return await pricing.set_price(uow, wanted, its_list, body.amount.money())

    return await edge.write(work, PriceOut.of)


@router.delete("/products/{product_id}/prices/{price_list_id}", response_model=ProductOut)
@refuses(errors.ProductMissing, errors.PriceListMissing)
async def remove_price(product_id: str, price_list_id: str, edge: Edge = requires(_WRITE)) -> Response:
    """Take a product out of a price list."""
    wanted = id_text(ProductId, product_id, "product_id")
    its_list = id_text(PriceListId, price_list_id, "price_list_id")

    async def work(uow: UnitOfWork) -> Priced:
        product = await service.get_product(uow, wanted)
        await pricing.remove_price(uow, wanted, its_list)
        return await _priced(uow, product)

    return await edge.write(work, _out)


@router.get("/price-lists", response_model=PriceListsOut)
async def list_price_lists(
    edge: Edge = requires(_READ), status: Literal["active", "archived"] = "active"
) -> PriceListsOut:
    """The price lists in use, or those archived."""
    found = await edge.read(lambda uow: price_store.price_lists(uow, State(status)))
    return PriceListsOut(data=[PriceListOut.of(each) for each in found])


@router.patch("/price-lists/{price_list_id}", response_model=PriceListOut)
@refuses(errors.PriceListMissing, errors.PriceListArchived, errors.NameTaken)
async def rename_price_list(price_list_id: str, body: PriceListChange, edge: Edge = requires(_WRITE)) -> Response:
    """Call a price list otherwise."""
    wanted = id_text(PriceListId, price_list_id, "price_list_id")
    return await edge.write(lambda uow: pricing.rename_price_list(uow, wanted, body.name), PriceListOut.of)


@router.post("/price-lists/{price_list_id}/archive", response_model=PriceListOut)
@refuses(errors.PriceListMissing, errors.PriceListStandard)
async def archive_price_list(price_list_id: str, edge: Edge = requires(_WRITE)) -> Response:
    """Take a price list out of use; who bought by it buys by the standard one from now on, and its name is free."""
    wanted = id_text(PriceListId, price_list_id, "price_list_id")
    return await edge.write(lambda uow: pricing.archive_price_list(uow, wanted), PriceListOut.of)


@router.post("/price-lists/{price_list_id}/restore", response_model=PriceListOut)
@refuses(errors.PriceListMissing, errors.NameTaken)
async def restore_price_list(price_list_id: str, edge: Edge = requires(_WRITE)) -> Response:
    """Take an archived price list into use again, with the prices it had; nobody buys by it yet."""
    wanted = id_text(PriceListId, price_list_id, "price_list_id")
    return await edge.write(lambda uow: pricing.restore_price_list(uow, wanted), PriceListOut.of)


@router.get("/customer-price-lists/{party_id}", response_model=PriceListsOut)
@refuses(parties.PartyMissing)
async def show_customer_lists(party_id: str, edge: Edge = requires(_READ)) -> PriceListsOut:
    """The lists by which a customer buys instead of the default ones, at most one for each currency."""
    customer = id_text(PartyId, party_id, "party_id")
    found = await edge.read(lambda uow: pricing.customer_lists(uow, customer))
    return PriceListsOut(data=[PriceListOut.of(each) for each in found])


@router.put("/customer-price-lists/{party_id}/{currency}", response_model=PriceListsOut)
@refuses(parties.PartyMissing, errors.PriceListMissing, errors.PriceListArchived, errors.ProductUnfit)
async def set_customer_list(
    party_id: str, currency: CurrencyCode, body: CustomerPriceListIn, edge: Edge = requires(_WRITE)
) -> Response:
    """Say by which list a customer buys in a currency: lines without a price, and the forms, take it from there."""
    customer, money = id_text(PartyId, party_id, "party_id"), Currency.of(currency)
    wanted = id_text(PriceListId, body.price_list_id, "price_list_id") if body.price_list_id else None
    return await edge.write(
        lambda uow: pricing.set_customer_list(uow, customer, money, wanted),
        lambda found: PriceListsOut(data=[PriceListOut.of(each) for each in found]),
    )


@router.post("/price-lists", status_code=201, response_model=PriceListOut)
@refuses(errors.NameTaken)
async def add_price_list(body: PriceListIn, edge: Edge = requires(_WRITE)) -> Response:
    """Add a price list."""
    currency = Currency.of(body.currency)
    return await edge.write(
        lambda uow: pricing.add_price_list(
            uow, body.name, currency, tax_inclusive=body.tax_inclusive, is_default=body.is_default
        ),
        PriceListOut.of,
        status=201,
    )


@router.get("/tax-rates", response_model=TaxRatesOut)
async def list_tax_rates(edge: Edge = requires(_READ)) -> TaxRatesOut:
    """Every tax rate, those in use first."""
    return TaxRatesOut(data=[TaxRateOut.of(each) for each in await edge.read(price_store.tax_rates)])


@router.post("/tax-rates", status_code=201, response_model=TaxRateOut)
@refuses(errors.NameTaken)
async def add_tax_rate(body: TaxRateIn, edge: Edge = requires(_WRITE)) -> Response:
    """Add a tax rate; a rate never changes, so that a document always means what it says."""
    return await edge.write(
        lambda uow: pricing.add_tax_rate(uow, body.name, ppm_of(body.percent)), TaxRateOut.of, status=201
    )


@router.post("/tax-rates/{tax_rate_id}/archive", response_model=TaxRateOut)
@refuses(errors.TaxRateMissing)
async def archive_tax_rate(tax_rate_id: str, edge: Edge = requires(_WRITE)) -> Response:
    """Take a tax rate out of use; its name is free for another rate."""
    wanted = id_text(TaxRateId, tax_rate_id, "tax_rate_id")
    return await edge.write(lambda uow: pricing.archive_tax_rate(uow, wanted), TaxRateOut.of)


@router.post("/tax-calculations", response_model=TaxCalculationOut)
@refuses(errors.LineUnfit, errors.TaxRateMissing, AmountOutOfRange)
async def calculate_taxes(body: TaxCalculationIn, edge: Edge = requires(_READ)) -> TaxCalculationOut:
    """Work out lines with discounts and taxes; nothing is written."""

    async def read(uow: UnitOfWork) -> Totals:
        rates = await pricing.require_known(uow, list({each for line in body.lines for each in line.rates()}))
        return calculate([line.priced(rates) for line in body.lines], body.money(), body.by())

    return TaxCalculationOut.of(await edge.read(read))
