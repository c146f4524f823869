"""Accounts that modules keep: nobody posts to them by hand, lifts their floor, or closes them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from specie import approvals, cashback, ledger, wallets
from specie.kernel.ids import AccountId, PartyId, PaymentId, uuid7
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.ledger import AccountControlled, AccountSpec, EntryDraft, Leg, Recipe, journal_approval, postings
from specie.ledger.controls import keep
from specie.ledger.routes import router
from specie.payments.refund_postings import refundable_account, refundable_source
from specie.platform.db import Database
from specie.wallets import LimitPolicy, limits
from tests.cashback.stalls import open_stall
from tests.ledger.books import balance, open_account
from tests.support.asgi import calling
from tests.support.scopes import fresh_scope
from tests.wallets.purses import new_wallet

IDR = Currency.of("IDR")
COLLECTED = 100_000


@dataclass(frozen=True)
class Kept:
    """An account that a module keeps with something on it, and one of its kind to post against."""

    scope: Scope
    account: AccountId
    other: AccountId


async def _opened(database: Database, scope: Scope, spec: AccountSpec) -> AccountId:
    async with database.begin(scope) as uow:
        return (await ledger.ensure_account(uow, spec)).id


async def _refundable(database: Database) -> Kept:
    """What may be refunded of a payment that collected so much."""
    scope, payment_id = fresh_scope(), PaymentId.new()
    account = await _opened(database, scope, refundable_account(payment_id, IDR))
    other = (await open_account(database, scope, "memo:own:promises")).id
    async with database.begin(scope) as uow:
        await ledger.post(uow, EntryDraft(Recipe("test.collect", 1), [Leg(account, other, Money(COLLECTED, IDR))]))
    return Kept(scope, account, other)


async def _day_limit(database: Database) -> Kept:
    """How much a customer may move in a day."""
    scope = fresh_scope()
    async with database.begin(scope) as uow:
        await limits.set_policy(uow, LimitPolicy("basic", IDR, per_day=Money(500, IDR)))
    wallet = await new_wallet(database, scope, 1_000, tier="basic")
    assert wallet.limits is not None
    return Kept(scope, wallet.limits.day, wallet.limits.source)


async def _offer_budget(database: Database) -> Kept:
    """What a merchant's offer may still give."""
    stall = await open_stall(database)
    offer = await stall.offer()
    return Kept(stall.scope, offer.budget, (await open_account(database, stall.scope, "expense:own")).id)


async def _pending(database: Database) -> Kept:
    """What is on its way to a wallet."""
    scope = fresh_scope()
    wallet = await new_wallet(database, scope, 1_000)
    return Kept(scope, wallet.pending_account, (await open_account(database, scope, "asset:bank:main")).id)


def journal(debit: AccountId, credit: AccountId, minor: int) -> dict[str, Any]:
    amount = {"amount": minor, "currency": "IDR"}
    return {
        "description": "x",
        "postings": [{"debit_account": str(debit), "credit_account": str(credit), "amount": amount}],
    }


async def ask(client: httpx2.AsyncClient, method: str, path: str, body: dict[str, Any]) -> httpx2.Response:
    return await client.request(method, path, json=body, headers={"Idempotency-Key": uuid7().hex})


async def state(database: Database, kept: Kept) -> tuple[Any, ...]:
    async with database.begin(kept.scope) as uow:
        found = [await ledger.get_account(uow, each) for each in (kept.account, kept.other)]
    return tuple((one.balance, one.floor, one.closed_at, one.version, one.credits_frozen) for one in found)


@pytest.mark.parametrize("make", [_refundable, _day_limit, _offer_budget, _pending])
async def test_no_route_of_the_ledger_moves_or_changes_what_a_module_keeps(
    database: Database, make: Callable[[Database], Awaitable[Kept]]
) -> None:
    kept = await make(database)
    before = await state(database, kept)
    lines = [journal(kept.account, kept.other, 1), journal(kept.other, kept.account, 1)]
    told = {"account": str(kept.account), "amount": {"amount": 1, "currency": "IDR"}}
    account = f"/ledger/accounts/{kept.account}"
    asked: list[tuple[str, str, dict[str, Any]]] = [
        *(("POST", path, line) for path in ("/ledger/entries", "/ledger/entries?dry_run=true") for line in lines),
        ("POST", "/ledger/entries/bulk", {"entries": lines}),
        ("POST", "/ledger/opening-balances", {"effective_at": "2026-01-01T00:00:00Z", "balances": [told]}),
        ("PATCH", account, {"floor": None, "reason": "no limit"}),
        ("PATCH", account, {"credits_frozen": True, "reason": "no limit"}),
        ("POST", f"{account}/close", {"reason": "not needed"}),
    ]

    async with calling(database, kept.scope, [router]) as client:
        answers = [await ask(client, *each) for each in asked]
        each_alone = await ask(client, "POST", "/ledger/entries/bulk", {"entries": lines, "mode": "each_on_its_own"})
        shown = (await client.get(account)).json()

    assert [(each.status_code, each.json()["code"]) for each in answers] == [(422, "account_controlled")] * len(asked)
    assert {each.json()["kept_by"] for each in answers} == {shown["keeper"]["name"]}
    assert [each["code"] for each in each_alone.json()["entries"]] == ["account_controlled"] * 2
    assert shown["keeper"]["takes_journals"] is False
    assert await state(database, kept) == before


async def test_what_may_be_refunded_is_not_opened_by_hand_before_the_payment_does(database: Database) -> None:
    scope, spec = fresh_scope(), refundable_account(PaymentId.new(), IDR)
    async with calling(database, scope, [router]) as client:
        refused = await ask(client, "POST", "/ledger/accounts", {"code": spec.code, "currency": "IDR"})
    assert (refused.status_code, refused.json()["code"]) == (422, "account_controlled")
    async with database.begin(scope) as uow:
        assert await ledger.accounts_with_code(uow, spec.code) == []


@pytest.mark.parametrize("code", ["liability:wallets:pty", "asset:providers:x:own", "memo:limits:x"])
async def test_nothing_is_opened_by_hand_among_the_accounts_of_a_module(database: Database, code: str) -> None:
    scope = fresh_scope()
    async with calling(database, scope, [router]) as client:
        refused = await ask(client, "POST", "/ledger/accounts", {"code": code, "currency": "IDR"})
    assert (refused.status_code, refused.json()["code"]) == (422, "account_controlled")
    async with database.begin(scope) as uow:
        assert await ledger.accounts_with_code(uow, code) == []


async def test_an_account_is_of_one_of_the_six_types(database: Database) -> None:
    async with calling(database, fresh_scope(), [router]) as client:
        refused = await ask(client, "POST", "/ledger/accounts", {"code": "assets:bank:main", "currency": "IDR"})
    assert (refused.status_code, refused.json()["param"]) == (422, "/code")
    assert "asset|liability|equity|income|expense|memo" in refused.json()["errors"][0]["message"]


async def test_a_goodwill_credit_reaches_a_wallet_within_its_floor_and_freeze(database: Database) -> None:
    scope = fresh_scope()
    wallet = await new_wallet(database, scope, 1_000)
    bank = (await open_account(database, scope, "expense:goodwill")).id
    async with calling(database, scope, [router]) as client:
        given = await ask(client, "POST", "/ledger/entries", journal(bank, wallet.available_account, 500))
        too_much = await ask(client, "POST", "/ledger/entries", journal(wallet.available_account, bank, 1_501))
        async with database.begin(scope) as uow:
            await wallets.freeze(uow, wallet.id, debits=True, credits=True, reason="a doubt")
        frozen = await ask(client, "POST", "/ledger/entries", journal(bank, wallet.available_account, 1))
    assert (given.status_code, too_much.json()["code"], frozen.json()["code"]) == (
        201,
        "insufficient_funds",
        "account_frozen",
    )
    assert await balance(database, scope, wallet.available_account) == 1_500


async def test_an_empty_wallet_is_neither_closed_nor_given_another_floor(database: Database) -> None:
    scope = fresh_scope()
    wallet = await new_wallet(database, scope)
    path = f"/ledger/accounts/{wallet.available_account}"
    async with calling(database, scope, [router]) as client:
        answers = [
            await ask(client, "POST", f"{path}/close", {"reason": "tidying up"}),
            await ask(client, "PATCH", path, {"floor": -5_000, "reason": "a credit line"}),
        ]
    assert [each.json()["code"] for each in answers] == ["account_controlled"] * 2
    async with database.begin(scope) as uow:
        account = await ledger.get_account(uow, wallet.available_account)
    assert (account.closed_at, account.floor) == (None, Money(0, IDR))


async def test_points_of_cashback_are_not_journalled(database: Database) -> None:
    scope = fresh_scope()
    party_id = (await new_wallet(database, scope)).party_id
    async with database.begin(scope) as uow:
        purse = await cashback.purse_of(uow, party_id, IDR)
    bank = (await open_account(database, scope, "asset:bank:main")).id
    with pytest.raises(AccountControlled) as refused:
        await _by_hand(database, scope, bank, purse.available_account, 1)
    assert refused.value.facts["kept_by"] == "Cashback"
    assert await balance(database, scope, purse.available_account) == 0


async def test_nobody_is_asked_to_approve_what_would_be_refused(database: Database) -> None:
    kept = await _pending(database)
    async with database.begin(kept.scope) as uow:
        await approvals.set_line(uow, ledger.JOURNAL_KIND, IDR, Money(500, IDR))
    with pytest.raises(AccountControlled):
        await _by_hand(database, kept.scope, kept.other, kept.account, 501)
    assert await balance(database, kept.scope, kept.account) == 0


async def _by_hand(database: Database, scope: Scope, debit: AccountId, credit: AccountId, minor: int) -> None:
    draft = postings.manual_entry([(debit, credit, Money(minor, IDR))], description="x", effective_at=None)
    async with database.begin(scope) as uow:
        await journal_approval.post(uow, draft)


async def test_the_editor_of_journals_is_offered_open_accounts_that_take_them(database: Database) -> None:
    scope = fresh_scope()
    await new_wallet(database, scope, 1_000)
    gone = await open_account(database, scope, "asset:old")
    async with database.begin(scope) as uow:
        await ledger.close_account(uow, gone.id, reason="not needed")
        await ledger.ensure_account(uow, refundable_source(PartyId.new(), IDR))
    async with calling(database, scope, [router]) as client:
        listed = [one["code"] for one in (await client.get("/ledger/accounts?journals=true")).json()["data"]]
    assert [code.rsplit(":", 1)[1] for code in listed] == ["bank", "available"]


def test_two_modules_cannot_keep_the_same_accounts() -> None:
    with pytest.raises(RuntimeError, match="kept by Payments"):
        keep("Somebody", "memo:payments:over", instead="ask")
