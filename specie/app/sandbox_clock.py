"""The sandbox's clock: it is moved forward, and what falls due on the way happens in its order."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated

import orjson
import structlog
from pydantic import Field
from starlette.responses import Response

from specie import audit
from specie.app.wiring import simulator_url
from specie.kernel.clock import BusinessClock, machine_now
from specie.kernel.errors import Conflict
from specie.kernel.permissions import Permission
from specie.kernel.scope import Mode
from specie.platform import due, jobs
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.platform.due import DueWork
from specie.platform.http import ApiRouter, Edge, Schema, refuses, requires
from specie.platform.jobs import Caused, JobContext
from specie.platform.outbound import NoAnswer, OutboundClient

router = ApiRouter(prefix="/sandbox", tags=["Sandbox"])

_YEAR = 366 * 24 * 3600
_SECOND = timedelta(seconds=1)
_PATIENCE_SECONDS = 3.0
_PATIENCE_OF_QUEUE_SECONDS = 60
_PATIENCE_WITH_WORKERS = timedelta(seconds=10)
_GLANCE_SECONDS = 0.05

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Stop:
    """Work that fell due on the way, and the job that would do it if this process did not."""

    work: DueWork
    queued: int


class ClockIsReal(Conflict):
    """Only a sandbox's clock can be moved; live time is everybody's."""

    code = "clock_is_real"
    title = "This clock cannot be moved"
    is_decision = False


class ClockIn(Schema):
    """How far to go."""

    seconds: Annotated[int, Field(ge=1, le=_YEAR)]


class ClockOut(Schema):
    """Where the clock stands, and how many pieces of work fell due on the way."""

    now: datetime
    ahead_seconds: int
    done: int


@router.get("/clock", response_model=ClockOut)
async def show_clock(edge: Edge = requires(Permission.TENANT_READ)) -> ClockOut:
    """The tenant's business time and how far it is ahead of the machine's."""
    return _shown(edge.scope.clock, 0)


@router.post("/clock/advance", response_model=ClockOut)
@refuses(ClockIsReal)
async def advance_clock(body: ClockIn, edge: Edge = requires(Permission.SANDBOX_CLOCK, rehearsable=False)) -> Response:
    """Move the sandbox's clock. It stops at everything that falls due, does it and what that causes, then goes on.

    So does the simulator.
    """
    if edge.scope.mode is not Mode.SANDBOX:
        raise ClockIsReal("a live tenant keeps real time; use its sandbox")
    earlier = await edge.earlier()
    if earlier is not None:
        return earlier
    clock = edge.scope.clock
    goal, done, left = clock.now() + timedelta(seconds=body.seconds), 0, list[int]()
    while (stop := await _next_stop(edge, clock, goal)) is not None:
        clock = await _arrived(edge, clock, stop.work.due_at)
        await _do(edge, stop)
        await _do_caused(edge, left)
        done += 1
    there = await _arrived(edge, clock, goal)
    return await edge.write(lambda uow: _set_clock(uow, there), lambda _: _shown(there, done))


async def _do_caused(edge: Edge, left: list[int]) -> None:
    """What the work has enqueued happens before the clock goes on, here or by a worker that has taken it already.

    What fails is `left` to the queue, which tries again; what a worker does not finish in time is left to the worker.
    """
    until = machine_now() + _PATIENCE_WITH_WORKERS

    async def take(uow: UnitOfWork) -> Caused | None:
        return await jobs.take_caused(uow, _PATIENCE_OF_QUEUE_SECONDS, left)

    while (caused := await edge.db.run(edge.scope, take, label="sandbox.clock_caused")) is not None:
        if not caused.taken:
            left += [] if await _do_one(edge, caused) else [caused.id]
        elif machine_now() > until:
            left.append(caused.id)
        else:
            await asyncio.sleep(_GLANCE_SECONDS)


async def _do_one(edge: Edge, caused: Caused) -> bool:
    """Do a job here, or give it back to the queue; whether it was done."""
    services = edge.request.app.state.services
    scope = await services["scope_for_job"](edge.scope.tenant_id, caused.name, edge.scope.request_id)
    try:
        await jobs.registered(caused.name)(JobContext(edge.db, scope, services), **caused.arguments)
    except Exception:
        _log.info("caused_job_left_to_the_queue", job=caused.name, exc_info=True)
        await edge.db.run(edge.scope, lambda uow: jobs.hand_back(uow, caused.id), label="sandbox.clock_left")
        return False
    await _is_done(edge, caused.id)
    return True


async def _next_stop(edge: Edge, clock: BusinessClock, goal: datetime) -> _Stop | None:
    async def take(uow: UnitOfWork) -> _Stop | None:
        work = await due.take_next(uow, goal)
        if work is None:
            return None
        await due.move_clock(uow, _at(clock, work.due_at).offset)
        # Queued for later as well, so that it happens even if this process dies here.
        return _Stop(work, await jobs.defer_unless_done(uow, work.kind, _PATIENCE_OF_QUEUE_SECONDS, **work.payload))

    return await edge.db.run(edge.scope, take, label="sandbox.clock_stop")


async def _set_clock(uow: UnitOfWork, there: BusinessClock) -> None:
    await due.move_clock(uow, there.offset)
    subject = ("tenant", str(uow.scope.tenant_id))
    before = {"ahead_seconds": int(uow.scope.clock.offset.total_seconds())}
    after = {"ahead_seconds": int(there.offset.total_seconds())}
    await audit.record(uow, action="sandbox.clock.advance", subject=subject, before=before, after=after)


async def _do(edge: Edge, stop: _Stop) -> None:
    services, work = edge.request.app.state.services, stop.work
    scope = await services["scope_for_job"](edge.scope.tenant_id, work.kind, edge.scope.request_id)
    await jobs.registered(work.kind)(JobContext(edge.db, scope, services), **work.payload)
    # Done twice, a question that plans the next one would double with every stop.
    await _is_done(edge, stop.queued)


async def _is_done(edge: Edge, job: int) -> None:
    await edge.db.run(edge.scope, lambda uow: jobs.cancel(uow, job), label="sandbox.clock_done")


def _at(clock: BusinessClock, moment: datetime) -> BusinessClock:
    """The clock at a moment, rounded up to a whole second, so that what is due then is due; it never goes back."""
    ahead = -(-max(moment - clock.now(), timedelta(0)) // _SECOND)
    return replace(clock, offset=clock.offset + ahead * _SECOND)


async def _arrived(edge: Edge, clock: BusinessClock, moment: datetime) -> BusinessClock:
    """The clock at a moment, with the simulator taken along."""
    there = _at(clock, moment)
    await _move_simulator(edge, (there.offset - clock.offset) // _SECOND)
    return there


async def _move_simulator(edge: Edge, seconds: int) -> None:
    """Take the simulator along. One that is away or asks for its own token keeps its time; charges end later then."""
    services = edge.request.app.state.services
    url = f"{simulator_url(services['settings'])}/admin/clock"
    outbound: OutboundClient = services["outbound"]
    crash_point("sandbox.clock.simulator")
    try:
        body = orjson.dumps({"seconds": seconds})
        await outbound.request("POST", url, content=body, timeout=_PATIENCE_SECONDS, allow_private=True)
    except NoAnswer as error:
        _log.info("simulator_clock_not_moved", reason=str(error))


def _shown(clock: BusinessClock, done: int) -> ClockOut:
    return ClockOut(now=clock.now(), ahead_seconds=int(clock.offset.total_seconds()), done=done)
