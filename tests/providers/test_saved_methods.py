"""The contract of every dialect that keeps a customer's card: giving it, charging it later, forgetting it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio

from specie import payments, providers
from specie.kernel.clock import machine_now
from specie.kernel.ids import PartyId, PaymentId
from specie.payments.attempts import start
from specie.payments.method_calls import ask, forget
from specie.payments.method_model import MethodId, SavedMethod
from specie.payments.method_store import method_by_id
from specie.platform.db import UnitOfWork
from specie.providers import Accepted, ChargeKind, MethodRequest, Rejected, perform, saving
from tests.providers.dialects import DIALECTS
from tests.support.shop import Shop, new_tenant, rupiah

AGREED = "Parts that fall due may be charged to this card."
DUE = 70_000


@dataclass
class Holder:
    """A customer whose cards a provider keeps."""

    shop: Shop
    customer: PartyId

    async def link(self) -> providers.ProviderLink:
        assert self.shop.connection_id
        async with self.shop.db.begin(self.shop.scope) as uow:
            return await providers.open_link(uow, self.shop.services["providers"], self.shop.connection_id)

    async def ask(self, scenario: str = "") -> dict[str, Any]:
        """Order that a card is kept, as far as that goes without the customer."""
        body = {"party_id": str(self.customer), "kind": "card", "agreed_to": AGREED, "simulator": scenario}
        made = await self.shop.post("/payment-methods", body)
        assert made.status_code == 201, made.text
        await self.shop.work()
        return await self.shown(made.json()["id"])

    async def shown(self, method_id: str) -> dict[str, Any]:
        rows = (await self.shop.get(f"/payment-methods?party_id={self.customer}")).json()["data"]
        row: dict[str, Any] = next(row for row in rows if row["id"] == method_id)
        return row

    async def keep(self, card: str = "save", scenario: str = "") -> SavedMethod:
        """A card that the provider keeps: where it has a page for that, the customer gives it there."""
        row = await self.ask(scenario)
        if row["page_url"]:
            await self.give(row, card)
        for _ in range(200):
            found = await self.stored(row["id"])
            if found.state == "active":
                return found
            await asyncio.sleep(0.02)
            await self.shop.work()
        raise AssertionError(f"it is {found.state}")

    async def give(self, row: dict[str, Any], card: str) -> None:
        gone = await self.shop.client.post(f"{row['page_url']}/{card}")
        assert gone.status_code == 303

    async def stored(self, method_id: str) -> SavedMethod:
        async with self.shop.db.begin(self.shop.scope) as uow:
            found = await method_by_id(uow, MethodId.parse(method_id))
        assert found
        return found

    async def charge(self, method: SavedMethod, scenario: str = "") -> PaymentId:
        """Take what is due from a card, without its owner."""
        told = replace(method, scenario=scenario) if scenario else method

        async def work(uow: UnitOfWork) -> PaymentId:
            return (await payments.charge_saved(uow, told, f"due-{method.id}", rupiah(DUE), "A part that is due")).id

        made = await self.shop.db.run(self.shop.scope, work, label="test.charge_saved")
        await self.shop.sweep()
        await self.shop.work()
        return made

    async def payment(self, payment_id: PaymentId) -> dict[str, Any]:
        found: dict[str, Any] = (await self.shop.get(f"/payments/{payment_id}")).json()
        return found


SAVERS = pytest.mark.parametrize("holder", [told.provider for told in DIALECTS if told.saves], indirect=True)
STRIPE = pytest.mark.parametrize("holder", ["stripe"], indirect=True)


@pytest_asyncio.fixture(loop_scope="session")
async def holder(running: Shop, request: pytest.FixtureRequest) -> AsyncIterator[Holder]:
    """A customer of a fresh tenant that is connected in the dialect the test is about."""
    shop = await new_tenant(running, request.param, timeout_ms=1000)
    yield Holder(shop, await shop.other_party("customer"))


def test_every_dialect_that_says_it_keeps_cards_is_held_to_it() -> None:
    assert {each.name for each in providers.dialects() if each.saves} == {
        each.provider for each in DIALECTS if each.saves
    }


@SAVERS
async def test_a_card_is_kept_and_known_by_its_last_digits(holder: Holder) -> None:
    method = await holder.keep()

    row = await holder.shown(str(method.id))
    assert (row["status"], row["agreed_to"], row["page_url"]) == ("active", AGREED, None)
    assert row["label"].startswith("Visa •••• ")


@SAVERS
async def test_what_is_due_is_taken_from_the_card_once(holder: Holder) -> None:
    payment_id = await holder.charge(await holder.keep())
    await holder.shop.work()

    found = await holder.payment(payment_id)
    assert (found["status"], len(found["attempts"])) == ("paid", 1)
    assert await holder.shop.wallet(holder.customer) == (DUE, 0)
    assert [charge["amount"] for charge in await holder.shop.book()] == [DUE]


@SAVERS
async def test_a_declined_charge_to_a_card_is_decided_and_moves_nothing(holder: Holder) -> None:
    payment_id = await holder.charge(await holder.keep("empty", "decline"))

    found = await holder.payment(payment_id)
    assert (found["status"], found["failure"]) == ("failed", "declined")
    assert await holder.shop.wallet(holder.customer) == (0, 0)


@SAVERS
@pytest.mark.parametrize("lost", ["no_answer", "cut", "error_after"])
async def test_a_charge_whose_answer_is_lost_is_asked_about_and_not_made_again(holder: Holder, lost: str) -> None:
    method = await holder.keep()
    await holder.shop.lever("misbehave", mischief=lost)

    payment_id = await holder.charge(method)
    assert (await holder.payment(payment_id))["attempts"][0]["status"] == "unknown"
    assert await holder.shop.wallet(holder.customer) == (0, 0)

    await holder.shop.post(f"/payments/{payment_id}/check")
    assert (await holder.payment(payment_id))["status"] == "paid"
    assert await holder.shop.wallet(holder.customer) == (DUE, 0)
    assert len(await holder.shop.book()) == 1


@SAVERS
async def test_a_charge_the_provider_never_heard_of_is_none(holder: Holder) -> None:
    method, link = await holder.keep(), await holder.link()
    adapter = saving(link.adapter)
    assert adapter

    for token in (method.token or "", ""):
        question = adapter.get_saved_charge("0" * 32, token, "")
        assert await perform(link, question, holder.shop.services["outbound"]) == Accepted(None)


@SAVERS
async def test_a_removed_card_is_forgotten_here_and_there(holder: Holder) -> None:
    method, link = await holder.keep(), await holder.link()
    await holder.shop.post(f"/payment-methods/{method.id}/remove")
    await holder.shop.work()

    gone = await holder.stored(str(method.id))
    assert (gone.state, gone.token, gone.provider_ref) == ("removed", None, None)
    request = providers.ChargeRequest(
        reference="A" * 32,
        key="after",
        amount=rupiah(DUE),
        kind=ChargeKind.CARD,
        expires_at=machine_now(),
        description="after it was removed",
        callback_url=link.callback_url,
        method_token=method.token or "",
    )
    answer = await perform(link, link.adapter.create_charge(request), holder.shop.services["outbound"])
    assert isinstance(answer, Rejected)
    assert await holder.shop.book() == []


@SAVERS
async def test_forgetting_a_forgotten_card_is_no_failure(holder: Holder) -> None:
    method, link = await holder.keep(), await holder.link()
    adapter = saving(link.adapter)
    assert adapter
    assert method.token

    outbound = holder.shop.services["outbound"]
    answers = [await perform(link, adapter.forget_method(method.token), outbound) for _ in range(2)]

    assert answers == [Accepted(None), Accepted(None)]


@SAVERS
async def test_a_card_removed_before_its_charge_was_sent_is_not_charged(holder: Holder) -> None:
    method = await holder.keep()

    async def work(uow: UnitOfWork) -> PaymentId:
        made = (await payments.charge_saved(uow, method, "due", rupiah(DUE), "A part that is due")).id
        await start(uow, holder.shop.services["providers"], made, ChargeKind.CARD)
        return made

    payment_id = await holder.shop.db.run(holder.shop.scope, work, label="test.charge_saved")
    await holder.shop.post(f"/payment-methods/{method.id}/remove")
    await holder.shop.work()

    found = await holder.payment(payment_id)
    assert (found["status"], found["attempts"][0]["reason"]) == ("failed", "method_removed")
    assert await holder.shop.book() == []


@STRIPE
async def test_a_bank_that_asks_for_its_customer_has_decided_and_says_so(holder: Holder) -> None:
    method = await holder.keep("ask")
    payment_id = await holder.charge(method)

    found = await holder.payment(payment_id)
    assert (found["status"], found["failure"]) == ("failed", "customer_needed")
    assert found["attempts"][0]["reason"] == "authentication_required"
    row = await holder.shown(str(method.id))
    assert (row["status"], row["failure"]) == ("active", "customer_needed")
    assert await holder.shop.wallet(holder.customer) == (0, 0)


@STRIPE
async def test_that_the_customer_is_needed_is_known_also_when_the_answer_was_lost(holder: Holder) -> None:
    method = await holder.keep("ask")
    await holder.shop.lever("misbehave", mischief="cut")

    payment_id = await holder.charge(method)
    await holder.shop.post(f"/payments/{payment_id}/check")

    assert (await holder.payment(payment_id))["failure"] == "customer_needed"


@STRIPE
async def test_a_card_is_found_by_asking_when_no_event_came(holder: Holder) -> None:
    row = await holder.ask()
    assert (row["status"], row["label"]) == ("waiting", "Card")
    await holder.give(row, "save")

    await ask(holder.shop.context, MethodId.parse(row["id"]), None)

    assert (await holder.stored(row["id"])).state == "active"


@STRIPE
async def test_a_page_nobody_has_used_ends(holder: Holder) -> None:
    row = await holder.ask()
    await holder.shop.lever("clock", seconds=86_400)

    await ask(holder.shop.context, MethodId.parse(row["id"]), None)

    ended = await holder.shown(row["id"])
    assert (ended["status"], ended["failure"], ended["page_url"]) == ("refused", "expired", None)


@STRIPE
async def test_a_card_given_after_it_was_removed_is_forgotten_too(holder: Holder) -> None:
    row = await holder.ask()
    await holder.shop.post(f"/payment-methods/{row['id']}/remove")
    await holder.give(row, "save")

    await forget(holder.shop.context, MethodId.parse(row["id"]))

    assert (await holder.stored(row["id"])).provider_ref is None
    page = await holder.shop.client.get(row["page_url"])
    assert "complete" in page.text
    link = await holder.link()
    adapter = saving(link.adapter)
    assert adapter
    outbound = holder.shop.services["outbound"]
    told = await perform(link, adapter.get_method("", row["page_url"].rpartition("/")[2]), outbound)
    assert isinstance(told, Accepted)
    charge = providers.ChargeRequest(
        reference="B" * 32,
        key="late",
        amount=rupiah(DUE),
        kind=ChargeKind.CARD,
        expires_at=machine_now(),
        description="late",
        callback_url="",
        method_token=told.value.token,
    )
    assert isinstance(await perform(link, link.adapter.create_charge(charge), outbound), Rejected)


@STRIPE
async def test_ordering_a_page_twice_is_ordering_it_once(holder: Holder) -> None:
    link = await holder.link()
    adapter = saving(link.adapter)
    assert adapter
    request = MethodRequest("C" * 32, ChargeKind.CARD, callback_url=link.callback_url)

    answers = [await perform(link, adapter.save_method(request), holder.shop.services["outbound"]) for _ in range(2)]

    assert isinstance(answers[0], Accepted)
    assert answers[0] == answers[1]
