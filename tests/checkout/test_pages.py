"""The hosted page without a script: what it shows at every stage, and that its forms are safe to repeat."""

import re
from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from specie import payments
from specie.checkout.model import read_amount
from specie.checkout.texts import TEXTS, amount_text, language_of
from specie.identity import service as identity
from specie.identity.service import NewTenant
from specie.kernel.errors import SpecieError, Unavailable
from specie.kernel.ids import PartyId, PaymentId
from specie.kernel.money import Currency, Money
from specie.platform import crashpoints
from tests.support.shop import Shop


async def page_of(shop: Shop, payment_id: PaymentId) -> str:
    url: str = (await shop.get(f"/payments/{payment_id}")).json()["checkout_url"]
    return url


async def html(shop: Shop, url: str, **headers: str) -> str:
    shop.client.cookies.clear()
    answer = await shop.client.get(url, headers=headers)
    assert answer.status_code == 200
    return answer.text


async def test_the_page_says_who_how_much_and_for_what_before_anything_else(shop: Shop) -> None:
    settings = {"display_name": "Kopi Senja", "accent_colour": "#0f766e"}
    await shop.client.patch(f"{shop.url}/api/v1/payment-settings", json=settings, headers=shop.headers)
    payment_id = await shop.payment(description="Two <b>coffees</b>")

    text = await html(shop, await page_of(shop, payment_id))

    assert "Kopi Senja" in text
    assert "IDR\u00a015,000" in text
    assert "Two &lt;b&gt;coffees&lt;/b&gt;" in text
    assert "--brand: #0f766e" in text


async def top_up_page(shop: Shop) -> str:
    await shop.client.patch(
        f"{shop.url}/api/v1/payment-settings", json={"display_name": "Kopi Senja"}, headers=shop.headers
    )
    body = {"party_id": str(PartyId.new()), "amount": {"amount": 1_500_000, "currency": "IDR"}}
    made = (await shop.post("/top-ups", body)).json()
    return await html(shop, made["checkout_url"])


async def test_a_top_up_names_no_shop(shop: Shop) -> None:
    text = await top_up_page(shop)
    assert TEXTS["en"]["top_up_own"] in text
    assert "Kopi Senja" not in text
    assert TEXTS["en"]["pay_to"] not in text


async def test_a_top_up_says_with_whom_the_wallet_is(running: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    # A whole platform composed earlier in this process would connect its own simulator, with a key not ours.
    monkeypatch.setattr("specie.identity.service._tenant_created", [])
    async with running.db.begin(None) as uow:
        _, sandbox = await identity.create_tenant(uow, NewTenant(name="Dompet Nusantara", slug="dompet-nusantara"))
    shop = replace(running, tenant_id=sandbox.id)
    await shop.connect()
    text = await top_up_page(shop)
    assert TEXTS["en"]["top_up_at"] in text
    assert f"<strong>{sandbox.name}</strong>" in text
    assert "Kopi Senja" not in text


async def test_a_page_without_any_way_to_pay_says_so(shop: Shop) -> None:
    payment_id = await shop.payment()
    off = {"methods_off": ["qr", "virtual_account", "ewallet", "card"]}
    await shop.client.patch(f"{shop.url}/api/v1/payment-settings", json=off, headers=shop.headers)

    text = await html(shop, await page_of(shop, payment_id))

    assert TEXTS["en"]["no_methods"] in text
    assert TEXTS["en"]["choose"] not in text


async def test_choosing_a_way_shows_the_code_and_a_refresh_orders_nothing_more(shop: Shop) -> None:
    payment_id = await shop.payment()
    url = await page_of(shop, payment_id)

    for _ in range(3):
        answer = await shop.client.post(f"{url}/pay", data={"method": "qr"})
        assert answer.status_code == 303
    text = await html(shop, url)

    assert "/qr.svg" in text
    assert TEXTS["en"]["waiting"] in text
    assert len(await shop.book()) == 1
    picture = await shop.client.get(f"{url}/qr.svg")
    assert picture.headers["content-type"] == "image/svg+xml"


async def test_a_try_that_did_not_go_through_is_said_so_and_can_be_made_again(shop: Shop) -> None:
    payment_id = await shop.payment()
    url = await page_of(shop, payment_id)

    def broken(name: str) -> None:
        if name == "payments.withdraw.look.commit.before":
            raise Unavailable

    crashpoints.install(broken)
    try:
        answer = await shop.client.post(f"{url}/pay", data={"method": "qr"})
    finally:
        crashpoints.install(None)
    assert answer.status_code == 303
    again = answer.headers["location"]
    assert TEXTS["en"]["busy"] in await html(shop, f"{shop.url}{again}")
    assert await shop.book() == []

    await shop.client.post(f"{url}/pay", data={"method": "qr"})
    # Once it has gone through, the old address no longer says that it did not.
    assert TEXTS["en"]["busy"] not in await html(shop, f"{shop.url}{again}")
    assert len(await shop.book()) == 1


async def test_opening_the_page_or_its_return_address_never_marks_anything_paid(shop: Shop) -> None:
    payment_id = await shop.payment()
    url = await page_of(shop, payment_id)
    await shop.client.post(f"{url}/pay", data={"method": "card"})

    for query in ("", "?status=paid", "?success=true", "?payment_id=1&status=paid&signature=x", "?lang=id"):
        await shop.client.get(url + query)

    assert await shop.state(payment_id) == "pending"
    assert await shop.wallet() == (0, 0)


async def test_check_again_asks_the_provider_and_shows_the_receipt(shop: Shop) -> None:
    payment_id = await shop.payment("lost")
    url = await page_of(shop, payment_id)
    await shop.client.post(f"{url}/pay", data={"method": "qr"})

    await shop.client.post(f"{url}/check")
    text = await html(shop, url)

    assert TEXTS["en"]["paid_hint"] in text
    assert (await shop.client.get(f"{url}/qr.svg")).status_code == 404


@pytest.mark.parametrize(("language", "word"), [("en", "Receipt"), ("id", "Bukti pembayaran")])
async def test_a_receipt_can_be_kept_once_the_payment_is_paid(shop: Shop, language: str, word: str) -> None:
    brand = {"display_name": "Kopi Senja"}
    await shop.client.patch(f"{shop.url}/api/v1/payment-settings", json=brand, headers=shop.headers)
    payment_id = await shop.payment("lost", description="Coffee & cake #1 *hot* $x$")
    url = await page_of(shop, payment_id)
    assert (await shop.client.get(f"{url}/receipt.pdf")).status_code == 404
    await shop.client.post(f"{url}/pay", data={"method": "qr"})
    await shop.client.post(f"{url}/check")
    answer = await shop.client.get(f"{url}/receipt.pdf?lang={language}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    [page] = PdfReader(BytesIO(answer.content)).pages
    text = page.extract_text()
    amount = amount_text(Money(1_500_000, Currency.of("IDR")), language).replace("\u00a0", " ")
    told = text.replace("\u00a0", " ")
    said = (word, "Kopi Senja", amount, "Coffee & cake #1 *hot* $x$", str(payment_id))
    assert [each for each in said if each not in told] == []
    assert "/receipt.pdf" in await html(shop, url)


async def test_an_unknown_order_shows_a_waiting_page_and_no_way_to_pay_again(shop: Shop) -> None:
    payment_id = await shop.payment("no_answer")
    url = await page_of(shop, payment_id)
    await shop.client.post(f"{url}/pay", data={"method": "qr"})

    text = await html(shop, url)

    assert TEXTS["en"]["confirming"] in text
    assert '/pay"' not in text


async def test_money_that_does_not_fit_shows_that_it_is_being_looked_at(shop: Shop) -> None:
    payment_id = await shop.payment("wrong_amount")
    url = await page_of(shop, payment_id)
    await shop.client.post(f"{url}/pay", data={"method": "qr"})
    await shop.client.post(f"{url}/check")

    text = await html(shop, url)

    assert TEXTS["en"]["review_hint"] in text
    assert '/pay"' not in text


async def test_a_declined_page_offers_the_next_step(shop: Shop) -> None:
    payment_id = await shop.payment("refuse")
    url = await page_of(shop, payment_id)
    await shop.client.post(f"{url}/pay", data={"method": "card"})

    text = await html(shop, url)

    assert TEXTS["en"]["declined"] in text
    assert f'action="{url.removeprefix(shop.url)}/pay"' in text


async def test_the_page_speaks_the_browsers_language_and_remembers_the_one_chosen(shop: Shop) -> None:
    payment_id = await shop.payment()
    url = await page_of(shop, payment_id)

    assert TEXTS["id"]["choose"] in await html(shop, url, **{"accept-language": "id-ID,id;q=0.9,en;q=0.8"})
    assert TEXTS["en"]["choose"] in await html(shop, url, **{"accept-language": "fr-FR"})
    chosen = await shop.client.get(f"{url}?lang=id")
    assert "specie_language=id" in chosen.headers["set-cookie"]


async def test_every_page_forbids_what_it_does_not_use(shop: Shop) -> None:
    answer = await shop.client.get(await page_of(shop, await shop.payment()))

    policy = answer.headers["content-security-policy"]
    nonce = re.search(r"'nonce-([\w-]+)'", policy)
    assert nonce
    assert "unsafe" not in policy
    assert answer.text.count(f'nonce="{nonce[1]}"') == 2
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"\son\w+=|<script>", answer.text)


@pytest.mark.parametrize("token", ["nobody", "x" * 200, "%00", "..%2f..%2fetc"])
async def test_an_address_nobody_has_says_so_politely(shop: Shop, token: str) -> None:
    answer = await shop.client.get(f"{shop.url}/checkout/{token}")

    assert answer.status_code == 404


async def test_the_way_back_carries_a_signature_of_the_merchants_key(shop: Shop) -> None:
    listed = {"return_urls": ["https://shop.example/done?x=1"]}
    await shop.client.patch(f"{shop.url}/api/v1/payment-settings", json=listed, headers=shop.headers)
    made = await shop.post("/payment-settings/return-key", {})
    payment_id = await shop.payment("lost", return_url="https://shop.example/done?x=1")
    url = await page_of(shop, payment_id)
    await shop.client.post(f"{url}/pay", data={"method": "qr"})
    await shop.client.post(f"{url}/check")

    text = await html(shop, url)

    assert made.json()["return_key"] not in text
    assert "https://shop.example/done?x=1&amp;payment_id=" in text
    assert "status=paid" in text
    assert "signature=" in text


async def test_the_live_status_tells_of_the_payment(shop: Shop) -> None:
    payment_id = await shop.payment("lost")
    url = await page_of(shop, payment_id)
    await shop.client.post(f"{url}/pay", data={"method": "qr"})
    events = url.replace("/checkout/", "/api/v1/checkout/") + "/events"

    told = []
    async with shop.client.stream("GET", events) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data:"):
                told.append(line)
                await shop.client.post(f"{url}/check")

    assert '"waiting"' in told[0]
    assert '"paid"' in told[-1]


async def test_a_single_link_leads_to_one_payment_and_closes_when_paid(shop: Shop) -> None:
    body = {
        "merchant_id": str(shop.merchant),
        "currency": "IDR",
        "description": "One cake",
        "amount": {"amount": 9_000_000, "currency": "IDR"},
    }
    link = (await shop.post("/payment-links", body)).json()

    first = await shop.client.post(link["url"])
    second = await shop.client.post(link["url"])

    assert first.headers["location"] == second.headers["location"]
    assert len((await shop.get(f"/payments?payment_link_id={link['id']}")).json()["data"]) == 1
    off = await shop.client.patch(
        f"{shop.url}/api/v1/payment-links/{link['id']}", json={"active": False}, headers=shop.headers
    )
    assert off.json()["active"] is False


async def test_a_reusable_link_with_an_open_amount_makes_a_payment_each_time(shop: Shop) -> None:
    body = {
        "merchant_id": str(shop.merchant),
        "currency": "IDR",
        "description": "Donation",
        "minimum": {"amount": 100_000, "currency": "IDR"},
        "reusable": True,
    }
    link = (await shop.post("/payment-links", body)).json()

    refused = await shop.client.post(link["url"], data={"amount": "500"})
    good = [await shop.client.post(link["url"], data={"amount": text}) for text in ("25.000", "25000", "25,000.00")]

    assert refused.status_code == 422
    assert {answer.status_code for answer in good} == {303}
    found = (await shop.get(f"/payments?payment_link_id={link['id']}")).json()["data"]
    assert [payment["amount"]["amount"] for payment in found] == [2_500_000] * 3


async def test_a_link_that_is_off_takes_nothing(shop: Shop) -> None:
    body = {"merchant_id": str(shop.merchant), "currency": "IDR", "description": "x", "reusable": True}
    link = (await shop.post("/payment-links", body)).json()
    await shop.client.patch(
        f"{shop.url}/api/v1/payment-links/{link['id']}", json={"active": False}, headers=shop.headers
    )

    assert (await shop.client.get(link["url"])).status_code == 410
    assert (await shop.client.post(link["url"], data={"amount": "25000"})).status_code == 410
    assert (await shop.get(f"/payments?payment_link_id={link['id']}")).json()["data"] == []


@pytest.mark.parametrize(
    ("text", "code", "minor"),
    [
        *(("15000", "IDR", 1_500_000), ("15.000", "IDR", 1_500_000), ("15,000.50", "IDR", 1_500_050)),
        *(("1.5", "USD", 150), ("1.234.567", "IDR", 123_456_700), ("0,05", "EUR", 5)),
        *(("1500", "JPY", 1500), ("1.500", "KWD", 1500), ("1.500", "JPY", 1500)),
    ],
)
def test_amounts_are_read_as_people_type_them(text: str, code: str, minor: int) -> None:
    assert read_amount(text, Currency.of(code)) == Money.of(minor, code)


@pytest.mark.parametrize(
    "text", ["", "-5", "1e3", "abc", "1.2345", "1.23.456", ".", "1,234.567.89", "٣", "NaN", "9" * 30]
)
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(SpecieError):
        read_amount(text, Currency.of("IDR"))


def test_both_languages_say_everything() -> None:
    assert TEXTS["en"].keys() == TEXTS["id"].keys()
    assert language_of(None, "*") == "en"
    assert amount_text(Money.of(1_500_050, "IDR"), "id") == "Rp\u00a015.000,50"
    assert amount_text(Money.of(1_500, "USD"), "en") == "$15.00"
    assert payments.PaymentState.PAID == "paid"
