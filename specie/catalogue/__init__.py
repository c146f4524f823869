"""The catalogue: what is sold and bought, at what price, with which taxes.

Owns products and services, tax rates, price lists and prices, and the one calculation of lines with discounts and
taxes. What a document was made of, the document keeps itself: a later change here changes no document.
"""

from specie.catalogue.errors import (
    LineUnfit,
    PriceListMissing,
    ProductArchived,
    ProductMissing,
    TaxRateArchived,
    TaxRateMissing,
)
from specie.catalogue.invariants import INVARIANTS
from specie.catalogue.model import (
    Particulars,
    Price,
    PriceList,
    PriceListId,
    Product,
    ProductId,
    ProductImportId,
    ProductKind,
    State,
    TaxRate,
    TaxRateId,
)
from specie.catalogue.price_store import prices_of
from specie.catalogue.pricing import (
    PriceBook,
    add_price_list,
    add_tax_rate,
    default_list,
    get_price_list,
    price_book,
    price_of,
    require_known,
    require_tax_rates,
    set_price,
)
from specie.catalogue.service import add_product, by_barcode, get_product, require_products
from specie.catalogue.store import ProductFilter, find_products, products_by_ids, products_by_skus
from specie.catalogue.taxes import (
    Discount,
    LineTotals,
    PricedLine,
    Rounding,
    Tax,
    TaxTotal,
    Totals,
    calculate,
)

__all__ = [
    "INVARIANTS",
    "Discount",
    "LineTotals",
    "LineUnfit",
    "Particulars",
    "Price",
    "PriceBook",
    "PriceList",
    "PriceListId",
    "PriceListMissing",
    "PricedLine",
    "Product",
    "ProductArchived",
    "ProductFilter",
    "ProductId",
    "ProductImportId",
    "ProductKind",
    "ProductMissing",
    "Rounding",
    "State",
    "Tax",
    "TaxRate",
    "TaxRateArchived",
    "TaxRateId",
    "TaxRateMissing",
    "TaxTotal",
    "Totals",
    "add_price_list",
    "add_product",
    "add_tax_rate",
    "by_barcode",
    "calculate",
    "default_list",
    "find_products",
    "get_price_list",
    "get_product",
    "price_book",
    "price_of",
    "prices_of",
    "products_by_ids",
    "products_by_skus",
    "require_known",
    "require_products",
    "require_tax_rates",
    "set_price",
]
