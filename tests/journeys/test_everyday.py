"""What happens to a customer on other days: rejected and handed in again, frozen, searching for a note, exchanging."""

import re
import secrets

from playwright.async_api import BrowserContext, Locator, expect

from tests.journeys.test_account import opens_an_account
from tests.journeys.test_customer import Somebody, hand_in, sit_down
from tests.support import console
from tests.support.browser import Visitors
from tests.support.console import look
from tests.support.installation import Installation

ADMIN = "admin@warung-kopi.example"
BUDI = "budi@warung-kopi.example"
SARI = "sari@warung-kopi.example"


async def test_a_rejected_customer_reads_why_and_hands_in_again(visitors: Visitors, installation: Installation) -> None:
    tuti, admin = await sit_down(visitors), await sit_down(visitors)
    name = f"Tuti {secrets.token_hex(4)}"
    await opens_an_account(tuti, name)
    await hand_in(tuti)
    await admin.signs_in(installation, "admin")

    await decides(admin, name, "Reject", "The picture of the card is cut off")

    await tuti.open("/account/")
    await tuti.sees("Not accepted.")
    await tuti.sees("The picture of the card is cut off")
    await look(tuti.page, "everyday-rejected")
    assert await tuti.page.locator("[name=address]").input_value() == "Jalan Kemang 8, Jakarta"
    await tuti.fill(national_id="3174010211940008")
    await tuti.press("Hand in for review")
    await tuti.sees("Handed in.")
    await decides(admin, name, "Approve", "")
    await tuti.open("/account/")
    await tuti.sees("Verified.")
    assert [*tuti.complaints, *admin.complaints] == []


async def decides(reviewer: Somebody, name: str, decision: str, reason: str) -> None:
    """Open somebody's verification from the list and decide it."""
    await reviewer.open("/kyc/")
    await reviewer.page.get_by_role("link", name=name).click()
    await reviewer.press(decision)
    dialog = reviewer.page.get_by_role("dialog", name=f"{decision} {name}?")
    await dialog.locator("[name=reason]").fill(reason)
    await dialog.get_by_role("button", name=decision, exact=True).click()
    said = {"Reject": "Rejected", "Approve": "Approved"}[decision]
    await expect(reviewer.page.get_by_role("status").filter(has_text=said).first).to_be_visible()


async def test_nothing_leaves_a_wallet_that_its_owner_froze_until_it_is_lifted(
    visitors: Visitors, installation: Installation
) -> None:
    budi = await sit_down(visitors)
    await budi.signs_in(installation, "budi")
    await budi.open("/wallets/")
    card = rupiah_card(budi)
    before = await card.locator("p.text-xl").inner_text()
    await presses_on(budi, card, "Freeze")
    await expect(card.get_by_text("No money out")).to_be_visible()
    await look(budi.page, "everyday-frozen")

    await card.get_by_role("link", name="Send", exact=True).click()
    await asks_to_send(budi, "11000")
    refusal = budi.page.get_by_role("alert").filter(has_text="No money was moved.")
    await expect(refusal).to_contain_text("frozen")
    await look(budi.page, "everyday-frozen-refused")

    await budi.open("/wallets/")
    assert await card.locator("p.text-xl").inner_text() == before
    await presses_on(budi, card, "Unfreeze")
    await expect(card.get_by_text("No money out")).to_have_count(0)
    await card.get_by_role("link", name="Send", exact=True).click()
    await asks_to_send(budi, "11000")
    await expect(budi.page.get_by_role("dialog", name="Send to S*** D***")).to_be_visible()


def rupiah_card(who: Somebody) -> Locator:
    """The wallet in rupiah among one's wallets."""
    return who.page.locator("section").filter(has=who.page.get_by_role("heading", name=re.compile("IDR"))).first


async def presses_on(who: Somebody, card: Locator, act: str) -> None:
    """A button of a wallet, and the same in the question that follows."""
    await card.get_by_role("button", name=act, exact=True).click()
    await who.page.get_by_role("dialog").get_by_role("button", name=act, exact=True).click()
    await expect(who.page.get_by_role("dialog")).to_have_count(0)


async def asks_to_send(who: Somebody, amount: str, note: str = "") -> None:
    """Fill the form for Sari and look before it happens."""
    await who.fill(recipient=SARI, note=note)
    await who.page.get_by_label("Amount").fill(amount)
    await who.press("Check and continue")


async def test_a_note_is_read_by_the_receiver_who_finds_the_money_by_it(
    visitors: Visitors, installation: Installation
) -> None:
    budi, sari = await sit_down(visitors), await sit_down(visitors)
    note = f"Patungan nasi goreng {secrets.token_hex(3)}"
    await budi.signs_in(installation, "budi")
    await budi.open("/wallets/send/")
    await asks_to_send(budi, "11500", note)
    dialog = budi.page.get_by_role("dialog", name="Send to S*** D***")
    await expect(dialog.get_by_text(note)).to_be_visible()
    await dialog.get_by_role("button", name="Send now").click()
    await expect(budi.page.get_by_role("heading", name="Sent")).to_be_visible()

    await sari.signs_in(installation, "sari")
    await sari.open("/wallets/activity/")
    await sari.page.get_by_label("Note, title or reference").fill(note)

    lines = sari.page.locator("ul > li").filter(has_text="Balance after")
    await expect(lines).to_have_count(1)
    await expect(lines).to_contain_text(note)
    await expect(lines).to_contain_text("11,500.00")
    await look(sari.page, "everyday-note-found")
    await lines.get_by_role("link").click()
    await expect(sari.page.get_by_role("dialog", name="Entry")).to_contain_text(note)
    await sari.page.keyboard.press("Escape")
    await sari.page.get_by_label("Note, title or reference").fill("no such words")
    await sari.sees("Nothing found")
    assert [*budi.complaints, *sari.complaints] == []


async def test_a_rate_set_by_finance_lets_a_customer_exchange_between_wallets(
    desk: BrowserContext, visitors: Visitors, installation: Installation
) -> None:
    finance, complaints = await console.opens(desk, installation, "finance", "Exchange rates", "Exchange rates")
    await finance.locator("[name=base]").select_option("KWD")
    await finance.locator("[name=quote]").select_option("IDR")
    await finance.locator("[name=rate]").fill("51000")
    await finance.get_by_role("button", name="Put in force").click()
    await expect(finance.get_by_role("row").filter(has_text="1 KWD = 51000 IDR")).to_contain_text("0.5 %")
    await look(finance, "everyday-rates")

    budi = await sit_down(visitors)
    await budi.signs_in(installation, "budi")
    dinars, rupiah = await shown(budi, "KWD"), await shown(budi, "IDR")
    await budi.open("/wallets/exchange/")
    await budi.page.get_by_label("From").select_option(label=await option(budi, "From", "KWD"))
    await budi.page.get_by_label("Into").select_option(label=await option(budi, "Into", "IDR"))
    await budi.page.get_by_label("Amount").fill("1")
    await look(budi.page, "everyday-exchange")
    await budi.press("Check and continue")
    dialog = budi.page.get_by_role("dialog", name="Exchange")
    await expect(dialog).to_contain_text("50,745.00")
    await dialog.get_by_role("button", name="Exchange now").click()
    await expect(budi.page.get_by_role("status").filter(has_text="50,745.00")).to_be_visible()
    await look(budi.page, "everyday-exchanged")

    assert dinars - await shown(budi, "KWD") == 1_000
    assert await shown(budi, "IDR") - rupiah == 50_745_00
    assert [*complaints, *budi.complaints] == []


async def shown(who: Somebody, currency: str) -> int:
    """What is available in a currency, in minor units, as the wallets' page shows it."""
    await who.open("/wallets/")
    text = await who.page.locator("p.text-xl").filter(has_text=currency).first.inner_text()
    found = re.search(rf"{currency}\s*([\d,.]+)", text)
    assert found, text
    return int(re.sub(r"\D", "", found.group(1)))


async def option(who: Somebody, label: str, currency: str) -> str:
    """The words of the choice for a currency."""
    choice = who.page.get_by_label(label, exact=True).locator("option").filter(has_text=currency)
    return str(await choice.first.inner_text())
