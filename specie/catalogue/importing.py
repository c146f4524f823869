"""Products from a file by the rules of the form: each row is judged, and good rows are added or changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from specie import audit
from specie.catalogue import price_store, service, store
from specie.catalogue.errors import ImportHasErrors, ProductUnfit
from specie.catalogue.model import Change, Particulars, Product, ProductKind, State, TaxRate, key_of
from specie.kernel.errors import SpecieError
from specie.kernel.money import Currency, Money
from specie.kernel.quantity import amount_in_units
from specie.platform.db import UnitOfWork
from specie.platform.row_files import FileRow

_LOOKED_UP, _AT_ONCE = 1000, 500
MOST_SHOWN = 200


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Row:
    """A row judged: what it says, the product it changes, why it is refused, what looks like a duplicate."""

    number: int
    fate: Fate
    name: str
    sku: str
    said: Particulars | None = None
    price: Money | None = None
    found: Product | None = None
    code: str | None = None
    field: str | None = None
    problem: str | None = None
    warning: str | None = None


@dataclass
class Seen:
    """In which row of a file each SKU, barcode and name stood first."""

    skus: dict[str, int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)


@dataclass
class Judged:
    """A whole file judged."""

    rows: list[Row] = field(default_factory=list)

    def count(self, fate: Fate) -> int:
        """How many rows have this fate."""
        return sum(row.fate is fate for row in self.rows)


async def run(uow: UnitOfWork, rows: Sequence[FileRow], *, skip_refused: bool, is_preview: bool) -> Judged:
    """Judge a file and take its good rows in, all in this unit of work.

    Raises ImportHasErrors, having changed nothing, when a row is refused and refused rows are not to be skipped.
    """
    judged = await judge(uow, rows)
    if is_preview:
        return judged
    refused = judged.count(Fate.REFUSED)
    if refused and not skip_refused:
        raise ImportHasErrors(f"{refused} rows are refused", refused=refused)
    await take_in(uow, judged.rows)
    counts = {str(fate): judged.count(fate) for fate in Fate}
    await audit.record(uow, action="catalogue.import", subject=("tenant", str(uow.scope.tenant_id)), after=counts)
    return judged


async def take_in(uow: UnitOfWork, rows: Sequence[Row]) -> None:
    """Add and change the products of the good rows."""
    new = [(row.said, row.price) for row in rows if row.fate is Fate.NEW and row.said is not None]
    for start in range(0, len(new), _AT_ONCE):
        await service.add_products(uow, new[start : start + _AT_ONCE])
    other = [
        Change(row.found.id, row.said, row.price)
        for row in rows
        if row.fate is Fate.CHANGED and row.said is not None and row.found is not None
    ]
    for start in range(0, len(other), _AT_ONCE):
        await service.change_products(uow, other[start : start + _AT_ONCE])


async def judge(uow: UnitOfWork, rows: Sequence[FileRow]) -> Judged:
    """What would become of each row; nothing is written."""
    rates, seen, judged = await rates_in_use(uow), Seen(), Judged()
    for start in range(0, len(rows), _LOOKED_UP):
        judged.rows += await judge_part(uow, rows[start : start + _LOOKED_UP], rates, seen)
    return judged


async def rates_in_use(uow: UnitOfWork) -> dict[str, TaxRate]:
    """The tax rates a row may name, by the key of their names."""
    return {key_of(rate.name): rate for rate in await price_store.tax_rates(uow) if rate.state is State.ACTIVE}


async def judge_part(uow: UnitOfWork, part: Sequence[FileRow], rates: dict[str, TaxRate], seen: Seen) -> list[Row]:
    """What would become of some rows of a file, of which the earlier ones have been seen."""
    known = await store.holders_of(uow, [(row.values.get("sku", ""), row.values.get("barcode")) for row in part])
    return [_repeated(_judge(row, known, rates), seen) for row in part]


def told(row: Row) -> dict[str, str | int | None]:
    """A row judged, in plain words."""
    plain = {name: getattr(row, name) for name in ("number", "name", "sku", "code", "field", "problem", "warning")}
    return plain | {"status": str(row.fate)}


def _judge(row: FileRow, known: dict[str, Product], rates: dict[str, TaxRate]) -> Row:
    values = row.values
    name, sku = values.get("name", ""), values.get("sku", "")
    try:
        said, price = _particulars(values, rates), _price(values)
    except SpecieError as refusal:
        return Row(row.number, Fate.REFUSED, name, sku, code=refusal.code, field=refusal.param, problem=refusal.detail)
    found = known.get(f"sku:{key_of(said.sku)}")
    other = known.get(f"barcode:{said.barcode}")
    if other is not None and (found is None or other.id != found.id):
        return Row(
            row.number,
            Fate.REFUSED,
            name,
            sku,
            code="barcode_taken",
            field="barcode",
            problem=f"{other.name} has this barcode",
        )
    fate = Fate.NEW if found is None else Fate.SAME if _says(found) == said and price is None else Fate.CHANGED
    return Row(row.number, fate, said.name, said.sku, said=said, price=price, found=found)


def _repeated(row: Row, seen: Seen) -> Row:
    """A SKU or barcode stands in a file once; a name that does so twice is worth a look."""
    if row.said is None:
        return row
    first = seen.skus.setdefault(key_of(row.said.sku), row.number)
    if first != row.number:
        return replace(
            row, fate=Fate.REFUSED, code="sku_taken", field="sku", problem=f"row {first} has this SKU already"
        )
    if row.said.barcode is not None and (holder := seen.codes.setdefault(row.said.barcode, row.number)) != row.number:
        problem = f"row {holder} has this barcode already"
        return replace(row, fate=Fate.REFUSED, code="barcode_taken", field="barcode", problem=problem)
    like = seen.names.setdefault(key_of(row.said.name), row.number)
    return row if like == row.number else replace(row, warning=f"row {like} has the same name")


def _particulars(values: dict[str, str], rates: dict[str, TaxRate]) -> Particulars:
    kind = (values.get("kind") or "product").lower()
    if kind not in set(ProductKind):
        raise ProductUnfit("kind is product or service", param="kind")
    taxes = []
    for name in filter(None, (part.strip() for part in values.get("tax", "").split("+"))):
        if key_of(name) not in rates:
            raise ProductUnfit(f"no tax rate in use is called {name}", param="tax")
        taxes.append(rates[key_of(name)].id)
    return Particulars.checked(
        kind=ProductKind(kind),
        name=values.get("name", ""),
        sku=values.get("sku", ""),
        unit=values.get("unit") or "pcs",
        barcode=values.get("barcode"),
        description=values.get("description", ""),
        taxes=tuple(taxes),
    )


def _price(values: dict[str, str]) -> Money | None:
    """A price in whole currency units with a point, as `185000` or `1.50`; never below zero, never rounded."""
    text = values.get("price", "")
    if not text:
        return None
    if not values.get("currency"):
        raise ProductUnfit("a price has a currency", param="currency")
    currency = Currency.of(values["currency"].upper())
    price = amount_in_units(text, currency)
    if price is None or price.minor < 0:
        raise ProductUnfit(f"a price is not below zero and has {currency.exponent} decimals at most", param="price")
    return price


def _says(product: Product) -> Particulars:
    return Particulars(
        kind=product.kind,
        name=product.name,
        sku=product.sku,
        unit=product.unit,
        barcode=product.barcode,
        description=product.description,
        taxes=product.taxes,
    )
