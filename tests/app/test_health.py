"""Health says how far background work is behind, each kind in seconds, and in a sentence when that is too far."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from specie import webhooks
from specie.app import lags
from specie.app.api import create_app
from specie.app.lags import PARTS
from specie.kernel.clock import machine_now
from specie.kernel.scope import Scope
from specie.platform.config import Settings
from specie.platform.db import Database
from specie.platform.metrics import registry
from tests.events.facts import fact, publish_all, tell
from tests.support.scopes import fresh_scope
from tests.webhooks.receiver import subscribe

pytestmark = pytest.mark.breaks_the_books

OLD = 600
DUE_JOB = "insert into procrastinate_jobs (queue_name, task_name, scheduled_at) values ('work', 'test', %s)"


@pytest.fixture(autouse=True)
def nothing_waits(superuser_connection: psycopg.Connection) -> Iterator[None]:
    """Each test begins with empty queues."""
    superuser_connection.execute("set search_path = jobs, public")
    yield
    for table in ("specie.event_unnumbered", "specie.audit_pending", "specie.webhook_attempt"):
        superuser_connection.execute(f"delete from {table}")
    superuser_connection.execute("truncate procrastinate_jobs cascade")
    superuser_connection.execute("update specie.webhook_endpoint set state = 'deleted', disabled_reason = null")
    superuser_connection.execute("delete from specie.event_head")


def old_id() -> UUID:
    """An id made ten minutes ago."""
    milliseconds = int((machine_now() - timedelta(seconds=OLD)).timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | 0x8 << 60)


async def told_long_ago(database: Database) -> Scope:
    scope = fresh_scope()
    await tell(database, scope, replace(fact(), id=old_id()))
    return scope


async def late(database: Database) -> dict[str, int]:
    """The parts that are behind, and by how many seconds, to the nearest ten."""
    return {lag.part: round(lag.seconds, -1) for lag in await lags.measure(database) if lag.seconds >= 5}


async def test_nothing_waits_and_nothing_is_behind(database: Database) -> None:
    assert await late(database) == {}
    assert {lag.part for lag in await lags.measure(database)} == set(PARTS)


async def test_the_oldest_job_that_is_due_tells_the_queues_lag(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    superuser_connection.execute(DUE_JOB, [machine_now() - timedelta(seconds=OLD)])
    superuser_connection.execute(DUE_JOB, [machine_now() + timedelta(seconds=OLD)])
    assert await late(database) == {"queue": OLD}


async def test_a_job_to_be_done_at_once_is_as_late_as_its_deferring_is_old(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    superuser_connection.execute(DUE_JOB, [None])
    superuser_connection.execute("update procrastinate_events set at = %s", [machine_now() - timedelta(seconds=OLD)])
    assert await late(database) == {"queue": OLD}


async def test_a_job_that_is_being_done_does_not_wait(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    superuser_connection.execute(DUE_JOB, [machine_now() - timedelta(seconds=OLD)])
    superuser_connection.execute("update procrastinate_jobs set status = 'doing'")
    assert await late(database) == {}


async def test_an_unnumbered_event_tells_the_publishers_lag(database: Database) -> None:
    await told_long_ago(database)
    assert await late(database) == {"publisher": OLD}


async def test_a_numbered_event_waits_to_be_handed_out_and_sealed(database: Database) -> None:
    await told_long_ago(database)
    await publish_all(database)
    assert await late(database) == {"fan_out": OLD, "ledger_sealer": OLD}


async def test_a_due_delivery_tells_the_webhooks_lag(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    await owed(database, superuser_connection)
    assert await late(database) == {"webhooks": OLD, "undelivered": OLD}


@pytest.mark.parametrize("state", ["consecutive_failures = 3", "open_until = '2099-01-01Z'"])
async def test_what_waits_for_a_failing_endpoint_is_no_lag_of_ours(
    database: Database, superuser_connection: psycopg.Connection, state: str
) -> None:
    await owed(database, superuser_connection)
    superuser_connection.execute(f"update specie.webhook_endpoint set {state} where state = 'enabled'")
    assert await late(database) == {"undelivered": OLD}


async def owed(database: Database, connection: psycopg.Connection) -> None:
    """A delivery made and due ten minutes ago."""
    scope = fresh_scope()
    await subscribe(database, scope, "http://127.0.0.1:9/hook")
    await tell(database, scope)
    await publish_all(database)
    await webhooks.fan_out(database)
    before = machine_now() - timedelta(seconds=OLD)
    connection.execute(
        "update specie.webhook_delivery set next_at = %s, id = %s where tenant_id = %s",
        [before, old_id(), scope.tenant_id.uuid],
    )


async def test_an_unsealed_act_tells_the_audit_sealers_lag(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    superuser_connection.execute("insert into specie.audit_pending values (%s, %s)", [old_id(), old_id()])
    assert await late(database) == {"audit_sealer": OLD}


async def test_prometheus_reads_the_same_seconds(database: Database, superuser_connection: psycopg.Connection) -> None:
    superuser_connection.execute("insert into specie.audit_pending values (%s, %s)", [old_id(), old_id()])
    await lags.measure(database)
    shown = registry.get_sample_value("specie_lag_seconds", {"part": "audit_sealer"})
    assert shown == pytest.approx(OLD, abs=5)
    assert registry.get_sample_value("specie_lag_seconds", {"part": "queue"}) == 0


async def test_health_is_ok_with_every_lag_and_its_limit(fresh_client: TestClient) -> None:
    answer = fresh_client.get("/health")
    assert (answer.status_code, answer.json()["status"], answer.json()["notes"]) == (200, "ok", [])
    assert answer.json()["lags"]["queue"] == {"seconds": 0, "limit_seconds": 60}
    assert set(answer.json()["lags"]) == set(PARTS)


async def test_work_that_is_far_behind_degrades_health_with_a_sentence_and_leaves_it_ready(
    fresh_client: TestClient, superuser_connection: psycopg.Connection
) -> None:
    superuser_connection.execute(DUE_JOB, [machine_now() - timedelta(seconds=OLD)])
    answer = fresh_client.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["notes"] == ["Jobs are not taken: the oldest has been due for 10 minutes."]
    assert fresh_client.get("/health/ready").json()["status"] == "ok"


async def test_a_process_stays_ready_while_the_schema_is_newer_and_not_while_it_is_older(
    fresh_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("specie.app.health.newest_revision", lambda: "0001")
    assert fresh_client.get("/health/ready").status_code == 200
    monkeypatch.setattr("specie.app.health.newest_revision", lambda: "9999")
    answer = fresh_client.get("/health/ready")
    assert (answer.status_code, answer.json()["checks"]["migrations"]) == (503, "failed")


async def test_asking_again_at_once_costs_no_query(
    fresh_client: TestClient, superuser_connection: psycopg.Connection
) -> None:
    assert fresh_client.get("/health").json()["lags"]["queue"]["seconds"] == 0
    superuser_connection.execute(DUE_JOB, [machine_now() - timedelta(seconds=OLD)])
    assert fresh_client.get("/health").json()["lags"]["queue"]["seconds"] == 0


@pytest.fixture
def fresh_client(settings: Settings) -> Iterator[TestClient]:
    """A client of an application that has not been asked before."""
    made: FastAPI = create_app(settings)
    with TestClient(made, base_url="http://127.0.0.1:8000") as client:
        yield client
