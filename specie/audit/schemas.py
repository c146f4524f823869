"""Wire shapes of the audit trail."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import Field

from specie.audit.model import AuditRow
from specie.kernel.ids import AuditId, RequestId, SessionId
from specie.platform.http import Schema
from specie.platform.spreadsheets import harmless


class AuditSubject(Schema):
    """The thing something was done to."""

    kind: str = Field(examples=["party"])
    id: str


class AuditOut(Schema):
    """One act. `n` is its number in the tenant's sealed chain, null until it is sealed."""

    id: str
    n: int | None
    at: datetime
    actor: str = Field(examples=["user:usr_01jx3s5v0q8e5t9m2w4r6y8zab"])
    action: str = Field(examples=["kyc.approve"])
    subject: AuditSubject
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str | None
    request_id: str
    session_id: str | None
    idempotency_key: str | None

    @classmethod
    def of(cls, row: AuditRow) -> "AuditOut":
        """The wire form of a row."""
        return cls(
            id=str(AuditId(row.id)),
            n=row.n,
            at=row.at,
            actor=row.actor,
            action=row.action,
            subject=AuditSubject(kind=row.subject_kind, id=row.subject_id),
            before=json.loads(row.before) if row.before else None,
            after=json.loads(row.after) if row.after else None,
            reason=row.reason,
            request_id=str(RequestId(row.request_id)),
            session_id=str(SessionId(row.session_id)) if row.session_id else None,
            idempotency_key=row.idempotency_key,
        )


CSV_HEADER = (
    *("n", "id", "at", "actor", "action", "subject_kind", "subject_id", "before", "after", "reason"),
    *("request_id", "session_id", "idempotency_key"),
)


def csv_lines(rows: Iterable[AuditRow], *, header: bool) -> str:
    """Rows as CSV; a cell a spreadsheet would run as a formula gets a quote in front."""
    out = io.StringIO()
    writer = csv.writer(out)
    if header:
        writer.writerow(CSV_HEADER)
    for row in rows:
        shown = AuditOut.of(row)
        fixed = (shown.n, shown.id, shown.at.isoformat(), shown.actor, shown.action)
        subject = (shown.subject.kind, shown.subject.id, row.before, row.after, shown.reason)
        cause = (shown.request_id, shown.session_id, shown.idempotency_key)
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in (*fixed, *subject, *cause)])
    return out.getvalue()


def json_lines(rows: Iterable[AuditRow]) -> str:
    """Rows as JSON lines, in the shape of the list."""
    return "".join(f"{AuditOut.of(row).model_dump_json()}\n" for row in rows)
