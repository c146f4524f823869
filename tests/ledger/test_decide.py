"""The judge: which postings may happen, in which order, and what each leaves behind. No database."""

from datetime import UTC, datetime, timedelta

import pytest

from specie.kernel.errors import SpecieError
from specie.kernel.ids import AccountId
from specie.kernel.money import Currency, Money
from specie.ledger.decision import Books
from specie.ledger.errors import (
    AccountClosed,
    AccountFrozen,
    AccountMissing,
    AmountNotPositive,
    BalanceOutOfRange,
    EmptyEntry,
    InsufficientFunds,
    MemoMixed,
    PostingCurrency,
    SameAccount,
)
from specie.ledger.model import Account, AccountType, EntryDraft, Leg, Released
from specie.ledger.recipes import Recipe

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def account(kind: str, balance: int = 0, *, floor: int | None = None, currency: str = "JPY", **more: object) -> Account:
    money = Currency.of(currency)
    values: dict[str, object] = {
        "id": AccountId.new(),
        "code": f"{kind}:test",
        "type": AccountType(kind),
        "currency": money,
        "owner": None,
        "name": "",
        "floor": None if floor is None else Money(floor, money),
        "debits_frozen": False,
        "credits_frozen": False,
        "window_seconds": None,
        "closed_at": None,
        "balance": Money(balance, money),
        "version": 0,
        "last_recorded_at": None,
    }
    return Account(**{**values, **more})  # type: ignore[arg-type]


def books(*accounts: Account, released: dict[AccountId, list[Released]] | None = None) -> Books:
    return Books({a.id: a for a in accounts}, released or {})


def entry(*legs: Leg, is_fact: bool = False) -> EntryDraft:
    return EntryDraft(recipe=Recipe("test.move", 1), legs=legs, is_fact=is_fact)


def leg(debit: Account, credit: Account, minor: int, **more: object) -> Leg:
    return Leg(debit.id, credit.id, Money(minor, debit.currency), **more)  # type: ignore[arg-type]


def test_a_posting_raises_the_debit_normal_side_and_the_credit_normal_side() -> None:
    cash, wallet = account("asset"), account("liability")
    [posting] = books(cash, wallet).decide(entry(leg(cash, wallet, 500)), NOW)
    assert (posting.debit_balance.minor, posting.credit_balance.minor) == (500, 500)
    assert (posting.debit_version, posting.credit_version) == (1, 1)


def test_a_posting_that_lowers_below_the_floor_is_refused_with_what_is_available() -> None:
    wallet, other = account("liability", 499, floor=0), account("liability")
    with pytest.raises(InsufficientFunds) as refusal:
        books(wallet, other).decide(entry(leg(wallet, other, 500)), NOW)
    assert refusal.value.facts["available"] == 499


def test_a_posting_that_raises_an_account_below_its_floor_is_allowed() -> None:
    cash, wallet = account("asset"), account("liability", -300, floor=0)
    [posting] = books(cash, wallet).decide(entry(leg(cash, wallet, 100)), NOW)
    assert posting.credit_balance.minor == -200


def test_a_negative_floor_is_a_credit_line() -> None:
    wallet, other = account("liability", 0, floor=-100), account("liability")
    judge = books(wallet, other)
    judge.decide(entry(leg(wallet, other, 100)), NOW)
    with pytest.raises(InsufficientFunds):
        judge.decide(entry(leg(wallet, other, 1)), NOW)


def test_postings_are_judged_in_listed_order() -> None:
    cash, wallet, shop = account("asset"), account("liability", floor=0), account("liability")
    spend, fund = leg(wallet, shop, 100), leg(cash, wallet, 100)
    assert len(books(cash, wallet, shop).decide(entry(fund, spend), NOW)) == 2
    with pytest.raises(InsufficientFunds):
        books(cash, wallet, shop).decide(entry(spend, fund), NOW)


def test_a_refused_entry_leaves_the_books_as_they_were() -> None:
    cash, wallet, shop = account("asset"), account("liability", floor=0), account("liability")
    judge = books(cash, wallet, shop)
    with pytest.raises(InsufficientFunds):
        judge.decide(entry(leg(cash, wallet, 100), leg(wallet, shop, 101)), NOW)
    assert judge.balance(wallet.id).minor == judge.balance(cash.id).minor == 0
    [posting] = judge.decide(entry(leg(cash, wallet, 1)), NOW)
    assert posting.debit_version == 1


@pytest.mark.parametrize(
    ("debit", "credit", "minor", "refusal"),
    [
        (account("asset"), account("liability", currency="KWD"), 1, PostingCurrency),
        (account("asset"), account("memo"), 1, MemoMixed),
        (account("asset"), account("liability"), 0, AmountNotPositive),
        (account("asset"), account("liability"), -5, AmountNotPositive),
        (account("asset", debits_frozen=True), account("liability"), 1, AccountFrozen),
        (account("asset"), account("liability", credits_frozen=True), 1, AccountFrozen),
        (account("asset", closed_at=NOW), account("liability"), 1, AccountClosed),
        (account("asset", Money.MAX_MINOR), account("liability"), 1, BalanceOutOfRange),
    ],
)
def test_each_reason_has_its_own_refusal(
    debit: Account, credit: Account, minor: int, refusal: type[SpecieError]
) -> None:
    with pytest.raises(refusal):
        books(debit, credit).decide(entry(leg(debit, credit, minor)), NOW)


def test_an_account_cannot_pay_itself() -> None:
    wallet = account("liability", 10)
    with pytest.raises(SameAccount):
        books(wallet).decide(entry(leg(wallet, wallet, 1)), NOW)


def test_an_unknown_account_is_missing() -> None:
    wallet = account("liability", 10)
    with pytest.raises(AccountMissing):
        books(wallet).decide(entry(leg(wallet, account("asset"), 1)), NOW)


def test_an_entry_without_postings_is_refused() -> None:
    with pytest.raises(EmptyEntry):
        books().decide(entry(), NOW)


def test_a_fact_passes_a_freeze_but_never_a_floor() -> None:
    wallet, loss = account("liability", 50, floor=0, debits_frozen=True), account("asset")
    judge = books(wallet, loss)
    judge.decide(entry(leg(wallet, loss, 50), is_fact=True), NOW)
    with pytest.raises(InsufficientFunds):
        judge.decide(entry(leg(wallet, loss, 1), is_fact=True), NOW)


def test_what_an_account_cannot_bear_goes_to_the_debt_account() -> None:
    wallet, debt, bank = account("liability", 30, floor=0), account("asset"), account("asset", 100)
    postings = books(wallet, debt, bank).decide(entry(leg(wallet, bank, 100, remainder=debt.id)), NOW)
    assert [(p.debit, p.amount.minor) for p in postings] == [(wallet.id, 30), (debt.id, 70)]


def test_an_empty_account_passes_the_whole_fact_on() -> None:
    wallet, debt, bank = account("liability", 0, floor=0), account("asset"), account("asset", 100)
    postings = books(wallet, debt, bank).decide(entry(leg(wallet, bank, 100, remainder=debt.id)), NOW)
    assert [(p.debit, p.amount.minor) for p in postings] == [(debt.id, 100)]


def test_a_rolling_allowance_first_takes_back_what_its_window_released() -> None:
    allowance = account("memo", 0, floor=0, window_seconds=86_400, last_recorded_at=NOW - timedelta(days=2))
    source = account("memo")
    judge = books(allowance, source, released={allowance.id: [Released(NOW, Money(70, allowance.currency))]})
    refill = Leg(allowance.id, source.id, None, refill=True)
    postings = judge.decide(entry(refill, leg(source, allowance, 60)), NOW)
    assert [p.amount.minor for p in postings] == [70, 60]
    assert judge.balance(allowance.id).minor == 10


def test_each_entry_takes_back_what_has_aged_out_when_it_is_recorded() -> None:
    moments = [NOW, NOW + timedelta(seconds=1), NOW + timedelta(seconds=2)]
    allowance, source = account("memo", window_seconds=86_400), account("memo")
    released = [Released(at, Money(10**nth, allowance.currency)) for nth, at in enumerate(moments)]
    judge = books(allowance, source, released={allowance.id: released})
    refill = Leg(allowance.id, source.id, None, refill=True)
    taken = [judge.decide(entry(refill, leg(source, allowance, 5)), at)[0].amount.minor for at in moments[:2] * 2]
    assert taken == [1, 10, 5, 5]


def test_what_was_released_is_taken_back_once_though_a_refusal_lies_between() -> None:
    allowance = account("memo", 0, floor=0, window_seconds=86_400)
    source = account("memo")
    judge = books(allowance, source, released={allowance.id: [Released(NOW, Money(70, allowance.currency))]})
    refill = Leg(allowance.id, source.id, None, refill=True)
    with pytest.raises(InsufficientFunds):
        judge.decide(entry(refill, leg(source, allowance, 71)), NOW)
    judge.decide(entry(refill, leg(source, allowance, 40)), NOW)
    with pytest.raises(InsufficientFunds):
        judge.decide(entry(refill, leg(source, allowance, 31)), NOW)
