"""Sealed entries cannot be altered unseen: the first wrong thing is named."""

import hashlib

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from specie import events, ledger
from specie.ledger import ChainFault, JournalEntry, seal
from specie.platform.db import Database
from tests.ledger.books import open_account, post
from tests.support.scopes import fresh_scope

pytestmark = pytest.mark.breaks_the_books


async def sealed_book(database: Database) -> tuple[object, list[JournalEntry]]:
    """A tenant with ten entries in two blocks."""
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash", "KWD")
    wallet = await open_account(database, scope, "liability:wallet", "KWD", floor=0)
    entries = []
    for _ in range(2):
        entries += [await post(database, scope, (cash, wallet, 5)) for _ in range(5)]
        async with database.system() as uow:
            await events.number_pending(uow, limit=1000)
        async with database.system() as uow:
            await ledger.seal_pending(uow)
    return scope, entries


async def fault_of(database: Database, scope: object) -> ChainFault | None:
    async with database.begin(scope) as uow:  # type: ignore[arg-type]
        return await ledger.verify_chain(uow, scope.tenant_id)  # type: ignore[attr-defined]


async def test_an_untouched_chain_verifies(database: Database) -> None:
    scope, _ = await sealed_book(database)
    assert await fault_of(database, scope) is None
    async with database.begin(scope) as uow:  # type: ignore[arg-type]
        blocks = (await uow.execute(text("select number, entries from specie.ledger_block order by number"))).all()
    assert [tuple(block) for block in blocks] == [(1, 5), (2, 5)]


async def test_a_second_sealer_stands_back_while_the_first_has_not_committed(database: Database) -> None:
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash", "KWD")
    await post(database, scope, (cash, await open_account(database, scope, "liability:wallet", "KWD", floor=0), 5))
    async with database.system() as uow:
        await events.number_pending(uow, limit=1000)
    async with database.system() as first:
        assert await ledger.seal_pending(first) >= 1
        async with database.system() as second:
            await second.execute(text("set local lock_timeout = '300ms'"))
            assert await ledger.seal_pending(second) == 0


@pytest.mark.parametrize(
    "tampering",
    [
        "update specie.posting set amount_minor = amount_minor + 1 where entry_id = %s",
        "update specie.posting set credit_balance_minor = 0 where entry_id = %s",
        "update specie.journal_entry set description = 'other' where id = %s",
        "update specie.journal_entry set actor = 'user:other' where id = %s",
        "update specie.journal_entry set effective_at = effective_at - interval '1 microsecond' where id = %s",
        "update specie.journal_entry set metadata = '{\"a\": 1}' where id = %s",
        "update specie.journal_entry set idempotency_key = '' where id = %s",
    ],
)
async def test_an_altered_entry_is_named(
    database: Database, superuser_connection: psycopg.Connection, tampering: str
) -> None:
    scope, entries = await sealed_book(database)
    superuser_connection.execute(tampering, [entries[7].id.uuid])  # type: ignore[call-overload]
    fault = await fault_of(database, scope)
    assert fault is not None
    assert fault.block == 2
    assert str(entries[7].id) in fault.fault


@pytest.mark.parametrize(
    ("tampering", "block"),
    [
        ("delete from specie.ledger_block where number = 1 and tenant_id = %s", 2),
        ("update specie.ledger_block set entries = 4 where number = 1 and tenant_id = %s", 1),
        ("update specie.ledger_block set merkle_root = hash where number = 2 and tenant_id = %s", 2),
        ("update specie.ledger_block set leaves = '' where number = 2 and tenant_id = %s", 2),
        ("update specie.ledger_block set hash = sha256(hash) where number = 1 and tenant_id = %s", 1),
        ("delete from specie.posting where tenant_id = %s", 1),
    ],
)
async def test_a_damaged_chain_is_named_by_its_first_bad_block(
    database: Database, superuser_connection: psycopg.Connection, tampering: str, block: int
) -> None:
    scope, _ = await sealed_book(database)
    superuser_connection.execute(tampering, [scope.tenant_id.uuid])  # type: ignore[attr-defined,call-overload]
    fault = await fault_of(database, scope)
    assert fault is not None
    assert fault.block == block


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40), st.data())
def test_any_other_leaf_gives_another_root(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves]
    changed[index] = bytes([changed[index][0] ^ 1]) + changed[index][1:]
    assert seal.merkle_root(changed) != seal.merkle_root(leaves)


def test_the_root_of_two_leaves_is_that_of_rfc_6962() -> None:
    one, two = bytes(32), bytes([1]) * 32
    assert seal.merkle_root([one, two]) == hashlib.sha256(b"\x01" + one + two).digest()
