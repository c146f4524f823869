"""Units of work: all or nothing, one business time, no network inside, retried when two collide."""

import asyncio

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError

from specie.kernel.errors import StorageFull, Unavailable
from specie.kernel.ids import TenantId
from specie.platform.db import Database, NetworkInsideTransaction, UnitOfWork, refuse_inside_unit_of_work
from tests.support.scopes import fresh_scope

INSERT = text(
    "insert into specie.due (tenant_id, due_at, kind, payload)"
    " values (specie.app_tenant(), '2030-01-01T00:00:00Z', :kind, '{}')"
)
COUNT = text("select count(*) from specie.due")


async def rows(database: Database, scope: object) -> int:
    async with database.begin(scope) as uow:  # type: ignore[arg-type]
        return int((await uow.execute(COUNT)).scalar_one())


async def test_a_block_that_ends_commits(database: Database) -> None:
    scope = fresh_scope()
    async with database.begin(scope) as uow:
        await uow.execute(INSERT, {"kind": "kept"})
    assert await rows(database, scope) == 1


async def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    scope = fresh_scope()
    with pytest.raises(LookupError):
        async with database.begin(scope) as uow:
            await uow.execute(INSERT, {"kind": "lost"})
            raise LookupError
    assert await rows(database, scope) == 0


async def test_a_savepoint_rolls_back_alone(database: Database) -> None:
    scope = fresh_scope()
    async with database.begin(scope) as uow:
        await uow.execute(INSERT, {"kind": "kept"})
        with pytest.raises(LookupError):
            async with uow.savepoint():
                await uow.execute(INSERT, {"kind": "lost"})
                raise LookupError
    assert await rows(database, scope) == 1


async def test_hooks_run_after_a_commit_and_not_after_a_roll_back(database: Database) -> None:
    ran: list[str] = []
    async with database.begin(fresh_scope()) as uow:
        uow.after_commit(lambda: ran.append("committed"))
    with pytest.raises(LookupError):
        async with database.begin(fresh_scope()) as uow:
            uow.after_commit(lambda: ran.append("rolled back"))
            raise LookupError
    assert ran == ["committed"]


async def test_nothing_may_call_out_while_a_unit_is_open(database: Database) -> None:
    refuse_inside_unit_of_work("a test call")
    async with database.begin(fresh_scope()):
        with pytest.raises(NetworkInsideTransaction):
            refuse_inside_unit_of_work("a test call")
    refuse_inside_unit_of_work("a test call")


async def test_a_tenant_set_for_one_unit_is_gone_in_the_next(database: Database) -> None:
    scope = fresh_scope()
    async with database.begin(scope) as uow:
        await uow.execute(INSERT, {"kind": "mine"})
    async with database.begin(None) as uow:
        assert (await uow.execute(COUNT)).scalar_one() == 0
    assert await rows(database, fresh_scope()) == 0


async def test_alternating_tenants_on_few_connections_never_see_each_other(database_urls: object) -> None:
    narrow = Database(database_urls.app, pool_size=2)  # type: ignore[attr-defined]
    scopes = [fresh_scope() for _ in range(3)]
    for index, scope in enumerate(scopes):
        async with narrow.begin(scope) as uow:
            for _ in range(index + 1):
                await uow.execute(INSERT, {"kind": "mine"})
    seen = await asyncio.gather(*(rows(narrow, scopes[n % 3]) for n in range(90)))
    await narrow.close()
    assert seen == [n % 3 + 1 for n in range(90)]


async def test_a_serialization_failure_is_tried_again_from_the_start(database: Database) -> None:
    tries = 0

    async def work(uow: UnitOfWork) -> int:
        nonlocal tries
        tries += 1
        if tries < 3:
            await uow.execute(text("do $$ begin raise exception 'again' using errcode = '40001'; end $$"))
        return tries

    assert await database.run(fresh_scope(), work, label="test.retried") == 3


async def test_endless_collisions_end_as_busy(database: Database) -> None:
    async def work(uow: UnitOfWork) -> None:
        await uow.execute(text("do $$ begin raise exception 'again' using errcode = '40P01'; end $$"))

    with pytest.raises(Unavailable) as refusal:
        await database.run(fresh_scope(), work, label="test.deadlocked")
    assert refusal.value.retryable


async def test_collisions_in_the_posting_path_are_tried_again_too(database: Database) -> None:
    tries = 0

    async def work(uow: UnitOfWork) -> int:
        nonlocal tries
        tries += 1
        if tries < 3:
            await (await uow.raw()).execute("do $$ begin raise exception 'again' using errcode = '40P01'; end $$")
        return tries

    assert await database.run(fresh_scope(), work, label="test.raw_retried") == 3


async def test_a_server_that_dies_under_the_posting_path_is_unavailable(
    database_urls: object, superuser_connection: psycopg.Connection
) -> None:
    narrow = Database(database_urls.app, pool_size=1)  # type: ignore[attr-defined]

    async def work(uow: UnitOfWork) -> None:
        raw = await uow.raw()
        superuser_connection.execute("select pg_terminate_backend(%s)", [raw.info.backend_pid])
        await raw.execute("select 1")

    with pytest.raises(Unavailable) as refusal:
        await narrow.run(fresh_scope(), work, label="test.raw_cut")
    assert refusal.value.retryable
    await narrow.close()


@pytest.mark.parametrize("way", ["the usual way", "the posting path"])
async def test_a_full_disk_is_said_to_be_one_and_writes_nothing(database: Database, way: str) -> None:
    scope = fresh_scope()

    async def work(uow: UnitOfWork) -> None:
        await uow.execute(INSERT, {"kind": "refused"})
        full = "do $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$"
        await ((await uow.raw()).execute(full) if way == "the posting path" else uow.execute(text(full)))

    with pytest.raises(StorageFull) as refusal:
        await database.run(scope, work, label="test.full")
    assert (refusal.value.code, refusal.value.status, refusal.value.headers["Retry-After"]) == (
        "storage_full",
        503,
        "30",
    )
    assert "no money moved" in refusal.value.detail
    assert await rows(database, scope) == 0


async def test_a_standby_that_may_not_write_yet_is_unavailable(database: Database) -> None:
    async def work(uow: UnitOfWork) -> None:
        await uow.execute(text("set transaction read only"))
        await uow.execute(INSERT, {"kind": "refused"})

    with pytest.raises(Unavailable) as refusal:
        await database.run(fresh_scope(), work, label="test.standby")
    assert refusal.value.retryable


async def test_a_connection_the_server_has_closed_is_replaced_unseen(
    database_urls: object, superuser_connection: psycopg.Connection
) -> None:
    narrow = Database(database_urls.app, pool_size=1)  # type: ignore[attr-defined]
    scope = fresh_scope()
    assert await rows(narrow, scope) == 0
    superuser_connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where usename = 'specie_app' and datname = current_database()"
    )
    assert await rows(narrow, scope) == 0
    await narrow.close()


async def test_a_caller_cancelled_in_the_middle_leaves_no_open_transaction(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    scope = fresh_scope()

    async def slow() -> None:
        async with database.begin(scope) as uow:
            await uow.execute(INSERT, {"kind": "lost"})
            await uow.execute(text("select pg_sleep(0.2)"))

    for delay in (0.0, 0.001, 0.005, 0.02, 0.1):
        task = asyncio.create_task(slow())
        await asyncio.sleep(delay)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await rows(database, scope) == 0
    idle = superuser_connection.execute(
        "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'"
    ).fetchone()
    assert idle == (0,)


async def test_a_database_that_is_away_is_unavailable(database_urls: object) -> None:
    url = database_urls.app.rsplit("@", 1)[0] + "@127.0.0.1:1/specie"  # type: ignore[attr-defined]
    away = Database(url)
    with pytest.raises(Unavailable):
        await rows(away, fresh_scope())
    await away.close()


async def test_a_caller_for_whom_no_connection_is_left_is_told_to_come_again(
    database_urls: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = Database(database_urls.app, pool_size=1)  # type: ignore[attr-defined]
    monkeypatch.setattr(narrow._app.pool, "_timeout", 0.1)
    scope = fresh_scope()
    async with narrow.begin(scope):
        with pytest.raises(Unavailable, match="every connection to the database is in use"):
            await rows(narrow, scope)
    assert await rows(narrow, scope) == 0
    await narrow.close()


async def test_a_text_that_the_driver_cannot_send_is_no_sign_of_a_database_that_is_away(database: Database) -> None:
    with pytest.raises(DataError, match="NUL"):
        await database.run(fresh_scope(), lambda uow: uow.execute(INSERT, {"kind": "a\0b"}), label="test.nul")


async def kinds_seen(database: Database, tenant: TenantId | None) -> set[str]:
    return {row.kind for row in await database.ask("select kind from specie.due", tenant=tenant)}


async def test_a_question_sees_its_tenant_and_nobody_else(database: Database) -> None:
    ours, theirs = fresh_scope(), fresh_scope()
    for scope, kind in ((ours, "ours"), (theirs, "theirs")):
        async with database.begin(scope) as uow:
            await uow.execute(INSERT, {"kind": kind})
    assert await kinds_seen(database, ours.tenant_id) == {"ours"}
    assert await kinds_seen(database, None) == set()
    assert await kinds_seen(database, theirs.tenant_id) == {"theirs"}


async def test_a_question_after_the_server_closed_every_connection_is_answered(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    scope = fresh_scope()
    await asyncio.gather(*(kinds_seen(database, scope.tenant_id) for _ in range(6)))
    superuser_connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where usename = 'specie_app' and datname = current_database()"
    )
    assert await kinds_seen(database, scope.tenant_id) == set()


async def test_a_question_to_a_database_that_is_away_is_unavailable(database_urls: object) -> None:
    url = database_urls.app.rsplit("@", 1)[0] + "@127.0.0.1:1/specie"  # type: ignore[attr-defined]
    away = Database(url)
    with pytest.raises(Unavailable):
        await away.ask("select 1")
    await away.close()
