"""What a payment tells of its settlement: only its own postings, and what belongs to all is said to."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from specie import payments, settlement
from specie.kernel.ids import PaymentId
from specie.kernel.permissions import Permission
from tests.settlement.desk import IDR, MONDAY, Desk, days

pytestmark = pytest.mark.asyncio(loop_scope="session")
SALE = 1_500_000


async def paid(desk: Desk, **more: Any) -> PaymentId:
    payment_id = await desk.shop.payment("lost", minor=SALE, **more)
    await desk.shop.pay(payment_id)
    await desk.shop.post(f"/payments/{payment_id}/check")
    assert await desk.shop.state(payment_id) == "paid"
    return payment_id


async def told(desk: Desk, payment_id: PaymentId, **headers: str) -> list[dict[str, Any]]:
    answer = await desk.shop.get(f"/payments/{payment_id}", **headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["settlements"]
    return found


def amounts(lines: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(line["cause"], line["amount"]["amount"]) for line in lines]


async def test_a_payment_tells_of_its_own_part_and_of_what_the_whole_settlement_kept(desk: Desk) -> None:
    await desk.agree(delay_days=0, reserve_rate=Decimal("0.1"), reserve_days=3, fee_minor=1_000)
    payment_id, other = await paid(desk), await paid(desk)
    assert await told(desk, payment_id) == []
    made = await desk.at(MONDAY, 17).settle()
    assert made is not None

    [found] = await told(desk, payment_id)

    assert (found["settlement_id"], found["day"], found["status"]) == (str(made.id), MONDAY.isoformat(), "in_wallet")
    assert amounts(found["lines"]) == [("sales", SALE)]
    assert found["amount"] == {"amount": SALE, "currency": "IDR"}
    assert amounts(found["taken_from_whole"]) == [("fee", -1_000), ("reserve_kept", -300_000)]
    assert made.payout.minor == 2 * SALE - 301_000
    assert (await told(desk, other))[0]["lines"][0]["entry_id"] != found["lines"][0]["entry_id"]


async def test_a_refund_after_the_settlement_is_told_with_the_one_that_took_it_off(desk: Desk) -> None:
    await desk.agree(delay_days=0)
    payment_id = await paid(desk)
    await desk.at(MONDAY, 17).settle()
    await paid(desk)
    answer = await desk.shop.post(f"/payments/{payment_id}/refunds", {"amount": {"amount": 500_000, "currency": "IDR"}})
    assert answer.status_code == 201, answer.text
    later = await desk.at(MONDAY + days(1), 17).settle()
    assert later is not None

    first, second = await told(desk, payment_id)

    assert amounts(first["lines"]) == [("sales", SALE)]
    assert (second["settlement_id"], amounts(second["lines"])) == (str(later.id), [("refunds", -500_000)])
    assert second["amount"]["amount"] == -500_000


async def test_each_merchant_of_a_shared_payment_sees_only_its_own_settlement(desk: Desk) -> None:
    await desk.agree(delay_days=0)
    other = await desk.shop.other_party()
    async with desk.shop.db.begin(desk.scope) as uow:
        await settlement.set_terms(uow, settlement.NewTerms(other, IDR, delay_days=0))
    share = {"merchant_id": str(other), "amount": {"amount": 400_000, "currency": "IDR"}}
    payment_id = await paid(desk, splits=[share])
    await desk.at(MONDAY, 17).settle()
    async with desk.shop.db.begin(desk.scope) as uow:
        await settlement.settle(uow, other, IDR, MONDAY)

    whole = {each["merchant_id"]: each["amount"]["amount"] for each in await told(desk, payment_id)}
    mine = await told(desk, payment_id, **{"test-party": str(desk.merchant)})

    assert whole == {str(desk.merchant): SALE - 400_000, str(other): 400_000}
    assert [each["merchant_id"] for each in mine] == [str(desk.merchant)]


async def test_whoever_may_not_read_settlements_is_told_of_none(desk: Desk) -> None:
    await desk.agree(delay_days=0)
    payment_id = await paid(desk)
    await desk.at(MONDAY, 17).settle()
    limited = replace(desk.scope, permissions=frozenset({Permission.PAYMENTS_READ}))
    async with desk.shop.db.begin(limited) as uow:
        payment = await payments.get_payment(uow, payment_id)
        assert await settlement.settlements_of(uow, payment) == []
