"""Invoices paid online: the payment pays the invoice in its own commit, and the page says how things stand."""

from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from specie import billing, checkout, parties, payments
from specie.billing import collecting, invoicing, receiving
from specie.billing.e_invoice_routes import router as e_invoice_router
from specie.billing.errors import AllocatesTooMuch, NothingToPay
from specie.billing.invoicing import Standing, WriteInvoice
from specie.billing.model import Invoice, InvoiceId, Method
from specie.billing.routes import router
from specie.billing.routes_pages import pages
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.parties import PartyKind
from specie.payments import Payment
from tests.billing.office import line
from tests.support.asgi import calling
from tests.support.shop import Shop

IDR = Currency.of("IDR")


async def _customer(shop: Shop, name: str) -> PartyId:
    async with shop.db.begin(shop.scope) as uow:
        ring = shop.services["vault"]
        party = await parties.create_party(uow, ring, kind=PartyKind.COMPANY, roles=["customer"], known={"name": name})
        return party.id


async def _issued(shop: Shop, minor: int, name: str = "Toko Maju") -> Invoice:
    payments.follow(billing.payment_settled)
    payments.keep_refunds(billing.keeper)
    payments.set_checkout_page(checkout.page_path)
    customer = await _customer(shop, name)
    async with shop.db.begin(shop.scope) as uow:
        draft = await invoicing.draft(uow, WriteInvoice(customer, IDR, [line(minor, taxes=[])]))
        return await invoicing.issue(uow, shop.services["vault"], draft.id)


async def _request(shop: Shop, invoice: Invoice, minor: int | None = None) -> Payment:
    amount = None if minor is None else Money(minor, IDR)
    async with shop.db.begin(shop.scope) as uow:
        return await collecting.request_payment(uow, shop.services["vault"], invoice.id, amount)


async def _paid(shop: Shop, payment: Payment) -> None:
    attempt = await shop.pay(payment.id)
    await shop.lever("play", charge=attempt.provider_ref, play="success")
    await shop.settled(payment.id, "paid")


async def _look(shop: Shop, invoice: Invoice) -> Standing:
    async with shop.db.begin(shop.scope) as uow:
        return await invoicing.standing(uow, invoice.id)


async def test_a_payment_pays_its_invoice_in_the_commit_in_which_it_was_paid(shop: Shop) -> None:
    invoice = await _issued(shop, 500_000)
    payment = await _request(shop, invoice)
    assert (await _request(shop, invoice)).id == payment.id
    with pytest.raises(AllocatesTooMuch):
        await _request(shop, invoice, 500_001)
    await _paid(shop, payment)
    found = await _look(shop, invoice)
    assert (found.invoice.state.value, found.open_minor) == ("paid", 0)
    # The money is the tenant's own: nothing is left in the wallet it came through.
    assert await shop.wallet(payment.party_id) == (0, 0)
    assert await shop.balance(f"asset:providers:{shop.connection_id}:clearing") > 0
    with pytest.raises(NothingToPay):
        await _request(shop, invoice)
    answer = await shop.post(f"/payments/{payment.id}/refunds", {"reason": "wrong customer"})
    assert answer.json()["code"] == "refund_impossible"
    # Being told again pays nothing again.
    async with shop.db.begin(shop.scope) as uow:
        await billing.payment_settled(uow, await payments.get_payment(uow, payment.id))
    assert (await _look(shop, invoice)).open_minor == 0


async def test_what_was_paid_meanwhile_leaves_a_late_payment_to_the_customer(shop: Shop) -> None:
    invoice = await _issued(shop, 300_000)
    payment = await _request(shop, invoice)
    async with shop.db.begin(shop.scope) as uow:
        shares = [(invoice.id, Money(200_000, IDR))]
        command = receiving.Receive(invoice.customer_id, Money(200_000, IDR), Method.CASH, "", shares)
        await receiving.receive(uow, command)
    await _paid(shop, payment)
    assert (await _look(shop, invoice)).open_minor == 0
    async with shop.db.begin(shop.scope) as uow:
        left = await receiving.credits_of(uow, invoice.customer_id, IDR)
    assert [minor for _, minor in left] == [200_000]


async def _issued_again(shop: Shop, like: Invoice, minor: int, due_days: int) -> Invoice:
    async with shop.db.begin(shop.scope) as uow:
        said = WriteInvoice(like.customer_id, IDR, [line(minor, taxes=[])], due_days=due_days)
        draft = await invoicing.draft(uow, said)
        return await invoicing.issue(uow, shop.services["vault"], draft.id)


async def _request_all(shop: Shop, customer_id: PartyId) -> Payment:
    async with shop.db.begin(shop.scope) as uow:
        return await collecting.request_all(uow, shop.services["vault"], customer_id, IDR)


async def _credit(shop: Shop, customer_id: PartyId) -> int:
    async with shop.db.begin(shop.scope) as uow:
        return sum(minor for _, minor in await receiving.credits_of(uow, customer_id, IDR))


async def test_one_payment_pays_everything_that_a_customer_owes(shop: Shop) -> None:
    first = await _issued(shop, 300_000)
    second = await _issued_again(shop, first, 200_000, due_days=1)
    payment = await _request_all(shop, first.customer_id)
    assert (payment.amount, payment.description) == (Money(500_000, IDR), f"Invoice {second.number} and 1 more")
    assert (await _request_all(shop, first.customer_id)).id == payment.id

    await _paid(shop, payment)

    stands = [await _look(shop, each) for each in (first, second)]
    assert [(one.invoice.state.value, one.open_minor) for one in stands] == [("paid", 0), ("paid", 0)]
    assert await _credit(shop, first.customer_id) == 0
    with pytest.raises(NothingToPay):
        await _request_all(shop, first.customer_id)
    answer = await shop.post(f"/payments/{payment.id}/refunds", {"reason": "wrong customer"})
    assert answer.json()["code"] == "refund_impossible"
    async with shop.db.begin(shop.scope) as uow:
        await billing.payment_settled(uow, await payments.get_payment(uow, payment.id))
    assert await _credit(shop, first.customer_id) == 0


async def test_what_a_payment_of_everything_brings_pays_what_is_owed_longest_by_then(shop: Shop) -> None:
    first = await _issued(shop, 300_000)
    second = await _issued_again(shop, first, 200_000, due_days=1)
    everything = await _request_all(shop, first.customer_id)
    await _paid(shop, await _request(shop, second))
    third = await _issued_again(shop, first, 250_000, due_days=60)
    assert (await _request_all(shop, first.customer_id)).amount == Money(550_000, IDR)

    await _paid(shop, everything)

    stands = [(await _look(shop, each)).open_minor for each in (first, second, third)]
    assert (stands, await _credit(shop, first.customer_id)) == ([0, 0, 50_000], 0)


async def test_the_public_page_shows_prints_and_leads_to_the_checkout(shop: Shop, tmp_path: Any) -> None:
    invoice = await _issued(shop, 123_400, "Кофе 咖啡 قهوة <b>")
    services = {"vault": shop.services["vault"], "scope_for_job": shop.scope_for_job}
    async with calling(shop.db, shop.scope, [pages, router], services) as client:
        page = await client.get(f"/invoice/{invoice.token}")
        assert page.status_code == 200
        assert "INV-00001" in page.text
        assert "IDR 1,234" in page.text
        assert "&lt;b&gt;" in page.text
        printed = await client.get(f"/invoice/{invoice.token}/pdf")
        assert printed.headers["content-type"] == "application/pdf"
        (tmp_path / "invoice.pdf").write_bytes(printed.content)
        words = PdfReader(tmp_path / "invoice.pdf").pages[0].extract_text()
        assert "INV-00001" in words
        assert "Кофе" in words
        paying = await client.post(f"/invoice/{invoice.token}/pay")
        assert paying.status_code == 303
        assert paying.headers["location"].startswith("/checkout/")
        again = await client.post(f"/invoice/{invoice.token}/pay")
        assert again.headers["location"] == paying.headers["location"]
        assert (await client.get("/invoice/nobody-knows")).status_code == 404
        assert (await client.get(f"/billing/invoices/{invoice.id}/pdf")).content[:5] == b"%PDF-"


async def test_what_was_open_in_the_system_used_before_is_stated_and_paid_on_its_page(shop: Shop) -> None:
    like = await _issued(shop, 100)
    async with shop.db.begin(shop.scope) as uow:
        day = uow.business_date
        old = billing.BringIn(
            id=InvoiceId.new(),
            customer_id=like.customer_id,
            number="2025/0318",
            issued_on=day - timedelta(days=40),
            due_on=day - timedelta(days=10),
            open=Money(123_400, IDR),
            total=Money(200_000, IDR),
            note="",
            about={},
        )
        await billing.bring_in(uow, [old], day)
        invoice = await invoicing.get(uow, old.id)
    services = {"vault": shop.services["vault"], "scope_for_job": shop.scope_for_job}
    async with calling(shop.db, shop.scope, [pages, e_invoice_router], services) as client:
        page = (await client.get(f"/invoice/{invoice.token}")).text
        assert all(words in page for words in ("Statement of account 2025/0318", "not a tax invoice", "IDR 2,000"))
        assert "<h1>Invoice" not in page
        refused = await client.get(f"/billing/invoices/{invoice.id}/ubl")
        assert refused.json()["code"] == "e_invoice_impossible"
        paying = await client.post(f"/invoice/{invoice.token}/pay")
        assert paying.headers["location"].startswith("/checkout/")
    await _paid(shop, await _request(shop, invoice))
    found = await _look(shop, invoice)
    assert (found.invoice.state.value, found.open_minor) == ("paid", 0)
