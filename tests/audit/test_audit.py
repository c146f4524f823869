"""The trail: append-only, sealed after the commit, and no change to it goes unseen."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from specie import audit
from specie.audit import AuditFilter
from specie.audit.schemas import csv_lines
from specie.platform.db import Database
from tests.audit.trail import act, fault_of, rows_of, seal
from tests.support.scopes import fresh_scope


class ChangeFailed(Exception):
    """What was to be changed is not."""


async def test_a_recorded_act_names_actor_request_and_change(database: Database) -> None:
    scope = fresh_scope()
    await act(database, scope, before={"name": "a"}, after={"name": "b"}, reason="typo")
    (row,) = await rows_of(database, scope)
    assert row.actor == str(scope.actor)
    assert row.request_id == scope.request_id.uuid
    assert (row.before, row.after, row.reason) == ('{"name":"a"}', '{"name":"b"}', "typo")
    assert row.n is None


async def test_an_act_rolls_back_with_its_change(database: Database) -> None:
    scope = fresh_scope()
    with pytest.raises(ChangeFailed):
        async with database.begin(scope) as uow:
            await audit.record(uow, action="party.rename", subject=("party", "pty_1"), after={"n": 1})
            raise ChangeFailed
    assert await rows_of(database, scope) == []


@pytest.mark.parametrize("statement", ["update specie.audit set actor = 'x'", "delete from specie.audit"])
async def test_the_application_cannot_change_or_delete_a_row(database: Database, statement: str) -> None:
    scope = fresh_scope()
    await act(database, scope)
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.begin(scope) as uow:
            await uow.execute(text(statement))


async def test_another_tenant_and_no_tenant_see_nothing(database: Database) -> None:
    scope = fresh_scope()
    await act(database, scope)
    assert await rows_of(database, fresh_scope()) == []
    async with database.begin(None) as uow:
        assert (await uow.execute(text("select count(*) from specie.audit"))).scalar_one() == 0


async def test_the_sealer_numbers_each_tenant_from_one(database: Database) -> None:
    first, second = fresh_scope(), fresh_scope()
    await act(database, first, times=4)
    await act(database, second, times=2)
    assert await seal(database) >= 6
    assert [row.n for row in await rows_of(database, first)] == [4, 3, 2, 1]
    assert [row.n for row in await rows_of(database, second)] == [2, 1]
    assert await fault_of(database, first) is None


async def test_sealers_at_the_same_time_seal_each_row_once(database: Database) -> None:
    scope = fresh_scope()
    await act(database, scope, times=10)
    await asyncio.gather(*(seal(database) for _ in range(4)))
    await seal(database)
    assert sorted(row.n for row in await rows_of(database, scope)) == list(range(1, 11))


async def test_a_second_sealer_stands_back_while_the_first_has_not_committed(database: Database) -> None:
    await seal(database)
    await act(database, fresh_scope(), times=2)
    async with database.system() as first:
        assert await audit.seal_pending(first, limit=1) == 1
        async with database.system() as second:
            await second.execute(text("set local lock_timeout = '300ms'"))
            assert await audit.seal_pending(second, limit=1) == 0


async def test_filters_narrow_by_action_subject_and_words(database: Database) -> None:
    scope = fresh_scope()
    await act(database, scope, times=2)
    await act(database, scope, action="member.invite", reason="100% fine")
    assert len(await rows_of(database, scope, AuditFilter(action="party.rename"))) == 2
    assert len(await rows_of(database, scope, AuditFilter(subject_id="pty_1"))) == 1
    assert len(await rows_of(database, scope, AuditFilter(q="100%"))) == 1
    assert len(await rows_of(database, scope, AuditFilter(q="0_f"))) == 0


async def test_an_exported_cell_never_starts_a_formula(database: Database) -> None:
    scope = fresh_scope()
    await act(database, scope, reason="=HYPERLINK(1)")
    text_of_rows = csv_lines(await rows_of(database, scope), header=True)
    assert "'=HYPERLINK(1)" in text_of_rows
    assert text_of_rows.startswith("n,id,at,actor,action")
