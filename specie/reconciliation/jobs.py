"""Reconciliation in the background: the daily look at a provider's balance."""

from datetime import datetime
from uuid import UUID

from specie.platform.jobs import JobContext, job
from specie.reconciliation import balances
from specie.reconciliation.model import BALANCE_JOB, SourceId


@job(BALANCE_JOB)
async def balance_job(context: JobContext, source: str, at: str) -> None:
    """Compare a provider's balance (the source named by its uuid) with the books, and plan the next comparison."""
    await balances.run_due(context, SourceId(UUID(source)), datetime.fromisoformat(at))
