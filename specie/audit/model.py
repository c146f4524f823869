"""What an audit row is, and the exact bytes its seal stands for."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

FIRST_HASH = bytes(32)
"""The predecessor of a tenant's first seal."""

_FORMAT = "specie.audit.1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Act:
    """One of many acts of a kind: to which thing, as kind and id, and what of it changed from what."""

    subject: tuple[str, str]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One act as it is stored; `before` and `after` are canonical JSON text, `n` is None until sealed."""

    tenant_id: UUID
    id: UUID
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    before: str | None
    after: str | None
    reason: str | None
    request_id: UUID
    session_id: UUID | None
    idempotency_key: str | None
    txid: str
    n: int | None = None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What a list or an export is narrowed to; None does not narrow. `since` is included, `until` is not."""

    action: str | None = None
    subject_kind: str | None = None
    subject_id: str | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class Seal:
    """A row's place in its tenant's chain."""

    tenant_id: UUID
    n: int
    audit_id: UUID
    prev_hash: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class AuditFault:
    """The first thing wrong with a tenant's chain, at number `n`."""

    n: int
    audit_id: UUID | None
    fault: str


def canonical_json(value: Mapping[str, Any] | None) -> str | None:
    """The one text of a JSON object: sorted names, no spaces; ids, times and decimals as text."""
    if value is None:
        return None
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def seal_hash(row: AuditRow, n: int, prev_hash: bytes) -> bytes:
    """SHA-256 over the row's canonical bytes, its number and the hash before it."""
    return hashlib.sha256(_canonical_bytes(row, n, prev_hash)).digest()


def _canonical_bytes(row: AuditRow, n: int, prev_hash: bytes) -> bytes:
    """Every field with its length in front, so that no two rows share bytes; None has its own length."""
    fields: list[str | bytes | None] = [
        _FORMAT,
        row.tenant_id.bytes,
        str(n),
        row.id.bytes,
        str((row.at - _EPOCH) // _MICROSECOND),
        row.actor,
        row.action,
        row.subject_kind,
        row.subject_id,
        row.before,
        row.after,
        row.reason,
        row.request_id.bytes,
        row.session_id.bytes if row.session_id else None,
        row.idempotency_key,
        row.txid,
        prev_hash,
    ]
    return b"".join(_with_length(value) for value in fields)


def _with_length(value: str | bytes | None) -> bytes:
    if value is None:
        return b"\xff" * 8
    data = value.encode() if isinstance(value, str) else value
    return len(data).to_bytes(8, "big") + data
