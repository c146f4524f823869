"""The worker: queued jobs, and the loops that number, deliver, seal, sweep and check.

One process does it all; several may run side by side, because every loop claims its work in the database.
"""

import asyncio
import os
import signal
from datetime import timedelta
from uuid import UUID

import procrastinate
import structlog

from specie import audit, ledger, notifications
from specie.app import lags, nightly_books, proving, selfcheck, worker_health
from specie.app.deliveries import event_loops
from specie.app.loops import Loop, run_all
from specie.app.metrics_port import serving_metrics
from specie.app.verify import Report, verify
from specie.app.wiring import Services, build
from specie.events.kafka import KafkaPublisher, options_of
from specie.events.relay import relay
from specie.identity import service as identity
from specie.kernel.clock import machine_now, monotonic
from specie.kernel.ids import RequestId
from specie.platform import due, garbage, jobs, requestlog_store
from specie.platform.config import Settings
from specie.platform.crashpoints import crash_point, from_environment
from specie.platform.metrics import gauge
from specie.platform.telemetry import configure_logs
from specie.webhooks.sender import Sender
from specie.webhooks.sending_store import forget_answers

_PARALLEL_JOBS = 8
_GRACE_SECONDS = 15.0
_LAG_SECONDS = 5.0
_RELAY_SECONDS = 0.2
_VERIFY_SECONDS = 3600.0
_PROOF_LOOK_SECONDS = 60.0
_BOOKS_LOOK_SECONDS = 3600.0
_ANSWERS_AT_ONCE = 1000
_IDLE_BUCKETS = timedelta(hours=2)

_log = structlog.get_logger(__name__)
_broken = gauge("invariant_broken", "Rows that break an invariant, or 1 for a broken chain; 0 is sound.", "module")


async def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then finish what has begun. Leaves with exit code 78 when a check fails."""
    configure_logs(level=settings.log_level, form=settings.log_format, folder=settings.log_dir, process="worker")
    await asyncio.to_thread(selfcheck.require_safe, settings)
    from_environment()
    # Somebody waits for what the API answers; what the worker does can be done a moment later.
    os.nice(settings.worker_niceness)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    services = build(settings)
    garbage.settle()
    await work_until(stopping, services)


async def work_until(stopping: asyncio.Event, services: Services) -> None:
    """Run jobs and loops until the event is set."""
    queue = jobs.build_worker(services.settings.database_url, services.db, services.scope_for_job, services.by_name())
    sender = Sender(services.db, services.outbound, services.vault)
    broker = open_broker(services.settings)
    async with services.running(), serving_metrics(services.settings), queue.open_async():
        loops = background_loops(services, queue, sender, broker)
        await asyncio.gather(run_all(loops, stopping), _run_queue(queue, stopping))
        await sender.close()
        if broker is not None:
            await broker.close()
    worker_health.forget(services.settings.state)
    _log.info("worker_stopped")


def open_broker(settings: Settings) -> KafkaPublisher | None:
    """Where the feed is published to; None where no Apache Kafka is set."""
    if not settings.kafka_bootstrap:
        return None
    options = options_of(settings.kafka_options.get_secret_value())
    return KafkaPublisher(settings.kafka_bootstrap, settings.kafka_topic, options)


def background_loops(
    services: Services, queue: procrastinate.App, sender: Sender, broker: KafkaPublisher | None = None
) -> list[Loop]:
    """Every loop of the worker."""
    loops = [
        Loop("due", lambda: _sweep_due(services), 0.5),
        Loop("rescue", lambda: _rescue(queue), 15.0),
        Loop("audit_seal", lambda: _seal_audit(services), 1.0),
        Loop("ledger_seal", lambda: _seal_ledger(services), 1.0),
        Loop("request_log", lambda: _forget_requests(services), 600.0),
        Loop("webhook_log", lambda: _forget_answers(services), 3600.0),
        Loop("rate_buckets", lambda: _forget_buckets(services), 600.0),
        Loop("lags", lambda: _measure_lags(services), _LAG_SECONDS),
        Loop("callbacks", lambda: _clean_callbacks(services), 6 * 3600.0),
        Loop("notices", lambda: notifications.look(services.db), 1.0),
        *event_loops(services.db, sender),
    ]
    if broker is not None:
        loops.append(Loop("kafka", lambda: relay(services.db, broker), _RELAY_SECONDS))
    if services.settings.auditor_url:
        loops.append(Loop("verify", Prover(services).step, _PROOF_LOOK_SECONDS))
        if services.settings.books_copy_days:
            loops.append(Loop("books", lambda: nightly_books.ask_every_tenant(services.db), _BOOKS_LOOK_SECONDS))
    loops.append(worker_health.reporter(loops, services.settings.state))
    return loops


async def _run_queue(queue: procrastinate.App, stopping: asyncio.Event) -> None:
    """Run queued jobs; a queue that fails is started again by its own loop."""
    while not stopping.is_set():
        worker = asyncio.create_task(
            queue.run_worker_async(
                queues=["work"],
                concurrency=_PARALLEL_JOBS,
                delete_jobs="successful",
                shutdown_graceful_timeout=_GRACE_SECONDS,
                install_signal_handlers=False,
                fetch_job_polling_interval=2.0,
            )
        )
        told = asyncio.create_task(stopping.wait())
        await asyncio.wait([worker, told], return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        await _end(worker)
        if not stopping.is_set():
            error = None if worker.cancelled() else worker.exception()
            _log.warning("queue_stopped", exc_info=error)
            await asyncio.sleep(1.0)


async def _end(worker: asyncio.Task[None]) -> None:
    """Stop the queue in its own way: it takes no more jobs and finishes those that run."""
    while not worker.done():
        worker.cancel()
        # It forgets a request that comes while it is still starting, so one that shows no effect is made again.
        await asyncio.wait([worker], timeout=_GRACE_SECONDS + 2)


async def _sweep_due(services: Services) -> int:
    async with services.db.system() as uow:
        done = await due.sweep(uow)
        crash_point("worker.due.commit.before")
    return done


async def _rescue(queue: procrastinate.App) -> int:
    rescued = await jobs.rescue_stalled(queue)
    if rescued:
        _log.warning("jobs_rescued", jobs=rescued)
    return 0


async def _seal_audit(services: Services) -> int:
    async with services.db.system() as uow:
        done = await audit.seal_pending(uow)
        crash_point("worker.audit_seal.commit.before")
    return done


async def _seal_ledger(services: Services) -> int:
    async with services.db.system() as uow:
        done = await ledger.seal_pending(uow)
        crash_point("worker.ledger_seal.commit.before")
    return done


async def _forget_requests(services: Services) -> int:
    before = machine_now() - timedelta(days=services.settings.request_log_days)
    async with services.db.system() as uow:
        done = await requestlog_store.delete_older(uow, before)
        crash_point("worker.request_log.commit.before")
    return done


async def _forget_answers(services: Services) -> int:
    before = machine_now() - timedelta(days=services.settings.webhook_log_days)
    async with services.db.system() as uow:
        done = await forget_answers(uow, before, _ANSWERS_AT_ONCE)
        crash_point("worker.webhook_log.commit.before")
    return done


async def _clean_callbacks(services: Services) -> int:
    """Let every tenant erase the bytes of callbacks that were finished long ago."""
    after: UUID | None = None
    async with services.db.system() as uow:
        while True:
            page = await identity.list_tenants(uow, after, 500)
            for tenant in page.items:
                await jobs.defer_for(uow, tenant.id, RequestId.new(), "providers.clean_callbacks", {})
            if page.next_key is None:
                break
            after = UUID(page.next_key[0])
        crash_point("worker.callbacks.commit.before")
    return 0


async def _forget_buckets(services: Services) -> int:
    await services.limiter.forget_idle(_IDLE_BUCKETS)
    return 0


async def _measure_lags(services: Services) -> int:
    await lags.measure(services.db)
    return 0


class Prover:
    """Verifies everything each hour, and whenever a checkpoint is due, which it signs when the books are sound."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._interval = timedelta(minutes=services.settings.checkpoint_minutes)
        self._proved_at: float | None = None
        self._is_sound = True

    async def step(self) -> int:
        """One look at whether it is time."""
        services = self._services
        is_old = self._proved_at is None or monotonic() - self._proved_at >= _VERIFY_SECONDS
        # Books that are not sound stay so until somebody acts; looking again each minute would not help.
        is_due = self._is_sound and await proving.is_due(services.db, self._interval)
        if is_due:
            report, _ = await proving.prove_and_sign(
                services.db, services.settings.auditor_url, services.signer, services.storage
            )
        elif is_old:
            report = await verify(services.settings.auditor_url, services.signer.public_key)
        else:
            return 0
        self._proved_at = monotonic()
        self._is_sound = report.is_sound
        _tell(report)
        return 0


def _tell(report: Report) -> None:
    broken: dict[str, int] = {}
    for finding in report.findings:
        broken[finding.module] = broken.get(finding.module, 0) + len(finding.rows)
        _log.error("invariant_broken", module=finding.module, sentence=finding.sentence, rows=finding.rows)
    _broken.clear()
    _broken.labels("all").set(sum(broken.values()))
    for module, rows in broken.items():
        _broken.labels(module).set(rows)
