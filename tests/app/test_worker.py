"""The worker: due work becomes jobs, jobs run, rows get sealed, failures wait, and it stops when told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from specie import audit
from specie.app import worker, worker_health
from specie.app.cli.exit_codes import ExitCode
from specie.app.loops import Loop
from specie.app.wiring import Services, build
from specie.identity.scopes import system_scope
from specie.identity.service import NewTenant, create_tenant
from specie.kernel.clock import machine_timestamp
from specie.kernel.scope import Scope
from specie.platform import due, jobs
from specie.platform.config import Settings
from specie.platform.db import Database
from specie.platform.jobs import JobContext
from tests.app.test_cli import specie

ran: list[tuple[str, str]] = []


@jobs.job("tests.note")
async def note(context: JobContext, word: str) -> None:
    ran.append((word, str(context.scope.tenant_id)))


@asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[Services]:
    services = build(settings)
    stopping = asyncio.Event()
    task = asyncio.create_task(worker.work_until(stopping, services))
    try:
        yield services
    finally:
        stopping.set()
        async with asyncio.timeout(20):
            await task


async def eventually(check: Callable[[], Awaitable[Any]]) -> None:
    async with asyncio.timeout(20):
        while not await check():
            await asyncio.sleep(0.05)


async def tenant_scope(database: Database, slug: str) -> Scope:
    async with database.begin(None) as uow:
        live, _ = await create_tenant(uow, NewTenant(name=slug, slug=slug))
    return system_scope(live)


async def test_due_work_becomes_a_job_that_runs_in_its_tenant(settings: Settings, database: Database) -> None:
    scope = await tenant_scope(database, "due-work")
    async with database.begin(scope) as uow:
        await due.schedule(uow, kind="tests.note", at=uow.now - timedelta(seconds=1), payload={"word": "due"})
        await due.schedule(uow, kind="tests.note", at=uow.now + timedelta(days=1), payload={"word": "later"})

    async def has_run() -> bool:
        return ("due", str(scope.tenant_id)) in ran

    async with working(settings):
        await eventually(has_run)
    assert [word for word, _ in ran] == ["due"]


async def test_audit_rows_are_sealed_in_the_background(settings: Settings, database: Database) -> None:
    scope = await tenant_scope(database, "sealed")

    async def is_sealed() -> bool:
        async with database.begin(scope) as uow:
            rows = (await audit.find(uow, audit.AuditFilter(), None, 10)).items
        return bool(rows) and all(row.n is not None for row in rows)

    async with working(settings):
        await eventually(is_sealed)


async def test_a_worker_that_works_says_so_and_one_that_was_stopped_does_not(
    settings: Settings, database: Database
) -> None:
    file = worker_health.file_of(settings.state)

    async def is_written() -> bool:
        return file.is_file()

    async with working(settings):
        await eventually(is_written)
        failures = json.loads(file.read_text())["failures"]
        assert worker_health.faults(settings.state) == []
    assert {"due", "rescue", "audit_seal", "ledger_seal", "verify"} <= failures.keys()
    assert set(failures.values()) == {0}
    assert worker_health.faults(settings.state) == ["it has not reported yet, or it was stopped"]


async def test_a_loop_that_stands_still_is_told_by_name(tmp_path: Path) -> None:
    stopping, hanging = asyncio.Event(), asyncio.Event()

    async def hang() -> int:
        hanging.set()
        await stopping.wait()
        return 0

    stuck = Loop("publisher", hang, 0.01)
    running = asyncio.create_task(stuck.run(stopping))
    await hanging.wait()
    reporter = worker_health.reporter([stuck], tmp_path)
    await reporter.step()
    assert worker_health.faults(tmp_path) == []
    assert stuck.step_began is not None
    stuck.step_began -= 301
    await reporter.step()
    assert worker_health.faults(tmp_path) == ["its loop publisher has been in one step for 301 seconds"]
    stopping.set()
    await running
    await reporter.step()
    assert worker_health.faults(tmp_path) == []


async def test_the_check_of_the_container_fails_for_a_worker_that_no_longer_reports(tmp_path: Path) -> None:
    await worker_health.reporter([], tmp_path).step()
    check = partial(specie, "worker", "--check", "--json", SPECIE_STATE=str(tmp_path))
    fresh = await asyncio.to_thread(check)
    assert (fresh.returncode, json.loads(fresh.stdout)) == (ExitCode.OK, {"healthy": True, "faults": []})
    file = worker_health.file_of(tmp_path)
    file.write_text(json.dumps(json.loads(file.read_text()) | {"at": machine_timestamp() - 60}))
    stale = await asyncio.to_thread(check)
    assert stale.returncode == ExitCode.CHECK_FAILED
    assert "it last reported 6" in stale.stdout


async def test_the_worker_stops_when_told_with_nothing_to_do(settings: Settings) -> None:
    async with working(settings):
        await asyncio.sleep(0)


async def test_a_failing_step_waits_and_goes_on() -> None:
    stopping = asyncio.Event()
    calls = 0

    async def step() -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise RuntimeError("once")
        stopping.set()
        return 0

    loop = Loop("test", step, 0.01)
    async with asyncio.timeout(5):
        await loop.run(stopping)
    assert (calls, loop.failures_in_a_row) == (2, 0)


async def test_a_stop_ends_a_long_pause_at_once() -> None:
    stopping = asyncio.Event()

    async def step() -> int:
        return 0

    running = asyncio.create_task(Loop("pausing", step, 600).run(stopping))
    await asyncio.sleep(0.05)
    stopping.set()
    async with asyncio.timeout(1):
        await running


async def test_what_one_loop_has_done_wakes_the_next_at_once() -> None:
    stopping = asyncio.Event()
    portions = [1, 0]
    woken = []

    async def first() -> int:
        return portions.pop(0) if portions else 0

    async def second() -> int:
        woken.append(portions == [])
        if woken[-1]:
            stopping.set()
        return 0

    follower = Loop("follower", second, 600)
    running = asyncio.create_task(follower.run(stopping))
    await asyncio.sleep(0.05)
    assert woken == [False]
    async with asyncio.timeout(2):
        await asyncio.gather(Loop("leader", first, 0.01, then=[follower]).run(stopping), running)
    assert woken == [False, True]


async def test_a_quiet_loop_looks_less_and_less_often_up_to_its_longest_pause() -> None:
    found = iter([0, 0, 0, 0, 1, 0])

    async def step() -> int:
        return next(found)

    loop = Loop("quiet", step, 0.05, longest_pause=0.3)
    assert [await loop._once() for _ in range(6)] == [0.05, 0.1, 0.2, 0.3, 0.0, 0.05]
