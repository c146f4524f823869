"""The layout of a file of products."""

from specie.platform.row_files import FileRow, Layout
from specie.platform.row_files import read as read_rows

MAX_ROWS = 5_000

LAYOUT = Layout(
    columns=("name", "sku", "kind", "unit", "barcode", "description", "price", "currency", "tax"),
    required=frozenset({"name", "sku"}),
    rows_called="products",
    max_rows=MAX_ROWS,
    also={"item": "name", "product": "name", "code": "sku", "ean": "barcode", "type": "kind", "taxes": "tax"},
)


def read(content: bytes) -> list[FileRow]:
    """The rows of a file of products, empty ones left out. Raises ImportRefused for what is no such file."""
    return read_rows(content, LAYOUT)
