"""Copies of the books in plain text: what is known of one. No I/O, no clock."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from specie.kernel.ids import PrefixedId


class BooksCopyId(PrefixedId, prefix="bkc"):
    """A copy of a tenant's books."""


class BooksFormat(StrEnum):
    """Which program reads it."""

    BEANCOUNT = "beancount"
    HLEDGER = "hledger"

    @property
    def suffix(self) -> str:
        """How the name of such a file ends, compressed."""
        return "beancount.gz" if self is BooksFormat.BEANCOUNT else "journal.gz"


@dataclass(frozen=True, slots=True)
class WrittenBooks:
    """The text of the books, compressed; size and digest (SHA-256) are those of the text itself."""

    content: bytes
    size: int
    digest: bytes
    entries: int
    accounts: int


@dataclass(frozen=True, slots=True)
class BooksCopy:
    """One copy. `business_date` is the tenant's day on which it was made, with all that was recorded by then."""

    id: BooksCopyId
    business_date: date
    format: BooksFormat
    storage_key: str
    size: int
    digest: bytes
    entries: int
    accounts: int
    made_at: datetime
