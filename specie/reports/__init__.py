"""Answers that join what single modules know: the request log, explanations of numbers, and financial statements.

Owns one table: the nightly copies of the books, which `app` writes and which are handed out here. What it needs of
modules beside it is handed in by `app`.
"""

from specie.reports.copies import BooksShelf
from specie.reports.copy_model import BooksCopy, BooksCopyId, BooksFormat, WrittenBooks
from specie.reports.invariants import INVARIANTS
from specie.reports.model import DeliveriesOf, Delivery

__all__ = [
    "INVARIANTS",
    "BooksCopy",
    "BooksCopyId",
    "BooksFormat",
    "BooksShelf",
    "DeliveriesOf",
    "Delivery",
    "WrittenBooks",
]
