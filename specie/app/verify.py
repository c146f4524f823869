"""Prove the books: every module's invariants, every chain, from one read-only snapshot.

`specie verify`, the scheduled check of the worker and the tests run the same queries. The role is
`specie_auditor`, which reads every tenant by policies of its own and can write nothing.
"""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import specie
from specie import audit, ledger
from specie.app import verify_store
from specie.kernel.ids import AccountId, AuditId, EntryId, EventId, PrefixedId, TenantId
from specie.platform.db import Database, UnitOfWork

_SHOWN_ROWS = 5
_BLOCKS = "sealed blocks follow each other and hold what they sealed"
_CHECKPOINTS = "checkpoints follow each other and are signed by this installation"
_AUDIT = "audit rows are what was sealed"
_IDS: dict[str, type[PrefixedId]] = {
    "tenant_id": TenantId,
    "account_id": AccountId,
    "entry_id": EntryId,
    "event_id": EventId,
    "audit_id": AuditId,
}


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence that is true of sound data, and the query that returns the rows of which it is not."""

    module: str
    sentence: str
    query: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken sentence with its first broken rows, each value as text."""

    module: str
    sentence: str
    rows: list[dict[str, str]]


@dataclass(slots=True)
class Report:
    """What was checked and what was found; `heads` are the last blocks that were proved."""

    checked: int = 0
    tenants: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    heads: dict[TenantId, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether everything held."""
        return not self.findings

    @property
    def postings(self) -> int:
        """How many postings were added up again."""
        return self.counts.get("postings", 0)


def invariants() -> Iterator[Invariant]:
    """Every module's invariants, in the order of the modules' names."""
    for module in sorted(found.name for found in pkgutil.iter_modules(specie.__path__) if found.ispkg):
        try:
            rules = importlib.import_module(f"specie.{module}.invariants").INVARIANTS
        except ModuleNotFoundError as error:
            if error.name != f"specie.{module}.invariants":
                raise
            continue
        yield from (Invariant(module, sentence, query) for sentence, query in rules.items())


async def verify(auditor_url: str, public_key: bytes | None = None) -> Report:
    """Run every check over one snapshot. With `public_key` every checkpoint must be signed by it.

    Raises Unavailable when the database does not answer.
    """
    database = Database(auditor_url, pool_size=1, snapshot=True)
    try:
        return await database.run(None, partial(check, public_key=public_key), label="app.verify")
    finally:
        await database.close()


async def check(uow: UnitOfWork, public_key: bytes | None) -> Report:
    """Run every check in the caller's transaction, whose role must see every tenant."""
    tenants = await verify_store.tenants(uow)
    report = Report(tenants=len(tenants), counts=await verify_store.counts(uow))
    async for finding in _broken_invariants(uow, report):
        report.findings.append(finding)
    async for finding in _broken_chains(uow, tenants):
        report.findings.append(finding)
    fault = await ledger.verify_checkpoints(uow, public_key)
    if fault is not None:
        report.findings.append(Finding("ledger", _CHECKPOINTS, [{"fault": fault}]))
    report.heads = await ledger.block_heads(uow)
    # The two chains and the checkpoints.
    report.checked += 3
    return report


async def _broken_invariants(uow: UnitOfWork, report: Report) -> AsyncIterator[Finding]:
    for invariant in invariants():
        report.checked += 1
        rows = await verify_store.broken_rows(uow, invariant.query, _SHOWN_ROWS)
        if rows:
            yield Finding(invariant.module, invariant.sentence, [_readable(row) for row in rows])


async def _broken_chains(uow: UnitOfWork, tenants: list[TenantId]) -> AsyncIterator[Finding]:
    for tenant_id in tenants:
        broken = await ledger.verify_chain(uow, tenant_id) or await ledger.verify_parts(uow, tenant_id)
        if broken is not None:
            row = {"tenant_id": str(tenant_id), "block": str(broken.block), "fault": broken.fault}
            yield Finding("ledger", _BLOCKS, [row])
        altered = await audit.verify(uow, tenant_id)
        if altered is not None:
            audit_row = {"tenant_id": tenant_id.uuid, "n": altered.n, "audit_id": altered.audit_id}
            yield Finding("audit", _AUDIT, [_readable(audit_row | {"fault": altered.fault})])


def _readable(row: dict[str, Any]) -> dict[str, str]:
    """The row as people and the API know it: ids with their prefixes, nothing left as an object."""
    return {
        name: str(_IDS[name](value)) if name in _IDS and value is not None else str(value)
        for name, value in row.items()
    }
