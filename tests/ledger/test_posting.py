"""Entries on real tables: balances move with their postings or not at all."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from specie import ledger
from specie.kernel.money import Money
from specie.ledger import branch_store, read_store, tree_store
from specie.ledger.errors import AccountNotEmpty, AlreadyReversed, InsufficientFunds, NotReversible
from specie.platform.db import Database
from tests.ledger.books import balance, draft, open_account, post
from tests.support.scopes import fresh_scope


@pytest.mark.parametrize("currency", ["IDR", "JPY", "KWD"])
async def test_an_entry_moves_both_balances(database: Database, currency: str) -> None:
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash", currency)
    wallet = await open_account(database, scope, "liability:wallet", currency, floor=0)
    await post(database, scope, (cash, wallet, 500))
    assert await balance(database, scope, cash) == 500
    assert await balance(database, scope, wallet) == 500


async def test_a_refused_entry_writes_nothing(database: Database) -> None:
    scope = fresh_scope()
    wallet = await open_account(database, scope, "liability:wallet", floor=0)
    shop = await open_account(database, scope, "liability:shop")
    with pytest.raises(InsufficientFunds):
        await post(database, scope, (wallet, shop, 1))
    async with database.begin(scope) as uow:
        page = await read_store.entries(uow, after=None, limit=10)
    assert list(page.items) == []
    assert await balance(database, scope, wallet) == 0


async def test_two_hundred_debits_at_once_never_pass_the_floor(database: Database) -> None:
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash")
    wallet = await open_account(database, scope, "liability:wallet", floor=0)
    shop = await open_account(database, scope, "liability:shop")
    await post(database, scope, (cash, wallet, 1000))

    async def spend() -> bool:
        async def work(uow: object) -> None:
            await ledger.post(uow, draft((wallet, shop, 30)))  # type: ignore[arg-type]

        try:
            await database.run(scope, work, label="test.spend")
        except InsufficientFunds:
            return False
        return True

    done = await asyncio.gather(*(spend() for _ in range(200)))
    assert sum(done) == 33
    assert await balance(database, scope, wallet) == 10
    assert await balance(database, scope, shop) == 990


async def test_opposite_transfers_at_once_do_not_deadlock(database: Database) -> None:
    scope = fresh_scope()
    one = await open_account(database, scope, "liability:one")
    two = await open_account(database, scope, "liability:two")
    pairs = [(one, two, 1), (two, one, 1)] * 20
    await asyncio.gather(*(post(database, scope, pair) for pair in pairs))
    assert await balance(database, scope, one) == 0


async def test_a_statement_lists_every_posting_with_its_running_balance(database: Database) -> None:
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash")
    wallet = await open_account(database, scope, "liability:wallet", floor=0)
    for minor in (100, 50):
        await post(database, scope, (cash, wallet, minor))
    await post(database, scope, (wallet, cash, 30))
    async with database.begin(scope) as uow:
        first = await ledger.statement(uow, wallet, after=None, limit=2)
        rest = await ledger.statement(uow, wallet, after=first.next_key, limit=2)
    lines = [*first.items, *rest.items]
    assert [(line.side, line.amount.minor, line.balance.minor, line.version) for line in lines] == [
        ("debit", 30, 120, 3),
        ("credit", 50, 150, 2),
        ("credit", 100, 100, 1),
    ]
    assert rest.next_key is None


async def test_a_balance_as_of_a_recording_time_is_what_was_on_record_then(database: Database) -> None:
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash")
    wallet = await open_account(database, scope, "liability:wallet")
    recorded = [(await post(database, scope, (cash, wallet, 10))).recorded_at for _ in range(4)]
    async with database.begin(scope) as uow:
        before = await ledger.balance_recorded_by(uow, wallet, recorded[0] - timedelta(microseconds=1))
        seen = [(await ledger.balance_recorded_by(uow, wallet, moment)).minor for moment in recorded]
    assert before.minor == 0
    assert seen == [10, 20, 30, 40]


async def test_a_balance_as_of_an_effective_day_counts_what_was_written_later(database: Database) -> None:
    scope = fresh_scope(zone="Asia/Jakarta")
    cash = await open_account(database, scope, "asset:cash")
    wallet = await open_account(database, scope, "liability:wallet")
    for day, minor in ((10, 100), (12, 10), (11, 1)):
        entry = draft((cash, wallet, minor))
        moment = datetime(2026, 3, day, 18, 0, tzinfo=UTC)
        async with database.begin(scope) as uow:
            await ledger.post(uow, type(entry)(recipe=entry.recipe, legs=entry.legs, effective_at=moment))
    async with database.begin(scope) as uow:
        # Eighteen hours UTC is the next day in Jakarta.
        seen = [(await ledger.balance_effective_by(uow, wallet, date(2026, 3, day))).minor for day in (10, 11, 12, 13)]
    assert seen == [0, 100, 101, 111]


async def test_balances_sum_to_zero_when_memo_accounts_are_left_out(database: Database) -> None:
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash")
    wallet = await open_account(database, scope, "liability:wallet")
    limit = await open_account(database, scope, "memo:limit")
    source = await open_account(database, scope, "memo:source")
    await post(database, scope, (cash, wallet, 70), (limit, source, 5))
    async with database.begin(scope) as uow:
        day = scope.clock.business_date(uow.now)
        lines = await ledger.branches(uow, ledger.MONEY_TYPES, until=day, depth=8)
    assert [(line.code, line.debit_minor) for line in lines] == [("asset:cash", 70), ("liability:wallet", -70)]


async def test_a_branch_of_the_tree_is_the_sum_of_its_leaves(database: Database) -> None:
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash")
    for name, minor in (("a:available", 5), ("a:pending", 7), ("b:available", 11)):
        leaf = await open_account(database, scope, f"liability:purses:{name}")
        await post(database, scope, (cash, leaf, minor))
    async with database.begin(scope) as uow:
        nodes = {node.code: node.balance.minor for node in await tree_store.tree(uow, prefix=None, depth=3)}
    assert nodes["liability"] == nodes["liability:purses"] == 23
    assert nodes["liability:purses:a"] == 12


async def test_the_tree_as_of_a_time_sums_what_was_recorded_or_effective_by_then(database: Database) -> None:
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash")
    first = await open_account(database, scope, "liability:purses:a")
    later = await open_account(database, scope, "liability:purses:b")
    recorded = (await post(database, scope, (cash, first, 5), (first, cash, 2))).recorded_at
    backdated = replace(draft((cash, later, 11)), effective_at=datetime(2026, 3, 10, 12, tzinfo=UTC))
    async with database.begin(scope) as uow:
        await ledger.post(uow, backdated)

    async def told(as_of: datetime | date) -> dict[str, int]:
        async with database.begin(scope) as uow:
            nodes = await tree_store.tree(uow, prefix=None, depth=3, as_of=as_of)
        return {node.code: node.balance.minor for node in nodes}

    branches = ["asset", "asset:cash", "liability", "liability:purses"]
    assert await told(recorded) == dict.fromkeys([*branches, "liability:purses:a"], 3)
    assert await told(date(2026, 3, 10)) == dict.fromkeys([*branches, "liability:purses:b"], 11)
    assert await told(date(2026, 3, 9)) == {}


async def test_what_is_settled_for_good_is_in_the_books_of_a_day_on_which_it_was_open(database: Database) -> None:
    scope = fresh_scope()
    sales = await open_account(database, scope, "income:sales")
    paid, owed = [
        await open_account(database, scope, f"asset:owed:{name}", control="asset:owed") for name in ("one", "two")
    ]
    for day, sides in ((10, (paid, sales, 30)), (12, (sales, paid, 30)), (12, (owed, sales, 7))):
        entry = replace(draft(sides), effective_at=datetime(2026, 3, day, tzinfo=UTC))
        async with database.begin(scope) as uow:
            last = await ledger.post(uow, entry)

    async def told(as_of: datetime | date | None) -> dict[str, tuple[int, int]]:
        async with database.begin(scope) as uow:
            nodes = await tree_store.tree(uow, prefix="asset", depth=2, as_of=as_of)
        return {node.code: (node.balance.minor, node.accounts) for node in nodes}

    async def branches(day: int, depth: int) -> list[tuple[str, int]]:
        async with database.begin(scope) as uow:
            lines = await ledger.branches(uow, ledger.MONEY_TYPES, until=date(2026, 3, day), depth=depth)
        return [(line.code, line.debit_minor) for line in lines]

    assert [set((await told(day)).values()) for day in (None, date(2026, 3, 12), last.recorded_at)] == [{(7, 1)}] * 3
    assert set((await told(date(2026, 3, 11))).values()) == {(30, 1)}
    assert await branches(11, 8) == [("asset:owed:one", 30), ("income:sales", -30)]
    assert await branches(12, 1) == [("asset", 7), ("income", -7)]


async def test_more_lines_than_one_answer_holds_are_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = fresh_scope()
    cash, wallet = [await open_account(database, scope, code) for code in ("asset:cash", "liability:wallet")]
    await post(database, scope, (cash, wallet, 70))
    monkeypatch.setattr(branch_store, "MOST_BRANCHES", 1)
    monkeypatch.setattr(tree_store, "MOST_BRANCHES", 1)
    async with database.begin(scope) as uow:
        with pytest.raises(ledger.ChartTooWide) as refused:
            await ledger.branches(uow, ledger.MONEY_TYPES, until=date(2100, 1, 1), depth=1)
        assert (refused.value.param, refused.value.status) == ("depth", 422)
        with pytest.raises(ledger.ChartTooWide):
            await tree_store.tree(uow, prefix=None, depth=1)
        assert len(await ledger.branches(uow, [ledger.AccountType.ASSET], until=date(2100, 1, 1), depth=1)) == 1


async def test_a_reversal_is_the_exact_opposite_at_the_date_given(database: Database) -> None:
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash")
    wallet = await open_account(database, scope, "liability:wallet", floor=0)
    entry = await post(database, scope, (cash, wallet, 70))
    moment = datetime(2026, 1, 5, tzinfo=UTC)
    async with database.begin(scope) as uow:
        reversal = await ledger.reverse(uow, entry.id, effective_at=moment, reason="keyed twice")
    assert (reversal.reverses, reversal.effective_at) == (entry.id, moment)
    assert await balance(database, scope, wallet) == 0


async def test_of_many_reversals_at_once_exactly_one_succeeds(database: Database) -> None:
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash")
    wallet = await open_account(database, scope, "liability:wallet")
    entry = await post(database, scope, (cash, wallet, 70))

    async def undo() -> bool:
        try:
            async with database.begin(scope) as uow:
                await ledger.reverse(uow, entry.id, effective_at=uow.now, reason="twice")
        except AlreadyReversed:
            return False
        return True

    assert sum(await asyncio.gather(*(undo() for _ in range(8)))) == 1
    assert await balance(database, scope, wallet) == 0


async def test_a_reversal_cannot_be_reversed(database: Database) -> None:
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash")
    wallet = await open_account(database, scope, "liability:wallet")
    entry = await post(database, scope, (cash, wallet, 70))
    async with database.begin(scope) as uow:
        reversal = await ledger.reverse(uow, entry.id, effective_at=uow.now, reason="keyed twice")
    with pytest.raises(NotReversible):
        async with database.begin(scope) as uow:
            await ledger.reverse(uow, reversal.id, effective_at=uow.now, reason="again")


async def test_a_floor_can_change_and_postings_obey_at_once(database: Database) -> None:
    scope = fresh_scope()
    wallet = await open_account(database, scope, "liability:wallet", floor=0)
    shop = await open_account(database, scope, "liability:shop")
    async with database.begin(scope) as uow:
        await ledger.set_floor(uow, wallet.id, Money(-50, wallet.currency), reason="credit line")
    await post(database, scope, (wallet, shop, 50))
    with pytest.raises(InsufficientFunds):
        await post(database, scope, (wallet, shop, 1))


async def test_only_an_empty_account_closes(database: Database) -> None:
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash")
    wallet = await open_account(database, scope, "liability:wallet")
    await post(database, scope, (cash, wallet, 1))
    with pytest.raises(AccountNotEmpty):
        async with database.begin(scope) as uow:
            await ledger.close_account(uow, wallet.id, reason="end")


async def test_more_entries_than_travel_at_once_are_one_decision(database: Database) -> None:
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash")
    wallet = await open_account(database, scope, "liability:wallet", floor=0)
    async with database.begin(scope) as uow:
        entries = await ledger.post_many(uow, [draft((cash, wallet, 1)) for _ in range(600)])
    assert [entry.postings[0].credit_version for entry in entries] == list(range(1, 601))
    assert await balance(database, scope, wallet) == 600
    too_much = [draft((wallet, cash, 1)) for _ in range(600)] + [draft((wallet, cash, 1))]
    with pytest.raises(InsufficientFunds):
        async with database.begin(scope) as uow:
            await ledger.post_many(uow, too_much)
    assert await balance(database, scope, wallet) == 600


async def test_another_tenant_s_account_does_not_exist(database: Database) -> None:
    mine, theirs = fresh_scope(), fresh_scope()
    cash = await open_account(database, mine, "asset:cash")
    foreign = await open_account(database, theirs, "liability:wallet")
    with pytest.raises(ledger.AccountMissing):
        await post(database, mine, (cash, foreign, 1))
    assert await balance(database, mine, cash) == 0
    assert await balance(database, theirs, foreign) == 0


async def test_the_application_cannot_change_what_was_posted(database: Database, database_urls: object) -> None:
    scope = fresh_scope()
    for statement in (
        "update specie.posting set amount_minor = 1",
        "delete from specie.posting",
        "update specie.journal_entry set description = ''",
        "delete from specie.journal_entry",
        "update specie.account set balance_minor = 1",
        "update specie.account set version = 1",
        "update specie.account_day set debit_minor = 1",
        "truncate specie.posting",
    ):
        with psycopg.connect(database.app_url) as connection:
            connection.execute("select set_config('app.tenant_id', %s, true)", [str(scope.tenant_id.uuid)])
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
