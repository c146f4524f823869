"""Numbers without gaps, whatever the writers, the publishers and the crashes do."""

import asyncio
import random
from collections import defaultdict

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from specie import events
from specie.kernel.ids import uuid7
from specie.kernel.scope import Scope
from specie.platform import crashpoints
from specie.platform.db import Database
from tests.events.facts import fact, feed, publish_all, tell, waiting
from tests.support.scopes import fresh_scope
from tests.support.server import DatabaseUrls


async def test_events_are_numbered_from_one_in_the_order_they_were_recorded(database: Database) -> None:
    scope = fresh_scope()
    await tell(database, scope, fact("a"), fact("b"))
    await tell(database, scope, fact("c"))
    await publish_all(database)
    assert [(each.n, each.subject[1]) for each in await feed(database, scope)] == [(1, "a"), (2, "b"), (3, "c")]


async def test_many_rows_in_one_statement_keep_their_order(database: Database) -> None:
    scope = fresh_scope()
    names = [f"thing {number}" for number in range(500)]
    async with database.begin(scope) as uow:
        rows = [events.row(scope, fact(name), event_id=uuid7(), at=uow.now) for name in names]
        await events.insert_many(await uow.raw(), rows)
    await publish_all(database)
    assert [each.subject[1] for each in await feed(database, scope)] == names


async def test_each_tenant_has_numbers_of_its_own(database: Database) -> None:
    one, other = fresh_scope(), fresh_scope()
    for _ in range(3):
        await tell(database, one)
        await tell(database, other)
    await publish_all(database)
    assert [each.n for each in await feed(database, one)] == [1, 2, 3]
    assert [each.n for each in await feed(database, other)] == [1, 2, 3]


async def test_a_fact_that_rolls_back_leaves_no_event_and_no_hole(database: Database) -> None:
    scope = fresh_scope()
    with pytest.raises(RuntimeError, match="changed my mind"):
        async with database.begin(scope) as uow:
            await events.record(uow, fact("never"))
            raise RuntimeError("changed my mind")
    await tell(database, scope, fact("kept"))
    await publish_all(database)
    assert [(each.n, each.subject[1]) for each in await feed(database, scope)] == [(1, "kept")]


async def _write_slowly(database: Database, scope: Scope, name: str, rounds: int, kept: list[str]) -> None:
    """Versions of one object; each transaction lingers between insert and commit, some roll back."""
    version = 0
    for _ in range(rounds):
        try:
            async with database.begin(scope) as uow:
                await events.record(uow, fact(name, version=version + 1))
                await asyncio.sleep(random.uniform(0, 0.03))
                if random.random() < 0.25:
                    raise RuntimeError("rolled back")
        except RuntimeError:
            continue
        version += 1
        kept.append(f"{name}@{version}")


async def _publish_until(database: Database, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await events.publish(database)
        await asyncio.sleep(0.01)


async def test_slow_writers_and_roll_backs_under_two_publishers_lose_and_double_nothing(database: Database) -> None:
    scopes = [fresh_scope(), fresh_scope()]
    kept: dict[Scope, list[str]] = defaultdict(list)
    stop = asyncio.Event()
    publishers = [asyncio.create_task(_publish_until(database, stop)) for _ in range(2)]
    writers = [_write_slowly(database, scope, f"w{w}", 25, kept[scope]) for w in range(4) for scope in scopes]
    await asyncio.gather(*writers)
    stop.set()
    await asyncio.gather(*publishers)
    await publish_all(database)
    for scope in scopes:
        told = await feed(database, scope)
        assert [each.n for each in told] == list(range(1, len(kept[scope]) + 1))
        assert sorted(f"{each.subject[1]}@{each.version}" for each in told) == sorted(kept[scope])
        for name in {each.subject[1] for each in told}:
            versions = [each.version for each in told if each.subject[1] == name]
            assert versions == sorted(versions)


@pytest.mark.parametrize("point", ["events.publish.commit_before", "events.publish.commit_after"])
async def test_a_publisher_that_dies_beside_its_commit_skips_and_doubles_nothing(
    database: Database, point: str
) -> None:
    scope = fresh_scope()
    await tell(database, scope, fact("a"), fact("b"))
    crashpoints.from_environment({"SPECIE_CRASH_POINT": f"{point}:raise"})
    try:
        with pytest.raises(crashpoints.TrapSprung):
            await events.publish(database)
    finally:
        crashpoints.install(None)
    await tell(database, scope, fact("c"))
    await publish_all(database)
    assert [(each.n, each.subject[1]) for each in await feed(database, scope)] == [(1, "a"), (2, "b"), (3, "c")]
    assert await waiting(database) == 0


_BURST = text("""
with told as (
    insert into specie.event (tenant_id, id, type, schema_version, subject_kind, subject_id, subject_version, data,
                              actor, request_id, occurred_at, recorded_at)
    select tenant_id, uuidv7(), type, schema_version, subject_kind, subject_id, subject_version, data,
           actor, request_id, occurred_at, recorded_at
      from specie.event, generate_series(1, 20000) where tenant_id = :tenant and subject_id = 'last'
    returning id
)
insert into specie.event_unnumbered (tenant_id, event_id) select :tenant, id from told
""")


async def test_a_burst_after_quiet_times_is_numbered_at_once(
    database_urls: DatabaseUrls, superuser_connection: psycopg.Connection
) -> None:
    fresh = Database(database_urls.app, database_urls.system)
    scope = fresh_scope()
    # So often that the server would keep a plan, which was made for a queue of one.
    for number in range(20):
        await tell(fresh, scope, fact("last" if number == 19 else "thing"))
        await events.publish(fresh)
    superuser_connection.execute("analyze specie.event_unnumbered")
    async with fresh.begin(scope) as uow:
        await uow.execute(_BURST, {"tenant": scope.tenant_id.uuid})
    async with asyncio.timeout(10):
        async with fresh.system() as uow:
            assert await events.number_pending(uow, 10_000) == 10_000
    await publish_all(fresh)
    await fresh.close()


async def test_a_second_publisher_stands_back_while_the_first_has_not_committed(database: Database) -> None:
    scope = fresh_scope()
    await tell(database, scope)
    async with database.system() as first:
        assert await events.number_pending(first, 10) == 1
        async with database.system() as second:
            await second.execute(text("set local lock_timeout = '300ms'"))
            assert await events.number_pending(second, 10) == 0
    assert len(await feed(database, scope)) == 1


@pytest.mark.parametrize(
    "statement",
    ["update specie.event set type = 'x'", "delete from specie.event", "update specie.event_number set n = n + 1"],
)
async def test_the_application_can_change_no_event(database: Database, statement: str) -> None:
    scope = fresh_scope()
    await tell(database, scope)
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.begin(scope) as uow:
            await uow.execute(text(statement))


@pytest.mark.breaks_the_books
@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (
            "delete from specie.event_number where tenant_id = %s and n = 2",
            "the numbers of a tenant's events run from one to its head without a gap",
        ),
        (
            "delete from specie.event_number where tenant_id = %s and n = 3",
            "every event is numbered or waiting to be, never both",
        ),
        (
            "update specie.event set type = 'x' where tenant_id = %s",
            "every number stands for an event and repeats its type, subject and party",
        ),
    ],
)
async def test_damage_to_the_feed_is_found(
    database: Database, superuser_connection: psycopg.Connection, damage: str, sentence: str
) -> None:
    scope = fresh_scope()
    await tell(database, scope, fact("a"), fact("b"), fact("c"))
    await publish_all(database)
    query = events.INVARIANTS[sentence]
    sound = len(superuser_connection.execute(query).fetchall())
    assert superuser_connection.execute(damage, [scope.tenant_id.uuid]).rowcount > 0
    assert len(superuser_connection.execute(query).fetchall()) > sound
