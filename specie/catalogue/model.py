"""Products, price lists, prices and tax rates; what makes a product fit. No I/O, no clock."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from specie.catalogue.errors import ProductUnfit
from specie.catalogue.taxes import Tax
from specie.kernel.ids import PrefixedId
from specie.kernel.money import Currency, Money

MAX_TAXES = 5
_AROUND = re.compile(r"^\W+|\W+$")
_WORD = re.compile(r"[\w]+")
_MAX_WORDS, _MAX_WORD = 40, 60


class ProductId(PrefixedId, prefix="prd"):
    """Something sold or bought."""


class PriceListId(PrefixedId, prefix="prl"):
    """Prices in one currency."""


class ProductImportId(PrefixedId, prefix="pim"):
    """A long file of products."""


class TaxRateId(PrefixedId, prefix="tax"):
    """A tax and how much of the net it is."""


class ProductKind(StrEnum):
    """Whether there is a stock of it."""

    PRODUCT = "product"
    SERVICE = "service"


class State(StrEnum):
    """Whether something takes part in new documents."""

    ACTIVE = "active"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax with its rate in parts per million of the net. A rate never changes: another rate is another tax rate."""

    id: TaxRateId
    name: str
    ppm: int
    state: State
    created_at: datetime

    @property
    def tax(self) -> Tax:
        """What the calculation takes."""
        return Tax(str(self.id), self.ppm)


@dataclass(frozen=True, slots=True)
class Product:
    """A product or service. SKUs are unique without regard to case; `taxes` are put on a new line, in this order."""

    id: ProductId
    kind: ProductKind
    name: str
    sku: str
    barcode: str | None
    unit: str
    description: str
    taxes: tuple[TaxRateId, ...]
    state: State
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices in a currency, with tax in them or without; one list of a currency is the default."""

    id: PriceListId
    name: str
    currency: Currency
    tax_inclusive: bool
    is_default: bool
    created_at: datetime
    state: State = State.ACTIVE


@dataclass(frozen=True, slots=True)
class Price:
    """What a unit of a product costs by a price list."""

    product_id: ProductId
    price_list: PriceList
    amount: Money


@dataclass(frozen=True, slots=True)
class Particulars:
    """What somebody says about a product, cleaned: the same rules for the form, the API and an import."""

    kind: ProductKind
    name: str
    sku: str
    unit: str
    barcode: str | None = None
    description: str = ""
    taxes: tuple[TaxRateId, ...] = ()

    @classmethod
    def checked(
        cls,
        *,
        kind: ProductKind,
        name: str,
        sku: str,
        unit: str,
        barcode: str | None = None,
        description: str = "",
        taxes: tuple[TaxRateId, ...] = (),
    ) -> "Particulars":
        """Clean and check. Raises ProductUnfit that names the field."""
        if len(taxes) > MAX_TAXES or len(set(taxes)) != len(taxes):
            raise ProductUnfit(f"at most {MAX_TAXES} different tax rates", param="tax_rate_ids")
        return cls(
            kind=kind,
            name=_text(name, "name", 200),
            sku=_text(sku, "sku", 60),
            unit=_text(unit, "unit", 20),
            barcode=_barcode(barcode),
            description=description.strip()[:2000],
            taxes=taxes,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What many products are to become at once; without a price theirs stays."""

    product_id: ProductId
    said: Particulars
    price: Money | None = None


def key_of(text: str) -> str:
    """What is compared when case does not matter."""
    return unicodedata.normalize("NFKC", text).casefold()


def words_of(*texts: str) -> list[str]:
    """The words something is found by, each once, in lower case."""
    found = {word[:_MAX_WORD] for text in texts for word in _WORD.findall(key_of(text))}
    return sorted(found | {key_of(text)[:_MAX_WORD] for text in texts[1:] if text})[:_MAX_WORDS]


def searched_words(text: str) -> list[str]:
    """The beginnings of words that somebody types; signs around a word, such as a comma, are no part of it."""
    words = (_AROUND.sub("", word) for word in key_of(text).split())
    return [word[:_MAX_WORD] for word in words if word][:6]


def require_price(amount: Money) -> Money:
    """Raises ProductUnfit for a price below zero."""
    if amount.minor < 0:
        raise ProductUnfit("a price is not below zero", param="price")
    return amount


def _text(text: str, field: str, most: int) -> str:
    clean = " ".join(text.split())
    if not clean or len(clean) > most or any(unicodedata.category(sign) == "Cc" for sign in clean):
        raise ProductUnfit(f"{field} has 1 to {most} characters", param=field)
    return clean


def _barcode(text: str | None) -> str | None:
    clean = (text or "").strip()
    if not clean:
        return None
    if not re.fullmatch(r"[0-9A-Za-z .$/+%-]{3,48}", clean):
        raise ProductUnfit("a barcode has 3 to 48 letters, digits and signs of a scanner", param="barcode")
    return clean


class RunState(StrEnum):
    """A long file waits until it is taken in, or refused as a whole."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportRun:
    """A long file of products: how far it is, what became of its rows, and of which there is something to tell."""

    id: ProductImportId
    name: str
    skips_refused: bool
    state: RunState
    total_rows: int
    created_at: datetime
    created_by: str
    done_rows: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    told: Sequence[Mapping[str, Any]] = ()
    problem: str | None = None
    finished_at: datetime | None = None
