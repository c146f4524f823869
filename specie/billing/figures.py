"""What the lines of a document come to; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from specie.billing.errors import LineInvalid
from specie.billing.model import Figures, Line, TaxPart
from specie.kernel.money import Currency, Money


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax a line bears: its code, name and rate as a fraction of one."""

    code: str
    name: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line as it is written. `discount` is a fraction of one; the price is minor units for one."""

    description: str
    quantity: Decimal
    unit_price_minor: int
    unit: str = ""
    discount: Decimal = Decimal(0)
    taxes: tuple[TaxRate, ...] = ()
    product_id: str | None = None


def work_out(drafts: Sequence[LineDraft], currency: Currency, *, includes_tax: bool) -> Figures:
    """The lines priced, and each tax on all of them. Raises LineInvalid that names the line."""
    lines = [_priced(n, draft, currency, includes_tax) for n, draft in enumerate(drafts, start=1)]
    found: dict[str, TaxPart] = {}
    for part in (part for line in lines for part in line.taxes):
        have = found.get(part.code, TaxPart(part.code, part.name, part.rate, 0, 0))
        found[part.code] = TaxPart(
            part.code, part.name, part.rate, have.base_minor + part.base_minor, have.tax_minor + part.tax_minor
        )
    return Figures(lines, list(found.values()))


def _priced(n: int, draft: LineDraft, currency: Currency, includes_tax: bool) -> Line:
    _require_fit(n, draft)
    amount = _rounded(draft.quantity * draft.unit_price_minor * (1 - draft.discount))
    rate = sum((tax.rate for tax in draft.taxes), Decimal(0))
    taxes = [_rounded(amount * tax.rate / (1 + rate if includes_tax else 1)) for tax in draft.taxes]
    net = amount - sum(taxes) if includes_tax else amount
    return Line(
        n=n,
        description=draft.description,
        quantity=draft.quantity,
        unit=draft.unit,
        unit_price_minor=draft.unit_price_minor,
        discount=draft.discount,
        taxes=[
            TaxPart(tax.code, tax.name, tax.rate, net, minor) for tax, minor in zip(draft.taxes, taxes, strict=True)
        ],
        net_minor=Money(net, currency).minor,
        product_id=draft.product_id,
    )


def _require_fit(n: int, draft: LineDraft) -> None:
    wrong = {
        "quantity": draft.quantity <= 0,
        "unit_price": draft.unit_price_minor < 0,
        "discount": not 0 <= draft.discount <= 1,
        "taxes": any(not 0 <= tax.rate <= 1 for tax in draft.taxes)
        or len({tax.code for tax in draft.taxes}) < len(draft.taxes),
    }
    for field, is_wrong in wrong.items():
        if is_wrong:
            raise LineInvalid(f"line {n} has a {field} that no invoice may have", param=f"lines.{n - 1}.{field}")


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))
