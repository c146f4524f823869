"""A pipe: transactions sent one behind another, answered in their turn, each committed or undone by itself."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from specie.platform import arrays
from specie.platform.db import Database
from specie.platform.pipeline import Pipe, Statement

TABLE = Statement("create temporary table jar (coin int unique deferrable initially deferred)")
COUNT = Statement("select count(*) as coins from jar")
BROKEN = Statement("select 1 / %s", [0])
SLOWLY_BROKEN = Statement("select 1 / %s from pg_sleep(0.05)", [0])
MY_PROCESS = Statement("select pg_backend_pid() as pid")


def drop_in(coin: int) -> Statement:
    return Statement("insert into jar (coin) values (%s)", [coin])


@pytest.fixture
async def pipe(database: Database) -> AsyncIterator[Pipe]:
    """An open pipe with a table of its own."""
    made = Pipe(database.app_url, options="")
    await made.open()
    await made.send([TABLE])
    yield made
    await made.close()


async def coins(pipe: Pipe) -> int:
    [rows] = await pipe.send([COUNT])
    return int(rows[0].coins)


async def test_each_sees_what_those_sent_before_it_have_done(pipe: Pipe) -> None:
    first, second = pipe.send([drop_in(1), COUNT]), pipe.send([drop_in(2), COUNT])
    assert [rows[0].coins for rows in ((await first)[1], (await second)[1])] == [1, 2]


async def test_one_that_fails_is_undone_alone(pipe: Pipe) -> None:
    flights = [pipe.send([drop_in(1)]), pipe.send([drop_in(2), BROKEN]), pipe.send([drop_in(3)])]
    outcomes = await asyncio.gather(*flights, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [list, psycopg.errors.DivisionByZero, list]
    assert await coins(pipe) == 2


async def test_a_commit_that_fails_is_told_to_whoever_sent_it(pipe: Pipe) -> None:
    flights = [pipe.send([drop_in(1)]), pipe.send([drop_in(1)]), pipe.send([drop_in(2)])]
    outcomes = await asyncio.gather(*flights, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [list, psycopg.errors.UniqueViolation, list]
    assert await coins(pipe) == 2


async def test_what_was_skipped_can_be_sent_again(pipe: Pipe) -> None:
    later = Statement("select 'later' as word")
    skipped, counting_on_it = pipe.send([SLOWLY_BROKEN, later]), pipe.send([later])
    outcomes = await asyncio.gather(skipped, counting_on_it, return_exceptions=True)
    # The first would have prepared the statement for both.
    assert [type(each) for each in outcomes] == [
        psycopg.errors.DivisionByZero,
        psycopg.errors.InvalidSqlStatementName,
    ]
    [[row]] = await pipe.send([later])
    assert row.word == "later"


async def test_a_value_that_cannot_be_sent_leaves_nothing_half_said(pipe: Pipe) -> None:
    with pytest.raises(psycopg.ProgrammingError, match="cannot adapt type"):
        pipe.send([drop_in(1), Statement("select %s", [object()])])
    assert await coins(pipe) == 0


async def test_more_than_the_socket_holds_goes_both_ways(pipe: Pipe) -> None:
    many = Statement("select %s::bigint[] as numbers", [arrays.bigints(range(300_000))])
    answers = await asyncio.gather(*(pipe.send([many]) for _ in range(4)))
    assert [len(rows[0].numbers) for [rows] in answers] == [300_000] * 4


async def test_a_server_that_ends_the_connection_is_told_to_everybody_on_the_way(pipe: Pipe) -> None:
    ending = pipe.send([drop_in(1), Statement("select pg_terminate_backend(pg_backend_pid())")])
    outcomes = await asyncio.gather(ending, pipe.send([drop_in(2)]), return_exceptions=True)
    assert all(isinstance(outcome, psycopg.OperationalError) for outcome in outcomes)
    with pytest.raises(psycopg.OperationalError, match="not open"):
        pipe.send([COUNT])
    await pipe.open()
    assert len(await pipe.send([MY_PROCESS])) == 1


async def test_a_connection_that_is_ended_while_idle_is_missed_at_once(pipe: Pipe, database: Database) -> None:
    [[row]] = await pipe.send([MY_PROCESS])
    async with await psycopg.AsyncConnection.connect(database.app_url, autocommit=True) as beside:
        await beside.execute("select pg_terminate_backend(%s, 5000)", [row.pid])
    await asyncio.sleep(0.05)
    await pipe.open()
    [[now]] = await pipe.send([MY_PROCESS])
    assert now.pid != row.pid


async def test_closing_hears_out_what_is_on_its_way(database: Database) -> None:
    pipe = Pipe(database.app_url, options="")
    await pipe.open()
    flight = pipe.send([Statement("select pg_sleep(0.1), 'heard' as word")])
    await pipe.close()
    assert flight.result()[0][0].word == "heard"
    with pytest.raises(psycopg.OperationalError, match="not open"):
        pipe.send([COUNT])
