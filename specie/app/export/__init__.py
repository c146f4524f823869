"""The books as files that programs of others read and check. Memo accounts are limits, not money: they stay out."""

from specie.app.export.books import Books, Totals, read_books
from specie.app.export.formats import Format, write

__all__ = ["Books", "Format", "Totals", "read_books", "write"]
