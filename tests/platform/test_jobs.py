"""Jobs commit with their rows; due work becomes a job in business time, in order, once."""

import asyncio
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from specie.kernel.clock import BusinessClock
from specie.kernel.ids import RequestId, TenantId
from specie.kernel.scope import Scope
from specie.platform import due, jobs
from specie.platform.db import Database
from specie.platform.jobs import JobContext
from tests.support.scopes import fresh_scope
from tests.support.server import DatabaseUrls

SEEN: list[tuple[str, Any]] = []
STARTED, MAY_END = asyncio.Event(), asyncio.Event()


@jobs.job("test.note")
async def note(context: JobContext, *, value: int) -> None:
    SEEN.append((str(context.scope.tenant_id), value))


@jobs.job("test.fails")
async def fails(context: JobContext) -> None:
    SEEN.append((str(context.scope.tenant_id), "tried"))
    raise RuntimeError("again later")


@jobs.job("test.ends_unheard")
async def ends_unheard(context: JobContext) -> None:
    STARTED.set()
    await MAY_END.wait()


async def queued(database: Database, scope: Scope) -> list[dict[str, Any]]:
    async with database.system() as uow:
        rows = await uow.execute(text("select task_name, args from jobs.procrastinate_jobs order by id"))
        return [row.args for row in rows if row.args["tenant_id"] == str(scope.tenant_id)]


async def scope_for_job(tenant_id: TenantId, name: str, request_id: RequestId) -> Scope:
    return fresh_scope(tenant_id)


async def run_queue(database: Database) -> None:
    worker = jobs.build_worker(database.app_url, database, scope_for_job, {})
    async with worker.open_async():
        await worker.run_worker_async(queues=["work"], wait=False, install_signal_handlers=False, listen_notify=False)


async def test_a_job_exists_when_its_transaction_commits(database: Database) -> None:
    scope = fresh_scope()
    async with database.begin(scope) as uow:
        await jobs.defer(uow, "test.note", value=1)
    assert [job["arguments"] for job in await queued(database, scope)] == [{"value": 1}]


async def test_a_job_goes_with_the_roll_back(database: Database) -> None:
    scope = fresh_scope()
    with pytest.raises(LookupError):
        async with database.begin(scope) as uow:
            await jobs.defer(uow, "test.note", value=1)
            raise LookupError
    assert await queued(database, scope) == []


async def test_a_name_nobody_registered_cannot_be_deferred(database: Database) -> None:
    with pytest.raises(KeyError):
        async with database.begin(fresh_scope()) as uow:
            await jobs.defer(uow, "test.unknown")


async def test_a_worker_runs_a_job_in_its_tenant(database: Database) -> None:
    scope = fresh_scope()
    async with database.begin(scope) as uow:
        await jobs.defer(uow, "test.note", value=7)
    await run_queue(database)
    assert (str(scope.tenant_id), 7) in SEEN


async def test_a_job_that_fails_is_put_back_for_later(database: Database) -> None:
    scope = fresh_scope()
    async with database.begin(scope) as uow:
        await jobs.defer(uow, "test.fails")
    await run_queue(database)
    async with database.system() as uow:
        rows = await uow.execute(
            text(
                "select status::text, attempts, scheduled_at from jobs.procrastinate_jobs"
                " where task_name = 'test.fails'"
            )
        )
        [row] = rows.all()
    assert (row.status, row.attempts) == ("todo", 1)
    assert row.scheduled_at is not None


async def test_a_job_whose_end_could_not_be_written_is_ended_when_the_database_is_back(
    database: Database, database_urls: DatabaseUrls
) -> None:
    async with database.begin(fresh_scope()) as uow:
        await jobs.defer(uow, "test.ends_unheard")
    queue = jobs.build_worker(database.app_url, database, scope_for_job, {})
    async with (
        queue.open_async(),
        await psycopg.AsyncConnection.connect(database_urls.superuser, autocommit=True) as superuser,
    ):
        working = asyncio.create_task(queue.run_worker_async(queues=["work"], install_signal_handlers=False))
        await STARTED.wait()
        await cut_while_it_is_written(superuser)
        assert await states(superuser, "test.ends_unheard") == ["doing"]
        while not await jobs.rescue_stalled(queue):
            await asyncio.sleep(0.01)
        assert await states(superuser, "test.ends_unheard") == ["succeeded"]
        working.cancel()
        await asyncio.wait([working])


async def cut_while_it_is_written(superuser: psycopg.AsyncConnection) -> None:
    """Let the job end while nobody can write that it has, and end the session of whoever tries."""
    async with superuser.transaction():
        await superuser.execute("lock table jobs.procrastinate_jobs in share row exclusive mode")
        MAY_END.set()
        trying = "select pid from pg_stat_activity where wait_event_type = 'Lock' and query like '%finish_job%'"
        while not (waiting := await (await superuser.execute(trying)).fetchall()):
            await asyncio.sleep(0.01)
            # A transaction sees the sessions as they were when it first looked.
            await superuser.execute("select pg_stat_clear_snapshot()")
        await superuser.execute("select pg_terminate_backend(%s)", waiting[0])


async def states(superuser: psycopg.AsyncConnection, task: str) -> list[str]:
    rows = await superuser.execute("select status::text from jobs.procrastinate_jobs where task_name = %s", [task])
    return [row[0] for row in await rows.fetchall()]


async def test_due_work_waits_for_its_tenant_s_clock(database: Database) -> None:
    scope = fresh_scope()
    async with database.begin(scope) as uow:
        await due.schedule(uow, kind="test.note", at=uow.now + timedelta(days=30), payload={"value": 30})
    async with database.system() as uow:
        await due.sweep(uow)
    assert await queued(database, scope) == []
    async with database.begin(scope) as uow:
        await due.move_clock(uow, timedelta(days=31))
    async with database.system() as uow:
        await due.sweep(uow)
    async with database.system() as uow:
        await due.sweep(uow)
    assert [job["arguments"] for job in await queued(database, scope)] == [{"value": 30}]


async def test_a_clock_that_moves_on_takes_what_is_due_in_order(database: Database) -> None:
    scope = fresh_scope()
    async with database.begin(scope) as uow:
        for day in (3, 1, 2):
            await due.schedule(uow, kind="test.note", at=uow.now + timedelta(days=day), payload={"value": day})
        until = uow.now + timedelta(days=2, hours=1)
    taken = []
    async with database.begin(scope) as uow:
        while (work := await due.take_next(uow, until)) is not None:
            taken.append(work.payload["value"])
    assert taken == [1, 2]


async def test_a_moved_clock_is_read_back(database: Database) -> None:
    scope = fresh_scope()
    async with database.begin(scope) as uow:
        await due.move_clock(uow, timedelta(days=5))
        assert await due.read_clock_offset(uow, scope.tenant_id) == timedelta(days=5)
    assert BusinessClock(scope.clock.zone, offset=timedelta(days=5)).now() > scope.clock.now()
