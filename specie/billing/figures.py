"""What the lines of a document come to: the catalogue's calculation, with the names of its taxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from specie import catalogue
from specie.billing.errors import LineInvalid
from specie.billing.model import Figures, Line, TaxPart
from specie.catalogue import Discount, LineTotals, LineUnfit, PricedLine, ProductId, Rounding, Tax, TaxRate, TaxRateId
from specie.kernel.money import Currency, Money
from specie.kernel.quantity import Quantity, QuantityInvalid
from specie.platform.db import UnitOfWork

_WHOLE = 1_000_000


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line as it is written. `discount` is a fraction of one; the price is minor units for one."""

    description: str
    quantity: Decimal
    unit_price_minor: int
    unit: str = ""
    discount: Decimal = Decimal(0)
    taxes: tuple[TaxRateId, ...] = ()
    product_id: ProductId | None = None


async def figures_of(
    uow: UnitOfWork, drafts: Sequence[LineDraft], currency: Currency, *, includes_tax: bool, agreed: bool = False
) -> Figures:
    """The lines priced, and each tax on all of them; lines that were `agreed` keep tax rates archived since.

    Raises LineInvalid that names the line, TaxRateMissing, TaxRateArchived, ProductMissing or AmountOutOfRange.
    """
    require = catalogue.require_known if agreed else catalogue.require_tax_rates
    rates = await require(uow, list({tax for draft in drafts for tax in draft.taxes}))
    await catalogue.require_products(uow, [draft.product_id for draft in drafts if draft.product_id is not None])
    return work_out(drafts, rates, currency, includes_tax=includes_tax)


def work_out(
    drafts: Sequence[LineDraft], rates: Mapping[TaxRateId, TaxRate], currency: Currency, *, includes_tax: bool
) -> Figures:
    """The lines priced with these rates, and each tax on all of them. Raises LineInvalid that names the line."""
    priced = [_priced(n, draft, rates, currency, includes_tax) for n, draft in enumerate(drafts)]
    totals = catalogue.calculate(priced, currency, Rounding.LINE)
    names = {str(rate.id): rate.name for rate in rates.values()}
    lines = [
        _line(n, draft, worked, names) for n, (draft, worked) in enumerate(zip(drafts, totals.lines, strict=True), 1)
    ]
    return Figures(lines, [_part(total.tax, total.net, total.amount, names) for total in totals.taxes])


def _priced(
    n: int, draft: LineDraft, rates: Mapping[TaxRateId, TaxRate], currency: Currency, includes_tax: bool
) -> PricedLine:
    try:
        return PricedLine(
            quantity=Quantity.parse(f"{draft.quantity:f}"),
            unit_price=Money(draft.unit_price_minor, currency),
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
        unit_price_minor=draft.unit_price_minor,
        discount=draft.discount,
        taxes=[_part(tax, worked.net, amount, names) for tax, amount in worked.taxes],
        net_minor=worked.net.minor,
        product_id=str(draft.product_id) if draft.product_id else None,
    )


def _part(tax: Tax, base: Money, amount: Money, names: Mapping[str, str]) -> TaxPart:
    return TaxPart(tax.rate_id, names[tax.rate_id], Decimal(tax.ppm) / _WHOLE, base.minor, amount.minor)
