"""A statement says what a party had and did, adds up, is numbered, and never changes."""

import asyncio
import csv
import hashlib
import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import psycopg
import pypdf
import pytest

from specie import installments, parties, wallets
from specie.cashback import maturing, offers, purchases
from specie.cashback.model import FundedBy, Reward, RewardKind
from specie.cashback.model import Terms as OfferTerms
from specie.cashback.offers import NewOffer
from specie.cashback.purchases import NewPurchase
from specie.installments import changing, paying
from specie.installments.model import Interest as InterestOn
from specie.installments.model import Interval, OrderId, Terms
from specie.kernel.clock import machine_now
from specie.kernel.errors import SpecieError
from specie.kernel.ids import PartyId
from specie.kernel.money import Money
from specie.platform.db import UnitOfWork
from specie.reconciliation import camt
from specie.statements import errors, files, service
from specie.statements.camt import as_camt
from specie.statements.heading import Letterhead, letterhead_on
from specie.statements.model import Statement, StatementId
from specie.statements.service import WantedStatement
from tests.purchases.market import CASHBACK, WALLET, Market
from tests.support.shop import IDR, rupiah

_YESTERDAY = machine_now() - timedelta(days=1)
FOUR = {"cashback": 20_000, "wallet": 50_000, "installments": 300_000, "provider": 130_000}


class Later:
    """The market so many days later; statements are made then."""

    def __init__(self, market: Market, days: int) -> None:
        self.market, self.days = market, days

    @property
    def today(self) -> date:
        return self.market.shop.scope.clock.business_date(self.market.shop.scope.clock.now())

    async def make(self, party: PartyId, first: int = 0, last: int = 0, caller: PartyId | None = None) -> Statement:
        scope = self.market.shop.scope
        clock = replace(scope.clock, offset=scope.clock.offset + timedelta(days=self.days))
        wanted = WantedStatement(party, IDR, self.today + timedelta(days=first), self.today + timedelta(days=last))
        acting = replace(scope, clock=clock, party_id=caller)
        shop = self.market.shop
        return await shop.db.run(
            acting, lambda uow: service.make(uow, shop.services["vault"], wanted), label="test.statement"
        )


async def test_a_customers_statement_adds_up_over_all_that_was_bought_and_given_back(market: Market) -> None:
    bought = await market.buy(**FOUR)
    await market.refund(bought, 100_000, "one bag was missing")
    has = await market.has()
    said = (await Later(market, 1).make(market.customer)).stated

    assert (said["opening"], said["closing"]) == (0, has["wallet"] + has["cashback"])
    assert {part["purpose"]: part["closing"] for part in said["wallets"]} == {
        "main": has["wallet"],
        "cashback": has["cashback"],
    }
    for part in said["wallets"]:
        assert part["opening"] + part["arrived"] - part["left"] == part["closing"]
    [purchase] = said["purchases"]
    assert (purchase["role"], purchase["amount"], purchase["returned"]) == ("bought", 500_000, 100_000)
    assert {leg["kind"]: leg["amount"] for leg in purchase["legs"]} == FOUR
    [order] = said["installments"]
    assert (order["paid"], order["owed"]) == (30_000, 300_000 - 30_000 - 60_000)
    assert sum(due["amount"] for due in order["due"]) == order["owed"]
    assert (said["cashback"]["pending"], said["cashback"]["available"]) == (has["earned"], has["cashback"])


async def test_a_statement_made_late_says_what_was_owed_and_on_its_way_when_its_period_ended(market: Market) -> None:
    bought = await market.buy(wallet=50_000, installments=300_000)
    timely = (await Later(market, 1).make(market.customer)).stated

    market.days = 2
    [order] = [leg.order_id for leg in await market.legs(bought) if leg.order_id]
    await market.do(lambda uow: installments.pay(uow, order, rupiah(5_000)))
    await market.refund(bought, 100_000)
    await market.buy(installments=200_000)
    late = (await Later(market, 3).make(market.customer, -1, 0)).stated

    assert [late[part] for part in ("installments", "cashback")] == [timely["installments"], timely["cashback"]]
    for said in (late, (await Later(market, 3).make(market.customer, -1, 2)).stated):
        for one in said["installments"]:
            assert sum(due["amount"] for due in one["due"]) + one["late_fees"] == one["owed"]


async def test_an_order_that_came_back_whole_is_stated_with_what_was_paid_of_it(market: Market) -> None:
    await market.refund(await market.buy(installments=300_000))
    [one] = (await Later(market, 1).make(market.customer)).stated["installments"]
    assert (one["paid"], one["owed"], one["due"]) == (30_000, 0, [])


async def test_what_paying_off_early_saves_is_not_stated_as_paid(market: Market) -> None:
    terms = Terms(2, interval=Interval.WEEKLY, interest=InterestOn.FLAT, annual_rate=Decimal("0.52"))
    before = await market.has()

    async def buy(uow: UnitOfWork) -> OrderId:
        plan = await installments.create_plan(uow, market.merchant, "With interest", IDR, terms)
        wanted = installments.OfferOrder(plan.id, rupiah(40_000), "dear", customer_id=market.customer)
        order = await installments.offer(uow, wanted)
        cost = await installments.preview(uow, plan.id, rupiah(40_000))
        return (await installments.accept(uow, order.id, cost.fingerprint)).order.id

    order_id = await market.do(buy)
    quote = await market.do(lambda uow: paying.quote(uow, order_id))
    assert quote.rebate_minor > 0
    await market.do(lambda uow: paying.pay_off(uow, order_id, quote.id))
    after = await market.has()
    [one] = (await Later(market, 1).make(market.customer)).stated["installments"]
    left = sum(before[purse] - after[purse] for purse in ("wallet", "cashback"))
    assert (one["paid"], one["owed"]) == (left, 0) == (quote.pays.total, 0)


async def test_what_is_recovered_after_a_charge_off_is_stated_as_paid(market: Market) -> None:
    bought = await market.buy(installments=300_000)
    [order_id] = [leg.order_id for leg in await market.legs(bought) if leg.order_id]
    await market.do(lambda uow: changing.charge_off(uow, order_id, "left the country"))
    await market.do(lambda uow: paying.recover(uow, order_id, rupiah(5_000)))
    [one] = (await Later(market, 1).make(market.customer)).stated["installments"]
    assert (one["status"], one["paid"], one["owed"]) == ("charged_off", 30_000 + 5_000, 0)

    market.days = 2
    await market.do(lambda uow: paying.recover(uow, order_id, rupiah(7_000)))
    [later] = (await Later(market, 3).make(market.customer, 2, 2)).stated["installments"]
    assert (later["status"], later["paid"], later["owed"]) == ("charged_off", 7_000, 0)
    assert not (await Later(market, 4).make(market.customer, 3, 3)).stated["installments"]


async def test_cashback_that_was_spent_does_not_run_out(market: Market) -> None:
    gift = OfferTerms(
        IDR, Reward(RewardKind.FIXED, fixed=rupiah(10_000)), rupiah(0), _YESTERDAY, priority=1, expiry_days=20
    )

    async def give(uow: UnitOfWork) -> None:
        offer = await offers.draft(uow, NewOffer(market.merchant, "A gift", FundedBy.MERCHANT, gift))
        await offers.fund(uow, offer.id, rupiah(10_000))
        await offers.activate(uow, offer.id)
        told = NewPurchase(market.merchant, market.customer, "till-2", rupiah(20_000), is_confirmed=True)
        for accrual in (await purchases.record(uow, told)).accruals:
            await maturing.release(uow, accrual.id, "a gift")

    await market.do(give)
    await market.buy(cashback=4_000)
    said = (await Later(market, 1).make(market.customer)).stated
    assert [each["amount"] for each in said["cashback"]["expiring"]] == [6_000]


async def test_a_merchants_statement_shows_what_it_sold(market: Market) -> None:
    await market.buy(wallet=50_000, installments=100_000)
    said = (await Later(market, 1).make(market.merchant)).stated

    assert [(one["role"], one["amount"]) for one in said["purchases"]] == [("sold", 150_000)]
    assert said["closing"] == (await market.has())["merchant"]


async def test_the_next_statement_opens_where_this_one_closed_and_shows_what_came_later(market: Market) -> None:
    later = Later(market, 40)
    first = await later.make(market.customer, -30, 0)
    same = await later.make(market.customer, -30, 0)
    assert (same.id, same.content) == (first.id, first.content)

    scope = market.shop.scope
    clock = replace(scope.clock, offset=scope.clock.offset + timedelta(days=2))
    async with market.shop.db.begin(replace(scope, clock=clock)) as uow:
        sold = await wallets.ensure_wallet(uow, market.merchant, IDR)
        own = await wallets.ensure_wallet(uow, market.customer, IDR)
        await wallets.transfer(uow, own.id, sold.id, rupiah(7_000))
    following = await later.make(market.customer, 1, 30)

    assert following.stated["opening"] == first.stated["closing"]
    assert following.stated["closing"] == first.stated["closing"] - 7_000
    again = await later.make(market.customer, -30, 0)
    assert again.digest == first.digest == hashlib.sha256(first.content.encode()).digest()


async def test_statements_are_numbered_without_gaps_however_many_are_made_at_once(market: Market) -> None:
    later = Later(market, 20)
    made = await asyncio.gather(*(later.make(market.customer, -n, n) for n in range(5)), later.make(market.merchant))
    twice = await asyncio.gather(*(later.make(market.merchant, -1) for _ in range(3)))

    assert sorted(each.n for each in made) == [1, 2, 3, 4, 5, 6]
    assert [each.n for each in twice] == [7, 7, 7]


@pytest.mark.parametrize(
    ("first", "last", "refusal"),
    [
        (0, 1, errors.StatementPeriodOpen),
        (1, 0, errors.StatementPeriodInvalid),
        (-400, 0, errors.StatementPeriodInvalid),
    ],
)
async def test_a_period_that_is_not_over_or_no_period_has_no_statement(
    market: Market, first: int, last: int, refusal: type[SpecieError]
) -> None:
    with pytest.raises(refusal):
        await Later(market, 1).make(market.customer, first, last)
    assert (await Later(market, 1).make(market.customer)).n == 1


async def test_a_statement_is_its_partys_alone(market: Market) -> None:
    own = await Later(market, 1).make(market.merchant, caller=market.customer)
    assert own.party_id == market.customer

    seen = replace(market.shop.scope, party_id=market.merchant)
    with pytest.raises(errors.StatementMissing):
        await market.shop.db.run(seen, lambda uow: service.get(uow, own.id), label="test.statement.look")


async def test_the_files_say_what_was_frozen_in_any_script(market: Market) -> None:
    await market.refund(await market.buy(**FOUR), 100_000)
    made = await Later(market, 1).make(market.customer)
    head = Letterhead("Kedai Şenja Ελλάς", "Будай #show: [*bold*] $x$", ZoneInfo("Asia/Jakarta"))

    rows = list(csv.DictReader(io.StringIO(files.as_csv(made).decode("utf-8-sig"))))
    assert (rows[0]["section"], rows[-1]["section"]) == ("opening", "closing")
    assert rows[-1]["amount"] == f"{made.stated['closing'] / 100:.2f}"
    assert [row["amount"] for row in rows if row["section"] == "bought and returned"] == ["1000.00"]
    page = files.as_pdf(made, head)
    assert page == files.as_pdf(made, head)
    text = "".join(each.extract_text() for each in pypdf.PdfReader(io.BytesIO(page)).pages)
    assert "Statement 1" in text
    assert "Будай #show: [*bold*] $x$" in text
    assert made.digest.hex()[:32] in text
    assert orjson.loads(made.content)["closing"] == WALLET + CASHBACK - 100_000 + 14_000


async def test_a_printed_statement_names_both_sides_as_they_were_when_it_was_made(
    market: Market, superuser_connection: psycopg.Connection
) -> None:
    db, scope, ring = market.shop.db, market.shop.scope, market.shop.services["vault"]
    superuser_connection.execute(
        "insert into specie.tenant values (%(id)s, 's-' || %(id)s, 'Kopi Senja', 'sandbox', %(id)s, 'UTC', '00:00',"
        """ '{"primary_colour": "#000000", "accent_colour": "#000000"}', now())""",
        {"id": scope.tenant_id.uuid},
    )

    async def know(name: str) -> None:
        change = {"name": name}
        await db.run(scope, lambda uow: parties.change_party(uow, ring, market.customer, change), label="test.know")

    await know("Budi")
    made = await Later(market, 1).make(market.customer)
    superuser_connection.execute("update specie.tenant set name = 'Senja Raya' where id = %s", [scope.tenant_id.uuid])
    await know("Somebody else")
    elsewhere = replace(scope, clock=replace(scope.clock, zone=ZoneInfo("Asia/Jakarta")))
    head = await db.run(elsewhere, lambda uow: letterhead_on(uow, ring, made), label="test.head")
    assert head == Letterhead("Kopi Senja", "Budi", scope.clock.zone)
    assert "Budi" not in made.content


def test_a_title_that_looks_like_a_formula_is_text_in_the_csv() -> None:
    said: dict[str, Any] = {
        "party_id": "pty",
        "from_day": "2026-01-01",
        "through_day": "2026-01-31",
        "opening": 0,
        "closing": -5,
        "wallets": [],
        "purchases": [
            {"role": "sold", "at": "", "title": "=cmd()", "reference": "@x", "amount": -5, "returned": 0, "legs": []}
        ],
        "installments": [],
        "cashback": {"pending": 0, "available": 0, "expiring": []},
    }
    statement = Statement(
        StatementId.new(),
        1,
        PartyId.new(),
        IDR,
        date(2026, 1, 1),
        date(2026, 1, 31),
        orjson.dumps(said).decode(),
        b"",
        machine_now(),
        "",
    )
    rows = list(csv.DictReader(io.StringIO(files.as_csv(statement).decode("utf-8-sig"))))
    assert (rows[1]["title"], rows[1]["reference"], rows[1]["amount"]) == ("'=cmd()", "'@x", "-0.05")


async def test_the_camt_file_says_to_another_reader_what_the_statement_says(market: Market) -> None:
    await market.buy(**FOUR)
    statement = await Later(market, 1).make(market.customer)

    for wallet, read in zip(statement.stated["wallets"], camt.read(as_camt(statement)), strict=True):
        assert (read.account, read.opening, read.closing) == (
            wallet["wallet_id"],
            Money(wallet["opening"], IDR),
            Money(wallet["closing"], IDR),
        )
        moved = [(one["amount"], one["entry_id"], one["title"]) for one in wallet["movements"]]
        assert [(line.amount.minor, line.key, line.text) for line in read.lines] == moved
    assert any(wallet["movements"] for wallet in statement.stated["wallets"])


async def test_who_has_no_wallet_has_no_account_that_a_banks_form_could_state(market: Market) -> None:
    statement = await Later(market, 1).make(market.customer)
    without = replace(statement, content=orjson.dumps(statement.stated | {"wallets": []}).decode())
    with pytest.raises(errors.StatementWithoutAccount) as refused:
        as_camt(without)
    assert refused.value.param == "format"
