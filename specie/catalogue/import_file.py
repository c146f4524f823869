"""The layout of a file of products."""

from collections.abc import Iterator
from dataclasses import replace

from specie.platform.row_files import FileRow, Layout
from specie.platform.row_files import read as read_rows
from specie.platform.row_files import stream as stream_rows

MAX_ROWS = 5_000
MOST_ROWS = 100_000

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


def stream(content: bytes) -> Iterator[FileRow]:
    """The rows of a long file of products, one after another. Raises ImportRefused for what is no such file."""
    return stream_rows(content, replace(LAYOUT, max_rows=MOST_ROWS))


def count(content: bytes) -> int:
    """How many rows a long file of products has. Raises ImportRefused for what is no such file."""
    return sum(1 for _ in stream(content))
