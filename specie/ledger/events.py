"""What the ledger tells: every entry is an event that shares the entry's id."""

from typing import Any

from specie.events import NewEvent
from specie.ledger.model import JournalEntry, Posting


def entry_posted(entry: JournalEntry) -> NewEvent:
    """The event of an entry that belongs to no product."""
    return NewEvent(
        type="ledger.entry.posted",
        subject=("entry", str(entry.id)),
        version=1,
        data=entry_data(entry),
    )


def entry_data(entry: JournalEntry) -> dict[str, Any]:
    """The public form of an entry: ids, recipe, times and postings, no free text."""
    return {
        "entry_id": str(entry.id),
        "recipe": entry.recipe,
        "effective_at": entry.effective_at.isoformat(),
        "recorded_at": entry.recorded_at.isoformat(),
        "reverses": str(entry.reverses) if entry.reverses else None,
        "postings": [_posting(posting) for posting in entry.postings],
    }


def _posting(posting: Posting) -> dict[str, Any]:
    return {
        "debit_account": str(posting.debit),
        "credit_account": str(posting.credit),
        "amount": posting.amount.as_json(),
    }
