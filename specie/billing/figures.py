"""What the lines of a document come to: the catalogue's calculation, with the names of its taxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from specie import catalogue
from specie.billing import store
from specie.billing.errors import LineInvalid
from specie.billing.model import Figures, Line, LineDraft, TaxPart
from specie.catalogue import (
    Discount,
    LineTotals,
    LineUnfit,
    Price,
    PriceBook,
    PricedLine,
    Product,
    ProductId,
    Rounding,
    Tax,
    TaxRate,
    TaxRateId,
)
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.quantity import Quantity, QuantityInvalid
from specie.platform.db import UnitOfWork

_WHOLE = 1_000_000


@dataclass(frozen=True, slots=True)
class Grounds:
    """What documents are worked out by: tax rates, products, what each customer pays, and how the business rounds."""

    rates: Mapping[TaxRateId, TaxRate]
    products: Mapping[ProductId, Product]
    prices: PriceBook
    rounding: Rounding

    def figures(
        self,
        drafts: Sequence[LineDraft],
        currency: Currency,
        *,
        includes_tax: bool,
        customer_id: PartyId | None = None,
        unpriced: int | None = None,
    ) -> Figures:
        """The lines priced, and each tax on all of them.

        A line of a product that says no unit is in the product's. A line without a price gets the customer's; one that
        no list prices is refused, or counts as `unpriced` minor units where it is only shown. Raises LineInvalid that
        names the line, or AmountOutOfRange.
        """

        def priced(n: int, draft: LineDraft) -> LineDraft:
            if draft.unit_price_minor is not None:
                return draft
            found = self.prices.of(draft.product_id, customer_id) if draft.product_id is not None else []
            try:
                return replace(draft, unit_price_minor=_price(n, found, currency, includes_tax=includes_tax))
            except LineInvalid:
                if unpriced is None:
                    raise
                return replace(draft, unit_price_minor=unpriced)

        said = [priced(n, self._in_a_unit(draft)) for n, draft in enumerate(drafts)]
        return work_out(said, self.rates, currency, includes_tax=includes_tax, rounding=self.rounding)

    def _in_a_unit(self, draft: LineDraft) -> LineDraft:
        if draft.unit or draft.product_id is None:
            return draft
        return replace(draft, unit=self.products[draft.product_id].unit)


async def grounds_of(
    uow: UnitOfWork,
    drafts: Sequence[LineDraft],
    customers: Sequence[PartyId],
    *,
    agreed: bool = False,
    rounding: Rounding | None = None,
) -> Grounds:
    """What these lines are worked out by, with few statements however many they are.

    Lines that were `agreed` keep tax rates archived since. Without a rounding the business's own holds. Raises
    TaxRateMissing, TaxRateArchived or ProductMissing.
    """
    require = catalogue.require_known if agreed else catalogue.require_tax_rates
    rates = await require(uow, list({tax for draft in drafts for tax in draft.taxes}))
    wanted = list({one.product_id for one in drafts if one.product_id is not None})
    products = await catalogue.require_products(uow, wanted)
    asked = {one.product_id for one in drafts if one.unit_price_minor is None and one.product_id is not None}
    prices = await catalogue.price_book(uow, list(asked), customers) if asked else PriceBook({}, {})
    return Grounds(rates, products, prices, rounding or (await store.profile(uow)).rounding)


async def figures_of(
    uow: UnitOfWork,
    drafts: Sequence[LineDraft],
    currency: Currency,
    *,
    includes_tax: bool,
    agreed: bool = False,
    customer_id: PartyId | None = None,
    rounding: Rounding | None = None,
) -> Figures:
    """The lines of one document worked out. Raises what `grounds_of` and `Grounds.figures` raise."""
    grounds = await grounds_of(uow, drafts, [customer_id] if customer_id else [], agreed=agreed, rounding=rounding)
    return grounds.figures(drafts, currency, includes_tax=includes_tax, customer_id=customer_id)


def _price(n: int, prices: Sequence[Price], currency: Currency, *, includes_tax: bool) -> int:
    price = next((each for each in prices if each.amount.currency == currency), None)
    where = f"lines.{n}.unit_price"
    if price is None:
        raise LineInvalid(f"line {n + 1}: no price list says what it costs in {currency}", param=where)
    if price.price_list.tax_inclusive != includes_tax:
        told = "with" if price.price_list.tax_inclusive else "without"
        raise LineInvalid(f"line {n + 1}: {price.price_list.name} has prices {told} tax; say a price", param=where)
    return price.amount.minor


def work_out(
    drafts: Sequence[LineDraft],
    rates: Mapping[TaxRateId, TaxRate],
    currency: Currency,
    *,
    includes_tax: bool,
    rounding: Rounding = Rounding.LINE,
) -> Figures:
    """The lines priced with these rates, and each tax on all of them. Raises LineInvalid that names the line."""
    priced = [_priced(n, draft, rates, currency, includes_tax) for n, draft in enumerate(drafts)]
    totals = catalogue.calculate(priced, currency, rounding)
    names = {str(rate.id): rate.name for rate in rates.values()}
    lines = [
        _line(n, draft, worked, names) for n, (draft, worked) in enumerate(zip(drafts, totals.lines, strict=True), 1)
    ]
    return Figures(lines, [_part(total.tax, total.net, total.amount, names) for total in totals.taxes])


def _priced(
    n: int, draft: LineDraft, rates: Mapping[TaxRateId, TaxRate], currency: Currency, includes_tax: bool
) -> PricedLine:
    worth = draft.unit_price_minor
    if worth is None:
        raise LineInvalid(f"line {n + 1}: say a price", param=f"lines.{n}.unit_price")
    try:
        return PricedLine(
            quantity=Quantity.parse(f"{draft.quantity:f}"),
            unit_price=Money(worth, currency),
            discount=Discount(ppm=int(draft.discount * _WHOLE)),
            taxes=tuple(rates[tax].tax for tax in draft.taxes),
            inclusive=includes_tax,
        )
    except (LineUnfit, QuantityInvalid) as refused:
        raise LineInvalid(f"line {n + 1}: {refused.detail}", param=f"lines.{n}.{refused.param}") from refused


def _line(n: int, draft: LineDraft, worked: LineTotals, names: Mapping[str, str]) -> Line:
    return Line(
        n=n,
        description=draft.description,
        quantity=draft.quantity,
        unit=draft.unit,
        unit_price_minor=draft.unit_price_minor or 0,
        discount=draft.discount,
        taxes=[_part(tax, worked.net, amount, names) for tax, amount in worked.taxes],
        net_minor=worked.net.minor,
        product_id=str(draft.product_id) if draft.product_id else None,
    )


def _part(tax: Tax, base: Money, amount: Money, names: Mapping[str, str]) -> TaxPart:
    return TaxPart(tax.rate_id, names[tax.rate_id], Decimal(tax.ppm) / _WHOLE, base.minor, amount.minor)
