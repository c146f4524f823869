"""Every refusal of the catalogue."""

from specie.kernel.errors import Conflict, InvalidField, NotFound, SpecieError


class ProductMissing(NotFound):
    """There is no such product or service here."""

    code = "product_not_found"
    title = "No such product"


class PriceListMissing(NotFound):
    """There is no such price list here."""

    code = "price_list_not_found"
    title = "No such price list"


class PriceListArchived(Conflict):
    """The price list is archived: it prices nothing, and nobody buys by it."""

    code = "price_list_archived"
    title = "The price list is archived"


class PriceListStandard(Conflict):
    """The standard list of a currency is what everybody buys by who has no list of their own: it stays in use."""

    code = "price_list_standard"
    title = "The standard price list stays in use"


class TaxRateMissing(NotFound):
    """There is no such tax rate here."""

    code = "tax_rate_not_found"
    title = "No such tax rate"


class SkuTaken(Conflict):
    """Another product has this SKU; upper and lower case are the same."""

    code = "sku_taken"
    title = "The SKU belongs to another product"


class BarcodeTaken(Conflict):
    """Another product has this barcode."""

    code = "barcode_taken"
    title = "The barcode belongs to another product"


class NameTaken(Conflict):
    """A price list or tax rate of this name exists."""

    code = "name_taken"
    title = "The name is taken"


class ProductChanged(Conflict):
    """Somebody else has changed the product since it was read."""

    code = "product_changed"
    title = "The product has been changed meanwhile"


class ProductArchived(Conflict):
    """The product is archived and takes part in nothing new."""

    code = "product_archived"
    title = "The product is archived"


class ProductUnfit(InvalidField):
    """A field of the product has a value that cannot be."""

    code = "product_invalid"
    title = "The product does not fit"


class TaxRateArchived(Conflict):
    """The tax rate is archived and goes on no new line."""

    code = "tax_rate_archived"
    title = "The tax rate is archived"


class LineUnfit(SpecieError):
    """A line to calculate has a quantity, price, discount or rate that cannot be, or another currency."""

    code = "line_invalid"
    status = 422
    title = "The line cannot be calculated"


class ProductImportMissing(NotFound):
    """There is no such import of products."""

    code = "product_import_not_found"
    title = "No such import"


class ImportHasErrors(Conflict):
    """Some rows are refused; put them right, or say that they are to be left out."""

    code = "import_has_errors"
    title = "Some rows are refused"
