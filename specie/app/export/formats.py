"""The file formats, by name."""

from collections.abc import AsyncIterator, Callable
from enum import StrEnum

from specie.app.export.beancount import beancount
from specie.app.export.books import Books, Totals
from specie.app.export.csv_file import csv_file
from specie.app.export.hledger import hledger


class Format(StrEnum):
    """How to write the books."""

    BEANCOUNT = "beancount"
    HLEDGER = "hledger"
    CSV = "csv"


_WRITERS: dict[Format, Callable[[Books, Totals], AsyncIterator[str]]] = {
    Format.BEANCOUNT: beancount,
    Format.HLEDGER: hledger,
    Format.CSV: csv_file,
}


async def write(books: Books, format: Format, sink: Callable[[str], object]) -> Totals:  # noqa: A002
    """Write the books piece by piece and return the control totals."""
    totals = Totals()
    async for piece in _WRITERS[format](books, totals):
        sink(piece)
    return totals
