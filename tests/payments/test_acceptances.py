"""Giving in to a dispute: told to the provider, lost once, and by two people above the line."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from specie import approvals, payments
from specie.approvals import service as deciding
from specie.kernel.ids import ApprovalId, PaymentId, UserId
from specie.kernel.scope import Actor, ActorKind
from specie.payments import accepting
from specie.payments.dispute_model import DisputeId
from tests.payments.test_disputes import FEE, PRICE, clearing, dispute, paid, press
from tests.support.shop import IDR, Shop, rupiah


async def disputed(shop: Shop, scenario: str = "") -> tuple[PaymentId, str]:
    """A payment whose dispute is open, among others of the merchant, and the dispute."""
    metadata = {"simulator": "success", "simulator_acceptance": scenario}
    payment_id = await paid(shop, metadata=metadata)
    await paid(shop)
    await press(shop, payment_id, "dispute")
    return payment_id, (await dispute(shop, payment_id, "open"))["id"]


async def accept(shop: Shop, dispute_id: str, query: str = "") -> Any:
    return await shop.post(f"/disputes/{dispute_id}/accept{query}", {"reason": "sent the wrong thing"})


async def told_again(shop: Shop, dispute_id: str) -> dict[str, Any]:
    """What the next question about an accepted dispute brings."""
    await accepting.tell(shop.context, DisputeId.parse(dispute_id))
    found: dict[str, Any] = (await shop.get(f"/disputes/{dispute_id}")).json()
    return found


async def books(shop: Shop) -> tuple[Any, ...]:
    return await shop.wallet(), await clearing(shop), await shop.balance("income:fees:disputes")


async def exceptions(shop: Shop) -> list[str]:
    return [row["kind"] for row in (await shop.get("/payment-exceptions")).json()["data"]]


async def test_an_accepted_dispute_is_told_to_the_provider_and_lost(shop: Shop) -> None:
    payment_id, dispute_id = await disputed(shop)
    before = await books(shop)

    answer = await accept(shop, dispute_id)
    waiting = await books(shop)
    lost = await dispute(shop, payment_id, "lost")

    assert (answer.status_code, answer.json()["status"]) == (200, "open")
    assert answer.json()["accepted_at"] == lost["accepted_at"]
    assert waiting == before
    wallet, owed, fees = before
    assert await books(shop) == (wallet, owed - PRICE, fees)
    entries = (await shop.get(f"/payments/{payment_id}")).json()["entries"]
    assert [entry["recipe"] for entry in entries].count("payments.dispute_lost@1") == 1


async def test_a_dispute_is_accepted_once_and_answered_no_more(shop: Shop) -> None:
    _, dispute_id = await disputed(shop, "error_before")
    await accept(shop, dispute_id)
    before = await books(shop)

    again = await accept(shop, dispute_id)
    evidence = await shop.post(f"/disputes/{dispute_id}/evidence", {"note": "after all"})

    for refused in (again, evidence):
        assert (refused.status_code, refused.json()["code"]) == (409, "dispute_accepted")
    assert await books(shop) == before
    assert (await shop.get("/disputes?status=open&submitted=false")).json()["data"] == []


async def test_a_look_before_accepting_changes_nothing(shop: Shop) -> None:
    _, dispute_id = await disputed(shop)

    looked = await accept(shop, dispute_id, "?dry_run=true")
    await shop.work()

    assert looked.json()["accepted_at"] is not None
    found = (await shop.get(f"/disputes/{dispute_id}")).json()
    assert (found["status"], found["accepted_at"]) == ("open", None)


@pytest.mark.parametrize("lost", ["lost+error_after", "lost+cut"])
async def test_an_acceptance_whose_answer_was_lost_is_asked_about_and_posted_once(shop: Shop, lost: str) -> None:
    _, dispute_id = await disputed(shop, lost)
    before = await books(shop)
    await accept(shop, dispute_id)

    first = await told_again(shop, dispute_id)
    kept = await books(shop)
    second = await told_again(shop, dispute_id)
    await told_again(shop, dispute_id)

    assert (first["status"], kept) == ("open", before)
    assert second["status"] == "lost"
    assert (await books(shop))[1] == before[1] - PRICE


async def test_an_acceptance_that_is_refused_leaves_the_dispute_open_and_goes_before_a_person(shop: Shop) -> None:
    _, dispute_id = await disputed(shop, "refuse")
    await accept(shop, dispute_id)
    before = await books(shop)

    found = await told_again(shop, dispute_id)

    assert (found["status"], found["accepted_at"], found["acceptance_failure"]) == ("open", None, "dispute_refused")
    assert (await books(shop), await exceptions(shop)) == (before, ["dispute_acceptance_refused"])
    kept = await shop.post(f"/disputes/{dispute_id}/evidence", {"note": "then we answer"})
    assert kept.status_code == 200


async def test_a_bank_that_has_decided_meanwhile_is_believed(shop: Shop) -> None:
    payment_id, dispute_id = await disputed(shop)
    (wallet, owed, fees) = await books(shop)
    await accept(shop, dispute_id)
    await press(shop, payment_id, "dispute/won")

    found = await dispute(shop, payment_id, "won")

    assert found["acceptance_failure"] is None
    assert await books(shop) == ((wallet[0] + PRICE, 0), owed, fees)


async def test_evidence_that_was_handed_in_is_decided_by_the_bank(shop: Shop) -> None:
    _, dispute_id = await disputed(shop)
    await shop.post(f"/disputes/{dispute_id}/evidence", {"note": "signed for"})
    await shop.post(f"/disputes/{dispute_id}/submit")
    before = await books(shop)

    refused = await accept(shop, dispute_id)

    assert (refused.status_code, refused.json()["code"]) == (409, "evidence_submitted")
    assert await books(shop) == before


async def test_above_the_line_for_refunds_a_second_person_accepts(shop: Shop) -> None:
    approvals.on_decided(payments.ACCEPTANCE_KIND, payments.acceptance_decided)
    async with shop.db.begin(shop.scope) as uow:
        await approvals.set_line(uow, payments.REFUND_KIND, IDR, rupiah(PRICE - 1))
    payment_id, dispute_id = await disputed(shop)

    asked = await accept(shop, dispute_id)
    again = await accept(shop, dispute_id)
    waiting = (await shop.get(f"/disputes/{dispute_id}")).json()
    checker = replace(shop.scope, actor=Actor(ActorKind.USER, str(UserId.new())))
    async with shop.db.begin(checker) as uow:
        await deciding.approve(uow, ApprovalId.parse(asked.json()["approval_id"]), "looked at the parcel")
    lost = await dispute(shop, payment_id, "lost")

    assert (asked.json()["status"], asked.json()["amount"]["amount"]) == ("needs_approval", PRICE)
    assert (again.status_code, again.json()["code"]) == (409, "dispute_acceptance_waits")
    assert waiting["accepted_at"] is None
    assert lost["accepted_by"] == "job:key_test"


async def test_two_who_tell_the_provider_at_once_are_one(shop: Shop) -> None:
    payment_id, dispute_id = await disputed(shop)
    before = await books(shop)
    await accept(shop, dispute_id)

    wanted = DisputeId.parse(dispute_id)
    told = await asyncio.gather(*(accepting.tell(shop.context, wanted) for _ in range(4)))
    await dispute(shop, payment_id, "lost")

    assert told.count(True) == 1
    assert (await books(shop))[1] == before[1] - PRICE
    assert before[2] == FEE
