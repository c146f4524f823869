"""Prove the books: every module's invariants, every chain, from one read-only snapshot.

`specie verify`, the scheduled check of the worker and the tests run the same queries. The role is
`specie_auditor`, which reads every tenant by policies of its own and can write nothing.
"""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

import specie
from specie import audit, ledger
from specie.kernel.ids import TenantId
from specie.platform.db import Database, UnitOfWork

_SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence that is true of sound data, and the query that returns the rows of which it is not."""

    module: str
    sentence: str
    query: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken sentence with its first broken rows."""

    module: str
    sentence: str
    rows: list[dict[str, Any]]


@dataclass(slots=True)
class Report:
    """What was checked and what was found."""

    checked: int = 0
    tenants: int = 0
    postings: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether everything held."""
        return not self.findings


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


async def verify(auditor_url: str) -> Report:
    """Run every check over one snapshot. Raises Unavailable when the database does not answer."""
    database = Database(auditor_url, pool_size=1, snapshot=True)
    try:
        async with database.begin(None) as uow:
            report = Report()
            async for finding in _findings(uow, report):
                report.findings.append(finding)
            return report
    finally:
        await database.close()


async def _findings(uow: UnitOfWork, report: Report) -> AsyncIterator[Finding]:
    for invariant in invariants():
        report.checked += 1
        rows = (await uow.execute(text(invariant.query))).mappings().fetchmany(_SHOWN_ROWS)
        if rows:
            yield Finding(invariant.module, invariant.sentence, [dict(row) for row in rows])
    report.postings = (await uow.execute(text("select count(*) from specie.posting"))).scalar_one()
    tenants = [TenantId(row.tenant_id) for row in await uow.execute(text(_TENANTS))]
    report.tenants = len(tenants)
    for tenant_id in tenants:
        broken = await ledger.verify_chain(uow, tenant_id)
        if broken is not None:
            row = {"tenant": str(tenant_id), "block": broken.block, "fault": broken.fault}
            yield Finding("ledger", "sealed blocks follow each other and hold what they sealed", [row])
    altered = await audit.verify(uow)
    if altered is not None:
        row = {"tenant": str(TenantId(altered.tenant_id)), "n": altered.n, "fault": altered.what}
        yield Finding("audit", "audit rows are what was sealed", [row])
    report.checked += 2


_TENANTS = "select tenant_id from specie.event_head union select tenant_id from specie.ledger_block order by 1"
