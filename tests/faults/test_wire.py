"""The wire before PostgreSQL: what it lets through, and what a cut around a COMMIT leaves behind."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from specie.assay.journal import Book, read_back
from specie.assay.wire import Wire
from tests.support.server import DatabaseUrls

Connect = Callable[[], Awaitable[psycopg.AsyncConnection]]


@pytest.fixture
async def wire(database_urls: DatabaseUrls, tmp_path: Path) -> AsyncIterator[Wire]:
    target = conninfo_to_dict(database_urls.superuser)
    book = Book(tmp_path / "wire.jsonl")
    made = Wire(lambda: (str(target["host"]), int(str(target["port"]))), 1, book)
    yield made
    await made.stop()
    book.close()


@pytest.fixture
async def connect(wire: Wire, database_urls: DatabaseUrls) -> Connect:
    port = await wire.start()

    async def connected() -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(make_conninfo(database_urls.superuser, port=port))

    connection = await connected()
    await connection.execute("create table if not exists public.kept (n integer)")
    await connection.execute("delete from public.kept")
    await connection.commit()
    await connection.close()
    return connected


def kept(urls: DatabaseUrls) -> list[int]:
    with psycopg.connect(urls.superuser) as connection:
        return [n for (n,) in connection.execute("select n from public.kept order by n")]


async def test_what_is_not_cut_is_committed(connect: Connect, database_urls: DatabaseUrls) -> None:
    connection = await connect()
    await connection.execute("insert into public.kept values (1)")
    await connection.commit()
    await connection.close()
    assert kept(database_urls) == [1]


@pytest.mark.parametrize("pipelined", [False, True])
async def test_a_cut_before_the_commit_undoes_the_work(
    wire: Wire, connect: Connect, database_urls: DatabaseUrls, tmp_path: Path, pipelined: bool
) -> None:
    await fails_to_commit(wire, connect, draw=0.1, pipelined=pipelined)
    assert kept(database_urls) == []
    assert wire.cuts == {"before": 1, "after": 0}
    assert read_back(tmp_path / "wire.jsonl")[0]["what"] == "never reached the server"


@pytest.mark.parametrize("pipelined", [False, True])
async def test_a_cut_after_the_commit_leaves_the_work_done_and_the_client_in_doubt(
    wire: Wire, connect: Connect, database_urls: DatabaseUrls, tmp_path: Path, pipelined: bool
) -> None:
    await fails_to_commit(wire, connect, draw=0.9, pipelined=pipelined)
    assert kept(database_urls) == [1]
    assert wire.cuts == {"before": 0, "after": 1}
    assert read_back(tmp_path / "wire.jsonl")[0]["what"] == "the server said COMMIT"


async def fails_to_commit(wire: Wire, connect: Connect, *, draw: float, pipelined: bool) -> None:
    """Insert a row and commit it over a wire that cuts every commit at the drawn side."""
    connection = await connect()
    wire.cut_share = 1.0
    wire._draw.random = lambda: draw
    with pytest.raises(psycopg.OperationalError):
        if pipelined:
            async with connection.pipeline():
                await connection.execute("insert into public.kept values (1)")
                await connection.commit()
        else:
            await connection.execute("insert into public.kept values (1)")
            await connection.commit()
    await connection.close()


async def test_a_connection_outlives_a_black_hole(wire: Wire, connect: Connect) -> None:
    connection = await connect()
    hole = asyncio.create_task(wire.black_hole(0.5))
    await asyncio.sleep(0.1)
    began = asyncio.get_running_loop().time()
    await connection.execute("select 1")
    assert asyncio.get_running_loop().time() - began > 0.3
    await hole
    await connection.close()


async def test_when_the_server_goes_away_the_client_is_told_at_once(wire: Wire, connect: Connect) -> None:
    connection = await connect()
    row = await (await connection.execute("select pg_backend_pid()")).fetchone()
    await connection.commit()
    assert row is not None
    other = await connect()
    await other.set_autocommit(True)
    await other.execute("select pg_terminate_backend(%s)", [row[0]])
    with pytest.raises(psycopg.OperationalError):
        await asyncio.wait_for(connection.execute("select 1"), 5)
    await other.close()


async def test_however_few_commits_there_are_each_kind_of_cut_happens(wire: Wire, connect: Connect) -> None:
    wire.cut_share, wire._draw.random = 0.001, lambda: 0.5
    for _ in range(40):
        with contextlib.suppress(psycopg.OperationalError):
            async with await connect() as connection:
                await connection.execute("insert into public.kept values (1)")
    assert wire.cuts == {"before": 1, "after": 1}
