"""A customer's way through the console: sign up, be verified, put money in, send some of it, see both sides agree."""

import io
import re
import secrets
from dataclasses import dataclass

import pyotp
import pytest
from PIL import Image
from playwright.async_api import Page, expect

from tests.support.browser import Visitors, axe_faults, visit, watched_page
from tests.support.console import let_in, look
from tests.support.installation import Installation

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD = "kopi tubruk di pagi hari"


@dataclass(frozen=True)
class Somebody:
    """A person at a browser of their own, and what its console complained about."""

    page: Page
    complaints: list[str]

    async def signs_in(self, installation: Installation, login: str) -> None:
        """Become one of the demo's people."""
        await let_in(self.page.context, installation, login)

    async def open(self, path: str) -> None:
        """Go to an address and wait until what it shows has been fetched."""
        await visit(self.page, path)
        await self.page.wait_for_load_state("networkidle")

    async def press(self, name: str) -> None:
        """Press the button of this name."""
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def fill(self, **texts: str) -> None:
        """Type into fields by the names they have in their form."""
        for name, text in texts.items():
            await self.page.locator(f"[name={name}]").fill(text)

    async def sees(self, text: str) -> None:
        """Wait until the text is on the page."""
        await expect(self.page.get_by_text(text).first).to_be_visible()


async def sit_down(visitors: Visitors) -> Somebody:
    """A fresh browser of somebody's own."""
    return Somebody(*await watched_page(await visitors.come()))


async def log_in(who: Somebody, login: str, password: str) -> None:
    await who.open("/login/")
    await who.fill(email=login, password=password)
    await who.press("Log in")
    await who.page.wait_for_url(re.compile("/(wallets|home)/"))


async def register(who: Somebody, email: str, phone: str) -> None:
    await who.open("/login/")
    await who.page.get_by_role("link", name="Open an account").click()
    await who.page.wait_for_url("**/register/")
    await look(who.page, "customer-register")
    await who.fill(name="Rini Wulandari", email=email, phone=phone, password=PASSWORD)
    await who.press("Open the account")
    await who.page.wait_for_url("**/wallets/")
    await who.sees("Verify who you are")


async def hand_in(who: Somebody) -> None:
    """Details and a document, for a reviewer."""
    await who.page.get_by_role("link", name="Start the verification").click()
    await who.sees("None has been uploaded.")
    await look(who.page, "customer-unverified")
    card = {"name": "ktp.png", "mimeType": "image/png", "buffer": drawn()}
    await who.page.locator("[name=file]").set_input_files(files=[card])  # type: ignore[list-item]
    await who.press("Upload")
    await who.sees("ktp.png")
    await who.fill(birth_date="1994-02-11", address="Jalan Kemang 8, Jakarta", national_id="3174010211940007")
    await who.press("Hand in for review")
    await who.sees("Handed in.")


async def approve(reviewer: Somebody) -> None:
    await reviewer.open("/kyc/")
    await look(reviewer.page, "customer-kyc-queue")
    await reviewer.page.get_by_role("link", name="Rini Wulandari").first.click()
    await reviewer.sees("ktp.png")
    await look(reviewer.page, "customer-kyc-review")
    await reviewer.press("Approve")
    dialog = reviewer.page.get_by_role("dialog", name="Approve Rini Wulandari?")
    await dialog.get_by_role("button", name="Approve").click()
    await expect(reviewer.page.get_by_role("status").filter(has_text="Approved").first).to_be_visible()


async def top_up(who: Somebody, amount: str) -> None:
    """Through the hosted checkout, where the simulated bank says that it was paid."""
    await who.open("/wallets/")
    await who.page.get_by_role("link", name="Top up").last.click()
    await look(who.page, "customer-top-up")
    await who.page.get_by_label("Amount").fill(amount)
    await who.press("Continue to pay")
    await who.page.wait_for_url("**/checkout/**")
    await look(who.page, "customer-checkout")
    await who.page.locator("button[value=qr]").click()
    await look(who.page, "customer-checkout-waiting")
    async with who.page.context.expect_page() as opened:
        await who.page.locator("a.simulate").click()
    bank = await opened.value
    await bank.locator("button.first").click()
    await expect(who.page.locator("[data-stage=paid]")).to_be_visible()
    await look(who.page, "customer-checkout-paid")
    await who.page.get_by_role("link", name="Back to the wallet").click()
    await who.page.wait_for_url("**/wallets/")


async def send(who: Somebody, to: str, amount: str) -> None:
    """With the recipient's name, the total and what the limits leave shown before anything moves."""
    await who.open("/wallets/send/")
    await who.fill(recipient=to)
    await who.page.get_by_label("Amount").fill(amount)
    await look(who.page, "customer-send")
    await who.press("Check and continue")
    dialog = who.page.get_by_role("dialog", name="Send to B*** S***")
    for fact in ("Fee", "Total", "Left today", "Left this month", "Before", "After"):
        await expect(dialog.get_by_text(fact, exact=False).first).to_be_visible()
    await look(who.page, "customer-send-confirm")
    await dialog.get_by_role("button", name="Send now").click()
    await expect(who.page.get_by_role("heading", name="Sent")).to_be_visible()
    await look(who.page, "customer-sent")


async def newest_line(who: Somebody) -> str:
    """The first line of one's history."""
    await who.open("/wallets/activity/")
    await look(who.page, "customer-activity")
    return " ".join((await who.page.locator("ul > li").filter(has_text="Balance after").first.inner_text()).split())


async def available(who: Somebody) -> str:
    """What the first wallet may spend, as it is shown."""
    await who.open("/wallets/")
    shown = " ".join((await who.page.locator("p.text-xl").first.inner_text()).split())
    # Behind what is seen stands the same once more for screen readers.
    found = re.match(r"IDR [\d,.]+", shown)
    assert found, shown
    return found.group()


def drawn() -> bytes:
    """A small picture, as good as any identity card."""
    kept = io.BytesIO()
    Image.new("RGB", (320, 200), "#cfe3dc").save(kept, "PNG")
    return kept.getvalue()


def fresh_phone() -> str:
    return f"+62812{secrets.randbelow(9 * 10**7) + 10**7}"


async def test_a_customer_signs_up_is_verified_tops_up_and_sends_and_both_histories_agree(
    visitors: Visitors, installation: Installation
) -> None:
    rini, budi, admin = [await sit_down(visitors) for _ in range(3)]
    await register(rini, f"rini-{secrets.token_hex(4)}@mail.example", fresh_phone())
    await look(rini.page, "customer-new")
    await hand_in(rini)
    await admin.signs_in(installation, "admin")
    await approve(admin)
    await rini.open("/account/")
    await rini.sees("Verified.")

    await top_up(rini, "250000")
    assert await available(rini) == "IDR 250,000.00"
    await budi.signs_in(installation, "budi")
    before = await available(budi)
    await look(budi.page, "customer-home")
    await send(rini, "budi@warung-kopi.example", "75000")

    sent, received = await newest_line(rini), await newest_line(budi)
    assert re.search(r"To B\*\*\* S\*\*\* .*IDR −75,000\.00.*Balance after IDR 175,000\.00", sent), sent
    assert re.search(r"From R\*\*\* W\*\*\* .*IDR \+75,000\.00", received), received
    assert f"Balance after {await available(budi)}" in received
    assert rupiah(await available(budi)) - rupiah(before) == 75_000_00
    await tells_of_a_problem(budi, admin)
    assert [*rini.complaints, *budi.complaints, *admin.complaints] == []


async def tells_of_a_problem(who: Somebody, staff: Somebody) -> None:
    """The newest movement has a receipt; what is wrong with it is told, answered by the staff, and read."""
    await who.open("/wallets/activity/")
    await who.page.locator("ul > li").filter(has_text="Balance after").first.get_by_role("link").click()
    entry = who.page.get_by_role("dialog", name="Entry")
    await entry.get_by_role("button", name="Report a problem").click()
    await entry.get_by_label("What is wrong").fill("I do not know who this is")
    assert await axe_faults(who.page) == []
    await entry.get_by_role("button", name="Send").click()
    await expect(entry).to_contain_text("Nobody has answered yet.")
    await look(who.page, "customer-problem")

    await staff.open("/problems/")
    await look(staff.page, "problems")
    await staff.page.get_by_role("button", name="I do not know who this is").click()
    problem = staff.page.get_by_role("dialog", name="Problem")
    await problem.get_by_label("Answer").fill("It came from Rini, whom you sold beans to.")
    assert await axe_faults(staff.page) == []
    await problem.get_by_role("button", name="Answer the customer").click()
    await expect(problem).to_have_count(0)

    await who.page.reload()
    await expect(entry).to_contain_text("It came from Rini")
    await entry.get_by_role("link", name="Receipt").click()
    await expect(who.page.get_by_role("heading", level=1)).to_have_text("Receipt")
    await expect(who.page.locator("dl")).to_contain_text("txn_")
    await look(who.page, "customer-receipt")
    await who.page.get_by_role("link", name="Activity", exact=True).first.click()
    async with who.page.expect_download() as coming:
        await who.page.get_by_role("link", name="PDF").click()
    assert (await coming.value).suggested_filename.startswith("movements-")


async def test_a_customer_secures_the_account_with_a_second_factor_and_ends_another_session(
    visitors: Visitors, installation: Installation
) -> None:
    rini, phone = await sit_down(visitors), await sit_down(visitors)
    email = f"rini-{secrets.token_hex(4)}@mail.example"
    await register(rini, email, fresh_phone())
    await log_in(phone, email, PASSWORD)
    await rini.open("/account/")
    await rini.press("End")
    await expect(rini.page.get_by_role("button", name="End", exact=True)).to_have_count(0)
    await visit(phone.page, "/wallets/")
    await phone.page.wait_for_url("**/login/**")

    await rini.press("Switch on")
    seed = await second_factor_seed(rini)
    await rini.fill(code=pyotp.TOTP(seed).now())
    await rini.press("Confirm")
    await expect(rini.page.get_by_role("dialog", name="Recovery codes")).to_be_visible()
    await look(rini.page, "customer-recovery-codes")
    recovery = (await rini.page.get_by_role("dialog").locator("pre").inner_text()).split()[0]
    await phone.fill(email=email, password=PASSWORD)
    await phone.press("Log in")
    await phone.fill(totp_code=recovery)
    await phone.press("Log in")
    await phone.page.wait_for_url("**/wallets/**")
    assert rini.complaints == []


async def second_factor_seed(who: Somebody) -> str:
    """What the page offers to type into an authenticator."""
    line = await who.page.get_by_text("Or type").inner_text()
    found = re.search(r"[A-Z2-7]{16,}", line)
    assert found, line
    return found.group()


async def test_a_refused_sending_says_that_no_money_moved(visitors: Visitors, installation: Installation) -> None:
    sari = await sit_down(visitors)
    await sari.signs_in(installation, "sari")
    before = await available(sari)
    await sari.open("/wallets/send/")
    await sari.fill(recipient="budi@warung-kopi.example")
    await sari.page.get_by_label("Amount").fill("99000000")
    await sari.press("Check and continue")
    await expect(sari.page.get_by_role("alert").filter(has_text="No money was moved.")).to_be_visible()
    await look(sari.page, "customer-send-refused")
    assert await available(sari) == before


async def test_a_transfer_for_later_is_listed_and_can_be_called_off(
    visitors: Visitors, installation: Installation
) -> None:
    sari = await sit_down(visitors)
    await sari.signs_in(installation, "sari")
    before = await available(sari)
    await sari.open("/wallets/send/")
    await sari.fill(recipient="budi@warung-kopi.example")
    await sari.page.get_by_label("Amount").fill("12345")
    await sari.page.get_by_text("Send later").click()
    await sari.fill(scheduled_for="2031-05-05T10:00")
    await sari.press("Check and continue")
    await sari.press("Schedule")
    await sari.page.get_by_role("link", name="See what is planned").click()
    planned = sari.page.locator("li").filter(has_text="12,345.00")
    await expect(planned.get_by_text("Scheduled")).to_be_visible()
    await look(sari.page, "customer-scheduled")
    await planned.get_by_role("button", name="Cancel").click()
    await expect(planned.get_by_text("Cancelled")).to_be_visible()
    assert await available(sari) == before
    assert sari.complaints == []


def rupiah(text: str) -> int:
    """`IDR 1,234.00` in minor units."""
    return int(re.sub(r"\D", "", text))
