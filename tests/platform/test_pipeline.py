"""Statements that travel together: answered in order, stopped by the first that fails, and never half-said."""

import asyncio
import gc
import time
import weakref
from collections.abc import AsyncIterator, Iterator
from uuid import UUID, uuid4

import psycopg
import pytest

from specie.platform import arrays
from specie.platform.db import Database
from specie.platform.pipeline import Connection, Statement, pipelined, streamed

TABLE = Statement("create temporary table jar (coin int)")
DROP_IN = Statement("insert into jar (coin) values (%s)", [5])
COUNT = Statement("select count(*) as coins from jar")


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[Connection]:
    """A connection on which the driver prepares nothing itself, with a table of its own."""
    async with await psycopg.AsyncConnection.connect(
        database.app_url, autocommit=True, prepare_threshold=None
    ) as opened:
        await opened.execute(TABLE.query)
        yield opened


async def coins(connection: Connection) -> int:
    [rows] = await pipelined(connection, [COUNT])
    return int(rows[0].coins)


async def test_each_statement_sees_what_those_before_it_have_done(connection: Connection) -> None:
    before, _, after = await pipelined(connection, [COUNT, DROP_IN, COUNT])
    assert (before[0].coins, after[0].coins) == (0, 1)


async def test_one_that_returns_nothing_has_no_rows(connection: Connection) -> None:
    assert await pipelined(connection, [DROP_IN, Statement("select 1 as one where false")]) == [[], []]


async def test_values_come_back_as_they_went(connection: Connection) -> None:
    wallet, others = uuid4(), [uuid4(), uuid4()]
    query = "select %(wallet)s::uuid as wallet, %(others)s::uuid[] as others, %(none)s::text as none, %(wallet)s::uuid"
    values = {"wallet": wallet, "others": arrays.uuids(others), "none": None, "unused": 1}
    [[row]] = await pipelined(connection, [Statement(query, values)])
    assert row == (wallet, others, None, wallet)
    assert isinstance(row.wallet, UUID)


async def test_a_per_cent_sign_is_written_twice(connection: Connection) -> None:
    query = "select 'fee 3%%' like %s || '%%' as fits"
    [[row]] = await pipelined(connection, [Statement(query, ["fee"])])
    assert row.fits


async def test_the_same_text_takes_values_of_different_types(connection: Connection) -> None:
    for value in (1, 70_000, 2**40, "5"):
        [[row]] = await pipelined(connection, [Statement("select %s::text as written", [value])])
        assert row.written == str(value)


async def test_the_first_that_fails_keeps_the_others_from_running(connection: Connection) -> None:
    broken = Statement("select 1 / %s", [0])
    with pytest.raises(psycopg.errors.DivisionByZero, match="division by zero"):
        await pipelined(connection, [DROP_IN, broken, DROP_IN])
    # Outside a transaction they are one, so what came before the failure is gone as well.
    assert await coins(connection) == 0


async def test_what_was_skipped_can_be_asked_again(connection: Connection) -> None:
    later = Statement("select 'later' as word")
    with pytest.raises(psycopg.errors.DivisionByZero):
        await pipelined(connection, [Statement("select 1 / 0"), later])
    [[row]] = await pipelined(connection, [later])
    assert row.word == "later"


async def test_a_value_that_cannot_be_sent_leaves_nothing_half_said(connection: Connection) -> None:
    with pytest.raises(psycopg.ProgrammingError, match="cannot adapt type"):
        await pipelined(connection, [DROP_IN, Statement("select %s", [object()])])
    assert await coins(connection) == 0


async def test_more_than_the_socket_holds_goes_both_ways(connection: Connection) -> None:
    many = Statement("select %s::bigint[] as numbers", [arrays.bigints(range(300_000))])
    answers = await pipelined(connection, [many] * 4)
    assert [len(rows[0].numbers) for rows in answers] == [300_000] * 4


async def test_groups_are_answered_in_order_and_see_what_those_before_them_have_done(connection: Connection) -> None:
    before, _, _, after = await streamed(connection, [[COUNT, DROP_IN], [DROP_IN, COUNT]])
    assert (before[0].coins, after[0].coins) == (0, 2)


async def test_a_statement_that_fails_keeps_later_groups_from_running(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        await streamed(connection, [[DROP_IN], [Statement("select 1 / 0")], [DROP_IN]])
    assert await coins(connection) == 0


async def test_the_server_is_at_work_while_the_next_group_is_made(connection: Connection) -> None:
    def groups() -> Iterator[list[Statement]]:
        yield [Statement("select pg_advisory_lock(4711)")]
        # Nobody reads the answers yet, so only the server's own books tell that it has begun.
        while not held():
            time.sleep(0.001)
        yield [Statement("select pg_advisory_unlock(4711) as was_held")]

    def held() -> bool:
        query = "select count(*) from pg_locks where locktype = 'advisory' and objid = 4711 and granted"
        row = beside.execute(query).fetchone()
        return row is not None and row[0] == 1

    with psycopg.connect(connection.info.dsn, password=connection.info.password, autocommit=True) as beside:
        _, [row] = await streamed(connection, groups())
    assert row.was_held


async def test_a_group_that_cannot_be_made_leaves_the_connection_fit_for_use(connection: Connection) -> None:
    def groups() -> Iterator[list[Statement]]:
        yield [DROP_IN]
        raise LookupError("no more")

    async with connection.transaction(force_rollback=True):
        with pytest.raises(LookupError):
            await streamed(connection, groups())
        assert await coins(connection) == 1
    assert await coins(connection) == 0


async def test_a_connection_outlives_whoever_is_cancelled(connection: Connection) -> None:
    waiting = asyncio.create_task(pipelined(connection, [DROP_IN, Statement("select pg_sleep(30)")]))
    while connection.pgconn.pipeline_status == psycopg.pq.PipelineStatus.OFF:
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await coins(connection) == 0


async def test_a_connection_that_is_ended_says_so(connection: Connection) -> None:
    with pytest.raises(psycopg.OperationalError, match="server closed the connection"):
        await pipelined(connection, [DROP_IN, Statement("select pg_terminate_backend(pg_backend_pid())")])
    assert connection.broken


async def test_whoever_is_cancelled_is_so_even_when_the_connection_ends_meanwhile(
    connection: Connection, superuser_connection: psycopg.Connection
) -> None:
    superuser_connection.execute("select pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])
    waiting = asyncio.create_task(pipelined(connection, [DROP_IN]))
    while connection.pgconn.pipeline_status == psycopg.pq.PipelineStatus.OFF:
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert connection.broken


async def test_it_gets_along_with_a_driver_that_prepares_and_discards(database: Database) -> None:
    async with await psycopg.AsyncConnection.connect(database.app_url, prepare_threshold=0) as connection:
        for _ in range(3):
            await connection.execute("select %s::int", [1])
            [[row]] = await pipelined(connection, [Statement("select %s::int as two", [2])])
            assert row.two == 2
            await connection.rollback()


async def test_a_connection_that_is_closed_is_kept_by_nobody(database: Database) -> None:
    async with await psycopg.AsyncConnection.connect(database.app_url, autocommit=True) as opened:
        await pipelined(opened, [Statement("select 1")])
    seen = weakref.ref(opened)
    del opened
    gc.collect()
    assert seen() is None
