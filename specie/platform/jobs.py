"""Background work that commits with the rows it serves.

A job is a row of the queue inserted in the caller's transaction: a roll-back takes it along, a crash loses none. The
queue runs only work that is due now; what is due later in business time is a row of `specie.platform.due`.
"""

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Protocol, cast

import procrastinate
import structlog
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.utils import utcnow
from sqlalchemy import text

from specie.kernel.clock import machine_now
from specie.kernel.errors import SpecieError
from specie.kernel.ids import RequestId, TenantId
from specie.kernel.scope import Scope
from specie.platform import arrays
from specie.platform.db import Database, UnitOfWork
from specie.platform.pipeline import Statement, pipelined

_MAX_ATTEMPTS = 12
_LONGEST_WAIT = 900


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job works with: the database, its own scope and the services `app` wired in, by name."""

    db: Database
    scope: Scope
    services: Mapping[str, Any]


class JobFunction(Protocol):
    """A job takes its context and the arguments it was deferred with."""

    def __call__(self, *context: Any, **arguments: Any) -> Awaitable[None]: ...


_log = structlog.get_logger(__name__)

ScopeForJob = Callable[[TenantId, str, RequestId], Awaitable[Scope]]

_registry: dict[str, JobFunction] = {}


class Later(Exception):
    """The job is to run again after a time of its own choosing, in seconds; when to stop is up to it as well."""

    def __init__(self, reason: str | None, seconds: int) -> None:
        super().__init__(reason)
        self.seconds = seconds


def job(name: str) -> Callable[[JobFunction], JobFunction]:
    """Register a job function under a name that stays the same for ever: queued rows refer to it."""

    def register(function: JobFunction) -> JobFunction:
        if name in _registry:
            raise RuntimeError(f"two jobs are called {name}")
        _registry[name] = function
        return function

    return register


def registered(name: str) -> JobFunction:
    """The function of a job name. Raises KeyError for a name nobody registered."""
    return _registry[name]


class _Backoff(procrastinate.BaseRetryStrategy):
    """Exponential waits with full jitter, capped at a quarter of an hour; a refusal is final unless retryable."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> procrastinate.RetryDecision | None:
        if isinstance(exception, Later):
            return procrastinate.RetryDecision(retry_in={"seconds": exception.seconds})
        if isinstance(exception, SpecieError) and not exception.retryable:
            return None
        if job.attempts >= _MAX_ATTEMPTS:
            return None
        ceiling = min(_LONGEST_WAIT, 2 ** (job.attempts + 1))
        return procrastinate.RetryDecision(retry_in={"seconds": random.randint(1, ceiling)})  # noqa: S311


class _Outcomes(JobManager):
    """Keeps the outcome of a job that could not be written, because the database went away, until it can be.

    The queue by itself forgets it. The job would be nobody's then, and looked after for as long as its worker lives.
    """

    def __init__(self, connector: BaseConnector) -> None:
        super().__init__(connector)
        self._unwritten: dict[int | None, tuple[Job, Callable[[], Awaitable[None]]]] = {}

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """Write that a job has ended."""
        await self._write(job, partial(super().finish_job, job, status, delete_job))

    async def retry_job(self, job: Job, *order: Any, **more: Any) -> None:
        """Write that a job is to run again."""
        await self._write(job, partial(super().retry_job, job, *order, **more))

    async def write_again(self) -> int:
        """Write what could not be written, and return how many; a job that is no longer ours is left to its owner."""
        waiting = list(self._unwritten.values())
        for job, write in waiting:
            running = await self.list_jobs_async(id=job.id, status="doing", worker_id=job.worker_id)
            if job.attempts in {one.attempts for one in running}:
                await write()
            del self._unwritten[job.id]
        return len(waiting)

    async def _write(self, job: Job, write: Callable[[], Awaitable[None]]) -> None:
        try:
            await write()
        except ConnectorException:
            _log.warning("job_outcome_not_written", job=job.task_name, exc_info=True)
            self._unwritten[job.id] = (job, write)


_DEFER_EACH = """
select procrastinate_defer_jobs_v1(array(
       select row('work', %s, 0, null, null, args, null)::procrastinate_job_to_defer_v1 from unnest(%s::jsonb[]) args))
"""
_deferrer = procrastinate.App(connector=procrastinate.PsycopgConnector())


async def defer(uow: UnitOfWork, name: str, **arguments: Any) -> None:
    """Enqueue a registered job inside the caller's transaction, for the caller's tenant."""
    await defer_for(uow, uow.scope.tenant_id, uow.scope.request_id, name, arguments)


async def defer_for(
    uow: UnitOfWork, tenant_id: TenantId, request_id: RequestId, name: str, arguments: Mapping[str, Any]
) -> None:
    """Enqueue a job for a named tenant, for sweeps that run without a scope."""
    await _enqueue(uow, tenant_id, request_id, name, arguments)


async def defer_each(uow: UnitOfWork, name: str, calls: Sequence[Mapping[str, Any]]) -> None:
    """Enqueue a registered job once for each of these arguments, with one statement; each is a request of its own."""
    registered(name)
    if not calls:
        return
    tenant = str(uow.scope.tenant_id)
    rows = [{"tenant_id": tenant, "request_id": str(RequestId.new()), "arguments": call} for call in calls]
    # The queue's library makes an object of each job first, which costs more than the rows themselves.
    await pipelined(await uow.raw(), [Statement(_DEFER_EACH, [name, arrays.documents(rows)])])


async def defer_unless_done(uow: UnitOfWork, name: str, patience_seconds: int, **arguments: Any) -> int:
    """Enqueue a job that the caller means to do itself: the queue waits so long before it takes the job.

    Returns what `cancel` takes once the caller has done it; a caller that dies leaves the job to the queue.
    """
    scope = uow.scope
    return await _enqueue(uow, scope.tenant_id, scope.request_id, name, arguments, patience_seconds)


async def _enqueue(
    uow: UnitOfWork,
    tenant_id: TenantId,
    request_id: RequestId,
    name: str,
    arguments: Mapping[str, Any],
    wait_seconds: int | None = None,
) -> int:
    registered(name)
    when = None if wait_seconds is None else {"seconds": wait_seconds}
    deferrer = _deferrer.configure_task(name, queue="work", schedule_in=when, connection=await uow.raw())
    return await deferrer.defer_async(tenant_id=str(tenant_id), request_id=str(request_id), arguments=dict(arguments))


async def cancel(uow: UnitOfWork, job: int) -> None:
    """Take a job out of the queue that has been done elsewhere; one that has been taken already runs once more."""
    await uow.execute(text("select procrastinate_cancel_job_v1(:job, false, true)"), {"job": job})


@dataclass(frozen=True, slots=True)
class Caused:
    """A job that work of a request has enqueued. `taken`: a worker has it already, and nobody else may do it."""

    id: int
    name: str
    arguments: Mapping[str, Any]
    taken: bool


_CAUSED = text("""
    select id, task_name, args, status = 'doing' as taken from jobs.procrastinate_jobs
     where queue_name = 'work' and status in ('todo', 'doing')
       and (status = 'doing' or scheduled_at is null or scheduled_at <= :now)
       and args ->> 'tenant_id' = :tenant and args ->> 'request_id' = :request and not id = any(:left)
     order by taken, id limit 1 for update skip locked
""")

_LEAVE = text("update jobs.procrastinate_jobs set scheduled_at = :until where id = :job and status = 'todo'")


async def take_caused(uow: UnitOfWork, patience_seconds: int, left: Sequence[int]) -> Caused | None:
    """The earliest job that the caller's request has enqueued and that is to run now, without those `left` to others.

    The queue leaves it to the caller for so long; `cancel` says that it is done, `hand_back` that it was not.
    """
    scope, now = uow.scope, machine_now()
    named = {"tenant": str(scope.tenant_id), "request": str(scope.request_id), "now": now, "left": list(left)}
    row = (await uow.execute(_CAUSED, named)).one_or_none()
    if row is None:
        return None
    if not row.taken:
        await uow.execute(_LEAVE, {"job": row.id, "until": now + timedelta(seconds=patience_seconds)})
    return Caused(row.id, row.task_name, row.args["arguments"], row.taken)


async def hand_back(uow: UnitOfWork, job: int) -> None:
    """Let the queue do a job after all, at once."""
    await uow.execute(_LEAVE, {"job": job, "until": machine_now()})


def build_worker(
    app_url: str, db: Database, scope_for_job: ScopeForJob, services: Mapping[str, Any]
) -> procrastinate.App:
    """The queue's application with every registered job, ready for `run_worker_async(queues=["work"])`."""
    connector = procrastinate.PsycopgConnector(conninfo=app_url, min_size=1, max_size=4)
    app = procrastinate.App(connector=connector)
    app.job_manager = _Outcomes(connector)
    for name, function in _registry.items():
        app.task(name=name, queue="work", retry=_Backoff())(_runner(name, function, db, scope_for_job, services))
    return app


def _runner(
    name: str, function: JobFunction, db: Database, scope_for_job: ScopeForJob, services: Mapping[str, Any]
) -> Callable[..., Awaitable[None]]:
    async def run(tenant_id: str, request_id: str, arguments: dict[str, Any]) -> None:
        scope = await scope_for_job(TenantId.parse(tenant_id), name, RequestId.parse(request_id))
        await function(JobContext(db, scope, services), **arguments)

    return run


async def rescue_stalled(app: procrastinate.App, *, seconds_since_heartbeat: float = 30) -> int:
    """Give jobs of dead workers, and jobs aborted by a shut-down, back to the queue. Returns how many.

    What this worker could not write about its own jobs is written as well.
    """
    unwritten = await cast(_Outcomes, app.job_manager).write_again()
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds_since_heartbeat))
    aborted = list(await app.job_manager.list_jobs_async(status="aborted"))
    for lost in [*stalled, *aborted]:
        await app.job_manager.retry_job_by_id_async(cast(int, lost.id), utcnow())
    return len(stalled) + len(aborted) + unwritten
