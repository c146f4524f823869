"""The contract of every dialect that tells its balance and hands out a statement, over real HTTP."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from specie.kernel.clock import machine_now
from specie.kernel.ids import AttemptId
from specie.kernel.money import Money
from specie.payments.refund_model import RefundId
from specie.providers import (
    Accepted,
    BalanceAdapter,
    ChargeRequest,
    ProviderCall,
    ProviderLink,
    RefundRequest,
    StatementRow,
    perform,
    refunding,
)
from specie.providers.simulator.book_store import Book
from specie.providers.simulator.payout_rules import SimulatedPayout
from tests.providers.counter import PRICE, Counter, all_dialects

BACK = PRICE // 3


async def call(counter: Counter, link: ProviderLink, asked: ProviderCall[Any]) -> Any:
    answer = await perform(link, asked, counter.shop.services["outbound"])
    assert isinstance(answer, Accepted), answer
    return answer.value


async def collected(counter: Counter, link: ProviderLink, scenario: str = "lost") -> ChargeRequest:
    """A charge that was paid, of which a part was given back where the dialect can."""
    attempt, now = AttemptId.new(), machine_now()
    kind, amount = next(iter(link.adapter.dialect.kinds)), Money.of(PRICE, "IDR")
    reference, ends = attempt.uuid.hex.upper(), now + timedelta(hours=1)
    charge = ChargeRequest(reference, str(attempt), amount, kind, ends, "", "-", scenario=scenario, ordered_at=now)
    made = await call(counter, link, link.adapter.create_charge(charge))
    adapter = refunding(link.adapter)
    if adapter is not None and scenario == "lost":
        refund = RefundId.new()
        back = Money.of(BACK, "IDR")
        names = refund.uuid.hex.upper(), str(refund), reference, made.provider_ref
        await call(counter, link, adapter.create_refund(RefundRequest(*names, back, "", "-")))
    return charge


async def balance(counter: Counter, link: ProviderLink, code: str = "IDR") -> Money:
    assert isinstance(link.adapter, BalanceAdapter)
    found: Money = await call(counter, link, link.adapter.get_balance(Money.of(0, code).currency))
    return found


async def statement(counter: Counter, link: ProviderLink, since: datetime, until: datetime) -> list[StatementRow]:
    """Every page of a window."""
    rows: list[StatementRow] = []
    cursor = None
    while True:
        page = await call(counter, link, link.adapter.list_statement(since, until, cursor))
        rows += page.rows
        cursor = page.next_cursor
        if cursor is None:
            return rows


@all_dialects(tells_balance=True)
async def test_the_balance_is_what_was_collected_less_what_went(counter: Counter) -> None:
    link = await counter.link()
    before = await balance(counter, link)
    await collected(counter, link)
    charge = await counter.charge()

    after = await balance(counter, link)

    back = BACK if counter.told.refunds else 0
    assert (before.minor, after.minor) == (0, PRICE - charge.fee - back)


@all_dialects(lists=True)
async def test_the_statement_adds_up_to_the_balance_and_names_our_references(counter: Counter) -> None:
    link, now = await counter.link(), machine_now()
    charge = await collected(counter, link)
    await collected(counter, link, "")

    rows = await statement(counter, link, now - timedelta(minutes=5), now + timedelta(minutes=5))

    assert sorted((row.kind, row.gross.minor) for row in rows) == [("charge", PRICE), ("refund", -BACK)]
    assert sum(row.net.minor for row in rows) == (await balance(counter, link)).minor
    assert all(row.net == row.gross - row.fee for row in rows)
    assert [row.reference for row in rows if row.kind == "charge"] == [charge.reference]
    assert len({row.key for row in rows}) == len(rows)


@all_dialects(lists=True)
async def test_a_statement_holds_what_happened_in_its_window_and_nothing_else(counter: Counter) -> None:
    link, now = await counter.link(), machine_now()
    await collected(counter, link)

    before = await statement(counter, link, now - timedelta(days=2), now - timedelta(days=1))
    after = await statement(counter, link, now + timedelta(days=1), now + timedelta(days=2))

    assert (before, after) == ([], [])


@all_dialects(lists=True)
async def test_a_statement_of_several_pages_is_read_to_its_end(counter: Counter, monkeypatch: Any) -> None:
    for page in ("specie.providers.xendit.after.PAGE", "specie.providers.stripe.after.PAGE"):
        monkeypatch.setattr(page, 2)
    monkeypatch.setattr("specie.providers.simulator.server._PAGE_ROWS", 2)
    link, now = await counter.link(), machine_now()
    charges = [await collected(counter, link) for _ in range(3)]

    rows = await statement(counter, link, now - timedelta(minutes=5), now + timedelta(minutes=5))

    told = sorted(row.reference or "" for row in rows if row.kind == "charge")
    assert told == sorted(charge.reference for charge in charges)


@pytest.mark.parametrize("counter", ["xendit"], indirect=True)
async def test_a_payout_that_took_days_is_told_once_on_the_day_it_went_through(counter: Counter) -> None:
    link, now = await counter.link(), machine_now()
    book = Book(counter.shop.services["simulator_book"]).payouts
    ordered = int((now - timedelta(days=3)).timestamp())
    account = f"xendit:{link.adapter.credentials()['secret_key']}"
    names = {"bank_code": "ID_BCA", "number": "123", "name": "BUDI", "callback_url": "-"}
    kept = {"id": "out_slow", "account": account, "reference": "SLOW", "rail": "bank_account", "currency": "IDR"}
    slow = SimulatedPayout(
        **kept, **names, amount=PRICE, state="processing", fee=2_500, created_at=ordered, occurred_at=None
    )
    book.add(slow, "", "")
    windows = [(now - timedelta(days=4), now - timedelta(days=1)), (now - timedelta(days=1), now + timedelta(days=1))]
    then = [await statement(counter, link, *window) for window in windows]

    book.set_state(slow, "paid", int(now.timestamp()))
    told = [[row.reference for row in await statement(counter, link, *window)] for window in windows]

    assert (then, told) == ([[], []], [[], ["SLOW"]])
