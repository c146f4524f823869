"""A customer's own page: opened, sent and withdrawn by the business, read by whoever has its address."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest

from specie import checkout, parties, payments
from specie.billing import jobs as letter_jobs
from specie.kernel.ids import PartyId, RequestId, TenantId, uuid7
from specie.kernel.scope import Scope
from specie.parties import PartyKind
from specie.platform.db import Database
from specie.platform.jobs import JobContext
from specie.platform.mail import Mail
from specie.portal import forget
from specie.portal.routes import router
from specie.portal.routes_pages import pages
from tests.billing.office import line
from tests.sales.seller import Seller, open_seller
from tests.support.asgi import calling
from tests.wallets.purses import VAULT

# The one that is owed twice, one in which nothing is owed, and one that is none.
_CURRENCIES = ("IDR", "IDR", "EUR", "XXZ")


@pytest.fixture
async def seller(database: Database) -> Seller:
    """A seller whose customer can be written to."""
    made = await open_seller(database)
    made.office.customer = await _customer(made, "Ani <Sari>", "ani@example.com")
    return made


async def _customer(seller: Seller, name: str, email: str = "") -> PartyId:
    known = {"name": name} | ({"email": email} if email else {})
    party = await seller.office.run(
        lambda uow: parties.create_party(uow, VAULT, kind=PartyKind.PERSON, roles=["customer"], known=known)
    )
    return party.id


@asynccontextmanager
async def _browser(seller: Seller) -> AsyncIterator[httpx2.AsyncClient]:
    async def scope_for_job(tenant_id: TenantId, _name: str, _request_id: RequestId) -> Scope:
        assert tenant_id == seller.office.scope.tenant_id
        return seller.office.scope

    services = {"vault": VAULT, "scope_for_job": scope_for_job}
    async with calling(seller.office.database, seller.office.scope, [router, pages], services) as one:
        yield one


async def _ask(seller: Seller, method: str, rest: str = "", *, status: int = 200) -> Any:
    headers = {} if method == "GET" else {"Idempotency-Key": uuid7().hex}
    async with _browser(seller) as one:
        answer = await one.request(method, f"/portals/{seller.office.customer}{rest}", headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def _page(seller: Seller, path: str, status: int = 200) -> str:
    async with _browser(seller) as one:
        answer = await one.get(path)
    assert answer.status_code == status, answer.text
    return answer.text


def _section(page: str, name: str) -> str:
    found = re.search(rf'aria-label="{name}">(.*?)</section>', page, re.DOTALL)
    return found[1] if found else ""


async def test_a_customer_sees_what_is_open_what_is_offered_and_what_was_paid(seller: Seller) -> None:
    office = seller.office
    late, part, paid = [await office.issued(line(price, taxes=())) for price in (100_00, 200_00, 300_00)]
    await office.receive(350_00, [(paid, 300_00), (part, 50_00)])
    await office.receive(7_00, [])
    office.pass_days(40)
    fresh, offer = await office.issued(line(40_00, taxes=())), await seller.sent()
    path = (await _ask(seller, "PUT"))["path"]

    page = await _page(seller, path)

    standing = _section(page, "To pay in IDR")
    assert ("IDR 290" in standing, "IDR 250 of it is overdue" in standing, "IDR 7 of yours" in standing) == (
        *(True, True),
        True,
    )
    listed = _section(page, "Open invoices in IDR")
    assert re.findall(r'href="/invoice/([^"]+)"', listed) == [late.token, part.token, fresh.token]
    assert re.findall(r'action="/invoice/([^"]+)/pay"', listed) == [late.token, part.token, fresh.token]
    assert re.findall(r'class="chip (\w+)"', listed) == ["overdue", "overdue", "issued"]
    assert f"/quote/{offer.token}" in _section(page, "Offers")
    assert re.findall(r'href="/invoice/([^"]+)"', _section(page, "Settled invoices")) == [paid.token]
    assert re.findall(r"IDR \d+", _section(page, "Payments")) == ["IDR 7", "IDR 350"]
    assert "Ani &lt;Sari&gt;" in page


async def test_everything_that_is_open_is_paid_at_once_where_it_is_more_than_one(seller: Seller) -> None:
    payments.set_checkout_page(checkout.page_path)
    path = (await _ask(seller, "PUT"))["path"]
    await seller.office.issued(line(100_00, taxes=()))
    assert f'action="{path}/pay"' not in await _page(seller, path)
    await seller.office.issued(line(50_00, taxes=()))
    assert f'action="{path}/pay"' in await _page(seller, path)

    async with _browser(seller) as one:
        led = [(await one.post(f"{path}/pay", data={"currency": code})).headers["location"] for code in _CURRENCIES]

    assert led[0] == led[1]
    assert led[0].startswith("/checkout/")
    assert led[2:] == [path, path]


@pytest.mark.parametrize("body", [{}, {"currency": "RUPIAH"}])
async def test_a_payment_in_no_currency_is_refused(seller: Seller, body: dict[str, str]) -> None:
    path = (await _ask(seller, "PUT"))["path"]
    async with _browser(seller) as one:
        assert (await one.post(f"{path}/pay", data=body)).status_code == 422
        assert (await one.post("/portal/nothing/pay", data={"currency": "IDR"})).status_code == 404


async def test_nobody_else_s_documents_and_no_drafts_are_on_the_page(seller: Seller) -> None:
    office = seller.office
    await office.drafted()
    await seller.drafted()
    mine, office.customer = office.customer, await _customer(seller, "Somebody else")
    foreign = await office.issued()
    office.customer = mine
    path = (await _ask(seller, "PUT"))["path"]

    page = await _page(seller, path)

    assert (foreign.token or "") not in page
    assert "Nothing is left to pay." in page
    assert (_section(page, "Offers"), _section(page, "Settled invoices")) == ("", "")


async def test_settled_invoices_are_listed_twenty_at_a_time(seller: Seller) -> None:
    made = [await seller.office.issued(line(1_00, taxes=())) for _ in range(21)]
    await seller.office.receive(21_00)
    path = (await _ask(seller, "PUT"))["path"]

    page = await _page(seller, path)
    [older] = re.findall(r'href="([^"]+\?before=[^"]+)"', page)
    rest = await _page(seller, older)

    listed = [re.findall(r'href="/invoice/([^"]+)"', _section(each, "Settled invoices")) for each in (page, rest)]
    assert listed == [[each.token for each in reversed(made[1:])], [made[0].token]]
    assert "?before=" not in rest
    assert "There are no older ones" in await _page(seller, f"{path}?before={made[0].id}")
    assert _section(await _page(seller, f"{path}?before=inv_nothing"), "Settled invoices").count("<li>") == 20


async def test_a_portal_that_is_open_stays_and_one_that_was_withdrawn_leads_nowhere(seller: Seller) -> None:
    assert (await _ask(seller, "GET"))["path"] is None
    opened = await _ask(seller, "PUT")
    assert (await _ask(seller, "PUT"))["path"] == (await _ask(seller, "GET"))["path"] == opened["path"]

    assert (await _ask(seller, "DELETE"))["path"] is None

    assert "No such page" in await _page(seller, opened["path"], 404)
    assert (await _ask(seller, "DELETE", status=404))["code"] == "portal_not_found"
    again = await _ask(seller, "PUT")
    assert again["path"] != opened["path"]
    assert "Your account" in await _page(seller, again["path"])


@pytest.mark.parametrize("token", ["nothing", "x" * 200, "%00", "%C3%A9"])
async def test_an_address_that_nobody_was_given_leads_nowhere(seller: Seller, token: str) -> None:
    assert "No such page" in await _page(seller, f"/portal/{token}", 404)


async def test_the_address_goes_to_the_customer_by_mail(seller: Seller) -> None:
    sent: list[Mail] = []

    async def send(mail: Mail) -> None:
        sent.append(mail)

    letter = await _ask(seller, "POST", "/mail", status=202)
    services = {
        "vault": VAULT,
        "mail": SimpleNamespace(send=send),
        "settings": SimpleNamespace(public_url="https://pay.test"),
    }
    context = JobContext(seller.office.database, seller.office.scope, services)
    await letter_jobs.send(context, letter_id=letter["id"])

    shown = await _ask(seller, "GET")
    [mail] = sent
    assert (mail.to, f"https://pay.test{shown['path']}" in mail.text, mail.attachments) == ("ani@example.com", True, ())
    assert [(one["kind"], one["state"]) for one in shown["letters"]] == [("portal", "sent")]


async def test_a_mail_that_waits_while_its_portal_is_withdrawn_does_not_go(seller: Seller) -> None:
    letter = await _ask(seller, "POST", "/mail", status=202)
    await _ask(seller, "DELETE")

    context = JobContext(seller.office.database, seller.office.scope, {"vault": VAULT})
    await letter_jobs.send(context, letter_id=letter["id"])

    [told] = (await _ask(seller, "GET"))["letters"]
    assert (told["state"], told["error"]) == ("given_up", "nothing to say any more")


async def test_who_cannot_be_written_to_or_is_not_there_gets_no_mail(seller: Seller) -> None:
    seller.office.customer = await _customer(seller, "Without an address")
    assert (await _ask(seller, "POST", "/mail", status=409))["code"] == "customer_without_address"
    assert (await _ask(seller, "GET"))["path"] is None
    seller.office.customer = PartyId.new()
    assert (await _ask(seller, "PUT", status=404))["code"] == "party_not_found"


async def test_who_is_forgotten_has_no_portal(seller: Seller) -> None:
    path = (await _ask(seller, "PUT"))["path"]
    contact = parties.Contact(email_index=None, phone_index=None)

    await seller.office.run(lambda uow: forget(uow, seller.office.customer, contact))

    assert "No such page" in await _page(seller, path, 404)


async def test_another_tenant_s_customer_is_not_there(seller: Seller, database: Database) -> None:
    stranger = await open_seller(database)
    stranger.office.customer = seller.office.customer
    assert (await _ask(stranger, "PUT", status=404))["code"] == "party_not_found"
