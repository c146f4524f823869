"""Manual journals above the tenant's line: nothing is posted before a second person's yes, and then once."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from specie import approvals, ledger
from specie.approvals import Approval, ApprovalImpossible, ApprovalState
from specie.approvals import service as deciding
from specie.kernel.ids import RequestId, UserId
from specie.kernel.money import Money
from specie.kernel.scope import Actor, ActorKind, Scope
from specie.ledger import Account, AccountMissing, JournalEntry, journal_approval, postings, read_store
from specie.ledger.errors import JournalNeedsApproval, JournalWaits
from specie.platform.db import Database
from tests.ledger.books import balance, open_account
from tests.support.scopes import fresh_scope

LINE = 500


@pytest.fixture
async def maker(database: Database) -> Scope:
    """Somebody of a tenant with a line."""
    approvals.on_decided(ledger.JOURNAL_KIND, ledger.journal_decided)
    scope = fresh_scope()
    async with database.begin(scope) as uow:
        await approvals.set_line(uow, ledger.JOURNAL_KIND, Money.of(1, "IDR").currency, Money.of(LINE, "IDR"))
    return scope


async def post(
    database: Database, scope: Scope, debit: Account, credit: Account, minor: int
) -> JournalEntry | Approval:
    sides = [(debit.id, credit.id, Money(minor, debit.currency))]
    again = replace(scope, request_id=RequestId.new())
    async with database.begin(again) as uow:
        return await journal_approval.post(uow, postings.manual_entry(sides, description="rent", effective_at=None))


async def say(
    database: Database, maker: Scope, asked: Approval | JournalEntry, decision: object = deciding.approve
) -> None:
    assert isinstance(asked, Approval)
    checker = replace(maker, actor=Actor(ActorKind.USER, str(UserId.new())))
    async with database.begin(checker) as uow:
        await decision(uow, asked.id, "saw the contract")  # type: ignore[operator]


async def test_a_journal_above_the_line_is_posted_by_the_second_persons_yes_with_both_names(
    database: Database, maker: Scope
) -> None:
    cash, rent = await open_account(database, maker, "asset:cash"), await open_account(database, maker, "expense:rent")
    assert isinstance(await post(database, maker, rent, cash, LINE), JournalEntry)

    asked = await post(database, maker, rent, cash, LINE + 1)
    with pytest.raises(approvals.MakerCannotDecide):
        async with database.begin(maker) as uow:
            await deciding.approve(uow, asked.id, "my own")  # type: ignore[arg-type]
    assert await balance(database, maker, rent) == LINE

    await say(database, maker, asked)
    with pytest.raises(approvals.ApprovalEnded):
        await say(database, maker, asked)

    assert await balance(database, maker, rent) == 2 * LINE + 1
    async with database.begin(maker) as uow:
        newest = (await read_store.entries(uow, after=None, limit=1)).items[0]
    assert newest.metadata["approval_id"] == str(asked.id)
    assert newest.metadata["asked_by"] == str(maker.actor)
    assert newest.approver not in (None, str(maker.actor))
    refused = await post(database, maker, rent, cash, LINE + 1)
    await say(database, maker, refused, deciding.refuse)
    assert await balance(database, maker, rent) == 2 * LINE + 1


async def test_a_reversal_above_the_line_waits_and_cannot_be_asked_for_twice(database: Database, maker: Scope) -> None:
    cash, rent = await open_account(database, maker, "asset:cash"), await open_account(database, maker, "expense:rent")
    await say(database, maker, await post(database, maker, rent, cash, 900))
    async with database.begin(maker) as uow:
        entry = (await read_store.entries(uow, after=None, limit=1)).items[0]
    when = datetime(2026, 11, 21, tzinfo=UTC)

    async with database.begin(maker) as uow:
        asked = await journal_approval.reverse(uow, entry.id, effective_at=when, reason="wrong month")
    with pytest.raises(JournalWaits):
        async with database.begin(maker) as uow:
            await journal_approval.reverse(uow, entry.id, effective_at=when, reason="wrong month")
    assert await balance(database, maker, rent) == 900
    await say(database, maker, asked)

    assert await balance(database, maker, rent) == 0


async def test_what_cannot_be_posted_any_more_stays_open_and_moves_nothing(database: Database, maker: Scope) -> None:
    cash = await open_account(database, maker, "asset:cash", floor=0)
    rent = await open_account(database, maker, "expense:rent")

    asked = await post(database, maker, rent, cash, 900)
    with pytest.raises(ApprovalImpossible) as refused:
        await say(database, maker, asked)

    assert refused.value.facts["reason"] == "insufficient_funds"
    assert await balance(database, maker, rent) == 0
    async with database.begin(maker) as uow:
        assert (await deciding.get(uow, asked.id)).state is ApprovalState.OPEN  # type: ignore[arg-type]
    with pytest.raises(AccountMissing):
        await post(database, maker, rent, replace(cash, id=type(cash.id).new()), 900)


async def test_many_small_journals_at_once_do_not_get_below_the_line(database: Database, maker: Scope) -> None:
    cash, rent = await open_account(database, maker, "asset:cash"), await open_account(database, maker, "expense:rent")
    small = postings.manual_entry([(rent.id, cash.id, Money.of(300, "IDR"))], description="x", effective_at=None)

    with pytest.raises(JournalNeedsApproval):
        async with database.begin(maker) as uow:
            await journal_approval.require_below_line(uow, [small, small])
    async with database.begin(maker) as uow:
        await journal_approval.require_below_line(uow, [small])
