"""Numbered entries in a chain of blocks: a change to any sealed entry, posting, account or block is found and named.

A leaf stands for one numbered event: SHA-256 over the byte 0, the event's digest and, for the event of an entry, the
canonical bytes of the entry and of what never changes of its accounts. A node is SHA-256 over the byte 1 and its two
children (the tree of RFC 6962 §2.1, which keeps leaves and nodes apart). A block's hash covers the hash before it, its
range of event numbers, its number of entries, the root and its time. Sealing runs behind the commits and never on
their path.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from specie.kernel.ids import AccountId
from specie.ledger.model import JournalEntry, Posting

GENESIS = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def leaf(digest: bytes, entry: JournalEntry | None, identities: Mapping[AccountId, str]) -> bytes:
    """The leaf hash of an event and its entry, if it has one; `identities` says what each account is for good."""
    content = canonical(entry, identities) if entry else b""
    return hashlib.sha256(b"\x00" + digest + content).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root of the tree over the leaves in order; of none, the hash of nothing (RFC 6962 §2.1)."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + merkle_root(leaves[:split]) + merkle_root(leaves[split:])).digest()


def block_hash(previous: bytes, first_n: int, last_n: int, entries: int, root: bytes, sealed_at: datetime) -> bytes:
    """The hash that the next block refers to."""
    numbers = b"".join(number.to_bytes(8, "big") for number in (first_n, last_n, entries))
    return hashlib.sha256(b"\x02" + previous + numbers + root + micros(sealed_at).encode("ascii")).digest()


def canonical(entry: JournalEntry, identities: Mapping[AccountId, str]) -> bytes:
    """Every field as length and bytes in a fixed order; times as microseconds, as they are stored."""
    fields = [
        *entry_fields(entry),
        *(value for posting in entry.postings for value in posting_fields(posting, identities)),
    ]
    return b"".join(field(value) for value in fields)


# A receipt shows the fields under these names; whoever checks it puts them together again in this order.
ENTRY_FIELDS = (
    "id",
    "recipe",
    "description",
    "effective_at",
    "recorded_at",
    "business_date",
    "actor",
    "request_id",
    "idempotency_key",
    "reverses",
    "callback_id",
    "approver",
    "metadata",
)
POSTING_FIELDS = (
    "line",
    "debit_account",
    "credit_account",
    "currency",
    "amount_minor",
    "debit_version",
    "credit_version",
    "debit_balance_minor",
    "credit_balance_minor",
    "debit_floor_minor",
    "credit_floor_minor",
    "is_memo",
    "debit_identity",
    "credit_identity",
)


def entry_fields(entry: JournalEntry) -> list[str | None]:
    """The values of `ENTRY_FIELDS`."""
    return [
        str(entry.id),
        entry.recipe,
        entry.description,
        micros(entry.effective_at),
        micros(entry.recorded_at),
        entry.business_date.isoformat(),
        entry.actor,
        str(entry.request_id),
        entry.idempotency_key,
        str(entry.reverses) if entry.reverses else None,
        str(entry.callback_id) if entry.callback_id else None,
        entry.approver,
        json.dumps(entry.metadata, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
    ]


def posting_fields(posting: Posting, identities: Mapping[AccountId, str]) -> list[str | None]:
    """The values of `POSTING_FIELDS`."""
    return [
        str(posting.line),
        str(posting.debit),
        str(posting.credit),
        posting.amount.currency.code,
        str(posting.amount.minor),
        str(posting.debit_version),
        str(posting.credit_version),
        str(posting.debit_balance.minor),
        str(posting.credit_balance.minor),
        None if posting.debit_floor is None else str(posting.debit_floor.minor),
        None if posting.credit_floor is None else str(posting.credit_floor.minor),
        str(posting.is_memo),
        identities.get(posting.debit),
        identities.get(posting.credit),
    ]


def field(value: str | None) -> bytes:
    """A value as its length and its bytes."""
    # A missing value has a length of its own, so that it differs from an empty text.
    if value is None:
        return b"\xff\xff\xff\xff"
    data = value.encode("utf-8")
    return len(data).to_bytes(4, "big") + data


def micros(moment: datetime) -> str:
    """Microseconds since 1970, as times are stored."""
    return str((moment - _EPOCH) // _MICROSECOND)
