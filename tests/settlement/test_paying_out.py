"""Where settled money goes: sales wait for it, refunds come off it, payouts of it fail and are asked for anew."""

import pytest

from specie import payouts
from specie.kernel.ids import PartyId
from specie.payouts import NewBeneficiary, Terms
from specie.providers import PayoutRail
from specie.settlement import Settlement, service, terms_service
from specie.settlement.errors import SettlementKept
from specie.settlement.model import Status
from specie.settlement.service import Shown
from tests.payouts.till import Till
from tests.settlement.desk import IDR, MONDAY, Desk, days, local

pytestmark = pytest.mark.asyncio(loop_scope="session")
SALE = 1_500_000


async def shown(desk: Desk, of: Settlement) -> Shown:
    """The settlement as it is now."""
    async with desk.shop.db.begin(desk.scope) as uow:
        return await service.get(uow, of.id)


async def account(desk: Desk, digits: str) -> payouts.BeneficiaryId:
    """A confirmed account that has cooled off; its digits tell the simulator what to do."""
    till = Till(desk.shop, desk.merchant, payouts.BeneficiaryId.new())
    async with desk.shop.db.begin(desk.shop.scope) as uow:
        await payouts.change_terms(uow, Terms(fee_fixed={"IDR": 250_000}, cool_off_seconds=0))
    return await till.account(digits)


async def settled_to(desk: Desk, digits: str) -> tuple[Settlement, Till]:
    """A settlement of one sale that goes to an account."""
    beneficiary = await account(desk, digits)
    await desk.agree(delay_days=0, beneficiary_id=beneficiary)
    await desk.sell(SALE)
    made = await desk.at(MONDAY, 17).settle()
    assert made is not None
    return made, Till(desk.shop, desk.merchant, beneficiary)


async def test_a_sale_waits_pending_for_its_settlement_and_a_refund_comes_off_it(desk: Desk) -> None:
    shop = desk.shop
    await desk.agree(delay_days=0)
    await desk.owe(40_000)
    payment_id = await shop.payment("success", minor=SALE)
    await shop.pay(payment_id)
    await shop.settled(payment_id, "paid")
    # What the merchant owes is left to the settlement and its cap.
    assert (await desk.money(), await desk.debt()) == ((0, SALE), 40_000)
    answer = await shop.post(f"/payments/{payment_id}/refunds", {"amount": {"amount": 500_000, "currency": "IDR"}})
    assert answer.status_code == 201, answer.text
    assert await desk.money() == (0, SALE - 500_000)


async def test_a_settlement_is_paid_out_whole_under_a_key_of_its_own(desk: Desk) -> None:
    made, till = await settled_to(desk, "7890")
    [paid] = (await shown(desk, made)).payouts
    payout = await till.ends(paid.payout_id, "succeeded")
    assert (payout.amount.minor, payout.fee.minor, payout.reference) == (SALE, 0, str(made.id))
    assert (await shown(desk, made)).status is Status.PAID_OUT
    assert await desk.money() == (0, 0)
    async with desk.shop.db.begin(desk.scope) as uow:
        with pytest.raises(SettlementKept):
            await service.pay_out_again(uow, made.id)


async def test_a_payout_that_fails_puts_the_money_back_and_may_be_asked_for_anew(desk: Desk) -> None:
    made, till = await settled_to(desk, "0001")
    [paid] = (await shown(desk, made)).payouts
    await till.ends(paid.payout_id, "failed")
    assert (await shown(desk, made)).status is Status.NOT_PAID_OUT
    assert await desk.money() == (SALE, 0)
    assert sum((await desk.lines(made)).values()) == made.payout.minor == SALE
    async with desk.shop.db.begin(desk.scope) as uow:
        again = await service.pay_out_again(uow, made.id)
    assert (again.amount.minor, again.reference) == (SALE, f"{made.id}/2")
    assert await desk.money() == (0, 0)


async def test_what_stands_against_a_payout_leaves_the_settlement_in_the_wallet_and_says_so(desk: Desk) -> None:
    async with desk.shop.db.begin(desk.shop.scope) as uow:
        new = NewBeneficiary(desk.merchant, PayoutRail.BANK_ACCOUNT, "014", "1234567890")
        unconfirmed = await payouts.add_beneficiary(uow, desk.shop.services["vault"], new)
    await desk.agree(delay_days=0, beneficiary_id=unconfirmed.id)
    await desk.sell(SALE)
    made = await desk.at(MONDAY, 17).settle()
    assert made is not None
    assert (made.kept_because, await desk.money()) == ("beneficiary_unverified", (SALE, 0))
    assert (await shown(desk, made)).status is Status.NOT_PAID_OUT


async def test_a_run_is_planned_for_the_cut_off_settles_when_it_comes_and_plans_the_next(desk: Desk) -> None:
    terms = await desk.agree(delay_days=0)
    assert terms.next_run_at == local(MONDAY, 17)
    await desk.sell(SALE)
    for _ in range(2):
        # The second time the run has been planned anew, so this one is stale.
        async with desk.shop.db.begin(desk.at(MONDAY, 17).scope) as uow:
            await terms_service.run(uow, desk.merchant, IDR, MONDAY, terms.next_run_at)
    await desk.shop.work()
    assert await desk.money() == (SALE, 0)
    async with desk.shop.db.begin(desk.scope) as uow:
        assert (await service.get_terms(uow, desk.merchant, IDR)).next_run_at == local(MONDAY + days(1), 17)


async def test_settlements_are_seen_over_http_by_staff_and_by_their_own_merchant_only(desk: Desk) -> None:
    shop = desk.shop
    body = {"merchant_id": str(desk.merchant), "currency": "IDR", "delay_days": 0, "country": "ID"}
    set_up = await shop.client.put(f"{shop.url}/api/v1/settlement-terms", json=body, headers=shop.headers)
    [listed] = (await shop.get("/settlement-terms")).json()["data"]
    assert set_up.json()["merchant_name"] == listed["merchant_name"] != ""
    assert listed["merchant_name"] is not None
    await desk.sell(SALE)
    made = await desk.at(MONDAY, 17).settle()
    assert made is not None
    own, foreign = {"test-party": str(desk.merchant)}, {"test-party": str(PartyId.new())}
    listed = (await shop.get("/settlements", **own)).json()["data"]
    assert [(each["id"], each["payout"]["amount"], each["status"]) for each in listed] == [
        (str(made.id), SALE, "in_wallet")
    ]
    detail = (await shop.get(f"/settlements/{made.id}", **own)).json()
    assert [(line["cause"], line["amount"]["amount"]) for line in detail["lines"]] == [("sales", SALE)]
    postings = (await shop.get(f"/settlements/{made.id}/postings", **own)).json()["data"]
    assert [posting["amount"]["amount"] for posting in postings] == [SALE]
    assert (await shop.get("/settlements", **foreign)).json()["data"] == []
    for path in (f"/settlements/{made.id}", f"/settlements/{made.id}/postings"):
        assert (await shop.get(path, **foreign)).json()["code"] == "settlement_not_found"
    assert (await shop.get("/settlement-terms", **foreign)).json()["data"] == []


async def test_terms_that_do_not_fit_are_refused_and_nothing_is_planned(desk: Desk) -> None:
    shop = desk.shop
    body = {"merchant_id": str(desk.merchant), "currency": "IDR"}
    for wrong, status, code in (
        ({"country": "XX"}, 422, "country_unknown"),
        ({"country": "ID", "subdivision": "ZZ"}, 422, "country_unknown"),
        ({"reserve_rate": "0.1"}, 422, "settlement_terms_invalid"),
        ({"merchant_id": str(PartyId.new())}, 404, "party_not_found"),
        ({"beneficiary_id": str(payouts.BeneficiaryId.new())}, 404, "beneficiary_not_found"),
        ({"cut_off": "25:00"}, 422, "field_invalid"),
    ):
        answer = await shop.client.put(f"{shop.url}/api/v1/settlement-terms", json=body | wrong, headers=shop.headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code), wrong
    assert (await shop.get("/settlement-terms")).json()["data"] == []
