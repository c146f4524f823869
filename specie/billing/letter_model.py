"""Documents on their way to customers by mail; no I/O, no clock."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from specie.kernel.ids import PartyId, PrefixedId


class LetterId(PrefixedId, prefix="ltr"):
    """One mail with a document to a customer."""


class LetterKind(StrEnum):
    """What a letter brings."""

    INVOICE = "invoice"
    QUOTE = "quote"
    REMINDER = "reminder"
    PORTAL = "portal"


class LetterState(StrEnum):
    """Whether a letter has gone."""

    QUEUED = "queued"
    SENT = "sent"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to the customer of a document. `step`: the days from the due date of a reminder."""

    id: LetterId
    kind: LetterKind
    document_id: UUID
    customer_id: PartyId
    state: LetterState
    tries: int
    error: str
    created_at: datetime
    step: int | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """When customers are reminded: so many days after the due date (below zero: before it), and in which words."""

    days: int
    words: str


@dataclass(frozen=True, slots=True)
class Content:
    """What a letter says: the document's words, the public address below this platform's, and the text.

    The document goes along as PDF where it `is_printed`; else its words need only name `customer` and `seller`.
    """

    told: dict[str, Any]
    colour: str
    subject: str
    sentence: str
    path: str
    is_printed: bool = True
