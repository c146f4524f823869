"""Wire shapes of the catalogue."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from specie.catalogue.importing import MOST_SHOWN, Fate, Judged, Row
from specie.catalogue.model import (
    ImportRun,
    Particulars,
    Price,
    PriceList,
    Product,
    ProductKind,
    TaxRate,
    TaxRateId,
)
from specie.catalogue.taxes import Discount, LineTotals, PricedLine, Rounding, Tax, Totals
from specie.kernel.money import Currency
from specie.kernel.quantity import Quantity
from specie.platform.http import Schema
from specie.platform.wire import Amount, CurrencyCode, QuantityText, id_text

Name = Annotated[str, Field(min_length=1, max_length=200)]
Kind = Literal["product", "service"]
PercentText = Annotated[
    str, Field(pattern=r"^(100(\.0{1,4})?|[0-9]{1,2}(\.[0-9]{1,4})?)$", examples=["11", "8.875"], description="Percent")
]


def ppm_of(percent: str) -> int:
    """Parts per million of a percentage as text."""
    return Quantity.parse(percent).millionths // 100


def percent_of(ppm: int) -> str:
    """A rate in parts per million as percentage."""
    return str(Quantity(ppm * 100))


class ProductIn(Schema):
    """A product or service as somebody describes it. A price goes into its currency's default price list."""

    kind: Kind = "product"
    name: Name = Field(examples=["Kopi Gayo 1 kg"])
    sku: Annotated[str, Field(min_length=1, max_length=60)] = Field(examples=["GAYO-1"])
    unit: Annotated[str, Field(min_length=1, max_length=20)] = Field("pcs", examples=["bag"])
    barcode: Annotated[str, Field(max_length=48)] | None = None
    description: Annotated[str, Field(max_length=2000)] = ""
    tax_rate_ids: Annotated[list[str], Field(max_length=5)] = Field(
        default_factory=list, description="Taxes put on a new line of this product"
    )
    price: Amount | None = None

    def said(self) -> Particulars:
        """What it says, cleaned. Raises ProductUnfit or InvalidId."""
        return Particulars.checked(
            kind=ProductKind(self.kind),
            name=self.name,
            sku=self.sku,
            unit=self.unit,
            barcode=self.barcode,
            description=self.description,
            taxes=tuple(id_text(TaxRateId, each, "tax_rate_ids") for each in self.tax_rate_ids),
        )


class ProductChange(ProductIn):
    """A product as it should be from now on; `version` refuses a change of what somebody else has changed."""

    version: Annotated[int, Field(ge=1)] | None = None


class PriceListOut(Schema):
    """Prices in a currency."""

    id: str
    name: str
    currency: str
    tax_inclusive: bool
    is_default: bool
    status: Literal["active", "archived"]

    @classmethod
    def of(cls, found: PriceList) -> "PriceListOut":
        """The wire form."""
        return cls(
            id=str(found.id),
            name=found.name,
            currency=found.currency.code,
            tax_inclusive=found.tax_inclusive,
            is_default=found.is_default,
            status=found.state.value,
        )


class PriceOut(Schema):
    """What a unit costs by a price list."""

    price_list: PriceListOut
    amount: Amount

    @classmethod
    def of(cls, price: Price) -> "PriceOut":
        """The wire form."""
        return cls(price_list=PriceListOut.of(price.price_list), amount=Amount.of(price.amount))


class ProductOut(Schema):
    """A product or service with its prices."""

    id: str
    kind: str
    name: str
    sku: str
    barcode: str | None
    unit: str
    description: str
    tax_rate_ids: list[str]
    status: str = Field(description="active or archived")
    version: int
    prices: list[PriceOut]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, found: Product, prices: list[Price]) -> "ProductOut":
        """The wire form."""
        return cls(
            id=str(found.id),
            kind=str(found.kind),
            name=found.name,
            sku=found.sku,
            barcode=found.barcode,
            unit=found.unit,
            description=found.description,
            tax_rate_ids=[str(each) for each in found.taxes],
            status=str(found.state),
            version=found.version,
            prices=[PriceOut.of(each) for each in prices],
            created_at=found.created_at,
            updated_at=found.updated_at,
        )


class PriceListIn(Schema):
    """A price list to add."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    currency: CurrencyCode
    tax_inclusive: bool = False
    is_default: bool = False


class PriceListChange(Schema):
    """What a price list is to be called."""

    name: Annotated[str, Field(min_length=1, max_length=80)]


class CustomerPriceListIn(Schema):
    """By which list a customer buys in a currency."""

    price_list_id: str | None = Field(description="Null: by the default list")


class PriceListsOut(Schema):
    """Price lists, by currency."""

    data: list[PriceListOut]


class PriceIn(Schema):
    """A price for one unit."""

    amount: Amount


class TaxRateIn(Schema):
    """A tax rate to add; several may stand on one line and are added up."""

    name: Annotated[str, Field(min_length=1, max_length=80)] = Field(examples=["PPN 11 %"])
    percent: PercentText


class TaxRateOut(Schema):
    """A tax and how much of the net it is."""

    id: str
    name: str
    percent: str
    status: str = Field(description="active or archived")

    @classmethod
    def of(cls, found: TaxRate) -> "TaxRateOut":
        """The wire form."""
        return cls(id=str(found.id), name=found.name, percent=percent_of(found.ppm), status=str(found.state))


class TaxRatesOut(Schema):
    """Every tax rate, those in use first."""

    data: list[TaxRateOut]


class TaxedLineIn(Schema):
    """A line to calculate. A discount is a percentage or an amount; prices are with tax when `tax_inclusive`."""

    quantity: QuantityText
    unit_price: Amount
    discount_percent: PercentText | None = None
    discount: Amount | None = None
    tax_rate_ids: Annotated[list[str], Field(max_length=5)] = Field(default_factory=list)
    tax_inclusive: bool = False

    def rates(self) -> list[TaxRateId]:
        """The ids of its tax rates."""
        return [id_text(TaxRateId, each, "tax_rate_ids") for each in self.tax_rate_ids]

    def priced(self, rates: dict[TaxRateId, TaxRate]) -> PricedLine:
        """The line as the calculation takes it. Raises LineUnfit."""
        off = Discount(ppm_of(self.discount_percent or "0"), self.discount.money() if self.discount else None)
        taxes: tuple[Tax, ...] = tuple(rates[each].tax for each in self.rates())
        return PricedLine(Quantity.parse(self.quantity), self.unit_price.money(), off, taxes, self.tax_inclusive)


class TaxCalculationIn(Schema):
    """Lines to calculate. Tax is rounded on each line, or once for all lines with the same rates."""

    currency: CurrencyCode
    rounding: Literal["line", "total"] = "line"
    lines: Annotated[list[TaxedLineIn], Field(min_length=1, max_length=200)]

    def money(self) -> Currency:
        """The currency."""
        return Currency.of(self.currency)

    def by(self) -> Rounding:
        """Where tax is rounded."""
        return Rounding(self.rounding)


class TaxedLineOut(Schema):
    """A line worked out; `listed` is before the discount."""

    listed: Amount
    discount: Amount
    net: Amount
    tax: Amount
    gross: Amount

    @classmethod
    def of(cls, line: LineTotals) -> "TaxedLineOut":
        """The wire form."""
        names = ("listed", "discount", "net", "tax", "gross")
        return cls(**{name: Amount.of(getattr(line, name)) for name in names})


class TaxTotalOut(Schema):
    """What a document has of one rate."""

    tax_rate_id: str
    percent: str
    net: Amount
    tax: Amount


class TaxCalculationOut(Schema):
    """A document worked out: net and tax are gross, on each line and in all."""

    lines: list[TaxedLineOut]
    taxes: list[TaxTotalOut]
    discount: Amount
    net: Amount
    tax: Amount
    gross: Amount

    @classmethod
    def of(cls, worked: Totals) -> "TaxCalculationOut":
        """The wire form."""
        return cls(
            lines=[TaxedLineOut.of(line) for line in worked.lines],
            taxes=[
                TaxTotalOut(
                    tax_rate_id=each.tax.rate_id,
                    percent=percent_of(each.tax.ppm),
                    net=Amount.of(each.net),
                    tax=Amount.of(each.amount),
                )
                for each in worked.taxes
            ],
            **{name: Amount.of(getattr(worked, name)) for name in ("discount", "net", "tax", "gross")},
        )


class ImportRowOut(Schema):
    """What becomes of a row of a file: new, changed, same or refused."""

    number: int = Field(description="Its row in the file")
    status: str
    name: str
    sku: str
    code: str | None
    field: str | None
    problem: str | None
    warning: str | None

    @classmethod
    def of(cls, row: Row) -> "ImportRowOut":
        """The wire form."""
        return cls(
            number=row.number,
            status=str(row.fate),
            name=row.name,
            sku=row.sku,
            code=row.code,
            field=row.field,
            problem=row.problem,
            warning=row.warning,
        )


class ProductImportOut(Schema):
    """A file judged, and taken in unless this was a dry run. `rows` are the first 200, refused and doubtful first."""

    new: int
    changed: int
    same: int
    refused: int
    rows: list[ImportRowOut]

    @classmethod
    def of(cls, judged: Judged) -> "ProductImportOut":
        """The wire form."""
        telling = sorted(judged.rows, key=lambda row: (row.fate is not Fate.REFUSED, row.warning is None, row.number))
        return cls(
            new=judged.count(Fate.NEW),
            changed=judged.count(Fate.CHANGED),
            same=judged.count(Fate.SAME),
            refused=judged.count(Fate.REFUSED),
            rows=[ImportRowOut.of(row) for row in telling[:MOST_SHOWN]],
        )


class ProductImportRunOut(Schema):
    """A long file of products. `rows` are the first 200 worth a look, refused ones first."""

    id: str
    name: str
    status: Literal["waiting", "done", "refused"] = Field(
        description="Done: all of it, or all but the refused rows where they are left out. Refused: none of it"
    )
    skip_refused: bool
    total_rows: int
    done_rows: int = Field(description="How many rows have been looked at so far")
    new: int
    changed: int
    same: int
    refused: int
    rows: list[ImportRowOut]
    problem: str | None = Field(description="Why the file as a whole was refused")
    is_known: bool = Field(description="The same file had been sent before; this is what became of it then")
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, run: ImportRun, *, is_known: bool = False) -> "ProductImportRunOut":
        """The wire form."""
        return cls(
            id=str(run.id),
            name=run.name,
            status=run.state.value,
            skip_refused=run.skips_refused,
            total_rows=run.total_rows,
            done_rows=run.done_rows,
            new=run.counts.get("new", 0),
            changed=run.counts.get("changed", 0),
            same=run.counts.get("same", 0),
            refused=run.counts.get("refused", 0),
            rows=[ImportRowOut.model_validate(dict(row)) for row in run.told],
            problem=run.problem,
            is_known=is_known,
            created_at=run.created_at,
            finished_at=run.finished_at,
        )
