"""Approvals in the background: requests run out."""

from uuid import UUID

from specie.approvals import service
from specie.kernel.ids import ApprovalId
from specie.platform.jobs import JobContext, job


@job(service.EXPIRE)
async def expire_job(context: JobContext, approval: str) -> None:
    """Let a request (named by its uuid) run out."""
    wanted = ApprovalId(UUID(approval))
    await context.db.run(context.scope, lambda uow: service.expire(uow, wanted), label="approvals.expire")
