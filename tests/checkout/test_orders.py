"""The page of a purchase without a script: who may see what, and that it pays with the tenders shown or with none."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from specie import installments
from specie.checkout.texts import TEXTS
from specie.identity import Role
from specie.kernel.ids import PartyId
from specie.providers import ChargeState
from specie.purchases import PurchaseState, TenderKind
from tests.checkout.till import Till, Visitor, code_of, open_till
from tests.purchases.market import CREDIT, WALLET
from tests.support.shop import Shop, rupiah

EN = TEXTS["en"]


async def test_before_anybody_has_signed_in_the_page_tells_of_the_order_and_of_no_person(till: Till) -> None:
    visitor = await till.page(await till.market.ask(90_000))

    text = await visitor.opens()

    assert "IDR\u00a0900" in text
    assert EN["sign_in"] in text
    assert "Budi" not in text
    assert EN["pay_with"] not in text


async def test_a_wallet_and_a_provider_pay_one_order_together(till: Till) -> None:
    budi, purchase = await till.budi_at(90_050)
    before = await till.market.has()
    assert "Budi" in budi.text

    await budi.sends("plan", cashback="0", wallet="400.50")
    assert budi.rows == [(EN["wallet"], "IDR 400.50"), (EN["provider"], "IDR 500"), (EN["sum"], "IDR 900.50")]
    assert await till.market.has() == before
    await budi.agrees()

    assert budi.left_for.startswith("/checkout/")
    assert (await till.market.look(purchase)).state is PurchaseState.HELD
    assert EN["order_waiting"] in budi.text
    payment_page = await budi.client.get(f"{till.market.shop.url}{budi.left_for}")
    assert EN["back_to_order"] in payment_page.text
    await till.market.confirm(await till.market.look(purchase))
    await budi.opens()
    assert EN["order_paid_hint"] in budi.text
    assert budi.rows == [(EN["wallet"], "IDR 400.50"), (EN["provider"], "IDR 500"), (EN["sum"], "IDR 900.50")]
    assert (await till.market.has())["wallet"] == WALLET - 40_050


async def test_the_page_proposes_the_customers_own_money_first_and_it_pays_without_a_provider(till: Till) -> None:
    budi, purchase = await till.budi_at(90_000)
    assert 'name="cashback" inputmode="decimal" autocomplete="off" maxlength="20" value="300"' in budi.text
    assert 'name="wallet" inputmode="decimal" autocomplete="off" maxlength="20" value="600"' in budi.text

    await budi.sends("plan", cashback="300", wallet="600")
    await budi.agrees()

    assert (await till.market.look(purchase)).state is PurchaseState.COMPLETED
    assert budi.rows == [(EN["cashback"], "IDR 300"), (EN["wallet"], "IDR 600"), (EN["sum"], "IDR 900")]
    after = await till.market.has()
    assert (after["cashback"], after["wallet"], after["held"]) == (0, WALLET - 60_000, 0)


async def test_amounts_that_cannot_pay_are_refused_and_move_nothing(till: Till) -> None:
    budi, purchase = await till.budi_at(300_000, [TenderKind.CASHBACK, TenderKind.WALLET])
    before = await till.market.has()
    cases: list[tuple[dict[str, str], tuple[int, str]]] = [
        ({"wallet": "2000.01"}, (409, "tender_short")),
        ({"cashback": "300.01"}, (409, "tender_short")),
        ({"wallet": "2000"}, (409, "purchase_not_covered")),
        ({"wallet": "3000.01"}, (422, "tender_invalid")),
        ({"wallet": "a lot"}, (422, "amount_format")),
        ({"wallet": "9" * 19}, (422, "amount_range")),
    ]

    for step in ("plan", "pay"):
        for typed, refused in cases:
            await budi.sends(step, **typed)
            assert budi.refused == refused, (step, typed)

    assert await till.market.has() == before
    assert (await till.market.look(purchase)).state is PurchaseState.OPEN


async def test_a_wallet_that_was_emptied_after_the_look_refuses_and_nothing_is_set_aside(till: Till) -> None:
    budi, purchase = await till.budi_at(150_000)
    await budi.sends("plan", wallet="1500", cashback="0")
    await till.market.buy(wallet=100_000)
    before = await till.market.has()

    await budi.agrees()

    assert budi.refused == (409, "tender_short")
    assert await till.market.has() == before
    assert (await till.market.look(purchase)).state is PurchaseState.OPEN


async def test_a_tender_that_the_merchant_does_not_take_is_not_offered_and_refused(till: Till) -> None:
    budi, _ = await till.budi_at(90_000, [TenderKind.WALLET, TenderKind.PROVIDER])
    before = await till.market.has()
    assert 'name="cashback"' not in budi.text
    assert 'name="plan"' not in budi.text

    await budi.sends("pay", cashback="300", wallet="600")

    assert budi.refused == (422, "tender_invalid")
    assert await till.market.has() == before


async def test_a_session_that_has_ended_pays_nothing(till: Till) -> None:
    budi, purchase = await till.budi_at(90_000)
    await budi.sends("plan", wallet="600", cashback="300")
    before, shown = await till.market.has(), budi.text
    other_tab = Visitor(budi.client, budi.url, headers={"cookie": cookie_of(budi)})
    await other_tab.opens()
    await other_tab.sends("sign-out")

    budi.text, budi.headers = shown, other_tab.headers
    await budi.agrees()

    assert budi.refused == (401, "session_revoked")
    assert EN["sign_in"] in budi.text
    assert "Budi" not in budi.text
    assert await till.market.has() == before
    assert (await till.market.look(purchase)).state is PurchaseState.OPEN


def cookie_of(visitor: Visitor) -> str:
    return "; ".join(f"{name}={value}" for name, value in visitor.client.cookies.items())


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.MERCHANT])
async def test_another_persons_session_sees_nothing_of_the_customer_and_pays_nothing(till: Till, role: Role) -> None:
    is_merchant = role is Role.MERCHANT
    party = till.market.merchant if is_merchant else await till.market.shop.other_party("customer")
    stranger = await till.page(await till.market.ask(90_000))
    before = await till.market.has()

    await stranger.signs_in(await till.person(party, role))
    assert (stranger.status, EN["not_yours"] in stranger.text) == (404, True)
    assert "Budi" not in stranger.text
    for step in ("plan", "pay", "again"):
        await stranger.sends(step, wallet="900")
        assert stranger.refused == ((403, "forbidden") if is_merchant else (404, "purchase_unknown")), step
    assert await till.market.has() == before


async def test_staff_who_see_every_purchase_do_not_pay_one_on_its_page(till: Till) -> None:
    staff = await till.page(await till.market.ask(90_000))
    before = await till.market.has()
    await staff.signs_in(await till.person(None, Role.OWNER))

    await staff.sends("pay", wallet="900")

    assert staff.refused == (404, "purchase_unknown")
    assert await till.market.has() == before


async def test_a_session_of_another_tenant_is_nobodys_here(till: Till, running: Shop, tmp_path: Path) -> None:
    elsewhere = await open_till(running, tmp_path)
    known, _ = await elsewhere.budi_at(90_000)
    visitor = await till.page(await till.market.ask(90_000))
    before = await till.market.has()

    visitor.headers = {"cookie": cookie_of(known)}
    await visitor.opens()
    assert "Budi" not in visitor.text
    visitor.text = known.text
    await visitor.sends("pay", wallet="900")
    assert visitor.refused == (401, "unauthenticated")
    await visitor.signs_in(next(iter(elsewhere.users)))
    assert visitor.refused == (403, "no_membership")

    assert await till.market.has() == before
    await known.client.aclose()


async def test_a_form_from_elsewhere_or_of_another_session_is_refused(till: Till) -> None:
    budi, _ = await till.budi_at(90_000)
    before = await till.market.has()

    await budi.sends("pay", wallet="900", csrf="made-up")
    assert budi.refused == (403, "csrf")
    budi.headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    await budi.opens()
    await budi.sends("pay", wallet="900")
    assert budi.refused == (403, "csrf")
    await budi.sends("sign-in", email="x@example.com", password="not from here")
    assert budi.refused == (403, "csrf")
    assert await till.market.has() == before


async def test_a_form_from_elsewhere_signs_nobody_out(till: Till) -> None:
    visitor = await till.page(await till.market.ask(90_000))

    answer = await visitor.client.post(f"{visitor.url}/sign-out", headers={"sec-fetch-site": "cross-site"})

    assert answer.status_code == 303
    assert not {"clear-site-data", "set-cookie"} & set(answer.headers)


async def test_a_sign_out_that_did_not_come_from_the_own_page_is_refused_and_the_session_runs_on(till: Till) -> None:
    budi, _ = await till.budi_at(90_000)

    await budi.sends("sign-out", csrf="made-up")
    assert budi.refused == (403, "csrf")
    await budi.opens()
    budi.headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    await budi.sends("sign-out")
    assert budi.refused == (403, "csrf")

    budi.headers = {}
    assert "Budi" in await budi.opens()


async def test_whoever_signs_out_is_shown_nothing_more(till: Till) -> None:
    budi, _ = await till.budi_at(90_000)

    await budi.sends("sign-out")

    assert "Budi" not in budi.text
    assert EN["sign_in"] in budi.text


async def test_pressing_twice_pays_once(till: Till) -> None:
    budi, purchase = await till.budi_at(90_000)
    await budi.sends("plan", wallet="900", cashback="0")
    again = replace(budi)

    await asyncio.gather(budi.agrees(), again.agrees())

    assert EN["order_paid_hint"] in budi.text
    assert EN["order_paid_hint"] in again.text
    assert (await till.market.look(purchase)).attempt == 1
    assert (await till.market.has())["wallet"] == WALLET - 90_000


async def test_what_the_provider_declines_gives_everything_back_and_the_page_lets_choose_again(till: Till) -> None:
    budi, purchase = await till.budi_at(90_000)
    before = await till.market.has()
    await budi.sends("plan", wallet="400", cashback="300")
    await budi.agrees()
    assert (await till.market.has())["held"] == 70_000

    payment_id = await till.market.order_at_provider(await till.market.look(purchase))
    await till.market.tell(await till.market.fact(payment_id, ChargeState.FAILED))
    await till.market.shop.work()

    assert await till.market.has() == before
    await budi.opens()
    assert EN["order_declined_hint"] in budi.text
    await budi.sends("plan", wallet="600", cashback="300")
    await budi.agrees()
    assert EN["order_paid_hint"] in budi.text


async def test_a_customer_who_chooses_again_has_everything_back(till: Till) -> None:
    budi, purchase = await till.budi_at(90_000)
    before = await till.market.has()
    await budi.sends("plan", wallet="400", cashback="300")
    await budi.agrees()

    await budi.sends("again")

    assert EN["pay_with"] in budi.text
    assert await till.market.has() == before
    assert (await till.market.look(purchase)).failure == "chosen_again"


async def test_a_merchant_lets_go_of_whoever_took_a_purchase_on_and_does_not_pay(till: Till) -> None:
    purchase = await till.anybodys(90_000)
    budi = await till.page(purchase)
    await budi.signs_in(await till.person(till.market.customer))
    before = await till.market.has()
    await budi.sends("plan", wallet="400", cashback="300")
    await budi.agrees()
    assert (await till.market.has())["held"] == 70_000
    path, shop = f"/purchases/{purchase.id}/release", till.market.shop

    for caller in (till.market.customer, PartyId.new()):
        answer = await shop.post(path, **{"test-party": str(caller)})
        assert (answer.status_code, answer.json()["code"]) == (404, "purchase_unknown")
    assert (await till.market.has())["held"] == 70_000
    answer = await shop.post(path, **{"test-party": str(till.market.merchant)})

    assert (answer.json()["status"], answer.json()["customer_id"]) == ("open", None)
    assert await till.market.has() == before
    again = await shop.post(path, **{"test-party": str(till.market.merchant)})
    assert (again.status_code, again.json()["code"]) == (409, "purchase_cannot_move")


async def test_nothing_is_let_go_of_while_a_payment_may_be_on_its_way(till: Till) -> None:
    budi, purchase = await till.budi_at(90_000)
    await budi.sends("pay", wallet="400", cashback="300")
    await till.market.order_at_provider(await till.market.look(purchase))

    answer = await till.market.shop.post(f"/purchases/{purchase.id}/release")

    assert (answer.status_code, answer.json()["code"]) == (409, "charge_unknown")
    assert (await till.market.has())["held"] == 70_000


async def test_nothing_is_chosen_again_while_a_payment_may_be_on_its_way(till: Till) -> None:
    budi, purchase = await till.budi_at(90_000)
    await budi.sends("pay", wallet="400", cashback="300")
    await till.market.order_at_provider(await till.market.look(purchase))

    await budi.sends("again")

    assert budi.refused == (409, "charge_unknown")
    assert (await till.market.has())["held"] == 70_000
    assert (await till.market.look(purchase)).state is PurchaseState.HELD


async def test_parts_are_paid_by_consent_to_the_cost_shown_and_the_credit_line_is_taken(till: Till) -> None:
    budi, purchase = await till.budi_at(90_000)
    plan_id = str(till.market.plan.id)

    await budi.sends("plan", wallet="300", cashback="0", plan=plan_id, installments="")
    assert budi.rows[:3] == [(EN["wallet"], "IDR 300"), (EN["installments"], "IDR 600"), (EN["sum"], "IDR 900")]
    assert (EN["today"], "IDR 60") in budi.rows
    assert (EN["cost"], "IDR 0") in budi.rows
    assert EN["agree"] in budi.text
    await budi.agrees()

    bought = await till.market.look(purchase)
    assert bought.state is PurchaseState.COMPLETED
    order_id = next(leg.order_id for leg in await till.market.legs(bought) if leg.order_id)
    order = (await till.market.do(lambda uow: installments.load(uow, order_id))).order
    cost = await till.market.do(lambda uow: installments.preview(uow, till.market.plan.id, rupiah(60_000)))
    assert order.consent is not None
    assert order.consent["fingerprint"] == cost.fingerprint
    assert order.consent["by"].startswith("user:usr_")
    after = await till.market.has()
    assert (after["wallet"], after["credit"]) == (WALLET - 36_000, CREDIT - 54_000)


async def test_whoever_goes_back_from_the_summary_finds_the_form_as_it_was(till: Till) -> None:
    budi, _ = await till.budi_at(90_000)
    plan_id = str(till.market.plan.id)
    await budi.sends("plan", wallet="300.50", cashback="", plan=plan_id, installments="")

    await budi.chooses_differently()

    assert 'name="wallet" inputmode="decimal" autocomplete="off" maxlength="20" value="300.50"' in budi.text
    assert f'value="{plan_id}" checked' in budi.text
    assert 'maxlength="20" value="599.50"' in budi.text


async def test_consent_to_another_cost_is_refused_and_moves_nothing(till: Till) -> None:
    budi, _ = await till.budi_at(90_000)
    before = await till.market.has()
    fields = {"wallet": "300", "plan": str(till.market.plan.id), "installments": "600"}

    await budi.sends("pay", **fields, fingerprint="0" * 32)
    assert budi.refused == (409, "installment_cost_changed")
    await budi.sends("pay", **fields)
    assert budi.refused == (422, "tender_invalid")
    assert await till.market.has() == before


async def test_a_credit_line_that_shrank_after_the_look_refuses_the_whole_order(till: Till) -> None:
    budi, purchase = await till.budi_at(90_000)
    await budi.sends("plan", wallet="300", cashback="0", plan=str(till.market.plan.id), installments="600")
    await till.market.do(lambda uow: installments.set_line(uow, till.market.customer, rupiah(53_999), is_blocked=False))
    before = await till.market.has()

    await budi.agrees()

    assert budi.refused == (409, "tender_short")
    assert await till.market.has() == before
    assert (await till.market.look(purchase)).state is PurchaseState.OPEN


async def test_a_second_factor_is_asked_for_before_anything_is_shown(till: Till) -> None:
    email = await till.person(till.market.customer)
    seed = await till.second_factor_of(email)
    visitor = await till.page(await till.market.ask(90_000))

    await visitor.signs_in(email, "a wrong password")
    assert visitor.refused == (401, "credentials_invalid")
    await visitor.signs_in(email)
    assert visitor.refused == (401, "second_factor_required")
    await visitor.signs_in(email, code="000000")
    assert visitor.refused == (401, "second_factor_invalid")
    assert "Budi" not in visitor.text
    assert email in visitor.text

    await visitor.signs_in(email, code=code_of(seed))
    assert "Budi" in visitor.text


async def test_the_address_is_drawn_as_a_code_for_the_till(till: Till) -> None:
    visitor = await till.page(await till.market.ask(90_000))

    drawn = await visitor.client.get(f"{visitor.url}/qr.svg")

    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.text.startswith("<svg ")


async def test_an_address_of_an_order_that_nobody_has_says_so(till: Till) -> None:
    for way in ("", "/qr.svg", "/plan"):
        answer = await till.market.shop.client.get(f"{till.market.shop.url}/buy/nobody{way}")
        assert answer.status_code == 404, way


async def test_the_live_status_tells_of_the_order_and_of_nobody(till: Till) -> None:
    budi, purchase = await till.budi_at(90_000)
    await budi.sends("pay", wallet="600", cashback="300")
    events = budi.url.replace("/buy/", "/api/v1/checkout/orders/") + "/events"

    told = await till.market.shop.client.get(events)

    version = (await till.market.look(purchase)).version
    assert told.text.startswith(f'data: {{"stage":"paid","version":{version},"seconds":')


async def test_the_live_status_of_an_order_whose_time_is_over_ends_and_is_not_asked_for_again(till: Till) -> None:
    visitor = await till.page(await till.market.ask(90_000, valid_for=timedelta(0)))
    events = visitor.url.replace("/buy/", "/api/v1/checkout/orders/") + "/events"

    told = await asyncio.wait_for(till.market.shop.client.get(events), 5)

    assert told.text.startswith('data: {"stage":"expired",')
    assert 'data-events=""' in await visitor.opens()
