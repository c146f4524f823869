"""An opening position comes in whole: accounts, purses and stock out of opening equity, once, or not at all."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import httpx2
import pytest

from specie import approvals, cashback, ledger, stock, wallets
from specie.approvals import ApprovalImpossible
from specie.kernel.ids import PartyId, RequestId
from specie.kernel.money import Money
from specie.kernel.quantity import Quantity
from specie.ledger import AccountSpec, AccountType, periods, read_store
from specie.wallets import LimitPolicy, limits
from tests.opening.desk import CUT_OVER, IDR, Desk, account, file_of, goods, purse


def whole(desk: Desk) -> bytes:
    """A small business: money in the bank, a loan, money and points of a customer, coffee."""
    return file_of(
        account("asset:bank:main", "5000", type="asset", name="Current account"),
        account("liability:loans:bank", "1200.50", type="liability"),
        purse(desk.customer, "300"),
        purse("wulan@old.example", "20", "points"),
        goods("gayo", "10", "100"),
        goods("TORAJA", "2.5", "", amount="333.33"),
    )


async def test_a_whole_position_comes_in_and_the_books_tie_out(desk: Desk) -> None:
    done = await desk.send(whole(desk))

    assert (done["status"], done["refused"], done["needs_approval"]) == ("posted", 0, False)
    books = await desk.books()
    main = wallets.available_account(desk.customer, IDR, "main").code
    assert (books.pop("asset:bank:main"), books.pop("liability:loans:bank"), books.pop(main)) == (
        500_000,
        120_050,
        30_000,
    )
    assert books.pop(wallets.available_account(desk.customer, IDR, "points").code) == 2_000
    assert await desk.on_hand() == {"GAYO": ("10", 100_000), "TORAJA": ("2.5", 33_333)}
    assert books.pop("equity:opening") == 500_000 - 120_050 - 32_000 + 133_333
    assert sorted(books.values()) == [33_333, 100_000]
    assert await desk.difference() == 0
    assert done["totals"] == [
        {
            "currency": "IDR",
            "debit": {"amount": 633_333, "currency": "IDR"},
            "credit": {"amount": 152_050, "currency": "IDR"},
            "opening": {"amount": 481_283, "currency": "IDR"},
            "equity_after": {"amount": 481_283, "currency": "IDR"},
        }
    ]


async def test_every_line_leads_to_its_entry_on_the_cut_over_date(desk: Desk) -> None:
    done = await desk.send(whole(desk))
    shown = (await desk.client.get(f"/opening-imports/{done['id']}")).json()
    assert [line["entry_id"] for line in shown["lines"]] == [line["entry_id"] for line in done["lines"]]
    assert all(line["entry_id"] for line in shown["lines"])
    assert shown["lines"][0] | {"entry_id": None} == {
        "number": 2,
        "kind": "account",
        "account_code": "asset:bank:main",
        "debit": {"amount": 500_000, "currency": "IDR"},
        "credit": None,
        "opens": True,
        "party_id": None,
        "party_name": None,
        "purse": None,
        "product": None,
        "warehouse": None,
        "quantity": None,
        "document": None,
        "entry_id": None,
        "code": None,
        "column": None,
        "problem": None,
        "warning": None,
    }
    told = shown["lines"][4]
    assert (told["product"], told["warehouse"], told["quantity"]) == ("GAYO", "MAIN", "10")
    async with desk.database.begin(desk.scope) as uow:
        entries = (await read_store.entries(uow, after=None, limit=50)).items
        [bank] = await ledger.accounts_with_code(uow, "asset:bank:main")
    assert {entry.business_date for entry in entries} == {CUT_OVER}
    assert bank.name == "Current account"
    [first] = [entry for entry in entries if str(entry.id) == done["lines"][0]["entry_id"]]
    assert dict(first.metadata) == {"opening_import": done["id"], "line": 2}
    [listed] = (await desk.client.get("/opening-imports")).json()["data"]
    assert (listed["id"], listed["name"], listed["cut_over_on"]) == (done["id"], "old books.csv", "2026-01-01")


async def test_a_look_tells_what_would_happen_and_leaves_nothing_behind(desk: Desk) -> None:
    seen = await desk.send(whole(desk), look=True)
    assert (seen["id"], seen["status"], seen["refused"]) == (None, "preview", 0)
    assert [line["opens"] for line in seen["lines"]] == [True] * 6
    assert [line["entry_id"] for line in seen["lines"]] == [None] * 6
    assert seen["totals"][0]["equity_after"]["amount"] == 481_283
    assert await desk.books() == {}
    assert await desk.entries() == 0
    assert (await desk.client.get("/opening-imports")).json()["data"] == []


async def test_the_same_file_comes_in_once(desk: Desk) -> None:
    done = await desk.send(whole(desk))
    before = await desk.books()
    again = await desk.send(whole(desk), 409)
    assert (again["code"], again["opening_import_id"]) == ("opening_imported", done["id"])
    assert (await desk.books(), await desk.entries()) == (before, 5)


async def test_a_file_sent_again_with_its_key_gets_the_first_answer(desk: Desk) -> None:
    content = file_of(account("asset:cash", "5", type="asset"))
    first = await desk.send(content, key="one-intention")
    assert await desk.send(content, key="one-intention") == first
    other = await desk.send(content, 422, key="one-intention", on=date(2026, 1, 2))
    assert other["code"] == "idempotency_key_reused"
    assert await desk.entries() == 1


async def test_of_two_that_bring_the_same_file_in_at_once_one_does(desk: Desk) -> None:
    async def send() -> httpx2.Response:
        return await desk.client.post(
            "/opening-imports",
            files={"file": ("old.csv", whole(desk))},
            data={"cut_over_on": CUT_OVER.isoformat()},
            headers={"idempotency-key": str(RequestId.new())},
        )

    answers = await asyncio.gather(send(), send())
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert (await desk.books())["equity:opening"] == 481_283


async def test_a_corrected_file_does_not_bring_a_line_in_twice_unless_it_was_reversed(desk: Desk) -> None:
    done = await desk.send(file_of(account("asset:bank:main", "50", type="asset")))
    corrected = file_of(account("asset:bank:main", "60"))
    [line] = (await desk.send(corrected, look=True))["lines"]
    assert (line["code"], done["id"] in line["problem"]) == ("opening_line_repeated", True)
    async with desk.database.begin(desk.scope) as uow:
        entry = (await read_store.entries(uow, after=None, limit=1)).items[0]
        await ledger.reverse(uow, entry.id, effective_at=entry.effective_at, reason="it was 60")
    await desk.send(corrected)
    assert await desk.books() == {"asset:bank:main": 6_000, "equity:opening": 6_000}


async def test_a_line_of_nothing_opens_its_account_and_leaves_it_to_a_later_file(desk: Desk) -> None:
    [line] = (await desk.send(file_of(account("asset:cash", "0", type="asset"))))["lines"]
    assert (line["opens"], line["entry_id"], await desk.entries()) == (True, None, 0)
    await desk.send(file_of(account("asset:cash", "5")))
    assert await desk.books() == {"asset:cash": 500, "equity:opening": 500}


async def test_goods_that_are_worth_nothing_come_in_without_an_entry(desk: Desk) -> None:
    [line] = (await desk.send(file_of(goods("GAYO", "3", "0"))))["lines"]
    assert (line["entry_id"], await desk.on_hand()) == (None, {"GAYO": ("3", 0)})
    [again] = (await desk.send(file_of(goods("GAYO", "4", "0")), look=True))["lines"]
    assert (again["code"], "count the stock" in again["problem"]) == ("opening_line_repeated", True)


async def test_what_is_there_already_is_told_and_added_to(desk: Desk) -> None:
    await desk.send(file_of(goods("GAYO", "1", "100")))
    async with desk.database.begin(desk.scope) as uow:
        spec = AccountSpec("asset:bank:main", AccountType.ASSET, IDR)
        bank = await ledger.open_account(uow, spec)
        await ledger.post(uow, await ledger.opening_draft(uow, bank.id, Money(700, IDR), uow.now))
    [line] = (await desk.send(file_of(account("asset:bank:main", "-10.00")), look=True))["lines"]
    assert (line["warning"], line["opens"]) == ("it has 7.00 IDR already, and this comes on top", False)
    assert (line["debit"], line["credit"]) == (None, {"amount": 1_000, "currency": "IDR"})
    await desk.send(file_of(account("asset:bank:main", "-10.00")))
    assert (await desk.books())["asset:bank:main"] == -300


WRONG = [
    (account("asset:bank:other", "1"), "opening_line_invalid", "account"),
    (account("asset:stock:x", "1", type="asset"), "opening_line_invalid", "account"),
    (account("equity:opening", "1"), "opening_line_invalid", "account"),
    (account("asset:cash", "1,000.00", type="asset"), "opening_line_invalid", "amount"),
    (account("asset:cash", "1", "XXX", type="asset"), "currency_unknown", "currency"),
    (purse("nobody@old.example", "1"), "opening_line_invalid", "party"),
    (purse(PartyId.new(), "1"), "opening_line_invalid", "party"),
    (purse("wulan@old.example", "-1"), "opening_line_invalid", "amount"),
    (purse("wulan@old.example", "1", "passing"), "opening_line_invalid", "purse"),
    (goods("NONE", "1", "1"), "opening_line_invalid", "product"),
    (goods("ROAST", "1", "1"), "opening_line_invalid", "product"),
    (goods("GAYO", "1", "1", "NONE"), "opening_line_invalid", "warehouse"),
    (goods("GAYO", "1", "1", currency="EUR"), "opening_line_invalid", "currency"),
    (goods("GAYO", "0", "1"), "opening_line_invalid", "quantity"),
    (goods("GAYO", "x", "1"), "quantity_invalid", "quantity"),
    (goods("GAYO", "999999999", "999999999"), "amount_range", "amount"),
]


async def test_each_wrong_line_is_named_with_its_column_and_none_of_the_file_is_posted(desk: Desk) -> None:
    good = account("asset:bank:main", "5000", type="asset")
    content = file_of(good, *(row for row, _, _ in WRONG), good)
    seen = await desk.send(content, look=True)
    told = [(line["number"], line["code"], line["column"]) for line in seen["lines"] if line["problem"]]
    expected = [(number, code, column) for number, (_, code, column) in enumerate(WRONG, start=3)]
    assert told == [*expected, (3 + len(WRONG), "opening_line_repeated", None)]
    refused = await desk.send(content, 409)
    assert (refused["code"], refused["refused"], refused["lines"][0]) == ("opening_has_errors", len(WRONG) + 1, 3)
    assert (await desk.books(), await desk.entries()) == ({}, 0)


async def test_what_the_books_refuse_is_told_by_line_and_leaves_every_balance(desk: Desk) -> None:
    async with desk.database.begin(desk.scope) as uow:
        floored = AccountSpec("asset:till", AccountType.ASSET, IDR, floor=Money(0, IDR))
        await ledger.open_account(uow, floored)
        closed = await ledger.open_account(uow, AccountSpec("asset:old", AccountType.ASSET, IDR))
        await ledger.close_account(uow, closed.id, reason="not used")
    content = file_of(
        account("asset:bank:main", "5", type="asset"),
        account("asset:till", "-1"),
        account("asset:old", "1"),
        goods("GAYO", "1", "1"),
    )
    seen = await desk.send(content, look=True)
    assert [line["code"] for line in seen["lines"]] == [None, "insufficient_funds", "account_closed", None]
    await desk.send(content, 409)
    assert (await desk.books(), await desk.entries(), await desk.on_hand()) == ({}, 0, {})


async def test_points_of_cashback_come_in_beside_what_only_cashback_may_reach(desk: Desk) -> None:
    await desk.send(file_of(purse(desk.customer, "20", cashback.PURSE)))
    async with desk.database.begin(desk.scope) as uow:
        found = await cashback.find_purse(uow, desk.customer, IDR)
        assert found is not None
        have = (await wallets.balances(uow, [found]))[found.id]
    assert (have.available.minor, have.credits_frozen) == (2_000, True)


async def test_what_a_customer_had_counts_against_the_cap_of_the_purse_and_may_be_more(desk: Desk) -> None:
    async with desk.database.begin(desk.scope) as uow:
        await wallets.set_policy(uow, LimitPolicy("unverified", IDR, balance=Money(1_000, IDR)))
        wallet = await wallets.open_wallet(uow, desk.customer, IDR, tier="unverified")
    await desk.send(file_of(purse(desk.customer, "20")))
    assert (await desk.books())["equity:opening"] == -2_000
    async with desk.database.begin(desk.scope) as uow:
        [cap] = await limits.left(uow, await wallets.get_wallet(uow, wallet.id))
    assert (cap.kind, cap.left.minor) == ("balance", 0)


async def test_a_frozen_purse_takes_no_opening_balance(desk: Desk) -> None:
    async with desk.database.begin(desk.scope) as uow:
        wallet = await wallets.open_wallet(uow, desk.customer, IDR)
        await wallets.freeze(uow, wallet.id, debits=True, credits=True, reason="under review")
    [line] = (await desk.send(file_of(purse(desk.customer, "20")), look=True))["lines"]
    assert line["code"] == "account_frozen"


@pytest.mark.parametrize("kind", ["account", "stock", "cashback"])
async def test_a_closed_day_takes_no_opening_position(desk: Desk, kind: str) -> None:
    async with desk.database.begin(desk.scope) as uow:
        await periods.close(uow, CUT_OVER, reason="handed to the auditor")
    rows = {
        "account": account("asset:cash", "1", type="asset"),
        "stock": goods("GAYO", "1", "1"),
        "cashback": purse(desk.customer, "1", cashback.PURSE),
    }
    for look in (True, False):
        refused = await desk.send(file_of(rows[kind]), 422, look=look)
        assert (refused["code"], refused["param"]) == ("period_closed", "cut_over_on")
    assert (await desk.books(), await desk.entries()) == ({}, 0)


async def test_a_day_that_has_not_begun_has_no_opening_position(desk: Desk) -> None:
    async with desk.database.begin(desk.scope) as uow:
        today = uow.business_date
    content = file_of(goods("GAYO", "1", "1"), account("asset:cash", "1", type="asset"))
    refused = await desk.send(content, 422, on=today + timedelta(days=1))
    assert refused["code"] == "cut_over_ahead"
    await desk.send(content, on=today)


async def test_opening_stock_comes_before_what_has_moved_since(desk: Desk) -> None:
    await desk.send(file_of(goods("GAYO", "4", "100")), on=date(2026, 2, 1))
    async with desk.database.begin(replace(desk.scope, request_id=RequestId.new())) as uow:
        [level] = await stock.find_levels(uow, stock.LevelFilter(), None, 1)
        line = stock.DeliverLine(level.product_id, Quantity.of(3))
        await stock.deliver(uow, desk.warehouse.id, [line], stock.Occasion())
    await desk.send(file_of(goods("TORAJA", "1", "50")), on=date(2026, 1, 15))
    assert await desk.on_hand() == {"GAYO": ("1", 10_000), "TORAJA": ("1", 5_000)}


async def with_line(desk: Desk, minor: int) -> None:
    async with desk.database.begin(desk.scope) as uow:
        await approvals.set_line(uow, ledger.JOURNAL_KIND, IDR, Money(minor, IDR))


async def test_above_the_line_of_journals_a_second_persons_yes_posts_the_whole(desk: Desk) -> None:
    await with_line(desk, 500_000)
    seen = await desk.send(whole(desk), look=True)
    assert (seen["needs_approval"], seen["approval_id"]) == (True, None)
    asked = await desk.send(whole(desk))
    assert (asked["status"], asked["needs_approval"], await desk.books()) == ("waiting", True, {})
    assert (await desk.send(whole(desk), 409))["code"] == "opening_imported"

    await desk.decide(asked["approval_id"], yes=True)

    assert (await desk.books())["equity:opening"] == 481_283
    shown = (await desk.client.get(f"/opening-imports/{asked['id']}")).json()
    assert (shown["status"], all(line["entry_id"] for line in shown["lines"])) == ("posted", True)
    async with desk.database.begin(desk.scope) as uow:
        entries = (await read_store.entries(uow, after=None, limit=50)).items
    assert {entry.approver for entry in entries}.isdisjoint({None, str(desk.scope.actor)})
    told = {entry.metadata["approval_id"] for entry in entries if entry.recipe == "ledger.opening@1"}
    assert told == {asked["approval_id"]}


async def test_a_second_persons_no_posts_nothing_and_the_file_may_come_again(desk: Desk) -> None:
    await with_line(desk, 100)
    content = file_of(account("asset:cash", "1.01", type="asset"))
    asked = await desk.send(content)
    await desk.decide(asked["approval_id"], yes=False)
    assert (await desk.client.get(f"/opening-imports/{asked['id']}")).json()["status"] == "refused"
    assert await desk.books() == {}
    assert (await desk.send(content))["status"] == "waiting"


async def test_what_cannot_be_posted_any_more_stays_with_the_second_person(desk: Desk) -> None:
    await with_line(desk, 100)
    asked = await desk.send(file_of(account("asset:cash", "5", type="asset")))
    async with desk.database.begin(desk.scope) as uow:
        await periods.close(uow, CUT_OVER, reason="handed to the auditor")
    with pytest.raises(ApprovalImpossible) as refused:
        await desk.decide(asked["approval_id"], yes=True)
    assert refused.value.facts["reason"] == "period_closed"
    assert (await desk.books(), await desk.entries()) == ({}, 0)


async def test_small_files_do_not_need_a_second_person(desk: Desk) -> None:
    await with_line(desk, 100)
    assert (await desk.send(file_of(account("asset:cash", "1.00", type="asset"))))["status"] == "posted"
